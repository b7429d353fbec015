package propose

import (
	"strings"

	"makegood/billing"
	"makegood/internal/i18n"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// errorPlaces are the fields beside lines at which the preview puts sentences.
func (v formView) errorPlaces() []string {
	switch {
	case v.ByInvoice && len(v.Struck) > 0:
		return []string{"refund", "settled_outside", "bill", "items", "incident"}
	case v.ByInvoice:
		return []string{"refund", "settled_outside", "bill", "items"}
	case v.Document != "":
		return nil
	case v.Small != nil:
		return []string{"items"}
	}
	places := []string{"items", "bill"}
	if len(v.Family) > 0 {
		places = append(places, "to_customer")
	}
	if len(v.Struck) > 0 {
		places = append(places, "incident")
	}
	return places
}

// taxWord writes a choice of tax: "S 19" is 19 %, with its category where it is not the standard one.
func taxWord(choice string) string {
	category, rate, _ := strings.Cut(choice, " ")
	if category == "S" {
		return rate + " %"
	}
	return rate + " % · " + category
}

// direction is which way money goes: out to the customer, or in; "" for neither.
func direction(kind billing.Kind) string {
	switch kind {
	case billing.Debit:
		return "in"
	case billing.TransferOver, billing.Reverse:
		return ""
	case billing.BillingError, billing.Concession, billing.SLACredit, billing.Rebill, billing.RefundOut, billing.WriteOff:
	}
	return "out"
}

// empty says what to do first.
func (v liveView) empty() kit.EmptyView {
	e := kit.EmptyView{Icon: "receipt-refund", Title: i18n.T("Nothing to give back yet"), Text: i18n.T("Tick a line, type what to give back and choose a reason. Tax, approvers and the customer’s position appear here as you type.")}
	switch v.Kind {
	case billing.Rebill, billing.Debit:
		e.Title, e.Text = i18n.T("Nothing to charge yet"), i18n.T("Type what is charged and choose a reason. Tax, approvers and the customer’s position appear here as you type.")
	case billing.RefundOut, billing.TransferOver:
		e.Title, e.Text = i18n.T("Nothing taken yet"), i18n.T("Tick what it is taken from and choose a reason. Approvers and the customer’s position appear here as you type.")
	case billing.WriteOff, billing.Reverse:
		if v.Small {
			e.Title, e.Text = i18n.T("Nothing given up yet"), i18n.T("Tick what is given up and choose a reason. What it comes to and who must approve appear here as you tick.")
			break
		}
		e.Title, e.Text = i18n.T("Nothing worked out yet"), i18n.T("Type an amount and choose a reason. Approvers and the customer’s position appear here as you type.")
	case billing.BillingError, billing.Concession, billing.SLACredit:
		if v.Account {
			e.Text = i18n.T("Type what is given and choose a reason. Tax, approvers and the customer’s position appear here as you type.")
		}
	}
	return e
}

// reasonLabel asks for the reason: for small balances no customer says anything.
func (v formView) reasonLabel() string {
	if v.Small != nil {
		return i18n.T("Reason")
	}
	return i18n.T("Reason (what the customer says)")
}

func (v formView) chooseReason() string {
	if v.Small != nil {
		return i18n.T("Choose why")
	}
	return i18n.T("Choose what the customer says")
}

// currency is the one the amounts are typed in.
func (v liveView) currency() string { return string(v.Total.Currency()) }

// document names what it becomes.
func (v liveView) document() string { return creditview.DocumentName(v.Kind) }

// lost says what is missing before the button can be pressed.
func (v liveView) lost() string {
	switch v.Kind {
	case billing.Rebill, billing.Debit:
		return i18n.T("Type what is charged first")
	case billing.RefundOut, billing.TransferOver:
		return i18n.T("Tick what it is taken from first")
	case billing.WriteOff, billing.Reverse:
		if v.Small {
			return i18n.T("Tick what is given up first")
		}
		return i18n.T("Put right what is marked first")
	case billing.BillingError, billing.Concession, billing.SLACredit:
		if v.Account {
			return i18n.T("Type what is given first")
		}
	}
	return i18n.T("Tick a line and give an amount first")
}
