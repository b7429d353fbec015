package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
)

func morning() time.Time { return time.Date(2026, 11, 12, 10, 0, 0, 0, time.UTC) }

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func compile(t testing.TB, p policy.Policy) *policy.Compiled {
	t.Helper()
	c, err := policy.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func onlyIf(condition string) policy.Policy {
	return policy.Policy{Rules: []policy.Rule{{Name: "it", If: condition, Then: policy.Then{Step: &policy.Step{Level: 4}}}}}
}

func TestAnExpressionIsTypedWhenThePolicyIsSaved(t *testing.T) {
	t.Parallel()
	for condition, says := range map[string]string{
		`total > 5`:               "unknown name total",
		`amount > "5"`:            "mismatched types",
		`region == 5`:             "mismatched types",
		`invoice_age`:             "expected bool",
		`amount >`:                "unexpected token",
		`len(roles) > 1`:          "unknown name len",
		`isOver(amount)`:          "not enough arguments",
		`Facts.Amount > 5`:        "has no field Amount",
		`"admin" in roles and 12`: "mismatched types",
		strings.Repeat("partner and ", 300) + "partner": "exceeds maximum",
	} {
		_, err := policy.Compile(onlyIf(condition))
		var invalid *errs.Error
		if !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Name != "rules.0.if" {
			t.Errorf("%.40s: %v", condition, err)
			continue
		}
		if problem := invalid.Fields[0].Params["problem"]; !strings.Contains(problem, says) {
			t.Errorf("%.40s: says %q, not %q", condition, problem, says)
		}
	}
}

func TestAmountsInExpressionsAreExact(t *testing.T) {
	t.Parallel()
	f := policy.Facts{
		Kind: authority.SLACredit, Gross: dec("1000.10"), Net: dec("840.42"), Tax: dec("159.68"), Region: "SG", Roles: []string{"agent", "senior"},
		InvoiceAge: 400, Partner: true,
	}
	for condition, want := range map[string]bool{
		`amount > 1000`: true, `amount > 1000.1`: false, `amount >= 1000.10`: true, `amount < 1000.11`: true, `1000 < amount`: true,
		`amount == 1000.10`: true, `amount != 1000.10`: false, `amount <= 1000`: false, `net < gross`: true, `tax > 159.68`: false,
		`kind == "sla_credit" and region in ["SG", "JP"]`: true, `kind == "refund"`: false, `"senior" in roles`: true,
		`not partner or invoice_age > 365`: true, `invoice_age == 399`: false, `partner and not closed_period`: true,
		`refund ? amount > 5 : amount > 5000`: false,
	} {
		out, err := compile(t, onlyIf(condition)).Chain(f, authority.Request{}, demo())
		if err != nil {
			t.Fatal(err)
		}
		if out.Verdicts[0].Applies != want {
			t.Errorf("%s: %v", condition, out.Verdicts[0].Applies)
		}
	}
}

func demo() policy.Organisation {
	return policy.Organisation{Levels: authority.DemoLevels(), Holders: demoHolders(), Currency: "EUR", Now: morning()}
}

const (
	mara, jonas, ines, katrin, priya, daniel, helene, yusuf int64 = 1, 2, 3, 4, 5, 6, 7, 8
)

func demoHolders() []authority.Holder {
	hold := func(level, user int64, name, role string) authority.Holder {
		return authority.Holder{LevelID: level, UserID: user, UserName: name, Roles: []string{role}, Active: true}
	}
	return []authority.Holder{
		hold(1, mara, "Mara Lindqvist", "agent"), hold(2, jonas, "Jonas Brandt", "senior"), hold(2, ines, "Ines Duarte", "senior"),
		hold(3, katrin, "Katrin Vogel", "supervisor"), hold(3, priya, "Priya Raman", "supervisor"),
		hold(4, daniel, "Daniel Okafor", "controller"), hold(5, helene, "Helene Marchetti", "director"),
		hold(6, helene, "Helene Marchetti", "director"), hold(6, yusuf, "Yusuf Demir", "director"),
	}
}

func TestTheFirstRuleWithAModeDecidesIt(t *testing.T) {
	t.Parallel()
	over := dec("5000")
	c := compile(t, policy.Policy{Rules: []policy.Rule{
		{Name: "large ones straight to the top", When: policy.When{Over: &over}, Then: policy.Then{Mode: authority.Direct}},
		{Name: "two of a level in Singapore", When: policy.When{Regions: []string{"SG"}}, Then: policy.Then{Mode: authority.Parallel, Need: policy.NeedOf(2)}},
		{Name: "else each level", Then: policy.Then{Mode: authority.Hierarchical}},
	}})
	for _, one := range []struct {
		gross, region string
		mode          authority.Mode
		rule          string
		levels        []int64
	}{
		{"5000.01", "SG", authority.Direct, "large ones straight to the top", []int64{3}},
		{"5000", "SG", authority.Parallel, "two of a level in Singapore", []int64{3}},
		{"5000", "DE", authority.Hierarchical, "else each level", []int64{2, 3}},
	} {
		out, err := c.Chain(policy.Facts{Kind: authority.BillingError, Gross: dec(one.gross), Region: one.region}, authority.Request{RequesterID: mara}, demo())
		if err != nil {
			t.Fatal(err)
		}
		if out.Mode != one.mode || !same(shape(out), one.levels) {
			t.Errorf("%s in %s: %s over %v", one.gross, one.region, out.Mode, shape(out))
		}
		for _, step := range out.Steps {
			if step.PolicyRule != one.rule {
				t.Errorf("%s in %s: step put there by %q", one.gross, one.region, step.PolicyRule)
			}
		}
		if v := out.Verdicts[2]; !v.Applies || one.mode != authority.Hierarchical && v.Then[0] != "later" {
			t.Errorf("last rule: %+v", v)
		}
	}
}

func shape(out policy.Outcome) []int64 {
	var ids []int64
	for _, s := range out.Steps {
		ids = append(ids, s.LevelID)
	}
	return ids
}

func same(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAPolicyComesBackFromYAMLAsItWas(t *testing.T) {
	t.Parallel()
	text, err := policy.Write(policy.Demo())
	if err != nil {
		t.Fatal(err)
	}
	read, err := policy.Read(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	again, err := policy.Write(read)
	if err != nil || string(again) != string(text) {
		t.Errorf("%v\n%s\n%s", err, text, again)
	}
	for wrong, field := range map[string]string{
		"rules:\n  - name: a\n    them: {mode: direct}\n":                                "policy",
		"rules:\n  - name: a\n    then: {mode: sideways}\n":                              "rules.0.then.mode",
		"rules:\n  - name: a\n    then: {mode: direct, need: 2}\n":                       "rules.0.then.need",
		"rules:\n  - name: a\n    then: {step: {level: 2, role: lead}}\n":                "rules.0.then.step",
		"rules:\n  - name: a\n    then: {}\n":                                            "rules.0.then",
		"rules:\n  - name: a\n    when: {kinds: [gift]}\n    then: {mode: direct}\n":     "rules.0.when.kinds",
		"rules:\n  - name: a\n    when: {over: 9, up_to: 9}\n    then: {mode: direct}\n": "rules.0.when.over",
		"rules: []\nwindows:\n  - {name: w, per: moon, over: 30d}\n":                     "windows.0.per",
		"rules: []\nwindows:\n  - {name: w, per: family, over: 2d}\n":                    "windows.0.over",
		"rules: []\ncooling_days: 900\n":                                                 "cooling_days",
	} {
		_, err := policy.Read([]byte(wrong))
		var invalid *errs.Error
		if !errors.As(err, &invalid) || len(invalid.Fields) == 0 || invalid.Fields[0].Name != field {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
