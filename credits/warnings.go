package credits

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// WarningRule is one of the rules that notice what requester, approver and reviewer should look at. None of it forbids anything.
// When they speak is a matter of the policy's thresholds.
type WarningRule string

// The rules.
const (
	LineCreditedBefore WarningRule = "line_credited_before" // the same invoice line was credited before, and stands
	SameAmount         WarningRule = "same_amount"          // the same customer and amount lately
	JustBelowLimit     WarningRule = "just_below_limit"     // several by one requester or one family just below a limit
	MuchToOneCustomer  WarningRule = "much_to_one_customer" // one person to one customer, above the norm
	OwnCustomer        WarningRule = "own_customer"         // asked for by who entered the customer
	RoundSum           WarningRule = "round_sum"            // without evidence
	OverDisputed       WarningRule = "over_disputed"        // more than the customer contests
	SamePair           WarningRule = "same_pair"            // the approver to be is nearly always this requester's
	OutsideHours       WarningRule = "outside_hours"        // asked for or signed
	BudgetUsedUp       WarningRule = "budget_used_up"       // of the requester's team, this month
	OverCreditLimit    WarningRule = "over_credit_limit"    // more is charged than the customer may owe
	SettledMeanwhile   WarningRule = "settled_meanwhile"    // left out of a batch, because nothing is open on it any more
	OnCreditHold       WarningRule = "on_credit_hold"       // more is charged though nothing is to be sold to the customer on credit
)

// WarningRules are all of them, in the order they are shown.
func WarningRules() []WarningRule {
	return []WarningRule{
		LineCreditedBefore, BudgetUsedUp, OverDisputed, SameAmount, JustBelowLimit, MuchToOneCustomer, OwnCustomer, SamePair, RoundSum, OutsideHours,
		OverCreditLimit, OnCreditHold, SettledMeanwhile,
	}
}

// Warning is what a rule says: a message key with its parameters, and the rows that made it speak, the latest first. More is how
// many further rows there are. Rows are read with a preview and a request, not in lists.
type Warning struct {
	Key    string            `json:"key"`
	Params map[string]string `json:"params,omitempty"`
	Rule   WarningRule       `json:"rule,omitempty"`
	Behind []Behind          `json:"-"`
	More   int               `json:"-"`
}

// BehindKind is what a row behind a warning is.
type BehindKind string

// The kinds of rows.
const (
	BehindRequest  BehindKind = "request"
	BehindCustomer BehindKind = "customer"
	BehindDispute  BehindKind = "dispute" // Number is its case's
	BehindBudget   BehindKind = "budget"  // Number is its month, ID its team
)

// Behind is a row that made a rule speak, as it stood. Document is what a request became.
type Behind struct {
	Kind     BehindKind      `json:"kind"`
	ID       int64           `json:"id"`
	Number   string          `json:"number,omitempty"`
	Document string          `json:"document,omitempty"`
	Text     string          `json:"text,omitempty"`
	At       time.Time       `json:"at,omitzero"`
	Who      string          `json:"who,omitempty"`
	Amount   decimal.Decimal `json:"amount"`
	Currency money.Currency  `json:"currency,omitempty"`
	// EntityID is the legal entity whose readers may see the row; zero is everybody's.
	EntityID billing.EntityID `json:"entity,omitempty"`
}

// seenBy is the warning with the rows that somebody may read; the others are counted among the further ones.
func (w Warning) seenBy(by access.Actor) Warning {
	all := w.Behind
	w.Behind = nil
	for _, row := range all {
		if by.SeesEntity(int64(row.EntityID)) {
			w.Behind = append(w.Behind, row)
		} else {
			w.More++
		}
	}
	return w
}

func seenBy(list []Warning, by access.Actor) []Warning {
	seen := make([]Warning, len(list))
	for i, w := range list {
		seen[i] = w.seenBy(by)
	}
	return seen
}

// rowsBehind is how many rows of a rule are kept; the rest is counted.
const rowsBehind = 20

func warning(rule WarningRule, behind []Behind, pairs ...string) Warning {
	w := Warning{Key: "credits.warning." + string(rule), Rule: rule, Params: map[string]string{}, Behind: behind}
	for i := 0; i+1 < len(pairs); i += 2 {
		w.Params[pairs[i]] = pairs[i+1]
	}
	return w
}

// thresholds are those of a version of the policy.
func (ro roster) thresholds(version int) policy.Warnings {
	if rules := ro.rules[version]; rules != nil {
		return rules.Policy().Warnings.Usual()
	}
	return policy.Warnings{}.Usual()
}

// noticing is a proposal that the rules are asked about.
type noticing struct {
	*proposal

	limits policy.Warnings
	now    time.Time
	before map[WarningRule][]earlierRow
}

// warnings asks every rule about a proposal, with one read of what came before.
func warnings(ctx context.Context, r db.Reader, p proposal, id ID) ([]Warning, error) {
	n := noticing{proposal: &p, limits: p.roster.thresholds(p.version), now: r.Now()}
	var err error
	if n.before, err = n.readBefore(ctx, r, id); err != nil {
		return nil, err
	}
	overCredit, err := n.overCredit(ctx, r)
	if err != nil {
		return nil, err
	}
	return append([]Warning{}, slices.Concat(n.creditedLines(), p.overBudget(), p.overDisputed(), n.sameAmount(), n.justBelow(), n.muchToOne(), n.ownCustomer(), n.samePair(),
		n.roundSum(), n.outsideHours(), overCredit, n.settledMeanwhile())...), nil
}

func (n noticing) total() string { return n.adjustment.SumOf(n.adjustment.Total).String() }

func inLimits(sum decimal.Decimal) string { return money.Of(sum, billing.AuthorityCurrency).String() }

// spoken is a warning with the rows found for its rule.
func spoken(rule WarningRule, found []earlierRow, pairs ...string) Warning {
	w := warning(rule, nil, pairs...)
	for _, row := range found {
		w.Behind = append(w.Behind, row.behind())
	}
	if len(found) > 0 {
		w.More = max(found[0].Count-len(found), 0)
	}
	return w
}

// creditedLines is one warning for each line that was credited before.
func (n noticing) creditedLines() []Warning {
	var list []Warning
	for _, line := range n.adjustment.Lines {
		found := slices.DeleteFunc(slices.Clone(n.before[LineCreditedBefore]), func(row earlierRow) bool { return row.Subject != int64(line.InvoiceLineID) })
		if len(found) > 0 && line.InvoiceLineID != 0 {
			w := spoken(LineCreditedBefore, found, "line", line.Description)
			w.More = 0 // counted over all lines
			list = append(list, w)
		}
	}
	return list
}

func (n noticing) sameAmount() []Warning {
	found := n.before[SameAmount]
	if len(found) == 0 {
		return nil
	}
	return []Warning{spoken(SameAmount, found, "amount", n.total(), "days", strconv.Itoa(n.limits.SameAmountDays), "count", strconv.Itoa(found[0].Count))}
}

// limitBelow is the limit that the proposal is just below; false when there is none.
func (n noticing) limitBelow() (limit, from decimal.Decimal, ok bool) {
	for _, limit := range n.roster.limitsOf(n.authorityKind()) {
		from := limit.Mul(decimal.New(int64(100-n.limits.BelowPercent), -2))
		if n.amount.LessThanOrEqual(limit) && n.amount.GreaterThanOrEqual(from) {
			return limit, from, true
		}
	}
	return limit, from, false
}

func (n noticing) justBelow() []Warning {
	found := n.before[JustBelowLimit]
	limit, _, ok := n.limitBelow()
	if !ok || len(found) == 0 || found[0].Count+1 < n.limits.BelowCount {
		return nil
	}
	return []Warning{spoken(JustBelowLimit, found, "count", strconv.Itoa(found[0].Count+1), "limit", inLimits(limit), "days", strconv.Itoa(n.limits.BelowDays))}
}

// muchToOne speaks when this one makes it more than the norm, in number or in sum.
func (n noticing) muchToOne() []Warning {
	found := n.before[MuchToOneCustomer]
	if len(found) == 0 || !n.gives() {
		return nil
	}
	count, sum := found[0].Count+1, found[0].Sum.Add(n.amount)
	if count <= n.limits.CustomerCount && !sum.GreaterThan(n.limits.CustomerSum) {
		return nil
	}
	return []Warning{spoken(MuchToOneCustomer, found, "name", n.requesterName(), "count", strconv.Itoa(count), "sum", inLimits(sum),
		"days", strconv.Itoa(n.limits.CustomerDays), "most", strconv.Itoa(n.limits.CustomerCount), "most_sum", inLimits(n.limits.CustomerSum))}
}

// gives tells whether it gives something away, rather than charges or takes back.
func (n noticing) gives() bool {
	return n.authorityKind() != billing.Debit && n.adjustment.Kind != billing.Reverse
}

func (n noticing) ownCustomer() []Warning {
	if !n.facts.OwnCustomer {
		return nil
	}
	c := n.customer(n.adjustment.CustomerID)
	return []Warning{warning(OwnCustomer, []Behind{{Kind: BehindCustomer, ID: int64(c.ID), Number: c.Account, Text: c.Name, At: c.CreatedAt, Who: n.requesterName()}},
		"name", n.requesterName(), "customer", c.Name)}
}

func (n noticing) samePair() []Warning {
	found := n.before[SamePair]
	if len(found) == 0 {
		return nil
	}
	return []Warning{spoken(SamePair, found, "approver", found[0].Text, "count", strconv.Itoa(found[0].Count), "of", found[0].Sum.String(),
		"name", n.requesterName(), "days", strconv.Itoa(n.limits.PairDays))}
}

func (n noticing) roundSum() []Warning {
	if len(n.evidence) > 0 || !n.adjustment.Total.Mod(decimal.NewFromInt(int64(n.limits.RoundStep))).IsZero() {
		return nil
	}
	return []Warning{warning(RoundSum, nil, "amount", n.total())}
}

func (n noticing) outsideHours() []Warning {
	at, outside := outsideHours(n.limits, n.zone, n.now)
	if !outside {
		return nil
	}
	return []Warning{warning(OutsideHours, nil, "at", at, "from", n.limits.WorkFrom, "until", n.limits.WorkUntil)}
}

// outsideHours writes a moment in a legal entity's zone, and tells whether it is outside working hours there.
func outsideHours(limits policy.Warnings, zone string, at time.Time) (string, bool) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	there := at.In(place)
	return there.Format("Monday 15:04"), !limits.AtWork(there)
}

// requesterName is whose request it is, as far as it is known here: what an approver lowers is somebody else's.
func (n noticing) requesterName() string {
	if n.changes == nil || n.requester() == n.in.By.UserID {
		return n.in.By.Name
	}
	for _, h := range n.roster.holders {
		if h.UserID == n.requester() {
			return h.UserName
		}
	}
	return "The requester"
}

// overDisputed warns where more is given, tax included, than the customer contests.
func (p *proposal) overDisputed() []Warning {
	var list []Warning
	given := p.givenByDispute()
	for _, d := range p.disputes {
		if sum, ok := given[d.ID]; ok && sum.GreaterThan(d.Contested) {
			row := Behind{Kind: BehindDispute, ID: int64(d.ID), Number: p.caseNumber, Text: d.Claim, Amount: d.Contested, Currency: d.Currency}
			list = append(list, warning(OverDisputed, []Behind{row}, "amount", d.Amount(sum).String(), "contested", d.Amount(d.Contested).String()))
		}
	}
	return list
}

// givenByDispute sums what each dispute line would get, including tax.
func (p *proposal) givenByDispute() map[cases.DisputeID]decimal.Decimal {
	given := map[cases.DisputeID]decimal.Decimal{}
	for _, l := range p.adjustment.Lines {
		if d := p.disputeOf(l.InvoiceLineID); d != nil {
			given[*d] = given[*d].Add(l.Net).Add(l.TaxShare)
		}
	}
	return given
}
