package sorting

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/sorting/rules"
	"makegood/internal/errs"
)

// rowsMost bounds the conditions a form can send.
const rowsMost = 20

// sent reads a rule from its form. A row without a field is no condition; values stand one on a line, and an amount may carry
// its currency behind it.
func sent(c echo.Context) (rules.Rule, error) {
	rule := rules.Rule{
		ID: number(c.FormValue("id")), Name: strings.TrimSpace(c.FormValue("name")), Active: c.FormValue("active") == "on",
		Then: rules.Result{
			Topic: c.FormValue("topic"), Type: c.FormValue("type"), Priority: c.FormValue("priority"), ToCase: c.FormValue("to_case") == "on",
		},
	}
	if team := c.FormValue("team"); team != "" {
		id, err := strconv.ParseInt(team, 10, 64)
		if err != nil {
			return rule, errs.InvalidField("then.team_id", "error.not_a_number")
		}
		rule.Then.TeamID = id
	}
	for tag := range strings.SplitSeq(c.FormValue("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			rule.Then.Tags = append(rule.Then.Tags, tag)
		}
	}
	for n := range rowsMost {
		at := "." + strconv.Itoa(n)
		if c.FormValue("field"+at) == "" {
			continue
		}
		condition := rules.Condition{Field: rules.Field(c.FormValue("field" + at)), Op: rules.Op(c.FormValue("op" + at))}
		for line := range strings.Lines(c.FormValue("values" + at)) {
			if line = strings.TrimSpace(line); line != "" {
				condition.Values = append(condition.Values, line)
			}
		}
		if condition.Field == rules.Amount {
			withCurrency(&condition)
		}
		rule.When = append(rule.When, condition)
	}
	return rule, nil
}

// withCurrency takes "5000 EUR" apart.
func withCurrency(c *rules.Condition) {
	for i, value := range c.Values {
		if number, currency, found := strings.Cut(value, " "); found {
			c.Values[i], c.Currency = number, strings.TrimSpace(currency)
		}
	}
}
