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
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// proposal is an input worked out against the books as they are: what would be posted and who would have to agree.
type proposal struct {
	in         ProposeInput
	asked      ProposeInput // as it came, before anything was filled in
	changes    *amendment   // of a request that is there already
	concerned  billing.Concerned
	disputes   []cases.DisputeLine
	evidence   []NewEvidence // what was given, and the customer's mail
	sheets     []namedSheet  // of a service credit: what it is given for
	adjustment billing.Adjustment
	amount     decimal.Decimal // in billing.AuthorityCurrency: what is compared with limits
	rate       decimal.Decimal
	rateOn     time.Time
	corrected  []int64 // who corrected the rate by hand: it says which level decides, so they do not
	window     Window
	budget     Budget // of a concession: the requester's team's, this month
	roster     roster
	version    int // of the policy that binds the requester
	facts      policy.Facts
	contracts  []int64              // in force for those concerned
	further    []authority.Together // what the policy's windows count with it
	chain      authority.Result
	warnings   []Warning
	zone       string                 // of the legal entity
	caseNumber string                 // "" without a case
	struck     *billing.StruckService // what a concession is given for
}

func (in ProposeInput) check() error {
	var wrong []errs.Field
	if !slices.Contains(billing.Kinds(), in.Kind) {
		wrong = append(wrong, errs.Field{Name: "kind", Key: "credits.unknown_kind"})
	}
	if in.ReasonCode == "" {
		wrong = append(wrong, errs.Field{Name: "reason_code", Key: "error.required"})
	}
	if in.Kind.Credits() && in.Kind != billing.Rebill && !in.Whole && len(in.Lines) == 0 {
		wrong = append(wrong, errs.Field{Name: "lines", Key: "credits.no_lines"})
	}
	if in.For != nil && in.Kind != billing.Concession {
		wrong = append(wrong, errs.Field{Name: "incident", Key: "credits.incident_of_goodwill_only"})
	}
	seen := map[billing.InvoiceLineID]bool{}
	for i, l := range in.Lines {
		if l.InvoiceLineID != 0 && seen[l.InvoiceLineID] {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("lines.%d.invoice_line_id", i), Key: "credits.line_twice"})
		}
		seen[l.InvoiceLineID] = true
	}
	if wrong = append(wrong, checkEvidence(in.Evidence)...); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// start takes an input over. A reversal belongs to the case of what it takes back, unless that has none.
func (s *Service) start(ctx context.Context, r db.Reader, in ProposeInput) (proposal, error) {
	p := proposal{in: in, asked: in}
	if in.Kind != billing.Reverse {
		return p, nil
	}
	concerned, err := s.billing.Concerned(ctx, r, in.adjustment())
	if err != nil {
		return p, err
	}
	switch original := (*cases.ID)(concerned.Original.CaseID); {
	case original == nil:
	case in.CaseID == nil:
		p.in.CaseID = original
	case *in.CaseID != *original:
		return p, errs.InvalidField("case", "credits.taken_back_in_its_case", "number", concerned.Original.Document.Number)
	}
	return p, nil
}

// begin finds whom and what it concerns, and asks whether the actor may propose there.
func (s *Service) begin(ctx context.Context, r db.Reader, p *proposal) error {
	var err error
	if p.concerned, err = s.billing.Concerned(ctx, r, p.in.adjustment()); err != nil {
		return err
	}
	for _, entity := range p.concerned.Entities {
		if err := access.Can(p.in.By, p.right(), access.Object{EntityID: int64(entity)}); err != nil {
			return err
		}
	}
	return nil
}

// work fills in the rest of a proposal: reads only. Inside a submission the books and the families are locked.
func (s *Service) work(ctx context.Context, r db.Reader, p *proposal, id ID) error {
	if err := s.workCase(ctx, r, p); err != nil {
		return err
	}
	if err := checkCodes(ctx, r, p.in, id); err != nil {
		return err
	}
	var err error
	if p.adjustment, err = s.billing.PrepareAdjustment(ctx, r, p.in.adjustment()); err != nil {
		return err
	}
	if err := s.workSheets(ctx, r, p); err != nil {
		return err
	}
	if err := s.workGoodwill(ctx, r, p); err != nil {
		return err
	}
	rate, err := s.billing.RateOn(ctx, r, p.adjustment.Currency, billing.AuthorityCurrency, billing.Date(r.Now()))
	if err != nil {
		return err
	}
	p.rate, p.rateOn, p.corrected = rate.Rate, rate.FixedOn, rate.CorrectedBy
	p.amount = p.inAuthority(p.adjustment.Total)
	if p.adjustment.BillsMore() { // a small rest that is credited is no authority to bill any amount
		p.amount = p.inAuthority(p.adjustment.BilledTotal())
	}
	if p.window, err = p.readWindow(ctx, r, id); err != nil {
		return err
	}
	if err := p.readBudget(ctx, r, id); err != nil {
		return err
	}
	if err := s.drawChain(ctx, r, p, id); err != nil {
		return err
	}
	p.warnings, err = warnings(ctx, r, *p, id)
	return err
}

// inAuthority is a sum of the adjustment in billing.AuthorityCurrency.
func (p *proposal) inAuthority(sum decimal.Decimal) decimal.Decimal {
	return p.adjustment.SumOf(sum).Convert(p.rate, billing.AuthorityCurrency).Decimal()
}

// customer is one of those concerned; the zero one for 0.
func (p *proposal) customer(id billing.CustomerID) billing.Customer {
	for _, c := range p.concerned.Customers {
		if c.ID == id {
			return c
		}
	}
	return billing.Customer{}
}

// invoice is the one invoice it concerns; the zero one for none or several.
func (p *proposal) invoice() billing.Invoice {
	if len(p.concerned.Invoices) != 1 {
		return billing.Invoice{}
	}
	return p.concerned.Invoices[0]
}

// family is the one customer family it concerns, 0 for several.
func (p *proposal) family() billing.CustomerID {
	if families := p.concerned.Families(); len(families) == 1 {
		return families[0]
	}
	return 0
}

// checkCodes names the field when reason, root cause or whose error it was is not one of ours. A retired reason goes only with what was claimed or asked for by it before.
func checkCodes(ctx context.Context, r db.Reader, in ProposeInput, id ID) error {
	known, err := db.One[struct{ Reason, Cause, Person bool }](ctx, r, `select exists (select from reason_codes where code = $1 and (active
			or exists (select from dispute_lines where case_id = $3 and reason_code = $1) or exists (select from credit_requests where id = $4 and reason_code = $1))) as reason,
		$2::bigint is null or exists (select from root_causes where id = $2) as cause, $5::bigint is null or exists (select from users where id = $5) as person`,
		in.ReasonCode, in.RootCauseID, in.CaseID, id, in.ErrorBy)
	if err != nil {
		return fmt.Errorf("check codes: %w", err)
	}
	if !known.Reason {
		return errs.InvalidField("reason_code", "credits.unknown_reason", "reason", in.ReasonCode)
	}
	if !known.Cause {
		return errs.InvalidField("root_cause_id", "credits.unknown_root_cause")
	}
	if !known.Person {
		return errs.InvalidField("error_by_id", "credits.unknown_colleague")
	}
	return nil
}

func (in ProposeInput) adjustment() billing.AdjustmentInput {
	a := billing.AdjustmentInput{
		Kind: in.Kind, InvoiceID: in.InvoiceID, ReasonCode: in.ReasonCode, Whole: in.Whole, Refund: in.Refund, SettledOutside: in.SettledOutside,
		EntityID: in.EntityID, CustomerID: in.CustomerID, Currency: in.Currency, Items: in.Items, ToCustomerID: in.ToCustomerID,
		Reverses: in.Reverses, Bill: in.Bill, Method: in.Method, Destination: in.Destination,
	}
	for _, l := range in.Lines {
		a.Lines = append(a.Lines, billing.AdjustLine{
			InvoiceLineID: l.InvoiceLineID, Amount: l.Net, List: l.List, Quantity: l.Quantity, Description: l.Description, Tax: l.Tax,
		})
	}
	return a
}

// authorityKind is whose limits decide: a reversal takes the same authority as what it takes back.
func (p *proposal) authorityKind() billing.Kind {
	if p.concerned.Original != nil {
		return p.concerned.Original.Kind
	}
	return p.in.Kind
}

// requester is whose request it is; an approver who gives less changes somebody else's.
func (p *proposal) requester() int64 {
	if p.changes != nil {
		return p.changes.requester
	}
	return p.in.By.UserID
}

// right is what the actor needs where it concerns.
func (p *proposal) right() access.Action {
	if p.changes != nil && p.changes.why == givenLess {
		return access.Decide
	}
	return access.Propose
}

// deadlines are those of the policy that binds the requester.
func (p *proposal) deadlines() policy.Deadlines { return p.roster.deadlines(p.version) }

// authorityRequest is the proposal as authority sees it. What an assistant's token asks for never passes on an own limit, nor
// does what an approver made of a request.
func (p *proposal) authorityRequest() authority.Request {
	r := authority.Request{
		Kind: authority.Kind(p.authorityKind()), Amount: p.amount, WindowTotal: p.window.Family, InvoiceTotal: p.window.Invoice,
		EntityID: int64(p.adjustment.EntityID), Tier: p.facts.Tier, Tiers: tiers(p.facts.Among), Reason: p.in.ReasonCode,
		Regions: p.facts.Regions(), TeamID: p.facts.TeamID,
		RequesterID: p.requester(), PaysOut: paysOut(p.adjustment), OverBudget: p.budget.Over(p.amount), PartnerAccount: p.concernsPartner(), Further: p.further,
		BarredIDs: p.facts.Barred,
	}
	if p.changes != nil {
		r.EditorIDs = p.changes.editors
	}
	if p.in.By.Assistant || p.changes != nil && p.changes.why == givenLess {
		r.BarredIDs = with(r.BarredIDs, p.requester())
	}
	return r
}

func (p *proposal) concernsPartner() bool {
	return slices.ContainsFunc(p.concerned.Customers, func(c billing.Customer) bool { return c.Kind == billing.Partner && c.ID != p.adjustment.ToCustomerID })
}

// drawChain asks the policy that binds the requester who must decide.
func (s *Service) drawChain(ctx context.Context, r db.Reader, p *proposal, id ID) error {
	var err error
	if p.roster, err = s.readRoster(ctx, r); err != nil {
		return err
	}
	p.version = p.roster.versionFor(p.requester(), r.Now())
	closed, err := s.billing.WantsClosedPeriod(ctx, r, p.adjustment)
	if err != nil {
		return err
	}
	if err := p.readFacts(ctx, r, closed); err != nil {
		return err
	}
	if err := p.readFurther(ctx, r, id); err != nil {
		return err
	}
	outcome, err := p.roster.chain(p.version, p.facts, p.authorityRequest(), r.Now())
	p.chain = outcome.Result
	return err
}

// paysOut tells whether money leaves with a credit: then it is not less than a refund.
func paysOut(a billing.Adjustment) bool {
	return a.Kind.Credits() && a.ToRefund.Add(a.SettledOutside).IsPositive()
}

// refuse says what keeps a proposal from being submitted.
func (p *proposal) refuse() error {
	if wrong := missingEvidence(p.required()); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	if p.chain.Orphan {
		return errs.New(ErrNobodyDecides.Kind, ErrNobodyDecides.Key,
			"amount", money.Of(p.amount.Add(p.window.Counted()), billing.AuthorityCurrency).String())
	}
	return nil
}
