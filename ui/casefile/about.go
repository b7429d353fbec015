package casefile

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/sorting"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// SayTopic says what the case is about, or confirms it: POST /cases/:number/topic. Field: topic.
func (s *Screen) SayTopic(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	topic := c.FormValue("topic")
	if _, err := s.sorts.Correct(c.Request().Context(), sorting.CorrectInput{On: on, Topic: topic}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("Noted. The next training learns from it.")}, nil)
}

// about says what the case is about and why that is thought.
func (r reader) about(f reports.CaseFile) aboutView {
	topics := sorting.TopicsOf(f.Reasons)
	v := aboutView{Topic: sorting.NameOf(topics, f.Topic), Tags: f.Tags, Confirmed: len(f.Said) > 0}
	for _, t := range topics {
		v.Options = append(v.Options, kit.Option{Value: t.Code, Text: t.Name + " (" + i18n.Lower(typeWord(t.Type)) + ")", Selected: t.Code == f.Topic})
	}
	if f.Topic == "" {
		v.Topic = i18n.T("Not known yet")
	}
	if v.Confirmed {
		v.By = i18n.F("{user_name} said so, {short}", "user_name", f.Said[0].UserName, "short", r.short(f.Said[0].At))
	}
	if len(f.Sorting) == 0 {
		return v
	}
	s := f.Sorting[0]
	if !v.Confirmed {
		v.By, v.Words = decidedBy(s), s.Words
		switch {
		case s.DecidedBy == sorting.ByRule || s.DecidedBy == sorting.ByModel:
		case s.Guess == s.Topic:
			v.By += i18n.F("; decided cases say the same, {sure}", "sure", sure(s.Confidence))
		default:
			v.Words = nil // they belong to the guess
		}
	}
	if !v.Confirmed && s.Guess != "" && s.Guess != f.Topic {
		v.Guess = guess(topics, s)
	}
	return v
}

func decidedBy(s sorting.Sorting) string {
	switch s.DecidedBy {
	case sorting.ByRule:
		return i18n.F("by the rule “{rule_name}”", "rule_name", s.RuleName)
	case sorting.ByModel:
		return i18n.F("{sure} sure, learned from decided cases", "sure", sure(s.Confidence))
	case sorting.ByWords:
		return i18n.T("by fixed words")
	case sorting.ByPerson:
		return i18n.T("said by a person")
	case sorting.ByNothing:
	}
	return i18n.T("nothing was clear enough")
}

func guess(topics []sorting.Topic, s sorting.Sorting) *guessView {
	g := &guessView{Code: s.Guess, Name: sorting.NameOf(topics, s.Guess), Percent: sure(s.Confidence)}
	if s.DecidedBy != sorting.ByRule {
		g.Words = s.Words
	}
	var others []string
	for _, o := range s.Others {
		if o.Confidence >= 0.05 {
			others = append(others, sorting.NameOf(topics, o.Topic)+" "+sure(o.Confidence))
		}
	}
	g.Others = strings.Join(others, ", ")
	return g
}

func sure(share float64) string { return strconv.Itoa(int(share*100+0.5)) + " %" }
