package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/expr-lang/expr/vm"
	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Compiled is a policy ready to be asked, any number of times at once.
type Compiled struct {
	policy     Policy
	conditions []*vm.Program // by rule; nil where a rule has no expression

	gates          []Gate
	gateConditions []*vm.Program // by gate; nil where it has no expression
}

// Compile checks and types a policy. It refuses it field by field: an expression with a name nobody knows or of a wrong
// type is refused with what the trouble is and where.
func Compile(p Policy) (*Compiled, error) {
	wrong := p.check()
	c := &Compiled{policy: p, conditions: make([]*vm.Program, len(p.Rules)), gates: p.gatesOf()}
	c.gateConditions = compileGates(c.gates, func(field, key string, pairs ...string) { wrong = append(wrong, fieldOf(field, key, pairs...)) })
	for i, r := range p.Rules {
		if r.If == "" {
			continue
		}
		program, err := compile(r.If)
		if err != nil {
			wrong = append(wrong, fieldOf(fmt.Sprintf("rules.%d.if", i), "policy.bad_expression", "problem", problem(err)))
			continue
		}
		c.conditions[i] = program
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return c, nil
}

// Policy is what was compiled.
func (c *Compiled) Policy() Policy { return c.policy }

// Amount is what of a request is compared with limits under this policy.
func (c *Compiled) Amount(f Facts) decimal.Decimal {
	if c.policy.Basis == Net {
		return f.Net
	}
	return f.Gross
}

// counted completes facts: what rules and gates look at is the request together with what was given before, as limits do, so that asking
// for the same in parts gains nothing.
func (c *Compiled) counted(f Facts) Facts {
	f.Single = c.Amount(f)
	f.Amount = f.Single.Add(decimal.Max(f.GivenBefore, decimal.Zero))
	return f
}

// alone are the facts as if nothing had been given before.
func (f Facts) alone() Facts {
	f.Amount, f.GivenBefore = f.Single, decimal.Zero
	return f
}

// Verdict is what became of one rule.
type Verdict struct {
	Rule    string
	Applies bool
	// BySum says that it applies only together with what was given before.
	BySum bool
	// Fails is the field of When that does not match, or "if".
	Fails string
	// Then is what an applying rule does: "mode", "step", both, or "later" for a mode that an earlier rule had chosen.
	Then []string
}

// Organisation is who could decide, at one moment.
type Organisation struct {
	Levels      []authority.Level
	Holders     []authority.Holder
	Delegations []authority.Delegation
	Currency    money.Currency
	Now         time.Time
}

// Outcome is the chain of a request under a policy, and what became of each rule.
type Outcome struct {
	authority.Result
	Mode     authority.Mode
	Verdicts []Verdict
}

// Chain draws the chain of a request. Kind and amount of r are taken from the facts, what was given before from r. It refuses what authority.Chain
// refuses; a condition that cannot be worked out counts as met, so that it never costs a step.
func (c *Compiled) Chain(f Facts, r authority.Request, who Organisation) (Outcome, error) {
	r.Kind, r.Amount = f.Kind, c.Amount(f)
	r.OverBudget = f.OverBudget
	f.GivenBefore = r.Counted().Sub(r.Amount)
	f = c.counted(f)
	drawn := drawing{compiled: c, levels: who.Levels, policy: authority.Policy{Currency: who.Currency}}
	drawn.rules(&f)
	r.Conditions = append(slices.Clone(r.Conditions), drawn.conditions...)
	result, err := authority.Chain(drawn.policy, who.Levels, who.Holders, who.Delegations, r, who.Now)
	mode := drawn.policy.Mode
	if mode == "" {
		mode = authority.Hierarchical
	}
	return Outcome{Result: result, Mode: mode, Verdicts: drawn.verdicts}, err
}

// drawing turns the rules that apply into how the chain is drawn.
type drawing struct {
	compiled   *Compiled
	levels     []authority.Level
	policy     authority.Policy
	conditions []authority.Condition
	verdicts   []Verdict
}

func (d *drawing) rules(f *Facts) {
	rules := d.compiled.policy.Rules
	d.verdicts = make([]Verdict, len(rules))
	alone := f.alone()
	for i := range rules {
		fails := d.compiled.fails(i, f)
		d.verdicts[i] = Verdict{Rule: rules[i].Name, Applies: fails == "", Fails: fails}
		if fails == "" {
			d.verdicts[i].BySum = f.GivenBefore.IsPositive() && d.compiled.fails(i, &alone) != ""
			d.apply(&rules[i], &d.verdicts[i], d.compiled.failsForNone(i, f))
		}
	}
}

// apply does what a rule says. Of several customers one suffices for a step; fewer signatures than a level by level chain asks for there are
// only where it speaks of all of them.
func (d *drawing) apply(r *Rule, v *Verdict, ofAll bool) {
	switch {
	case r.Then.Mode == "", r.Then.Mode == authority.Direct && !ofAll:
	case d.policy.Mode != "":
		v.Then = append(v.Then, "later")
	default:
		d.policy.Mode, d.policy.PolicyRule = r.Then.Mode, r.Name
		d.policy.Needed, d.policy.All = r.Then.Need.N, r.Then.Need.All
		v.Then = append(v.Then, "mode")
	}
	if r.Then.Step == nil {
		return
	}
	when := authority.Condition(r.Name)
	d.conditions = append(d.conditions, when)
	extra := d.extra(when, *r.Then.Step)
	extra.BySum = v.BySum
	d.policy.Extras = append(d.policy.Extras, extra)
	v.Then = append(v.Then, "step")
}

// extra asks a role or a level. A level that is not there any more has an id nobody holds, so the step goes up.
func (d *drawing) extra(when authority.Condition, s Step) authority.Extra {
	e := authority.Extra{When: when, Role: s.Role, Needed: s.Need.N, All: s.Need.All, PolicyRule: string(when)}
	if s.Level == 0 {
		return e
	}
	e.LevelID = -1
	for _, l := range d.levels {
		if l.Rank == s.Level {
			e.LevelID = l.ID
		}
	}
	return e
}

// fails is what of a rule does not hold; empty when it applies.
func (c *Compiled) fails(i int, f *Facts) string {
	return fails(&c.policy.Rules[i].When, c.conditions[i], f)
}

// failsForNone tells whether a rule applies to each of several customers.
func (c *Compiled) failsForNone(i int, f *Facts) bool {
	return !slices.ContainsFunc(f.each(), func(one *Facts) bool {
		return c.policy.Rules[i].When.fails(one) != "" || !holds(c.conditions[i], one)
	})
}

// fails is what of a condition does not hold; empty when it does, of several customers for one of them.
func fails(w *When, program *vm.Program, f *Facts) string {
	field := ""
	for _, one := range f.each() {
		switch field = w.fails(one); {
		case field != "":
		case !holds(program, one):
			field = "if"
		default:
			return ""
		}
	}
	return field
}

// holds works a condition out; one that is not there, and one that cannot be worked out, holds.
func holds(program *vm.Program, f *Facts) bool {
	if program == nil {
		return true
	}
	answer, err := vm.Run(program, environment{Facts: *f, KindName: string(f.Kind)})
	says, ok := answer.(bool)
	return err != nil || !ok || says
}

// fails is the first field that does not match; empty when all do.
func (w *When) fails(f *Facts) string {
	switch {
	case len(w.Kinds) > 0 && !slices.Contains(w.Kinds, f.Kind):
		return "kinds"
	case w.Over != nil && !f.Amount.GreaterThan(*w.Over):
		return "over"
	case w.UpTo != nil && f.Amount.GreaterThan(*w.UpTo):
		return "up_to"
	case outside(w.Reasons, f.Reason):
		return "reasons"
	case outside(w.RootCauses, f.RootCause):
		return "root_causes"
	case outside(w.Entities, f.Entity):
		return "entities"
	case outside(w.Regions, f.Region):
		return "regions"
	case outside(w.Tiers, f.Tier):
		return "tiers"
	}
	return w.failsMore(f)
}

func (w *When) failsMore(f *Facts) string {
	switch {
	case len(w.Roles) > 0 && !slices.ContainsFunc(f.Roles, func(role string) bool { return slices.Contains(w.Roles, role) }):
		return "roles"
	case outside(w.Teams, f.Team):
		return "teams"
	case w.OlderThan > 0 && f.InvoiceAge <= w.OlderThan:
		return "older_than_days"
	case differs(w.Partner, f.Partner):
		return "partner"
	case differs(w.Refund, f.Refund):
		return "refund"
	case differs(w.ClosedPeriod, f.ClosedPeriod):
		return "closed_period"
	case differs(w.TaxChange, f.TaxChange):
		return "tax_change"
	}
	return ""
}

func outside(list []string, value string) bool { return len(list) > 0 && !slices.Contains(list, value) }

func differs(want *bool, is bool) bool { return want != nil && *want != is }
