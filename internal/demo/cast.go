package demo

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
)

// cast finds who writes about which invoice, and who will work on it; false when nobody fits, which only a past far too
// short could bring about.
func (s *story) cast(ctx context.Context) (bool, error) {
	const tries = 400
	for try := range tries {
		c := s.customers[s.rng.IntN(len(s.customers))]
		if c.inCase && try < tries/2 || s.scene.platinum && c.Tier != billing.Platinum || s.scene.platinum && c.Kind == billing.EndCustomer {
			continue
		}
		if s.scene.band >= 4 && c.Tier == billing.Silver {
			continue
		}
		i := s.pick(c)
		if i == nil {
			continue
		}
		found, err := s.contest(ctx, c, i)
		if err != nil {
			return false, err
		}
		if !found {
			continue
		}
		s.customer, s.contact, s.invoice = c, c.Contacts[s.rng.IntN(len(c.Contacts))], i
		s.agent = s.someone(access.Agent, c.code)
		if s.rng.IntN(8) == 0 {
			s.agent = s.someone(access.Senior, c.code)
		}
		return true, nil
	}
	return false, nil
}

// pick takes one of the customer's latest invoices that nobody contests.
func (s *story) pick(c *customer) *invoice {
	var list []*invoice
	for _, i := range slices.Backward(c.invoices) {
		if !i.contested && i.IssuedOn.Before(s.Clock.Now().Add(-36*time.Hour)) {
			list = append(list, i)
		}
		if len(list) == 4 {
			break
		}
	}
	if len(list) == 0 {
		return nil
	}
	at := slices.IndexFunc(list, func(i *invoice) bool { return !i.paid })
	if at < 0 || s.rng.IntN(4) == 0 {
		at = s.rng.IntN(len(list))
	}
	return list[at]
}

// contest picks the lines of an invoice that come to the amount the scene asks for.
func (s *story) contest(ctx context.Context, c *customer, i *invoice) (bool, error) {
	b := s.bandIn(c)
	if b != nil && i.Total.LessThan(b[0]) {
		return false, nil
	}
	lines, err := s.Billing.LinesOf(ctx, i.ID)
	if err != nil {
		return false, err
	}
	s.lines, s.whole = nil, false
	start := s.rng.IntN(len(lines))
	for k := range lines {
		line := lines[(start+k)%len(lines)]
		gross := line.Net.Add(line.TaxShare)
		switch {
		case line.Net.LessThan(decimal.NewFromInt(5)):
		case b == nil:
			s.lines = []wanted{s.part(line, gross, 30+s.rng.IntN(71))}
			return true, nil
		case gross.GreaterThanOrEqual(b[0]):
			s.lines = []wanted{s.part(line, gross, s.share(gross, b))}
			return true, nil
		}
	}
	return b != nil && s.all(i, lines, b), nil
}

// all contests the same share of each line of an invoice.
func (s *story) all(i *invoice, lines []billing.InvoiceLine, b []decimal.Decimal) bool {
	share := s.share(i.Total, b)
	for _, line := range lines {
		if w := s.part(line, line.Net.Add(line.TaxShare), share); w.net.IsPositive() {
			s.lines = append(s.lines, w)
		}
	}
	s.whole = true
	return len(s.lines) > 0
}

// bandIn is the scene's band in the customer's currency, nil for any amount.
func (s *story) bandIn(c *customer) []decimal.Decimal {
	if s.scene.band == 0 {
		return nil
	}
	b := bands()[s.scene.band-1]
	rate := decimal.NewFromInt(1)
	if c.code == codeSG {
		rate = decimal.New(147, -2)
	}
	return []decimal.Decimal{decimal.NewFromInt(b.from).Mul(rate), decimal.NewFromInt(b.to).Mul(rate)}
}

// share is how many percent of an amount to take to stay within a band.
func (s *story) share(gross decimal.Decimal, b []decimal.Decimal) int {
	hundred := decimal.NewFromInt(100)
	lowest := int(b[0].Mul(hundred).Div(gross).IntPart()) + 1
	highest := int(decimal.Min(hundred, b[1].Mul(hundred).Div(gross)).IntPart())
	if highest <= lowest {
		return min(lowest, 100)
	}
	return lowest + s.rng.IntN(highest-lowest+1)
}

func (s *story) part(line billing.InvoiceLine, gross decimal.Decimal, percent int) wanted {
	share := decimal.New(int64(percent), -2)
	return wanted{line: line, net: line.Net.Mul(share).RoundFloor(2), gross: gross.Mul(share).Round(2)}
}

// words say what the case is about.
func (s *story) words() matter {
	amount := decimal.Zero
	for _, w := range s.lines {
		amount = amount.Add(w.gross)
	}
	return matterOf(s.customer, s.contact, s.invoice, s.lines[0].line, amount)
}

// someone is anybody of a role who works for a legal entity.
func (f *filler) someone(role access.Role, code string) member {
	var list []member
	for _, m := range f.users {
		if m.role == role && (len(m.codes) == 0 || slices.Contains(m.codes, code)) {
			list = append(list, m)
		}
	}
	return list[f.rng.IntN(len(list))]
}
