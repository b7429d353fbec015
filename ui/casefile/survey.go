package casefile

import (
	"strconv"

	"makegood/cases/survey"
	"makegood/internal/reports"
)

// survey is the customer asked how the case went, or their answer. The words beside a score stand with the answer that holds.
func (e data) survey(verb string) told {
	if verb == "asked" {
		return told{icon: "message", kind: showSystem, text: "The customer was asked how the case went"}
	}
	score := strconv.FormatInt(e.id("score"), 10) + " of " + strconv.Itoa(survey.Highest)
	t := told{icon: "message", kind: showMessages, text: e.who() + " gave " + score}
	if before := e.id("before"); before != 0 {
		t.text += " instead of " + strconv.FormatInt(before, 10)
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
			v := surveyView{Score: strconv.Itoa(*s.Score) + " of " + strconv.Itoa(survey.Highest), Comment: s.Comment, When: r.short(*s.ChangedAt), Poor: *s.Score < survey.Satisfied}
			return &v
		case s.LeftOut == survey.Nobody:
			return &surveyView{When: "Nobody was asked: no person on the customer’s side wrote."}
		case s.LeftOut == survey.Dead:
			return &surveyView{When: "Nobody was asked: mail to the address comes back."}
		case s.LeftOut == survey.AskedLately:
			return &surveyView{When: "Not asked: the same person was asked lately about another case."}
		case f.ReadAt.Before(*s.ExpiresAt):
			return &surveyView{When: s.Address + " was asked " + r.short(s.SettledAt) + " and has not answered yet."}
		default:
			return &surveyView{When: s.Address + " was asked " + r.short(s.SettledAt) + " and did not answer."}
		}
	}
	return nil
}
