// Package tax works out proportional tax and its rounding. It is pure: decimals in, decimals out, no
// currency table, no clock, no storage. Amounts are in units of the currency and digits is the number of
// decimals of its minor unit (JPY 0, EUR 2, KWD 3).
//
// Tax belongs to the document: it is computed once per tax category and rate on the sum of the nets
// (EN 16931, BR-CO-17: category tax amount = category taxable amount × rate, rounded), and what a line
// shows is an informative share that adds up to it. Rounding is half up; below zero it mirrors, so that the
// tax of a reversed document is exactly the negative of the original's.
package tax

import "github.com/shopspring/decimal"

// Line is one line's contribution to a document's tax: its amount after its own discounts (net, or gross
// where the document's prices include tax), the tax category (EN 16931 BT-151: S, Z, E, AE, K, G, O) and
// the rate in per cent (19 means 19 %).
type Line struct {
	Net      decimal.Decimal
	Category string
	Rate     decimal.Decimal
}

// Group is the tax of a document for one category and rate (EN 16931 BG-23). Gross is always Net + Tax.
type Group struct {
	Category string
	Rate     decimal.Decimal
	Net      decimal.Decimal
	Tax      decimal.Decimal
	Gross    decimal.Decimal
	Shares   []Share
}

// Share is a line's informative part of its group's tax. Index is the line's position in the input.
type Share struct {
	Index int
	Tax   decimal.Decimal
}

// Of is the tax on a net amount: rate per cent of it, rounded half up once.
func Of(net, rate decimal.Decimal, digits int32) decimal.Decimal {
	return exact(net, rate).Round(digits)
}

// Within is the tax contained in a gross amount: what is left of it after taking out the net, which is
// gross × 100 ÷ (100 + rate) rounded half up once.
func Within(gross, rate decimal.Decimal, digits int32) decimal.Decimal {
	return gross.Sub(gross.Shift(2).DivRound(grossOf(rate), digits))
}

// Groups sums the lines of a tax-exclusive document by category and rate, in the order in which they first
// appear, and computes each group's tax once on its sum. The shares of a group add up to its tax exactly:
// each is its line's own tax rounded down, and the missing minor units go to the largest remainders,
// among equal ones to the earlier line.
func Groups(lines []Line, digits int32) []Group {
	return groups(lines, func(g *Group, members []Line) []decimal.Decimal {
		g.Tax = Of(g.Net, g.Rate, digits)
		g.Gross = g.Net.Add(g.Tax)
		own := make([]decimal.Decimal, len(members))
		for i, line := range members {
			own[i] = exact(line.Net, line.Rate)
		}
		return settle(g.Tax, own, digits)
	})
}

// GroupsInclusive is Groups for a document whose prices include tax: Line.Net holds gross amounts, the
// group's net is taken from its gross sum once, and the tax is the difference, so that net and tax always
// add up to what was charged.
func GroupsInclusive(lines []Line, digits int32) []Group {
	return groups(lines, func(g *Group, members []Line) []decimal.Decimal {
		g.Gross = g.Net
		g.Tax = Within(g.Gross, g.Rate, digits)
		g.Net = g.Gross.Sub(g.Tax)
		own := make([]decimal.Decimal, len(members))
		for i, line := range members {
			own[i] = line.Net.Mul(line.Rate).DivRound(grossOf(line.Rate), digits+guard)
		}
		return settle(g.Tax, own, digits)
	})
}

// groups collects lines by category and rate (19 and 19.00 are one rate), sums them into Net and lets
// finish compute the tax and the shares.
func groups(lines []Line, finish func(*Group, []Line) []decimal.Decimal) []Group {
	type key struct{ category, rate string }
	at := make(map[key]int)
	var out []Group
	var members [][]Line
	for i, line := range lines {
		k := key{line.Category, line.Rate.String()}
		n, known := at[k]
		if !known {
			n = len(out)
			at[k] = n
			out = append(out, Group{Category: line.Category, Rate: line.Rate})
			members = append(members, nil)
		}
		out[n].Net = out[n].Net.Add(line.Net)
		out[n].Shares = append(out[n].Shares, Share{Index: i})
		members[n] = append(members[n], line)
	}
	for n := range out {
		for i, share := range finish(&out[n], members[n]) {
			out[n].Shares[i].Tax = share
		}
	}
	return out
}
