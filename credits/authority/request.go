package authority

import (
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Request is what authority needs to know of a credit request. Amounts are in the authority's currency and
// include tax; what the request charges is never set off against what it gives.
type Request struct {
	Kind   Kind
	Amount decimal.Decimal
	// WindowTotal is what was given or is pending for the customer family over the policy's days, without this request.
	WindowTotal decimal.Decimal
	// InvoiceTotal is what was given or is pending on the same invoices at any time, without this request.
	InvoiceTotal decimal.Decimal
	EntityID     int64
	// Regions are those of the customers it concerns, TeamID is the team of who asks; 0 is none.
	Regions []string
	TeamID  int64
	Tier    string
	// Tiers are those of the customers where it concerns several; a level may decide what it may for each of them.
	Tiers []string
	// PaysOut says that part of a credit is refunded or settled outside: whoever decides it needs a limit for refunds too.
	PaysOut bool
	Reason  string

	RequesterID int64
	// EditorIDs touched the lines; BarredIDs are others who may not decide, such as whoever made the error.
	EditorIDs []int64
	BarredIDs []int64

	TaxChange      bool
	ClosedPeriod   bool
	PartnerAccount bool
	// OverBudget asks for one level more than the amount does.
	OverBudget bool
	// Conditions are further ones of the policy that the caller found to be true.
	Conditions []Condition
	// Served are rules of the policy whose step is signed already: they ask for nobody once more.
	Served []string
	// Floor is the rank below which no level decides, because the decision went up to it; zero for none.
	Floor int
	// Further are what else of the policy's windows counts together with the request.
	Further []Together
	// Signed are the windows that count by decider: nobody gives more in one than their level may.
	Signed []Signed
}

// Together is what one more window counts with a request: the sum without it. A level covers the request while both
// together stay within Times its limit for sums; zero times is once.
type Together struct {
	Window string
	Total  decimal.Decimal
	Times  int64
}

// Signed is what people signed within one window, by user. Somebody whose sum and the request come to more than Times
// the limit of a level does not decide at that level.
type Signed struct {
	Window string
	Times  int64
	By     map[int64]decimal.Decimal
}

// Counted is the figure compared with limits: this request together with what the window or the same
// invoices already got, whichever is more. Splitting a request gains nothing.
func (r Request) Counted() decimal.Decimal {
	return r.Amount.Add(decimal.Max(r.WindowTotal, r.InvoiceTotal, decimal.Zero))
}

// asRefund is the request under the limits of a refund.
func (r Request) asRefund() Request {
	r.Kind, r.PaysOut = Refund, false
	return r
}

func (r Request) barred(userID int64) bool {
	return userID == r.RequesterID || slices.Contains(r.EditorIDs, userID) || slices.Contains(r.BarredIDs, userID)
}

func (r Request) meets(c Condition) bool {
	switch c {
	case TaxChange:
		return r.TaxChange
	case ClosedPeriod:
		return r.ClosedPeriod
	case PartnerAccount:
		return r.PartnerAccount
	default:
		return slices.Contains(r.Conditions, c)
	}
}

func (r Request) check() error {
	if r.Amount.IsNegative() {
		return errs.InvalidField("amount", "authority.negative_amount", "amount", r.Amount.String())
	}
	if !slices.Contains(Kinds(), r.Kind) {
		return errs.InvalidField("kind", "authority.unknown_kind", "kind", string(r.Kind))
	}
	return nil
}

// Mode says how a chain runs through the levels.
type Mode string

// Hierarchical asks every level up to the sufficient one, Direct that one alone, Parallel all of them at
// once, or n of the sufficient level's holders when the policy says how many.
const (
	Hierarchical Mode = "hierarchical"
	Direct       Mode = "direct"
	Parallel     Mode = "parallel"
)

// Condition names a fact about a request that asks for an extra step.
type Condition string

// Conditions the request itself carries; others come by name in Request.Conditions.
const (
	TaxChange      Condition = "tax_change"
	ClosedPeriod   Condition = "closed_period"
	PartnerAccount Condition = "partner_account"
)

// Extra adds somebody to the chain when its condition holds: the holders of a role, or of a level.
type Extra struct {
	When    Condition
	Role    string
	LevelID int64
	// Needed is how many of them must agree, zero one; All is every one of them who is there, in which case Needed counts
	// for nothing.
	Needed int
	All    bool
	// PolicyRule names the rule of the policy that asks for it.
	PolicyRule string
	// BySum says that the rule asks for it only together with what was given before.
	BySum bool
}

// Policy is how the chain is drawn. The zero Policy is hierarchical, without extra steps.
type Policy struct {
	Mode     Mode
	Currency money.Currency
	// Needed is for Parallel: so many of the sufficient level's holders; zero is one step per level, all at once.
	Needed int
	// All is for Parallel: every one of the sufficient level's holders who is there.
	All    bool
	Extras []Extra
	// PolicyRule names the rule of the policy that chose the mode; every step of a level carries it.
	PolicyRule string
}

// alone says that the deciding level is asked and none below it.
func (p Policy) alone() bool {
	return p.mode() == Direct || p.mode() == Parallel && (p.Needed > 0 || p.All)
}

func (p Policy) mode() Mode {
	if p.Mode == "" {
		return Hierarchical
	}
	return p.Mode
}

func (p Policy) check() error {
	switch p.mode() {
	case Hierarchical, Direct, Parallel:
		return nil
	}
	return errs.InvalidField("mode", "authority.unknown_mode", "mode", string(p.Mode))
}

// show writes an amount for a rule's parameters.
func (p Policy) show(amount decimal.Decimal) string {
	if p.Currency == "" {
		return amount.StringFixed(2)
	}
	return money.Of(amount, p.Currency).String()
}

func (p Policy) showLimit(limit *decimal.Decimal) string {
	if limit == nil {
		return "∞"
	}
	return p.show(*limit)
}
