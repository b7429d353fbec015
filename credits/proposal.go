package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// proposal is an input worked out against the books as they are: what would be posted and who would have to agree.
type proposal struct {
	in         ProposeInput
	invoice    billing.Invoice
	customer   billing.Customer // who is billed
	disputes   []cases.DisputeLine
	evidence   []NewEvidence // what was given, and the customer's mail
	adjustment billing.Adjustment
	amount     decimal.Decimal // in billing.AuthorityCurrency
	rate       decimal.Decimal
	rateOn     time.Time
	window     Window
	roster     roster
	chain      authority.Result
	warnings   []Warning
}

func (in ProposeInput) check() error {
	var wrong []errs.Field
	if !slices.Contains([]billing.Kind{billing.BillingError, billing.Concession, billing.SLACredit}, in.Kind) {
		wrong = append(wrong, errs.Field{Name: "kind", Key: "credits.unknown_kind"})
	}
	if in.ReasonCode == "" {
		wrong = append(wrong, errs.Field{Name: "reason_code", Key: "error.required"})
	}
	if len(in.Lines) == 0 {
		wrong = append(wrong, errs.Field{Name: "lines", Key: "credits.no_lines"})
	}
	seen := map[billing.InvoiceLineID]bool{}
	for i, l := range in.Lines {
		if seen[l.InvoiceLineID] {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("lines.%d.invoice_line_id", i), Key: "credits.line_twice"})
		}
		seen[l.InvoiceLineID] = true
	}
	if wrong = append(wrong, checkEvidence(in.Evidence)...); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// begin finds the invoice and who is billed, and asks whether the actor may propose there.
func (s *Service) begin(ctx context.Context, r db.Reader, in ProposeInput) (proposal, error) {
	p := proposal{in: in}
	var err error
	if p.invoice, err = s.billing.InvoiceByID(ctx, r, in.InvoiceID); err != nil {
		return p, err
	}
	if err := access.Can(in.By, access.Propose, access.Object{EntityID: int64(p.invoice.EntityID)}); err != nil {
		return p, err
	}
	p.customer, err = s.billing.CustomerByID(ctx, r, p.invoice.CustomerID)
	return p, err
}

// work fills in the rest of a proposal: reads only. Inside a submission the invoice and the family are locked.
func (s *Service) work(ctx context.Context, r db.Reader, p *proposal, id ID) error {
	if err := s.workCase(ctx, r, p); err != nil {
		return err
	}
	if err := checkCodes(ctx, r, p.in); err != nil {
		return err
	}
	var err error
	if p.adjustment, err = s.billing.PrepareAdjustment(ctx, r, p.in.adjustment()); err != nil {
		return err
	}
	if p.rate, p.rateOn, err = s.billing.Rate(ctx, r, p.adjustment.Currency, billing.AuthorityCurrency, billing.Date(r.Now())); err != nil {
		return err
	}
	p.amount = p.adjustment.SumOf(p.adjustment.Total).Convert(p.rate, billing.AuthorityCurrency).Decimal()
	if p.window, err = window(ctx, r, p.customer.FamilyID, p.in.InvoiceID, id); err != nil {
		return err
	}
	if p.roster, err = readRoster(ctx, r); err != nil {
		return err
	}
	if p.chain, err = p.roster.chain(p.authorityRequest(), r.Now()); err != nil {
		return err
	}
	p.warnings, err = warnings(ctx, r, *p, id)
	return err
}

// workCase reads what the case brings: dispute lines and the customer's own mail. The invoice must concern its customer.
func (s *Service) workCase(ctx context.Context, r db.Reader, p *proposal) error {
	p.evidence = slices.Clone(p.in.Evidence)
	if err := checkMessages(ctx, r, p.in.CaseID, p.in.Evidence); err != nil {
		return err
	}
	if p.in.CaseID == nil {
		return p.checkDisputes()
	}
	c, err := s.cases.CaseByID(ctx, r, *p.in.CaseID, p.in.By)
	if err != nil {
		return err
	}
	if c.Status == cases.StatusClosed {
		return errs.New(cases.ErrClosed.Kind, cases.ErrClosed.Key, "number", c.Number)
	}
	if c.CustomerID != nil {
		customer, err := s.billing.CustomerByID(ctx, r, *c.CustomerID)
		if err != nil {
			return err
		}
		if !billing.MayConcern(customer, p.invoice, p.customer) {
			return errs.InvalidField("invoice_id", "credits.invoice_of_another_customer", "invoice", p.invoice.Number, "customer", customer.Name)
		}
	}
	if p.disputes, err = s.cases.Disputes(ctx, r, *p.in.CaseID); err != nil {
		return err
	}
	if !p.hasEvidence(CustomerMail) {
		mail, err := customersMail(ctx, r, *p.in.CaseID)
		if err != nil {
			return err
		}
		p.evidence = append(p.evidence, mail...)
	}
	return p.checkDisputes()
}

// checkDisputes refuses a dispute line of another case or invoice line, and one that is decided.
func (p *proposal) checkDisputes() error {
	var wrong []errs.Field
	for i, l := range p.in.Lines {
		if l.DisputeLineID == nil {
			continue
		}
		name := fmt.Sprintf("lines.%d.dispute_line_id", i)
		d, ok := p.dispute(*l.DisputeLineID)
		switch {
		case !ok || d.InvoiceID != p.in.InvoiceID || d.InvoiceLineID != nil && *d.InvoiceLineID != l.InvoiceLineID:
			wrong = append(wrong, errs.Field{Name: name, Key: "credits.other_dispute"})
		case d.Status.Decided():
			wrong = append(wrong, errs.Field{Name: name, Key: "credits.dispute_decided"})
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (p *proposal) dispute(id cases.DisputeID) (cases.DisputeLine, bool) {
	at := slices.IndexFunc(p.disputes, func(d cases.DisputeLine) bool { return d.ID == id })
	if at < 0 {
		return cases.DisputeLine{}, false
	}
	return p.disputes[at], true
}

// checkCodes names the field when reason or root cause is not one of ours.
func checkCodes(ctx context.Context, r db.Reader, in ProposeInput) error {
	known, err := db.One[struct{ Reason, Cause bool }](ctx, r, `select exists (select from reason_codes where code = $1) as reason,
		$2::bigint is null or exists (select from root_causes where id = $2) as cause`, in.ReasonCode, in.RootCauseID)
	if err != nil {
		return fmt.Errorf("check codes: %w", err)
	}
	if !known.Reason {
		return errs.InvalidField("reason_code", "credits.unknown_reason", "reason", in.ReasonCode)
	}
	if !known.Cause {
		return errs.InvalidField("root_cause_id", "credits.unknown_root_cause")
	}
	return nil
}

func (in ProposeInput) adjustment() billing.AdjustmentInput {
	a := billing.AdjustmentInput{Kind: in.Kind, InvoiceID: in.InvoiceID, ReasonCode: in.ReasonCode}
	for _, l := range in.Lines {
		a.Lines = append(a.Lines, billing.AdjustLine{InvoiceLineID: l.InvoiceLineID, Amount: l.Net, Quantity: l.Quantity})
	}
	return a
}

// authorityRequest is the proposal as authority sees it. What an assistant's token asks for never passes on an own limit.
func (p *proposal) authorityRequest() authority.Request {
	r := authority.Request{
		Kind: authority.Kind(p.in.Kind), Amount: p.amount, WindowTotal: p.window.Family, InvoiceTotal: p.window.Invoice,
		EntityID: int64(p.invoice.EntityID), Tier: string(p.customer.Tier), Reason: p.in.ReasonCode,
		RequesterID: p.in.By.UserID, PartnerAccount: p.customer.Kind == billing.Partner,
	}
	if p.in.By.Assistant {
		r.BarredIDs = []int64{p.in.By.UserID}
	}
	return r
}

// refuse says what keeps a proposal from being submitted.
func (p *proposal) refuse() error {
	var wrong []errs.Field
	for _, rule := range p.missingEvidence() {
		wrong = append(wrong, errs.Field{Name: rule.field, Key: rule.key})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	if p.chain.Orphan {
		return errs.New(ErrNobodyDecides.Kind, ErrNobodyDecides.Key,
			"amount", money.Of(p.amount.Add(p.window.Counted()), billing.AuthorityCurrency).String())
	}
	return nil
}
