// Package ratefile reads exchange rates from CSV: one rate a line, or the form of the European Central Bank's history with
// a column for each currency. It knows no database.
package ratefile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Limits that no file of rates comes near: the ECB's whole history has some 7,000 lines of 42 columns.
const (
	maxBytes = 32 << 20
	maxRates = 1_000_000
)

// ErrForm is returned for a file whose first line is neither of the two known.
var (
	ErrForm  = errs.New(errs.Invalid, "ratefile.unknown_form")
	ErrLarge = errs.New(errs.TooLarge, "ratefile.too_large")
)

// Rate is units of Quote for one unit of Base on a day, from a line of the file.
type Rate struct {
	Line        int
	On          time.Time
	Base, Quote money.Currency
	Rate        decimal.Decimal
}

// Rejected is what could not be read: the line and why, as a message key with its parameters.
type Rejected struct {
	Line   int
	Key    string
	Params errs.Params
}

// File is what a file holds.
type File struct {
	Rates    []Rate
	Rejected []Rejected
}

// Read reads a file of rates. Fields are separated by comma or semicolon, days are written 2026-05-12, rates with a
// point. The first line says which form it is: names date, base, quote and rate in any order, or Date followed by one code a
// column, as the European Central Bank publishes its history (units of each currency for one euro; empty and N/A stand
// for "not fixed"). A line that cannot be read is told of and does not stop the others. The same pair and day twice with
// different rates rejects the later one.
func Read(in io.Reader) (File, error) {
	raw, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return File{}, fmt.Errorf("read rates: %w", err)
	}
	if len(raw) > maxBytes {
		return File{}, ErrLarge
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	head, err := r.Read()
	if err != nil {
		return File{}, ErrForm
	}
	f := reading{seen: map[key]decimal.Decimal{}}
	take, err := f.form(head)
	if err != nil {
		return File{}, err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f.File, nil
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			f.reject(parse.Line, "ratefile.broken_line")
			continue
		}
		if err != nil {
			return File{}, fmt.Errorf("read rates: %w", err)
		}
		line, _ := r.FieldPos(0)
		take(line, record)
		if len(f.Rates)+len(f.Rejected) > maxRates {
			return File{}, ErrLarge
		}
	}
}

type key struct {
	on          time.Time
	base, quote money.Currency
}

type reading struct {
	File
	seen map[key]decimal.Decimal
}

// form tells by the first line how the others are read.
func (f *reading) form(head []string) (func(line int, record []string), error) {
	names := make([]string, len(head))
	for i, h := range head {
		names[i] = strings.ToLower(strings.TrimSpace(h))
	}
	at := map[string]int{}
	for _, want := range []string{"date", "base", "quote", "rate"} {
		at[want] = slices.Index(names, want)
	}
	switch {
	case at["date"] >= 0 && at["base"] >= 0 && at["quote"] >= 0 && at["rate"] >= 0:
		return f.long(at), nil
	case len(names) < 2 || names[0] != "date":
		return nil, ErrForm
	}
	codes := make([]string, len(head))
	for i, h := range head[1:] {
		code := strings.TrimSpace(h)
		if code == "" && i == len(head)-2 {
			continue // the line ends with a comma
		}
		if len(code) != 3 {
			return nil, ErrForm
		}
		codes[i+1] = code
	}
	return f.wide(codes), nil
}

func (f *reading) long(at map[string]int) func(int, []string) {
	return func(line int, record []string) {
		field := func(name string) string {
			if at[name] >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[at[name]])
		}
		if on, ok := f.day(line, field("date")); ok {
			f.add(line, on, field("base"), field("quote"), field("rate"))
		}
	}
}

// wide reads the ECB's form: the euro is the base of every column.
func (f *reading) wide(codes []string) func(int, []string) {
	return func(line int, record []string) {
		on, ok := f.day(line, strings.TrimSpace(record[0]))
		if !ok {
			return
		}
		for i := 1; i < min(len(record), len(codes)); i++ {
			text := strings.TrimSpace(record[i])
			if codes[i] != "" && text != "" && !strings.EqualFold(text, "N/A") {
				f.add(line, on, "EUR", codes[i], text)
			}
		}
	}
}

func (f *reading) day(line int, text string) (time.Time, bool) {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		f.reject(line, "error.not_a_date", "text", text)
	}
	return on, err == nil
}

func (f *reading) add(line int, on time.Time, base, quote, rate string) {
	r := Rate{Line: line, On: on}
	var err error
	if r.Base, err = money.ParseCurrency(base); err != nil {
		f.reject(line, money.ErrCurrency.Key, "currency", base)
		return
	}
	if r.Quote, err = money.ParseCurrency(quote); err != nil {
		f.reject(line, money.ErrCurrency.Key, "currency", quote)
		return
	}
	if r.Rate, err = decimal.NewFromString(rate); err != nil || strings.ContainsAny(rate, "eE") || !r.Rate.IsPositive() || r.Rate.Exponent() < -20 {
		f.reject(line, "ratefile.not_a_rate", "text", rate)
		return
	}
	k := key{on, r.Base, r.Quote}
	earlier, known := f.seen[k]
	switch {
	case r.Base == r.Quote:
		f.reject(line, "billing.bad_rate_pair")
	case known && !earlier.Equal(r.Rate):
		f.reject(line, "ratefile.twice", "base", string(r.Base), "quote", string(r.Quote), "on", on.Format(time.DateOnly))
	case !known:
		f.seen[k] = r.Rate
		f.Rates = append(f.Rates, r)
	}
}

func (f *reading) reject(line int, key string, params ...string) {
	values := errs.Params{}
	for i := 0; i+1 < len(params); i += 2 {
		values[params[i]] = params[i+1]
	}
	f.Rejected = append(f.Rejected, Rejected{line, key, values})
}
