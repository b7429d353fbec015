package intake_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/cases/sorting/rules"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

func supervisor() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 6, Name: "Ines Falk", Roles: []access.Role{access.Supervisor}}
}

// sorts is the desk's sorting service, beside the one the intake made: both read the same tables.
func (d *desk) sorts() *sorting.Service {
	return sorting.New(d.db, d.cases, d.inbox, d.billing, quiet())
}

func (d *desk) addRule(r rules.Rule) int64 {
	d.t.Helper()
	s := d.sorts()
	now, err := s.Desk(d.t.Context(), d.db)
	d.must(err)
	r.Active = true
	id, err := s.SaveRule(d.t.Context(), sorting.RulesOn{By: supervisor(), Version: now.RuleSet.Version}, r)
	d.must(err)
	return id
}

// learn works a training as the job does.
func (d *desk) learn() {
	d.t.Helper()
	registry := jobs.NewRegistry()
	d.sorts().Register(registry)
	d.must(registry.Work(d.t.Context(), "sorting.train", []byte(`{"Wanted":6}`)))
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func parsed(text string) parse.Message { return parse.Message{ReplyText: text} }

func subject(op rules.Op, words ...string) []rules.Condition {
	return []rules.Condition{{Field: rules.Subject, Op: op, Values: words}}
}

func TestARuleComesFirst(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.learn()
	team := value[int64](t, d.db, `insert into teams (name) values ('Tax') returning id`)
	d.addRule(rules.Rule{Name: "Audit letters", When: subject(rules.Contains, "Annual audit"), Then: rules.Result{
		Topic: "tax_wrong", Priority: "P1", TeamID: team, Tags: []string{"Audit", "audit "},
	}})
	c := d.caseOf(d.deliver(post{from: anna, subject: "ANNUAL  audit", text: "Please cancel our contract.", id: "1@aster.example"}))
	if c.Topic != "tax_wrong" || c.Type != cases.Dispute || c.Priority != cases.P1 || c.PriorityReason != "Rule: Audit letters" || c.TeamID == nil || *c.TeamID != team {
		t.Errorf("%+v", c)
	}
	tags, err := d.cases.Tags(t.Context(), d.db, c.ID)
	if d.must(err); !slices.Equal(tags, []string{"audit"}) {
		t.Errorf("tags %q", tags)
	}
	got, err := d.sorts().OfCase(t.Context(), d.db, c.ID)
	d.must(err)
	if got == nil || got.DecidedBy != sorting.ByRule || got.RuleName != "Audit letters" || !slices.Equal(got.Words, []string{"annual audit"}) || got.Guess != "cancellation" || !got.Suggests() {
		t.Errorf("%+v", got)
	}
	if found, err := d.cases.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("clocks: %v %v", found, err)
	}
}

func TestARuleSendsAMachinesMailToACase(t *testing.T) {
	t.Parallel()
	d := setup(t)
	notice := post{from: "noreply@suppliers.example", subject: "Remittance advice 4711", text: "We paid 3 invoices.", headers: []string{"Auto-Submitted: auto-generated", "Precedence: bulk"}}
	if before := d.deliver(notice); before.CaseID != nil {
		t.Fatalf("without a rule it opened a case: %s %s", before.Fate, before.FateReason)
	}
	d.addRule(rules.Rule{Name: "Remittance advices", When: []rules.Condition{{Field: rules.Domain, Op: rules.Is, Values: []string{"suppliers.example"}}}, Then: rules.Result{Topic: "remittance", ToCase: true}})
	notice.text = "We paid 4 invoices."
	m := d.deliver(notice)
	c := d.caseOf(m)
	d.want(m, inbox.NewCase, "intake.opened")
	if c.Type != cases.Remittance || c.Topic != "remittance" {
		t.Errorf("%s %s", c.Type, c.Topic)
	}
	if sent := d.acknowledgements(c); len(sent) > 0 {
		t.Errorf("a machine was answered: %v", sent)
	}
}

func TestTheModelDecidesOnlyWhenItIsSure(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.learn()
	s := d.sorts()
	sure := d.caseOf(d.deliver(post{from: anna, subject: "Kündigung", text: "Hiermit kündigen wir den Vertrag fristgerecht und bitten um Bestätigung.", id: "1@aster.example"}))
	got, err := s.OfCase(t.Context(), d.db, sure.ID)
	d.must(err)
	if got.DecidedBy != sorting.ByModel || got.Topic != "cancellation" || got.Confidence < sorting.Threshold || len(got.Words) == 0 || got.ModelID == nil || sure.Type != cases.Cancellation {
		t.Fatalf("%+v", got)
	}
	state, err := s.State(t.Context())
	d.must(err)
	d.must(s.SetThreshold(t.Context(), sorting.StateOn{By: supervisor(), Version: state.Version}, 1))
	text := "Since March our branch pays the fee for a depot that has been vacated."
	unsure := d.caseOf(d.deliver(post{from: anna, subject: "Depot", text: text, id: "2@aster.example"}))
	if got, err = s.OfCase(t.Context(), d.db, unsure.ID); err != nil || got.DecidedBy == sorting.ByModel || got.Guess == "" || unsure.Topic != sorting.General {
		t.Errorf("%+v %v, case is about %s", got, err, unsure.Topic)
	}
	if err := s.SetThreshold(t.Context(), sorting.StateOn{By: supervisor(), Version: state.Version}, 0.5); !errors.Is(err, sorting.ErrStaleState) {
		t.Errorf("a stale change: %v", err)
	}
	if err := s.SetThreshold(t.Context(), sorting.StateOn{By: agent()}, 0.5); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent set the threshold: %v", err)
	}
}

// What people say is learned: a word that nobody explained becomes known by it.
func TestLearnsFromWhatPeopleSay(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.learn()
	s := d.sorts()
	text := "The zyglot attachment is on the bill."
	if g := d.guess(s, text); g.Guess == "wrong_currency" {
		t.Fatalf("it knows already: %+v", g)
	}
	by := agent()
	for n := range 8 {
		c := d.caseOf(d.deliver(post{from: anna, subject: "Zyglot", text: strings.Repeat("Again a zyglot attachment. ", n+1), id: strings.Repeat("x", n+1) + "@aster.example"}))
		topic := "tax_wrong"
		fixed, err := s.Correct(t.Context(), sorting.CorrectInput{On: cases.On{By: by, ID: c.ID, Version: c.Version}, Topic: topic})
		d.must(err)
		if fixed.Topic != topic || fixed.Type != cases.Dispute {
			t.Fatalf("%+v", fixed)
		}
		if _, err := s.Correct(t.Context(), sorting.CorrectInput{On: cases.On{By: by, ID: c.ID, Version: c.Version}, Topic: "refund"}); !errors.Is(err, cases.ErrStaleVersion) {
			t.Fatalf("a stale correction: %v", err)
		}
		said, err := s.LastSaid(t.Context(), d.db, c.ID)
		if d.must(err); said == nil || said.Topic != topic || said.UserName != by.Name || said.Was != c.Topic {
			t.Fatalf("%+v", said)
		}
	}
	if n, err := s.Evidence(t.Context()); err != nil || n != 8 {
		t.Errorf("%d pieces of evidence, %v", n, err)
	}
	d.learn()
	models, err := s.Models(t.Context(), 10)
	d.must(err)
	if len(models) != 2 || models[0].Learned != 8 || models[0].Compared.With != models[1].ID || models[0].Compared.Examples != models[1].Starter {
		t.Fatalf("%+v", models[0].Compared)
	}
	state, err := s.State(t.Context())
	d.must(err)
	if !models[0].Better { // then it waits for a person
		d.must(s.Activate(t.Context(), sorting.StateOn{By: supervisor(), Version: state.Version}, models[0].ID))
	}
	if g := d.guess(d.sorts(), text); g.Guess != "tax_wrong" || !slices.Contains(g.Words, "zyglot") {
		t.Errorf("not learned: %+v", g)
	}
	if _, err := s.Correct(t.Context(), sorting.CorrectInput{On: cases.On{By: by, ID: 1}, Topic: "nonsense"}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("an unknown topic: %v", err)
	}
}

func (d *desk) guess(s *sorting.Service, text string) sorting.Verdict {
	d.t.Helper()
	now, err := s.Desk(d.t.Context(), d.db)
	d.must(err)
	return now.Sort(parsed(text), "")
}

// A model that is worse on what both were examined on does not come into force by itself.
func TestAWorseModelWaits(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.learn()
	s := d.sorts()
	before, err := s.State(t.Context())
	d.must(err)
	for n := range 60 { // everything about refunds is said to be about tax
		text := []string{"Please refund the credit balance", "We request a refund of the deposit", "please refund", "money back", "return the overpayment", "refund request"}[n%6]
		c := d.caseOf(d.deliver(post{from: anna, subject: "Refund", text: strings.Repeat(text+". ", n/6+1), id: strings.Repeat("y", n+1) + "@aster.example"}))
		_, err := s.Correct(t.Context(), sorting.CorrectInput{On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, Topic: "tax_wrong"})
		d.must(err)
	}
	d.learn()
	models, err := s.Models(t.Context(), 2)
	d.must(err)
	after, err := s.State(t.Context())
	d.must(err)
	if models[0].Better || models[0].Compared.New >= models[0].Compared.Old || after.Version != before.Version {
		t.Errorf("%+v, state %+v", models[0].Compared, after)
	}
}

func TestTriesARuleOnPastMail(t *testing.T) {
	t.Parallel()
	d := setup(t)
	for n, text := range []string{"invoice wrong", "Invoice missing", "hello", "my invoice, please"} {
		d.deliver(post{from: anna, subject: text, text: text, id: strings.Repeat("z", n+1) + "@aster.example"})
	}
	first := d.addRule(rules.Rule{Name: "Missing", When: subject(rules.Contains, "missing"), Then: rules.Result{Topic: "invoice_missing"}})
	wide := rules.Rule{Name: "Invoices", When: subject(rules.Contains, "invoice"), Then: rules.Result{Tags: []string{"invoice"}}}
	s := d.sorts()
	trial, err := s.Try(t.Context(), agent(), wide)
	d.must(err)
	if trial.Tried != 4 || trial.Holds != 3 || trial.Decides != 2 || len(trial.Matches) != 3 || trial.Matches[1].Before != "Missing" || trial.Matches[2].Subject != "invoice wrong" {
		t.Errorf("%+v", trial)
	}
	second := d.addRule(wide)
	tried, counts, err := s.Counts(t.Context(), agent())
	d.must(err)
	if tried != 4 || counts[first] != (sorting.Count{Holds: 1, Decides: 1}) || counts[second] != (sorting.Count{Holds: 3, Decides: 2}) {
		t.Errorf("%d %v", tried, counts)
	}
	if _, err := s.Try(t.Context(), agent(), rules.Rule{Name: "x"}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a rule that does nothing: %v", err)
	}
}

func TestRulesAreVersionedAndTold(t *testing.T) {
	t.Parallel()
	d := setup(t)
	ctx, s := t.Context(), d.sorts()
	one := d.addRule(rules.Rule{Name: "One", When: subject(rules.Contains, "a"), Then: rules.Result{Topic: "refund"}})
	two := d.addRule(rules.Rule{Name: "Two", When: subject(rules.Contains, "ab"), Then: rules.Result{Topic: "refund"}})
	on := func(version int64) sorting.RulesOn { return sorting.RulesOn{By: supervisor(), Version: version} }
	now, err := s.Desk(ctx, d.db)
	d.must(err)
	if shadows := now.Shadows(); len(shadows) != 1 || shadows[0] != (rules.Shadow{Rule: 1, By: 0}) {
		t.Errorf("%v", shadows)
	}
	d.must(s.MoveRule(ctx, on(2), two, -5))
	d.must(s.SwitchRule(ctx, on(3), one, false))
	if err := s.RemoveRule(ctx, on(3), one); !errors.Is(err, sorting.ErrStaleRules) {
		t.Errorf("a stale change: %v", err)
	}
	d.must(s.RemoveRule(ctx, on(4), one))
	if err := s.SwitchRule(ctx, on(5), one, true); !errors.Is(err, sorting.ErrNoRule) {
		t.Errorf("a rule that is gone: %v", err)
	}
	if _, err := s.SaveRule(ctx, sorting.RulesOn{By: agent(), Version: 5}, rules.Rule{Name: "x"}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent wrote a rule: %v", err)
	}
	again, err := s.SaveRule(ctx, on(5), rules.Rule{Name: "Three", Active: true, Then: rules.Result{ToCase: true}})
	if d.must(err); again == one || again == two {
		t.Errorf("a number was given twice: %d", again)
	}
	sets, err := s.RuleSets(ctx, 10)
	d.must(err)
	var changes []string
	for _, set := range sets {
		changes = append(changes, set.Change)
	}
	if !slices.Equal(changes, []string{"added", "removed", "switched", "moved", "added", "added"}) || sets[0].ChangedName != "Ines Falk" {
		t.Errorf("%v by %s", changes, sets[0].ChangedName)
	}
	if n := d.count(`audit_log where stream = 'admin' and what like 'sorting_rules.%'`); n != 6 {
		t.Errorf("%d changes told", n)
	}
	err = d.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update sorting_rule_sets set rules = '[]' where version = 1`)
		return err
	})
	if err == nil {
		t.Error("a version was changed afterwards")
	}
}
