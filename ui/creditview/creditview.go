// Package creditview draws credit requests with the kit's pieces, alike on every screen that shows them: the chain of
// steps with its reasons, the sentence that says what is asked, and the words for kinds and states.
package creditview

import (
	"fmt"
	"strings"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Reader is who looks: their language, the sentences in it, the present moment and who they are.
type Reader struct {
	Catalogue *i18n.Catalogue
	Lang      string
	Now       time.Time
	UserID    int64
	Steps     map[credits.StepID]kit.ClockView // how long steps have, in the time that is counted
}

// Say gives the sentence for a key with its parameters filled in.
func (r Reader) Say(key string, params map[string]string) string {
	return r.Catalogue.Fill(r.Lang, key, kit.FormatParams(params, r.Lang))
}

// StepClock is the clock of an open step; by the wall where its case counts nothing.
func (r Reader) StepClock(id credits.StepID, opened, due time.Time) *kit.ClockView {
	if v, known := r.Steps[id]; known {
		return &v
	}
	return new(kit.RunningClock(due.Sub(r.Now), due.Sub(opened), due))
}

// KindName is the word for a kind of credit.
func KindName(kind billing.Kind) string { return desk.Coded(string(kind)) }

// Customer is a customer's name in a list; a batch over several has none.
func Customer(name string) string {
	if name == "" {
		return i18n.T("Several customers")
	}
	return name
}

// DocumentName is the word for what a kind of request becomes.
func DocumentName(kind billing.Kind) string {
	switch kind {
	case billing.BillingError, billing.Concession, billing.SLACredit:
		return i18n.T("Credit memo")
	case billing.Rebill:
		return i18n.T("Credit memo and new invoice")
	case billing.Debit, billing.RefundOut, billing.WriteOff, billing.TransferOver, billing.Reverse:
	}
	return KindName(kind)
}

// Written tells whether the customer is written to about what a kind of request became.
func Written(kind billing.Kind) bool {
	return kind != billing.WriteOff && kind != billing.TransferOver && kind != billing.Reverse
}

// StateTag is the label of a request's state.
func StateTag(state credits.State) kit.TagView {
	switch state {
	case credits.Draft:
		return kit.TagView{Text: i18n.T("Draft"), Tone: "line"}
	case credits.Pending:
		return kit.TagView{Text: i18n.T("Waits for approval"), Tone: "soon"}
	case credits.Returned:
		return kit.TagView{Text: i18n.T("Asked back"), Tone: "hold"}
	case credits.Approved:
		return kit.TagView{Text: i18n.T("Approved, being posted"), Tone: "acc"}
	case credits.Posted:
		return kit.TagView{Text: i18n.T("Posted"), Tone: "ok"}
	case credits.Rejected:
		return kit.TagView{Text: i18n.T("Rejected"), Tone: "bad"}
	case credits.Withdrawn:
		return kit.TagView{Text: i18n.T("Withdrawn")}
	case credits.Expired:
		return kit.TagView{Text: i18n.T("Expired")}
	case credits.Failed:
		return kit.TagView{Text: i18n.T("Posting refused"), Tone: "bad"}
	}
	return kit.TagView{Text: string(state)}
}

// Chain draws the steps of a request's present content, each with the rule that put it there or what was decided.
func (r Reader) Chain(d credits.Detail) []kit.ChainStep {
	var list []kit.ChainStep
	for _, step := range d.Steps {
		if step.ContentVersion != d.ContentVersion {
			continue
		}
		list = append(list, r.step(step, len(list)+1))
	}
	return list
}

func (r Reader) step(s credits.Step, n int) kit.ChainStep {
	v := kit.ChainStep{State: stateOf(s.State), Mark: fmt.Sprint(n), Role: s.LevelName, Why: r.Say(s.RuleKey, s.RuleParams)}
	if s.DecidedAt != nil {
		v.At = *s.DecidedAt
	}
	if len(s.Decisions) > 0 && s.State != credits.StepOpen {
		v.Name, v.Why = r.deciders(s.Decisions)
		return v
	}
	v.Name = r.candidates(s)
	if s.Needed > 1 {
		v.End = i18n.F("{decisions} of {needed}", "decisions", len(s.Decisions), "needed", s.Needed)
	}
	if s.State == credits.StepOpen && s.DueAt != nil && s.OpenedAt != nil {
		v.Clock = r.StepClock(s.ID, *s.OpenedAt, *s.DueAt)
	}
	return v
}

func stateOf(state credits.StepState) string {
	switch state {
	case credits.StepOpen:
		return "now"
	case credits.StepApproved:
		return "done"
	case credits.StepRejected:
		return "rejected"
	case credits.StepVoid:
		return "void"
	case credits.StepWaiting:
	}
	return ""
}

func (r Reader) deciders(decisions []credits.Decision) (names, why string) {
	var list, comments []string
	for _, d := range decisions {
		name := r.you(d.UserID, d.UserName)
		if d.OnBehalfOfName != "" {
			name = i18n.F("{name} for {on_behalf_of_name}", "name", name, "on_behalf_of_name", d.OnBehalfOfName)
		}
		list = append(list, name)
		if d.Comment != "" {
			comments = append(comments, "“"+d.Comment+"”")
		}
	}
	return desk.And(list), strings.Join(comments, " ")
}

// candidates names who may decide: the reader first, at most three by name.
func (r Reader) candidates(s credits.Step) string {
	var list []string
	for _, c := range s.Candidates {
		name := r.you(c.UserID, c.Name)
		if c.OnBehalfOfName != "" {
			name = i18n.F("{name} for {on_behalf_of_name}", "name", name, "on_behalf_of_name", c.OnBehalfOfName)
		}
		if c.UserID == r.UserID {
			list = append([]string{name}, list...)
		} else {
			list = append(list, name)
		}
	}
	return Either(list)
}

func (r Reader) you(id int64, name string) string {
	if id == r.UserID {
		return i18n.T("You")
	}
	return name
}

// Either joins names of people any one of whom will do: "Ann, Ben or Cleo", beyond three the number of the others.
func Either(names []string) string {
	const shown = 3
	switch {
	case len(names) == 0:
		return i18n.T("Nobody available")
	case len(names) == 1:
		return names[0]
	case len(names) > shown:
		return i18n.F("{names} or {names_2} others", "names", strings.Join(names[:shown-1], ", "), "names_2", len(names)-shown+1)
	}
	return i18n.F("{names} or {names_2}", "names", strings.Join(names[:len(names)-1], ", "), "names_2", names[len(names)-1])
}

// Planned draws the chain a proposal would get.
func (r Reader) Planned(result authority.Result) []kit.ChainStep {
	list := make([]kit.ChainStep, 0, len(result.Steps))
	for i, s := range result.Steps {
		names := make([]string, 0, len(s.Candidates))
		for _, c := range s.Candidates {
			names = append(names, r.you(c.UserID, c.Name))
		}
		role := s.LevelName
		if role == "" {
			role = desk.RoleName(s.Role)
		}
		why := []string{r.Say(s.Rule.Key, s.Rule.Params)}
		for _, also := range s.Also {
			why = append(why, r.Say(also.Key, also.Params))
		}
		v := kit.ChainStep{Mark: fmt.Sprint(i + 1), Name: Either(names), Role: role, Why: strings.Join(why, " ")}
		if i == 0 {
			v.State = "now"
		}
		if s.Needed > 1 {
			v.End = i18n.F("{needed} signatures", "needed", s.Needed)
		}
		list = append(list, v)
	}
	return append(list, r.skipped(result.Skipped)...)
}

// skipped names the levels that are left out, those of one reason together. That the requester's own level and those
// below it have no say goes without saying.
func (r Reader) skipped(levels []authority.SkippedLevel) []kit.ChainStep {
	var reasons []string
	names := map[string][]string{}
	for _, s := range levels {
		if s.Reason.Key == "authority.skip.requester" || s.Reason.Key == "authority.skip.below_requester" {
			continue
		}
		reason := r.Say(s.Reason.Key, s.Reason.Params)
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], s.LevelName)
	}
	var list []kit.ChainStep
	for _, reason := range reasons {
		list = append(list, kit.ChainStep{State: "skip", Role: strings.Join(names[reason], ", "), Why: reason})
	}
	return list
}

// FirstDecider names who gets a proposal first, "" when nobody has to.
func FirstDecider(result authority.Result) string {
	if len(result.Steps) == 0 || len(result.Steps[0].Candidates) == 0 {
		return ""
	}
	first := result.Steps[0].Candidates
	if len(first) > 1 {
		return i18n.F("{name} or {first} more", "name", first[0].Name, "first", len(first)-1)
	}
	return first[0].Name
}
