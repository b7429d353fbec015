package casefile

import (
	"strconv"

	"makegood/cases/survey"
	"makegood/internal/i18n"
	"makegood/internal/reports"
)

// survey is the customer asked how the case went, or their answer. The words beside a score stand with the answer that holds.
func (e data) survey(verb string) told {
	if verb == "asked" {
		return told{icon: "message", kind: showSystem, text: i18n.T("The customer was asked how the case went")}
	}
	score := i18n.F("{id} of {highest}", "id", strconv.FormatInt(e.id("score"), 10), "highest", strconv.Itoa(survey.Highest))
	who := e.who()
	for _, s := range e.file.Survey { // the trail itself names no customer
		if s.Name != "" {
			who = s.Name
		}
	}
	t := told{icon: "message", kind: showMessages, text: i18n.F("{who} gave {score}", "who", who, "score", score)}
	if before := e.id("before"); before != 0 {
		t.text += " " + i18n.F("instead of {before}", "before", strconv.FormatInt(before, 10))
	}
	for _, s := range e.file.Survey {
		if s.Comment != "" && s.ChangedAt != nil && s.ChangedAt.Equal(e.row.At) {
			t.text += ": “" + s.Comment + "”"
		}
	}
	return t
}

// surveyView is the answer beside the case.
type surveyView struct {
	Score, Comment, When string
	Poor                 bool
}

func (r reader) survey(f reports.CaseFile) *surveyView {
	for _, s := range f.Survey {
		switch {
		case s.Score != nil:
			v := surveyView{Score: i18n.F("{score} of {highest}", "score", strconv.Itoa(*s.Score), "highest", strconv.Itoa(survey.Highest)), Comment: s.Comment, When: r.short(*s.ChangedAt), Poor: *s.Score < survey.Satisfied}
			return &v
		case s.LeftOut == survey.Nobody:
			return &surveyView{When: i18n.T("Nobody was asked: no person on the customer’s side wrote.")}
		case s.LeftOut == survey.Dead:
			return &surveyView{When: i18n.T("Nobody was asked: mail to the address comes back.")}
		case s.LeftOut == survey.AskedLately:
			return &surveyView{When: i18n.T("Not asked: the same person was asked lately about another case.")}
		case f.ReadAt.Before(*s.ExpiresAt):
			return &surveyView{When: i18n.F("{address} was asked {short} and has not answered yet.", "address", s.Address, "short", r.short(s.SettledAt))}
		default:
			return &surveyView{When: i18n.F("{address} was asked {short} and did not answer.", "address", s.Address, "short", r.short(s.SettledAt))}
		}
	}
	return nil
}
