package rules_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/cases/sorting/rules"
	"makegood/internal/errs"
)

func set(t testing.TB, list ...rules.Rule) rules.Set {
	t.Helper()
	s, err := rules.Compile(list, rules.Vocabulary{Types: []string{"dispute"}, Priorities: []string{"P1"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rule(id int64, when ...rules.Condition) rules.Rule {
	return rules.Rule{ID: id, Name: "Rule", Active: true, When: when, Then: rules.Result{Topic: "x"}}
}

func when(f rules.Field, o rules.Op, values ...string) rules.Condition {
	return rules.Condition{Field: f, Op: o, Values: values}
}

func letter() rules.Mail {
	return rules.Mail{
		Sender: "Portal@Mail.Partner.example", Recipients: []string{"billing@ours.example"}, Subject: "Avis  Nr. 12", Body: "Die ＭＷＳＴ ist falsch\nund die Summe",
		Attachments: []string{"Rechnung März.PDF"}, Language: "de-AT", Entity: "DE", Kind: "notification",
		Amounts: []rules.Sum{{decimal.NewFromInt(900), "EUR"}, {decimal.NewFromInt(5000), "USD"}},
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		when rules.Condition
		want bool
	}{
		{when(rules.Sender, rules.Is, "portal@mail.partner.example"), true},
		{when(rules.Sender, rules.IsNot, "portal@mail.partner.example", "x@y.example"), false},
		{when(rules.Domain, rules.Is, "@partner.example"), true}, // a part of the domain
		{when(rules.Domain, rules.Is, "artner.example"), false},
		{when(rules.Recipient, rules.Begins, "billing@"), true},
		{when(rules.Subject, rules.Contains, "avis nr."), true}, // whatever the spacing
		{when(rules.Body, rules.Contains, "mwst", "ust"), true}, // whatever the width
		{when(rules.Body, rules.Lacks, "rabatt"), true},
		{when(rules.Text, rules.Contains, "summe"), true},
		{when(rules.Text, rules.Matches, `falsch.{1,10}summe`), true},
		{when(rules.Attachment, rules.Ends, ".pdf"), true},
		{when(rules.Attachment, rules.HasNo), false},
		{when(rules.Language, rules.Is, "de"), true},
		{when(rules.Language, rules.Is, "d"), false},
		{when(rules.Entity, rules.Is, "fr"), false},
		{when(rules.Kind, rules.Is, "notification"), true},
		{when(rules.Amount, rules.From, "5000"), true},
		{rules.Condition{Field: rules.Amount, Op: rules.From, Values: []string{"5000"}, Currency: "EUR"}, false},
		{rules.Condition{Field: rules.Amount, Op: rules.Under, Values: []string{"1000"}, Currency: "EUR"}, true},
		{when(rules.Amount, rules.Under, "1000"), false},
		{when(rules.Invoice, rules.Has), false},
	} {
		if _, hits := set(t, rule(1, c.when)).First(letter()); (hits != nil) != c.want {
			t.Errorf("%v: got %v, want %v", c.when, hits != nil, c.want)
		}
	}
}

func TestTheFirstRuleDecides(t *testing.T) {
	t.Parallel()
	asleep := rule(1)
	asleep.Active = false
	s := set(t, asleep, rule(2, when(rules.Subject, rules.Contains, "invoice")), rule(3, when(rules.Subject, rules.Contains, "avis")), rule(4))
	got, hits := s.First(letter())
	if got == nil || got.ID != 3 || len(hits) != 1 || hits[0].Found != "avis" {
		t.Fatalf("%+v %v", got, hits)
	}
	if places := s.Holding(letter()); !slices.Equal(places, []int{2, 3}) {
		t.Errorf("holding %v", places)
	}
	if got, _ := set(t).First(letter()); got != nil {
		t.Errorf("no rules, and yet %+v", got)
	}
}

func TestRefusesBadRulesByField(t *testing.T) {
	t.Parallel()
	bad := rules.Rule{When: []rules.Condition{
		when(rules.Subject, rules.From, "1"), when("nose", rules.Is, "x"), when(rules.Subject, rules.Matches, "("), when(rules.Amount, rules.From, "many"), when(rules.Body, rules.Contains, " "),
	}, Then: rules.Result{Type: "row", Priority: "P9"}}
	_, err := rules.Compile([]rules.Rule{rule(1), bad, {Name: "Idle"}}, rules.Vocabulary{Types: []string{"dispute"}, Priorities: []string{"P1"}})
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Fatal(err)
	}
	var names []string
	for _, f := range e.Fields {
		names = append(names, f.Name+" "+f.Key)
	}
	for _, want := range []string{
		"rules.1.name error.required", "rules.1.then.type case.unknown_type", "rules.1.then.priority case.unknown_priority",
		"rules.1.when.0.op sorting.unknown_comparison", "rules.1.when.1.field sorting.unknown_field", "rules.1.when.2.values sorting.not_a_pattern",
		"rules.1.when.3.values error.not_a_number", "rules.1.when.4.values error.required", "rules.2.then sorting.rule_does_nothing",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("no %q among %q", want, names)
		}
	}
}

func TestShadows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		earlier, later []rules.Condition
		want           bool
	}{
		{"everything before anything", nil, []rules.Condition{when(rules.Subject, rules.Contains, "x")}, true},
		{"anything before everything", []rules.Condition{when(rules.Subject, rules.Contains, "x")}, nil, false},
		{"a part before the whole", []rules.Condition{when(rules.Subject, rules.Contains, "invoice")}, []rules.Condition{when(rules.Subject, rules.Contains, "my invoice"), when(rules.Language, rules.Is, "de")}, true},
		{"the whole before a part", []rules.Condition{when(rules.Subject, rules.Contains, "my invoice")}, []rules.Condition{when(rules.Subject, rules.Contains, "invoice")}, false},
		{"fewer values after more", []rules.Condition{when(rules.Language, rules.Is, "de", "en")}, []rules.Condition{when(rules.Language, rules.Is, "en")}, true},
		{"more values after fewer", []rules.Condition{when(rules.Language, rules.Is, "en")}, []rules.Condition{when(rules.Language, rules.Is, "de", "en")}, false},
		{"a domain before an address", []rules.Condition{when(rules.Domain, rules.Is, "p.example")}, []rules.Condition{when(rules.Sender, rules.Is, "a@p.example")}, true},
		{"an address before a domain", []rules.Condition{when(rules.Sender, rules.Is, "a@p.example")}, []rules.Condition{when(rules.Domain, rules.Is, "p.example")}, false},
		{"text before subject", []rules.Condition{when(rules.Text, rules.Contains, "vat")}, []rules.Condition{when(rules.Subject, rules.Contains, "the vat")}, true},
		{"lower amount before higher", []rules.Condition{when(rules.Amount, rules.From, "100")}, []rules.Condition{when(rules.Amount, rules.From, "500")}, true},
		{"higher amount before lower", []rules.Condition{when(rules.Amount, rules.From, "500")}, []rules.Condition{when(rules.Amount, rules.From, "100")}, false},
		{"lacking less before lacking more", []rules.Condition{when(rules.Subject, rules.Lacks, "my invoice")}, []rules.Condition{when(rules.Subject, rules.Lacks, "invoice")}, true},
		{"lacking more before lacking less", []rules.Condition{when(rules.Subject, rules.Lacks, "invoice")}, []rules.Condition{when(rules.Subject, rules.Lacks, "my invoice")}, false},
	} {
		got := set(t, rule(1, c.earlier...), rule(2, c.later...)).Shadows()
		if (len(got) == 1) != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Whatever Shadows says holds for every message: a shadowed rule never decides.
func TestAShadowedRuleNeverDecides(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom([]string{"a", "b", "ab", "ba", "aab"})
	condition := rapid.Custom(func(t *rapid.T) rules.Condition {
		f := rapid.SampledFrom([]rules.Field{rules.Subject, rules.Body, rules.Text, rules.Sender, rules.Domain, rules.Amount, rules.Attachment, rules.Language}).Draw(t, "field")
		c := rules.Condition{Field: f, Op: rapid.SampledFrom(rules.Ops(f)).Draw(t, "op")}
		values := rapid.SliceOfN(word, 1, 2)
		switch f {
		case rules.Sender:
			values = rapid.SliceOfN(rapid.SampledFrom([]string{"a@b.c", "b@b.c", "b.c", "a"}), 1, 2)
		case rules.Domain:
			values = rapid.SliceOfN(rapid.SampledFrom([]string{"b.c", "c"}), 1, 2)
		case rules.Amount:
			values = rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3"}), 1, 2)
			c.Currency = rapid.SampledFrom([]string{"", "EUR", "USD"}).Draw(t, "currency")
		}
		c.Values = values.Draw(t, "values")
		return c
	})
	rapid.Check(t, func(t *rapid.T) {
		var list []rules.Rule
		for i := range 3 {
			list = append(list, rule(int64(i+1), rapid.SliceOfN(condition, 0, 2).Draw(t, "when")...))
		}
		s, err := rules.Compile(list, rules.Vocabulary{})
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab ")), 0, 4, -1)
		m := rules.Mail{
			Sender: rapid.SampledFrom([]string{"a@b.c", "b@b.c", "a@c", "a@ab.c"}).Draw(t, "sender"), Subject: text.Draw(t, "subject"), Body: text.Draw(t, "body"),
			Attachments: rapid.SliceOfN(text, 0, 2).Draw(t, "files"), Language: word.Draw(t, "language"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "sums") {
			m.Amounts = append(m.Amounts, rules.Sum{Value: decimal.NewFromInt(rapid.Int64Range(0, 4).Draw(t, "sum")), Currency: rapid.SampledFrom([]string{"EUR", "USD"}).Draw(t, "of")})
		}
		decided, _ := s.First(m)
		for _, shadow := range s.Shadows() {
			if decided != nil && decided.ID == list[shadow.Rule].ID {
				t.Fatalf("rule %+v decides, though %+v is said to shadow it", list[shadow.Rule], list[shadow.By])
			}
		}
	})
}
