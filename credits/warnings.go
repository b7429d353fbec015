package credits

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/money"
)

// sameAmountDays is how far back the same amount for the same customer is found odd.
const sameAmountDays = 90

// history is what earlier requests tell about a proposal.
type history struct {
	SameAmount    int
	CreditedLines []int64
	Recent        []decimal.Decimal
}

func readHistory(ctx context.Context, r db.Reader, p proposal, id ID) (history, error) {
	var lines []int64
	for _, l := range p.adjustment.Lines {
		lines = append(lines, int64(l.InvoiceLineID))
	}
	h, err := db.One[history](ctx, r, `select
			(select count(*) from credit_requests where family_id = any ($1) and customer_id = $2 and currency = $3 and total = $4
				and submitted_at > $5 and id <> all ($8) and state in `+countingStates+`) as same_amount,
			array(select distinct l.invoice_line_id from credit_requests r join credit_request_lines l on l.credit_request_id = r.id
				where r.invoice_id = $6 and r.state = 'posted' and l.invoice_line_id = any ($7)) as credited_lines,
			array(select authority_amount from credit_requests where family_id = any ($1) and authority_kind = $9
				and submitted_at > $10 and id <> all ($8) and state in `+countingStates+`) as recent`,
		p.concerned.Families(), p.adjustment.CustomerID, p.adjustment.Currency, p.adjustment.Total,
		r.Now().AddDate(0, 0, -sameAmountDays), p.in.InvoiceID, lines, p.without(id), p.authorityKind(), r.Now().AddDate(0, 0, -WindowDays))
	if err != nil {
		return history{}, fmt.Errorf("read history: %w", err)
	}
	return h, nil
}

// warnings lists what requester and approver should look at. None of it forbids anything.
func warnings(ctx context.Context, r db.Reader, p proposal, id ID) ([]Warning, error) {
	h, err := readHistory(ctx, r, p, id)
	if err != nil {
		return nil, err
	}
	list := []Warning{}
	for _, l := range p.adjustment.Lines {
		if l.InvoiceLineID != 0 && slices.Contains(h.CreditedLines, int64(l.InvoiceLineID)) {
			list = append(list, warning("credits.warning.line_credited_before", "line", l.Description))
		}
	}
	list = append(list, p.overBudget()...)
	list = append(list, p.overDisputed()...)
	if h.SameAmount > 0 {
		list = append(list, warning("credits.warning.same_amount", "amount", p.adjustment.SumOf(p.adjustment.Total).String(),
			"days", strconv.Itoa(sameAmountDays), "count", strconv.Itoa(h.SameAmount)))
	}
	list = append(list, p.justBelow(h.Recent)...)
	if p.isRound() && len(p.evidence) == 0 {
		list = append(list, warning("credits.warning.round_sum", "amount", p.adjustment.SumOf(p.adjustment.Total).String()))
	}
	return list, nil
}

func warning(key string, pairs ...string) Warning {
	w := Warning{Key: key, Params: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		w.Params[pairs[i]] = pairs[i+1]
	}
	return w
}

// overDisputed warns where more is given, tax included, than the customer contests.
func (p *proposal) overDisputed() []Warning {
	var list []Warning
	given := p.givenByDispute()
	for _, d := range p.disputes {
		if sum, ok := given[d.ID]; ok && sum.GreaterThan(d.Contested) {
			list = append(list, warning("credits.warning.over_disputed",
				"amount", d.Amount(sum).String(), "contested", d.Amount(d.Contested).String()))
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

// justBelow warns of several requests in the last tenth below one limit.
func (p *proposal) justBelow(recent []decimal.Decimal) []Warning {
	for _, limit := range p.roster.limitsOf(p.authorityKind()) {
		near := func(amount decimal.Decimal) bool {
			return amount.LessThanOrEqual(limit) && amount.GreaterThanOrEqual(limit.Mul(decimal.New(9, -1)))
		}
		if !near(p.amount) {
			continue
		}
		count := 1
		for _, amount := range recent {
			if near(amount) {
				count++
			}
		}
		if count > 1 {
			return []Warning{warning("credits.warning.just_below_limit", "count", strconv.Itoa(count),
				"limit", money.Of(limit, billing.AuthorityCurrency).String(), "days", strconv.Itoa(WindowDays))}
		}
	}
	return nil
}

func (p *proposal) isRound() bool {
	return p.adjustment.Total.Mod(decimal.NewFromInt(50)).IsZero()
}
