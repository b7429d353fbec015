package demo

import (
	"context"
	"fmt"

	"makegood/cases"
)

// guides are what the desk does with every dispute, and how it works its most frequent claims.
func (f *filler) guides(ctx context.Context) error {
	by := f.byEmail("katrin.vogel@nordwall.example").actor
	if err := f.checklist(ctx, cases.Dispute, []cases.Point{
		{Text: "Invoice compared with the contract", Hint: "Price list of the day, discounts, minimum terms"},
		{Text: "Usage or protocol looked at", Hint: "Metering export or acceptance protocol, as a file of the case"},
		{Text: "Other invoices of the same fault looked for"},
	}); err != nil {
		return err
	}
	if _, err := f.Cases.KeepFields(ctx, cases.KeepFieldsInput{By: by, Fields: []cases.FieldEntry{
		{Code: "purchase_order", Name: "Purchase order"},
		{Code: "machine", Name: "Machine", Kind: cases.FieldChoice, Choices: []string{"Crane", "Digger", "Generator", "Lift"}, Types: []cases.Type{cases.Dispute}},
	}}); err != nil {
		return fmt.Errorf("keep fields of cases: %w", err)
	}
	for _, in := range []cases.PlaybookInput{
		{Reason: "usage_wrong", PlaybookText: cases.PlaybookText{
			Checks:   "1. Compare the **metering export** with the lines of the invoice, day by day.\n2. Look for days that are there twice: it is the usual fault.\n3. Was the machine moved? Then both places may have been counted.",
			Asks:     "Their own reading, with date and time. A photo is enough.",
			Evidence: "- Metering export of the period\n- Their reading",
			Offers:   "What was counted too much, in full. *Nothing on top*: the meter was wrong, not the service.",
		}},
		{Reason: "overcharge", PlaybookText: cases.PlaybookText{
			Checks:   "1. Price list of the **day of the order**, not of today.\n2. Renewals: is the old price still in the contract?",
			Evidence: "- The page of the contract\n- The order",
			Offers:   "The difference for all open invoices, and a corrected price from the next one on.",
		}},
		{Reason: "not_delivered", PlaybookText: cases.PlaybookText{
			Checks:   "Is there an **acceptance protocol**? Billing begins on its day, not on that of the order.",
			Asks:     "From which day they used it.",
			Evidence: "- Acceptance protocol",
			Offers:   "The days before the protocol.",
		}},
		{CaseType: cases.Refund, PlaybookText: cases.PlaybookText{
			Checks: "Is there really unapplied cash, or an invoice it belongs to?", Offers: "A transfer to an open invoice first; money back only when they ask for it.",
		}},
	} {
		in.By = by
		if _, err := f.Cases.SavePlaybook(ctx, in); err != nil {
			return fmt.Errorf("keep playbook of %s%s: %w", in.Reason, in.CaseType, err)
		}
	}
	return nil
}

// refundsAreChecked is a rule of late: refunds of the past knew nothing of it.
func (f *filler) refundsAreChecked(ctx context.Context) error {
	return f.checklist(ctx, cases.Refund, []cases.Point{
		{Text: "Payment found in the bank's file"},
		{Text: "Account confirmed by a call back", Hint: "The number of the contract, never that of the mail", Required: true},
	})
}

func (f *filler) checklist(ctx context.Context, of cases.Type, points []cases.Point) error {
	by := f.byEmail("katrin.vogel@nordwall.example").actor
	if _, err := f.Cases.SaveChecklist(ctx, cases.ChecklistInput{By: by, CaseType: of, Points: points}); err != nil {
		return fmt.Errorf("keep checklist of %s: %w", of, err)
	}
	return nil
}
