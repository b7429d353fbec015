package desk_test

import (
	"slices"
	"testing"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/ui/desk"
)

func texts[T ~string](list ...T) []string {
	said := make([]string, len(list))
	for i, code := range list {
		said[i] = string(code)
	}
	return said
}

// TestCodesAreSaid: what the books and cases keep as a code is read in the language of whoever reads it.
func TestCodesAreSaid(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range slices.Concat(
		texts(billing.Kinds()...), texts(clock.Kinds()...), texts(clock.WaitingOns()...), texts(cases.Types()...), texts(billing.Platinum, billing.Gold, billing.Silver),
		texts(billing.Direct, billing.Partner, billing.EndCustomer),
		texts(billing.InvoiceDoc, billing.MemoDoc, billing.DebitDoc, billing.RefundDoc, billing.WriteOffDoc, billing.TransferDoc, billing.ReversalDoc),
		texts(ledger.Invoice, ledger.Payment, ledger.CreditMemo, ledger.Allocation, ledger.Refund, ledger.WriteOff, ledger.Transfer, ledger.Reversal, ledger.Chargeback),
		texts(billing.ByBank, billing.MethodWithholding, billing.MethodOpening),
		texts(cases.StatusNew, cases.StatusOpen, cases.StatusWaiting, cases.StatusResolved, cases.StatusClosed),
		texts(inbox.Queued, inbox.Sending, inbox.Sent, inbox.Bounced, inbox.Failed, inbox.Unknown, inbox.Cancelled, inbox.Stopped),
	) {
		if english, chinese := words.Said("en", desk.Coded(code)), words.Said("zh-Hans", desk.Coded(code)); english == "" || english == chinese {
			t.Errorf("%s is %q to whoever reads Chinese", code, chinese)
		}
	}
	for _, role := range access.Roles() {
		if english, japanese := words.Said("en", desk.RoleName(string(role))), words.Said("ja", desk.RoleName(string(role))); english == japanese {
			t.Errorf("the role %s is %q to whoever reads Japanese", role, japanese)
		}
	}
	for code, want := range map[string]string{"": "", "overcharge": "Overcharge", "of_their_own": "Of their own", "end_customer": "Endkunde"} {
		if got := words.Said("de", desk.Coded(code)); got != want {
			t.Errorf("%q is said %q, want %q", code, got, want)
		}
	}
}
