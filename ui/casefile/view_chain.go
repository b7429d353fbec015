package casefile

import (
	"strconv"
	"strings"
	"time"

	"makegood/cases/clock"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// chain draws a request: who asked, who decides and why they, and that it posts.
func (r reader) chain(f reports.CaseFile, c reports.FileCredit) []kit.ChainStep {
	asked := kit.ChainStep{State: "done", Name: c.RequesterName, Role: i18n.T("asked"), At: c.CreatedAt}
	if c.SubmittedAt != nil {
		asked.At = *c.SubmittedAt
	}
	if c.State == "draft" {
		asked.State, asked.Role = "now", i18n.T("drafts")
	}
	if c.OwnLimit {
		asked.Why = i18n.T("Within their own limit, so nobody else decides.")
	}
	chain := []kit.ChainStep{asked}
	for _, s := range c.Steps {
		chain = append(chain, r.step(f, s, len(chain)+1))
	}
	return append(chain, r.ending(c, len(chain)+1))
}

func (r reader) step(f reports.CaseFile, s reports.FileStep, place int) kit.ChainStep {
	v := kit.ChainStep{Mark: strconv.Itoa(place), Name: names(s.Candidates), Role: s.LevelName, Why: r.say(s.RuleKey, s.RuleParams)}
	if s.Needed > 1 {
		v.Role += i18n.F(", {needed} signatures", "needed", strconv.Itoa(s.Needed))
	}
	if len(s.Deciders) > 0 {
		v.Name = names(s.Deciders)
	}
	if s.Comment != "" {
		v.Why = s.Comment
	}
	switch s.State {
	case "open":
		v.State = "now"
		v.Clock = r.stepClock(f, s)
	case "approved":
		v.State, v.Role = "done", i18n.F("approved, {level_name}", "level_name", s.LevelName)
	case "rejected":
		v.State, v.Role = "rejected", i18n.F("rejected, {level_name}", "level_name", s.LevelName)
	case "void":
		v.State = "void"
	}
	if s.DecidedAt != nil {
		v.At = *s.DecidedAt
	}
	return v
}

// stepClock is the clock of an open step, as the case's own clocks tell it.
func (r reader) stepClock(f reports.CaseFile, s reports.FileStep) *kit.ClockView {
	for _, c := range f.Clocks {
		if c.Kind == clock.ApprovalStep && c.SubjectID == s.ID && c.Derived.Outcome.Open() {
			face := r.face(c.Derived)
			return &face
		}
	}
	return nil
}

func (r reader) ending(c reports.FileCredit, place int) kit.ChainStep {
	v := kit.ChainStep{Mark: strconv.Itoa(place), Role: i18n.F("{kind} posts", "kind", creditview.DocumentName(c.Kind)), End: i18n.T("after approval")}
	if creditview.Written(c.Kind) {
		v.Role += i18n.T(", mail goes out")
	}
	ended := time.Time{}
	if c.EndedAt != nil {
		ended = *c.EndedAt
	}
	switch c.State {
	case "posted":
		v = kit.ChainStep{State: "done", Name: c.DocumentNumber, Role: i18n.T("posted"), At: ended}
		if creditview.Written(c.Kind) {
			v.Role += i18n.T(", the customer was written to")
		}
		if c.PostedAt != nil {
			v.At = *c.PostedAt
		}
	case "approved":
		v.State, v.End = "now", i18n.T("any moment")
	case "failed":
		v.State, v.End, v.Role = "rejected", "", i18n.T("Posting was refused")
	case "rejected", "withdrawn", "expired":
		v = kit.ChainStep{State: "void", Role: i18n.T("Nothing was posted"), At: ended}
	}
	return v
}

// names lists a few people; from the fourth on a number.
func names(list []string) string {
	const shown = 3
	if len(list) > shown {
		return i18n.F("{list} and {list_2} others", "list", strings.Join(list[:shown-1], ", "), "list_2", strconv.Itoa(len(list)-shown+1))
	}
	return strings.Join(list, ", ")
}
