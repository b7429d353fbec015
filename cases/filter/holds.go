package filter

import (
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// held is a field's code, and what it is compared with.
var held = regexp.MustCompile(`^([a-z][a-z0-9_]{1,39})(?:(<=|>=|=|<|>)(.+))?$`)

// holds reads what a field of the company's own is to hold: purchase_order, purchase_order=4711, contract_end<2026-12-31.
func (t *Term) holds(value string) error {
	code, rest := value, ""
	if at := strings.IndexAny(value, "<>="); at >= 0 {
		code, rest = value[:at], value[at:]
	}
	m := held.FindStringSubmatch(strings.ToLower(strings.TrimSpace(code)) + rest)
	if m == nil {
		return wrong("filter.bad_field", "value", value)
	}
	h := Holding{Code: m[1], Sign: m[2]}
	said := strings.TrimSpace(m[3])
	if h.Sign == "=" {
		for v := range strings.SplitSeq(said, ",") {
			if v = strings.TrimSpace(v); v != "" {
				h.Values = append(h.Values, v)
			}
		}
		if len(h.Values) == 0 || len(h.Values) > MaxValues {
			return wrong("filter.no_value", "field", h.Code)
		}
	}
	if n, err := decimal.NewFromString(said); err == nil && len(said) <= 30 && !strings.ContainsAny(said, "eE") {
		h.Number = &n
	}
	if day, err := time.Parse(time.DateOnly, said); err == nil {
		h.Day = day.Format(time.DateOnly)
	}
	if h.Sign != "" && h.Sign != "=" && h.Number == nil && h.Day == "" {
		return wrong("filter.bad_field", "value", value)
	}
	t.Holds = &h
	return nil
}
