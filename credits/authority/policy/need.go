package policy

import (
	"encoding/json"
	"fmt"
	"strconv"

	"makegood/internal/errs"
)

// Need is how many must agree: any one of them (the zero Need), all, or so many.
type Need struct {
	All bool
	N   int
}

// NeedAll is every one of them.
func NeedAll() Need { return Need{All: true} }

// NeedOf is n of them.
func NeedOf(n int) Need { return Need{N: n} }

// String writes it as a policy does: "any", "all" or a number.
func (n Need) String() string {
	switch {
	case n.All:
		return "all"
	case n.N > 0:
		return strconv.Itoa(n.N)
	}
	return "any"
}

// ReadNeed reads what String writes. It refuses anything else, and a number that is not from 1 to 9.
func ReadNeed(text string) (Need, error) {
	switch text {
	case "", "any":
		return Need{}, nil
	case "all":
		return NeedAll(), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 9 {
		return Need{}, errs.InvalidField("need", "policy.bad_need", "need", text)
	}
	return NeedOf(n), nil
}

// MarshalText writes it for YAML.
func (n Need) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads it from YAML.
func (n *Need) UnmarshalText(text []byte) error {
	read, err := ReadNeed(string(text))
	*n = read
	return err
}

// UnmarshalJSON reads a text or a number.
func (n *Need) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		var number int
		if err := json.Unmarshal(data, &number); err != nil {
			return fmt.Errorf("need: %w", err)
		}
		text = strconv.Itoa(number)
	}
	return n.UnmarshalText([]byte(text))
}

// IsZero is for leaving it out.
func (n Need) IsZero() bool { return n == Need{} }
