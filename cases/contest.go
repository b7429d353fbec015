package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// AddDispute contests an invoice of the case's customer, or a line of it, up to what is still open to contest, and puts
// a hold on that amount. The case becomes more urgent when the amount asks for it, never less.
func (s *Service) AddDispute(ctx context.Context, in AddDisputeInput) (DisputeLine, error) {
	var added DisputeLine
	_, err := s.command(ctx, in.On, true, func(w *work) error {
		if !w.c.Status.Active() {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		if err := s.linkInvoice(ctx, w, LinkedInvoice{InvoiceID: in.InvoiceID, Evidence: "agent", Confidence: 100}); err != nil {
			return err
		}
		lines, _, err := s.contest(ctx, w.tx, []NewDispute{in.NewDispute}, false)
		if err != nil {
			return err
		}
		if err := openDisputes(ctx, w, lines); err != nil {
			return err
		}
		added = lines[0]
		if w.c.Type == Inquiry {
			w.c.Type = Dispute
		}
		return s.reweigh(ctx, w)
	})
	return added, err
}

// LinkInvoice ties an invoice to a case by an agent's own judgement.
func (s *Service) LinkInvoice(ctx context.Context, in LinkInvoiceInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		return s.linkInvoice(ctx, w, LinkedInvoice{InvoiceID: in.InvoiceID, Evidence: "agent", Confidence: 100})
	})
}

// linkInvoice ties an invoice to the case; one that does not concern the case's customer is refused, and one that is tied as surely
// already is left as it is.
func (s *Service) linkInvoice(ctx context.Context, w *work, l LinkedInvoice) error {
	if w.c.CustomerID == nil {
		return errs.InvalidField("customer", "case.link_customer_first")
	}
	invoice, err := s.billing.InvoiceByID(ctx, w.tx, l.InvoiceID)
	if err != nil {
		return err
	}
	customer, err := s.customerOf(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	billTo, err := s.billing.CustomerByID(ctx, w.tx, invoice.CustomerID)
	if err != nil {
		return err
	}
	if !billing.MayConcern(customer, invoice, billTo) {
		return errs.New(ErrInvoiceNotCustomers.Kind, ErrInvoiceNotCustomers.Key, "invoice", invoice.Number, "number", w.c.Number)
	}
	known, err := db.Value[bool](ctx, w.tx, `select exists (select from case_invoices where case_id = $1 and invoice_id = $2 and confidence >= $3)`, w.c.ID, l.InvoiceID, l.Confidence)
	if err != nil {
		return fmt.Errorf("look for link: %w", err)
	}
	if known {
		return nil // told before
	}
	w.note("invoice.linked", map[string]any{"invoice": l.InvoiceID, "evidence": l.Evidence, "confidence": l.Confidence})
	return runBatch(ctx, w.tx, func(b *batch) { queueInvoices(b, w.c, w.tx.Now(), []LinkedInvoice{l}) })
}

// contest turns what is claimed into dispute lines, within what is open to contest. Lenient, it cuts down what exceeds
// that and leaves out what has nothing left, each with a warning; otherwise it refuses.
func (s *Service) contest(ctx context.Context, r db.Reader, claims []NewDispute, lenient bool) ([]DisputeLine, []Warning, error) {
	if !lenient {
		if err := refuseReasons(ctx, r, claims); err != nil {
			return nil, nil, err
		}
	}
	open, err := s.contestables(ctx, r, claims)
	if err != nil {
		return nil, nil, err
	}
	return contest(claims, open, &claimed{}, lenient)
}

// refuseReasons refuses a claim whose reason is none that is in use. A retired one stays on what was claimed before.
func refuseReasons(ctx context.Context, r db.Reader, claims []NewDispute) error {
	var codes []string
	for _, c := range claims {
		if c.ReasonCode != "" {
			codes = append(codes, c.ReasonCode)
		}
	}
	if len(codes) == 0 {
		return nil
	}
	known, err := db.Values[string](ctx, r, `select code from reason_codes where code = any ($1) and active`, codes)
	if err != nil {
		return fmt.Errorf("look reasons up: %w", err)
	}
	for n, c := range claims {
		if c.ReasonCode != "" && !slices.Contains(known, c.ReasonCode) {
			return errs.InvalidField(fmt.Sprintf("disputes[%d].reason_code", n), "case.unknown_reason", "reason", c.ReasonCode)
		}
	}
	return nil
}

// contestables reads what each claim may contest at most.
func (s *Service) contestables(ctx context.Context, r db.Reader, claims []NewDispute) ([]billing.Contestable, error) {
	asked := make([]billing.Claimed, len(claims))
	for n, c := range claims {
		asked[n] = billing.Claimed{InvoiceID: c.InvoiceID, Line: c.InvoiceLineID}
	}
	return s.billing.Contestables(ctx, r, asked)
}

func contest(claims []NewDispute, contestable []billing.Contestable, taken *claimed, lenient bool) ([]DisputeLine, []Warning, error) {
	var lines []DisputeLine
	var warnings []Warning
	for n, claim := range claims {
		invoice := contestable[n].Invoice
		open := decimal.Max(decimal.Zero, contestable[n].Open.Sub(taken.by(claim)))
		if !lenient {
			if err := refuseClaim(fmt.Sprintf("disputes[%d].", n), claim, money.Of(open, invoice.Currency)); err != nil {
				return nil, nil, err
			}
		}
		if claim.Contested.GreaterThan(open) {
			warnings = append(warnings, Warning{Key: "case.contested_cut_down", Params: map[string]string{
				"invoice": invoice.Number, "claimed": money.Of(claim.Contested, invoice.Currency).String(), "open": money.Of(open, invoice.Currency).String(),
			}})
			claim.Contested = open
		}
		claim.Contested = claim.Contested.Round(invoice.Currency.Digits())
		if !claim.Contested.IsPositive() {
			continue
		}
		*taken = append(*taken, claim)
		lines = append(lines, DisputeLine{
			InvoiceID: claim.InvoiceID, InvoiceLineID: claim.InvoiceLineID, Currency: invoice.Currency, Contested: claim.Contested,
			ReasonCode: claim.ReasonCode, Claim: strings.TrimSpace(claim.Claim), Status: DisputeOpen,
		})
	}
	return lines, warnings, nil
}

// claimed is what the same request contests already.
type claimed []NewDispute

// by is how much of what a claim could contest the claims before it took: those on the same line, and those on the
// whole invoice; a claim on the whole invoice shares with all of them.
func (list claimed) by(claim NewDispute) decimal.Decimal {
	sum := decimal.Zero
	for _, c := range list {
		whole := c.InvoiceLineID == nil || claim.InvoiceLineID == nil
		if c.InvoiceID == claim.InvoiceID && (whole || *c.InvoiceLineID == *claim.InvoiceLineID) {
			sum = sum.Add(c.Contested)
		}
	}
	return sum
}

func refuseClaim(prefix string, claim NewDispute, open money.Amount) error {
	switch {
	case !claim.Contested.IsPositive():
		return errs.InvalidField(prefix+"contested", "case.contested_not_positive")
	case !claim.Contested.Equal(claim.Contested.Truncate(open.Currency().Digits())):
		return errs.InvalidField(prefix+"contested", "money.too_many_decimals", "amount", claim.Contested.String(), "currency", string(open.Currency()))
	case claim.Contested.GreaterThan(open.Decimal()):
		return errs.InvalidField(prefix+"contested", ErrOverContestable.Key, "open", open.String())
	case claim.ReasonCode == "":
		return errs.InvalidField(prefix+"reason_code", "case.needs_reason")
	}
	return nil
}

// openDisputes writes dispute lines and asks for their holds.
func openDisputes(ctx context.Context, w *work, lines []DisputeLine) error {
	for n := range lines {
		d := &lines[n]
		d.CaseID, d.OpenedAt, d.OpenedBy = w.c.ID, w.tx.Now(), userID(w.by)
		var err error
		if *d, err = insertDispute(ctx, w.tx, *d); err != nil {
			return err
		}
		w.opened(*d)
	}
	return nil
}

// opened notes that a dispute line was opened and asks for its hold.
func (w *work) opened(d DisputeLine) {
	w.holds = append(w.holds, billing.HoldInput{
		InvoiceID: d.InvoiceID, InvoiceLineID: d.InvoiceLineID, DisputeLineID: int64(d.ID), CaseID: int64(w.c.ID),
		Amount: d.Contested, ReasonCode: d.ReasonCode, By: w.by,
	})
	w.note("dispute.opened", d.eventData())
}

func (d DisputeLine) eventData() map[string]any {
	data := map[string]any{
		"dispute": d.ID, "invoice": d.InvoiceID, "contested": d.Contested, "currency": d.Currency, "reason_code": d.ReasonCode, "status": d.Status,
	}
	if d.InvoiceLineID != nil {
		data["invoice_line"] = *d.InvoiceLineID
	}
	if d.Status.Decided() {
		data["accepted"], data["credited"] = d.Accepted, d.Credited
	}
	if d.CreditRequestID != nil {
		data["request"] = *d.CreditRequestID
	}
	return data
}

// weigh sums up what is undecided, in its currency and in the authority currency. Without a rate it says so and leaves
// the risk at zero: a case must open all the same.
func (s *Service) weigh(ctx context.Context, r db.Reader, c *Case, lines []DisputeLine) (*Warning, error) {
	sums := map[money.Currency]decimal.Decimal{}
	for _, d := range lines {
		if !d.Status.Decided() {
			sums[d.Currency] = sums[d.Currency].Add(d.Contested)
		}
	}
	c.RiskBase, c.Disputed, c.DisputedCurrency = decimal.Zero, decimal.Zero, ""
	var warning *Warning
	for currency, sum := range sums {
		c.Disputed, c.DisputedCurrency = sum, currency
		base, err := s.inAuthorityCurrency(ctx, r, money.Of(sum, currency))
		if errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.NotFound {
			warning = &Warning{Key: "case.no_rate", Params: map[string]string{"currency": string(currency)}}
			continue
		}
		if err != nil {
			return nil, err
		}
		c.RiskBase = c.RiskBase.Add(base)
	}
	if len(sums) > 1 {
		c.Disputed, c.DisputedCurrency = c.RiskBase, billing.AuthorityCurrency
	}
	return warning, nil
}

func (s *Service) inAuthorityCurrency(ctx context.Context, r db.Reader, a money.Amount) (decimal.Decimal, error) {
	if a.Currency() == billing.AuthorityCurrency {
		return a.Decimal(), nil
	}
	rate, _, err := s.billing.Rate(ctx, r, a.Currency(), billing.AuthorityCurrency, r.Now())
	if err != nil {
		return decimal.Zero, err
	}
	return a.Convert(rate, billing.AuthorityCurrency).Decimal(), nil
}

// reweigh brings the amount in dispute up to date, raises a computed priority that it asks for, and puts the case under the policy that is
// for it then: policies go by type and amount too.
func (s *Service) reweigh(ctx context.Context, w *work) error {
	lines, err := disputesOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	if _, err := s.weigh(ctx, w.tx, &w.c, lines); err != nil {
		return err
	}
	customer, err := s.customerOf(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	p, _ := ComputePriority(w.c.Type, customer.Tier, w.c.RiskBase)
	if w.c.PriorityReason == "" && p < w.c.Priority {
		w.setPriority(p, "")
	}
	return s.repin(ctx, w, customer)
}
