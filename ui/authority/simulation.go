package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type simulationView struct {
	typed
	Kind, Amount, Currency, Entity, Requester, Before, Age string
	Reason, Tier, Region                                   string
	Partner, Refund, ClosedPeriod, TaxChange, OverBudget   bool
	Kinds, Entities, People, Reasons, Tiers                []kit.Option
	Answer                                                 *answerView
}

type answerView struct {
	Head    string
	Nobody  bool
	Steps   []kit.ChainStep
	Rate    string
	Counted string
	Rules   []ruleView
}

type ruleView struct {
	Name, Why string
	Applies   bool
}

// Simulation answers who would approve something: GET /settings/authority/simulation with kind, amount, currency, entity,
// requester, reason, tier, region, before, age, and what else is true of it. Without an amount it asks.
func (s *Screen) Simulation(c echo.Context) error {
	v, err := s.simulationForm(c)
	if err != nil {
		return err
	}
	if v.Amount == "" {
		return s.page(c, http.StatusOK, i18n.T("Who would approve?"), simulationPage(v))
	}
	in, err := v.input(s.desk.Lang(c))
	if err == nil {
		in.By = web.Actor(c)
		var simulated credits.Simulation
		if simulated, err = s.credits.Simulate(c.Request().Context(), in); err == nil {
			v.Answer = s.answer(c, simulated)
			return s.page(c, http.StatusOK, i18n.T("Who would approve?"), simulationPage(v))
		}
	}
	var other error
	if v.typed, other = s.refusal(c, err); other != nil {
		return other
	}
	return s.page(c, web.Status(err), i18n.T("Who would approve?"), simulationPage(v))
}

func (s *Screen) simulationForm(c echo.Context) (simulationView, error) {
	v := simulationView{
		Kind: c.QueryParam("kind"), Amount: strings.TrimSpace(c.QueryParam("amount")), Currency: c.QueryParam("currency"), Entity: c.QueryParam("entity"),
		Requester: c.QueryParam("requester"), Before: strings.TrimSpace(c.QueryParam("before")), Age: strings.TrimSpace(c.QueryParam("age")),
		Reason: c.QueryParam("reason"), Tier: c.QueryParam("tier"), Region: strings.TrimSpace(c.QueryParam("region")),
	}
	on := func(name string) bool { return c.QueryParam(name) == "on" }
	v.Partner, v.Refund, v.ClosedPeriod, v.TaxChange, v.OverBudget = on("partner"), on("refund"), on("closed_period"), on("tax_change"), on("over_budget")
	if v.Currency == "" {
		v.Currency = string(billing.AuthorityCurrency)
	}
	for _, k := range kinds() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(k), Text: creditview.KindName(k), Selected: string(k) == v.Kind})
	}
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return v, err
	}
	for _, e := range entities {
		id := strconv.FormatInt(int64(e.ID), 10)
		v.Entities = append(v.Entities, kit.Option{Value: id, Text: e.Name, Selected: id == v.Entity})
	}
	users, err := s.people.Users(c.Request().Context())
	if err != nil {
		return v, err
	}
	for _, u := range users {
		id := strconv.FormatInt(u.ID, 10)
		if u.Active {
			v.People = append(v.People, kit.Option{Value: id, Text: u.Name, Selected: id == v.Requester})
		}
	}
	return v, s.narrowing(c, &v)
}

// narrowing offers what limits and rules can be narrowed to.
func (s *Screen) narrowing(c echo.Context, v *simulationView) error {
	reasons, err := s.cases.Reasons(c.Request().Context())
	if err != nil {
		return err
	}
	v.Reasons, v.Tiers = []kit.Option{{Text: i18n.T("any other")}}, []kit.Option{{Text: i18n.T("none")}}
	for _, r := range reasons {
		v.Reasons = append(v.Reasons, kit.Option{Value: r.Code, Text: r.Name, Selected: r.Code == v.Reason})
	}
	for _, t := range []billing.Tier{billing.Platinum, billing.Gold, billing.Silver} {
		v.Tiers = append(v.Tiers, kit.Option{Value: string(t), Text: string(t), Selected: string(t) == v.Tier})
	}
	return nil
}

// input reads the form, amounts as its reader's language writes them.
func (v simulationView) input(language string) (credits.SimulateInput, error) {
	in := credits.SimulateInput{
		Kind: billing.Kind(v.Kind), Reason: v.Reason, Tier: v.Tier, Region: v.Region, Partner: v.Partner, Refund: v.Refund, ClosedPeriod: v.ClosedPeriod, TaxChange: v.TaxChange, OverBudget: v.OverBudget,
	}
	if !slices.Contains(kinds(), in.Kind) {
		return in, errs.InvalidField("kind", "credits.unknown_kind")
	}
	var err error
	if in.Currency, err = money.ParseCurrency(strings.ToUpper(strings.TrimSpace(v.Currency))); err != nil {
		return in, errs.InvalidField("currency", "error.required")
	}
	var ok bool
	if in.Amount, ok = creditview.AmountOf(v.Amount, language); !ok {
		return in, errs.InvalidField("amount", "error.not_a_number", "text", v.Amount)
	}
	if v.Before != "" {
		if in.GivenBefore, ok = creditview.AmountOf(v.Before, language); !ok || in.GivenBefore.IsNegative() {
			return in, errs.InvalidField("before", "error.not_a_number", "text", v.Before)
		}
	}
	if v.Age != "" {
		if in.InvoiceAge, err = strconv.Atoi(v.Age); err != nil {
			return in, errs.InvalidField("age", "error.not_a_number", "text", v.Age)
		}
	}
	entity, err := strconv.ParseInt(v.Entity, 10, 64)
	if err != nil {
		return in, errs.InvalidField("entity", "error.required")
	}
	in.EntityID = billing.EntityID(entity)
	if in.RequesterID, err = strconv.ParseInt(v.Requester, 10, 64); err != nil {
		return in, errs.InvalidField("requester", "error.required")
	}
	return in, nil
}

func (s *Screen) answer(c echo.Context, sim credits.Simulation) *answerView {
	say := s.desk.Say(c)
	sentence := func(r authority.Rule) string {
		var pairs []string
		for name, value := range r.Params {
			pairs = append(pairs, name, value)
		}
		return say(r.Key, pairs...)
	}
	v := &answerView{
		Nobody: sim.Orphan, Rate: i18n.F("{rate} of {day}", "rate", sim.Rate.String(), "day", s.day(c, sim.RateOn)), Counted: money.Of(sim.Counted, billing.AuthorityCurrency).String(),
	}
	signatures := 0
	for i, step := range sim.Steps {
		signatures += step.Needed
		reasons := []string{sentence(step.Rule)}
		for _, also := range step.Also {
			reasons = append(reasons, sentence(also))
		}
		if step.PolicyRule != "" {
			reasons = append(reasons, i18n.F("Rule: {policy_rule}.", "policy_rule", step.PolicyRule))
		}
		v.Steps = append(v.Steps, kit.ChainStep{State: "todo", Mark: strconv.Itoa(i + 1), Name: names(step), Role: stepName(step), Why: strings.Join(reasons, " ")})
	}
	for _, skipped := range sim.Skipped {
		v.Steps = append(v.Steps, kit.ChainStep{State: "skip", Name: skipped.LevelName, Why: sentence(skipped.Reason)})
	}
	switch {
	case sim.OwnLimit:
		v.Head = i18n.T("Nobody else: it is within the requester's own limit.")
	case sim.Orphan:
		v.Head = i18n.T("Nobody: it could not be submitted.")
	case signatures == 1:
		v.Head = i18n.T("One signature.")
	default:
		v.Head = i18n.F("{signatures} signatures.", "signatures", strconv.Itoa(signatures))
	}
	for _, verdict := range sim.Verdicts {
		rule := ruleView{Name: verdict.Rule, Applies: verdict.Applies, Why: i18n.F("does not apply: {fails}", "fails", verdict.Fails)}
		if verdict.Applies {
			rule.Why = i18n.F("applies: {then}", "then", strings.Join(verdict.Then, ", "))
			if verdict.BySum {
				rule.Why += i18n.T(", by what was given before")
			}
		}
		v.Rules = append(v.Rules, rule)
	}
	return v
}

func stepName(step authority.Step) string {
	name := step.LevelName
	if step.Role != "" {
		name = i18n.F("role {role}", "role", desk.RoleName(step.Role))
	}
	if step.Needed > 1 {
		name += i18n.F(", {needed} sign", "needed", strconv.Itoa(step.Needed))
	}
	return name
}

func names(step authority.Step) string {
	var list []string
	for _, candidate := range step.Candidates {
		list = append(list, candidate.Name)
	}
	if len(list) == 0 {
		return i18n.T("Nobody")
	}
	return desk.Or(slices.Compact(list))
}
