package stripe

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/internal/money"
)

// object is a Stripe object as it came. Its parts may be absent, null or of a kind we do not expect; asking for one never fails.
type object map[string]any

func (o object) text(name string) string {
	s, ok := o[name].(string)
	if !ok {
		return ""
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s))
}

func (o object) yes(name string) bool { b, ok := o[name].(bool); return ok && b }

func (o object) part(name string) object {
	m, ok := o[name].(map[string]any)
	if !ok {
		return nil
	}
	return m
}

// list is a list of objects, written as an array or as one of Stripe's pages.
func (o object) list(name string) []object {
	items, ok := o[name].([]any)
	if !ok {
		items, _ = o.part(name)["data"].([]any)
	}
	var out []object
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// id is a reference to another object, whether it stands there expanded or not.
func (o object) id(name string) string {
	if m := o.part(name); m != nil {
		return m.text("id")
	}
	return o.text(name)
}

// firstOf is the first of several texts that is not empty.
func (o object) firstOf(names ...string) string {
	for _, name := range names {
		if s := o.text(name); s != "" {
			return s
		}
	}
	return ""
}

// conversion is one object on its way to records, and why it becomes none.
type conversion struct {
	zone    *time.Location
	place   int
	raw     json.RawMessage
	id      string
	notes   []importer.Note
	refused *importer.Rejection

	asItStands bool
}

func parse(raw []byte) (object, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var o object
	return o, dec.Decode(&o) == nil && o != nil
}

// refuse makes a rejection of the object; the first reason counts.
func (c *conversion) refuse(field, key, got, expected string, pairs ...string) {
	if c.refused != nil {
		return
	}
	c.refused = &importer.Rejection{
		Row: c.place, Column: field, Field: importer.Field(field), Key: key, Got: cut(got), Expected: expected, Ref: c.id, Raw: c.raw,
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if c.refused.Params == nil {
			c.refused.Params = map[string]string{}
		}
		c.refused.Params[pairs[i]] = pairs[i+1]
	}
}

// leave makes nothing of the object, rightly.
func (c *conversion) leave(key, got string) {
	if c.refused == nil {
		c.refuse("object", key, got, "")
		c.refused.Left = true
	}
}

func (c *conversion) note(field, key, got string) {
	c.notes = append(c.notes, importer.Note{Field: field, Key: key, Got: cut(got)})
}

func cut(s string) string {
	if runes := []rune(s); len(runes) > 200 {
		return string(runes[:199]) + "…"
	}
	return s
}

// known notes a value that is none of those we know.
func (c *conversion) known(field, value string, values ...string) {
	if value != "" && !slices.Contains(values, value) {
		c.note(field, "billing.import.unknown_value", value)
	}
}

func (c *conversion) currency(o object) money.Currency {
	text := o.text("currency")
	cur, err := money.ParseCurrency(text)
	if err != nil {
		c.refuse("currency", "billing.import.unknown_currency", text, "ISO 4217")
	}
	return cur
}

// places is by how many decimals Stripe shifts amounts of a currency. It follows Stripe's page on currencies, not the
// currency itself: amounts are in the smallest unit, those without one as they are, those of three decimals times a thousand.
// ISK and UGX have no smaller unit any more but are still given times a hundred; so are HUF and TWD, which are rounded
// only when paid out.
func places(cur money.Currency) int32 {
	switch cur {
	case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "JOD", "KWD", "OMR", "TND":
		return 3
	}
	return 2
}

// Units is an amount of money in Stripe's smallest unit: 1050 EUR is 10.50, 1050 JPY is 1050, 1050 KWD is 1.050.
func Units(smallest decimal.Decimal, cur money.Currency) decimal.Decimal {
	return smallest.Shift(-places(cur))
}

// Smallest is an amount in Stripe's smallest unit, for sending: 10.50 EUR is 1050.
func Smallest(amount decimal.Decimal, cur money.Currency) decimal.Decimal {
	return amount.Shift(places(cur))
}

// amount reads an amount in the smallest unit; absent and null are nil.
func (c *conversion) amount(o object, name string, cur money.Currency) *decimal.Decimal {
	value, ok := o[name]
	if !ok || value == nil {
		return nil
	}
	n, isNumber := value.(json.Number)
	if !isNumber || len(n) > 18 || strings.ContainsAny(string(n), ".eE") {
		c.refuse(name, "billing.import.not_a_whole_number", show(value), "1050")
		return nil
	}
	smallest, err := decimal.NewFromString(string(n))
	if err != nil {
		c.refuse(name, "billing.import.not_a_whole_number", string(n), "1050")
		return nil
	}
	amount := Units(smallest, cur)
	if !amount.Equal(amount.Truncate(cur.Digits())) {
		c.refuse(name, "billing.import.too_fine", amount.String(), "", "currency", string(cur))
		return nil
	}
	return &amount
}

func (c *conversion) amountOrZero(o object, name string, cur money.Currency) decimal.Decimal {
	if value := c.amount(o, name, cur); value != nil {
		return *value
	}
	return decimal.Zero
}

// number reads a plain number written as such or as text, such as a quantity; nil when absent.
func (o object) number(name string) *decimal.Decimal {
	text := o.text(name)
	if n, ok := o[name].(json.Number); ok {
		text = string(n)
	}
	if text == "" || len(text) > 40 || strings.ContainsAny(text, "eE") {
		return nil
	}
	n, err := decimal.NewFromString(text)
	if err != nil {
		return nil
	}
	return &n
}

// day reads a moment in seconds since 1970 as a day; zero when absent.
func (c *conversion) day(o object, name string) time.Time {
	n := o.number(name)
	if n == nil || !n.IsInteger() || n.Sign() <= 0 || n.GreaterThan(decimal.NewFromInt(4_102_444_800)) { // 2100
		return time.Time{}
	}
	y, m, d := time.Unix(n.IntPart(), 0).In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (c *conversion) firstDay(days ...time.Time) time.Time {
	for _, d := range days {
		if !d.IsZero() {
			return d
		}
	}
	c.refuse("created", "error.required", "", "1767225600")
	return time.Time{}
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}
