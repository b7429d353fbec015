package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
)

func asked(t *testing.T, p policy.Policy, f policy.Facts) string {
	t.Helper()
	f.Net = f.Gross
	var names []string
	for _, g := range compile(t, p).Gates(f) {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}

// What is asked for depends on kind, reason and amount; two gates that apply ask for two things.
func TestEvidenceIsAskedForByKindReasonAndAmount(t *testing.T) {
	t.Parallel()
	demo, own := policy.Demo(), policy.Demo()
	own.Evidence = append(slices.Clone(own.Evidence), policy.Gate{
		Name: "not delivered", When: policy.When{Reasons: []string{"not_delivered"}}, If: `amount > 100.10 and tier == "gold"`, Needs: []policy.Proof{policy.Ticket},
	})
	for _, c := range []struct {
		policy policy.Policy
		facts  policy.Facts
		want   string
	}{
		{policy.Policy{}, policy.Facts{Kind: authority.SLACredit, Gross: dec("5")}, "a service credit is computed"},
		{demo, policy.Facts{Kind: authority.SLACredit, Gross: dec("1000")}, "a service credit is computed"},
		{demo, policy.Facts{Kind: authority.SLACredit, Gross: dec("1000.01")}, "a service credit is computed, an outage has its ticket"},
		{demo, policy.Facts{Kind: "reversal", Gross: dec("9999")}, "what is given up or moved is explained"},
		{own, policy.Facts{Kind: authority.Debit, Reason: "not_delivered", Tier: "gold", Gross: dec("100.10")}, "a mistake is shown"},
		{own, policy.Facts{Kind: authority.Debit, Reason: "not_delivered", Tier: "gold", Gross: dec("100.11")}, "a mistake is shown, not delivered"},
		{own, policy.Facts{Kind: authority.Debit, Reason: "other", Tier: "gold", Gross: dec("100.11")}, "a mistake is shown"},
	} {
		if got := asked(t, c.policy, c.facts); got != c.want {
			t.Errorf("%+v: %q, want %q", c.facts, got, c.want)
		}
	}
	sheet := compile(t, demo).Gates(policy.Facts{Kind: authority.SLACredit, Gross: dec("5")})[0]
	if sheet.Meets([]policy.Proof{policy.Calculation, policy.CustomerMail}) || !sheet.Meets([]policy.Proof{policy.Note, policy.Sheet}) {
		t.Error("a calculation in words is no sheet")
	}
}

// Gates are checked and typed when the policy is saved, travel as YAML, and differ by name.
func TestEvidenceGatesAreChecked(t *testing.T) {
	t.Parallel()
	text, err := policy.Write(policy.Demo())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "needs: [ticket]") {
		t.Errorf("written as\n%s", text)
	}
	read, err := policy.Read(text)
	if err != nil || len(policy.Diff(policy.Demo(), read)) != 0 {
		t.Fatalf("read back it differs: %v %v", err, policy.Diff(policy.Demo(), read))
	}
	if read.SeveralUpTo == nil || !read.SeveralUpTo.Equal(dec("500")) {
		t.Errorf("several at once up to %v", read.SeveralUpTo)
	}
	read.Evidence = slices.Clone(read.Evidence[1:])
	read.Evidence[0].Needs = []policy.Proof{policy.Note}
	if got := policy.Diff(policy.Demo(), read); !slices.Equal(got, []string{"- evidence “a mistake is shown”", "~ evidence “a service credit is computed”"}) {
		t.Errorf("%q", got)
	}
	wrong := policy.Policy{Evidence: []policy.Gate{
		{Name: "a", When: policy.When{Kinds: []authority.Kind{"gift"}, Reasons: []string{"nobody knows"}}, If: `total > 5`},
		{Name: "a", Needs: []policy.Proof{"oath"}},
	}}
	_, err = policy.Compile(wrong)
	var invalid *errs.Error
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range invalid.Fields {
		fields = append(fields, f.Name)
	}
	if want := []string{"evidence.0.when.kinds", "evidence.0.needs", "evidence.1.name", "evidence.1.needs", "evidence.0.if"}; !slices.Equal(fields, want) {
		t.Errorf("refused at %v, want %v", fields, want)
	}
	less := dec("-1")
	if _, err := policy.Compile(policy.Policy{SeveralUpTo: &less}); err == nil {
		t.Error("several at once up to less than nothing")
	}
	if got := policy.Diff(policy.Demo(), policy.Policy{}); !slices.Contains(got, "~ several_up_to: 500 → never") {
		t.Errorf("%q", got)
	}
	if list := wrong.Against(policy.Known{Reasons: []string{"known"}}); len(list) != 1 || list[0].Name != "evidence.0.when.reasons" {
		t.Errorf("against what there is: %v", list)
	}
}

// A condition that compares with a word that nobody knows would never hold: it is refused, with the word.
func TestWordsOfConditionsAreKnown(t *testing.T) {
	t.Parallel()
	known := policy.Known{Reasons: []string{"overcharge"}, Roles: []string{"agent"}, Entities: []string{"DE"}, Tiers: []string{"gold"}, Causes: []string{"order_entry"}, Regions: []string{"north"}}
	step := policy.Then{Step: &policy.Step{Level: 4}}
	for condition, unknown := range map[string][]string{
		`reason == "overcharge" and tier == "" and region in ["SG", "north"]`: nil,
		`kind in ["rebill", "reversal"] and currency == "JPY"`:                nil,
		`amount > 5 and root_cause == "order_entry"`:                          nil,
		`reason == "overcharged"`:                                             {"overcharged"},
		`not (reason in ["overcharge", "wrng"]) or "silver" == tier`:          {"wrng", "silver"},
		`"agnet" in roles or "agent" in roles`:                                {"agnet"},
		`entity != "FR" and region == "Singapore" and region == "UK"`:         {"FR", "Singapore", "UK"},
		`currency == "EURO" or kind == "gift" or root_cause == "somebody"`:    {"EURO", "gift", "somebody"},
	} {
		p := policy.Policy{Rules: []policy.Rule{{Name: "it", If: condition, Then: step}}}
		if _, err := policy.Compile(p); err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
		var words []string
		for _, f := range p.Against(known) {
			if f.Name != "rules.0.if" {
				t.Errorf("%s: named as %s", condition, f.Name)
			}
			words = append(words, f.Params["name"])
		}
		if !slices.Equal(words, unknown) {
			t.Errorf("%s: refused %q, want %q", condition, words, unknown)
		}
	}
	places := policy.Policy{Rules: []policy.Rule{{Name: "it", When: policy.When{Regions: []string{"SG", "north", "Bavaria", "de"}}, Then: step}}}
	if wrong := places.Against(known); len(wrong) != 2 || wrong[0].Name != "rules.0.when.regions" {
		t.Errorf("regions: %+v", wrong)
	}
}
