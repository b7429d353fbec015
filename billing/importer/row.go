package importer

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer/table"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// row is one row on its way to a record, and what is wrong with it.
type row struct {
	table.Row
	r    *reading
	over map[Field]string // what a preset makes of the row
	ref  string
	bad  []Rejection
	note []Note
}

var (
	formula     = regexp.MustCompile(`^[=@]|^[+\-]\s*[A-Za-z@=][^\s]*[(!|]`)
	quotedText  = regexp.MustCompile(`^="([^"]*)"$`)
	wholeNumber = regexp.MustCompile(`^\d+\.0+$`)
)

// cell is the cell of a field as it stands, or its default when there is none.
func (w *row) cell(f Field) table.Cell {
	if text, there := w.over[f]; there {
		return table.Cell{Text: text}
	}
	i, there := w.r.columns[f]
	if there && i < len(w.Cells) && !nothing(w.Cells[i].Text) {
		c := w.Cells[i]
		if !strings.HasPrefix(c.Text, `="`) {
			return c
		}
		if m := quotedText.FindStringSubmatch(c.Text); m != nil {
			c.Text = m[1] // how programs keep Excel from reading a number
		}
		return c
	}
	return table.Cell{Text: w.r.mapping.Defaults[f]}
}

// nothing tells whether a cell says that there is no value.
func nothing(text string) bool {
	switch text {
	case "", "null", "NULL", "(null)", "N/A", "n/a", "#N/A", "NaN", "nan":
		return true
	}
	return false
}

func (w *row) has(f Field) bool { return w.cell(f).Text != "" }

// refuse notes what is wrong with the cell of a field.
func (w *row) refuse(f Field, key, expected string, pairs ...string) {
	w.bad = append(w.bad, Rejection{
		Row: w.Number, Column: w.r.columnName(f), Field: f, Key: key, Params: errs.New(errs.Invalid, key, pairs...).Params,
		Got: shorten(w.cell(f).Text), Expected: expected, Ref: w.ref,
	})
}

// text reads a cell as text. One that a spreadsheet program would carry out as a formula is refused, unless it is quoted
// as we and others quote such text, by an apostrophe.
func (w *row) text(f Field) string {
	s := w.cell(f).Text
	if s != "" && strings.ContainsRune(actsAsFormula, rune(s[0])) && formula.MatchString(s) {
		w.refuse(f, "billing.import.formula", "")
		return ""
	}
	return unquoteFormula(s)
}

// name reads what identifies something. A number that became a decimal on its way through a spreadsheet is put right.
func (w *row) name(f Field) string {
	s := w.text(f)
	if strings.HasSuffix(s, "0") && wholeNumber.MatchString(s) {
		s, _, _ = strings.Cut(s, ".")
	}
	return s
}

// need is name for what may not be missing.
func (w *row) need(f Field) string {
	s := w.name(f)
	if s == "" && !w.wrong(f) {
		w.refuse(f, "error.required", "")
	}
	return s
}

func (w *row) wrong(f Field) bool {
	for _, b := range w.bad {
		if b.Field == f {
			return true
		}
	}
	return false
}

// day reads a date; zero when the cell is empty.
func (w *row) day(f Field) time.Time {
	c := w.cell(f)
	if c.Text == "" || strings.HasPrefix(c.Text, "0000-00-00") {
		return time.Time{}
	}
	day, key, expected := w.r.dates.parse(c)
	if key != "" {
		w.refuse(f, key, expected)
	}
	return day
}

func (w *row) needDay(f Field) time.Time {
	day := w.day(f)
	if day.IsZero() && !w.wrong(f) {
		w.refuse(f, "error.required", "")
	}
	return day
}

func (w *row) currency(f Field) money.Currency {
	text := w.need(f)
	if text == "" {
		return ""
	}
	if code, ok := currencyNamed()[strings.ToLower(text)]; ok {
		return code
	}
	cur, err := money.ParseCurrency(text)
	if err != nil {
		w.refuse(f, "billing.import.unknown_currency", "ISO 4217")
	}
	return cur
}

func currencyNamed() map[string]money.Currency {
	return map[string]money.Currency{
		"euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "british pound": "GBP", "pound sterling": "GBP",
		"canadian dollar": "CAD", "australian dollar": "AUD", "singapore dollar": "SGD", "japanese yen": "JPY", "swiss franc": "CHF",
		"brazilian real": "BRL", "mexican peso": "MXN", "indian rupee": "INR", "chinese yuan": "CNY", "renminbi": "CNY", "€": "EUR", "£": "GBP",
	}
}

const largestAmount = 15 // digits before the decimals

// amount reads a sum of money at the currency's minor unit; nil when the cell is empty or wrong.
func (w *row) amount(f Field, cur money.Currency) *decimal.Decimal {
	digits := cur.Digits()
	n, ok := w.number(f, digits)
	if !ok {
		return nil
	}
	if n.currency != "" && cur != "" && n.currency != cur {
		w.refuse(f, "billing.import.other_currency", string(cur))
		return nil
	}
	if finer(n.value, digits) {
		w.refuse(f, "billing.import.too_fine", decimals(digits), "currency", string(cur))
		return nil
	}
	return &n.value
}

// figure reads a quantity or a price with at most six decimals; nil when the cell is empty or wrong.
func (w *row) figure(f Field) *decimal.Decimal {
	n, ok := w.number(f, figureDigits)
	if !ok {
		return nil
	}
	if finer(n.value, figureDigits) {
		w.refuse(f, "billing.import.too_fine", decimals(figureDigits), "currency", "")
		return nil
	}
	return &n.value
}

const figureDigits = 6

// number reads a number. One that a spreadsheet stores with the noise of binary fractions is brought to the decimals it
// stands for, if they are within a thousandth of the last one; 12.299999999 is 12.30, and 12.304 stays what it is.
func (w *row) number(f Field, digits int32) (readNumber, bool) {
	c := w.cell(f)
	if c.Text == "" || isDash(c.Text) {
		return readNumber{}, false
	}
	n, ok := parseNumber(c.Text, w.r.mark)
	if c.Number != "" && !n.percent {
		stored, err := decimal.NewFromString(c.Number)
		if err == nil {
			n, ok = readNumber{value: unNoise(stored, digits), currency: n.currency}, true
		}
	}
	switch {
	case !ok:
		w.refuse(f, "billing.import.not_a_number", w.r.numberLike(digits))
	case n.value.Abs().GreaterThanOrEqual(decimal.New(1, largestAmount)):
		w.refuse(f, "billing.import.too_large", strconv.Itoa(largestAmount))
		return n, false
	}
	return n, ok
}

func unNoise(stored decimal.Decimal, digits int32) decimal.Decimal {
	rounded := stored.Round(digits)
	if stored.Sub(rounded).Abs().LessThanOrEqual(decimal.New(1, -digits-3)) {
		return rounded
	}
	return stored
}

func isDash(s string) bool { return strings.Trim(s, "-–— ") == "" }

// percent reads a rate of tax in per cent; nil when the cell is empty or wrong.
func (w *row) percent(f Field) *decimal.Decimal {
	value := w.figure(f)
	if value != nil && (value.IsNegative() || value.GreaterThan(decimal.NewFromInt(100))) {
		w.refuse(f, "billing.import.bad_rate", "0–100")
		return nil
	}
	return value
}

func (w *row) yes(f Field) bool {
	switch strings.ToLower(w.cell(f).Text) {
	case "", "no", "n", "false", "0", "f", "nein", "non", "não", "nao", "nee", "falsch", "faux", "いいえ", "否":
		return false
	case "yes", "y", "true", "1", "t", "x", "ja", "j", "oui", "sí", "si", "sì", "sim", "wahr", "vrai", "はい", "是":
		return true
	}
	w.refuse(f, "billing.import.not_yes_or_no", "yes, no")
	return false
}

func (w *row) integer(f Field) *int {
	value := w.figure(f)
	if value == nil {
		return nil
	}
	if !value.IsInteger() || value.IsNegative() || value.GreaterThan(decimal.NewFromInt(1_000_000)) {
		w.refuse(f, "billing.import.not_a_count", "0, 1, 2 …")
		return nil
	}
	n := int(value.IntPart())
	return &n
}

// finer tells whether a number has more decimals than allowed.
func finer(n decimal.Decimal, digits int32) bool { return !n.Equal(n.Truncate(digits)) }

func decimals(digits int32) string { return strconv.Itoa(int(digits)) }
