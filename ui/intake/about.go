package intake

import (
	"context"
	"strconv"

	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/internal/i18n"
)

// about is how a message was sorted when it came; nil when it was not, such as a duplicate.
func (s *Screen) about(ctx context.Context, m inbox.Inbound) (*aboutView, error) {
	sorts := s.Intake.Sorting()
	kept, err := sorts.OfMessage(ctx, s.Reports.Reader(), int64(m.ID))
	if err != nil || kept == nil {
		return nil, err
	}
	topics, err := sorts.Topics(ctx)
	if err != nil {
		return nil, err
	}
	v := &aboutView{Topic: sorting.NameOf(topics, kept.Topic), Words: kept.Words}
	switch kept.DecidedBy {
	case sorting.ByRule:
		v.By = i18n.F("by the rule “{rule_name}”", "rule_name", kept.RuleName)
	case sorting.ByModel:
		v.By = i18n.F("{percent} sure", "percent", percent(kept.Confidence))
	case sorting.ByWords:
		v.By = i18n.T("by fixed words")
	case sorting.ByNothing, sorting.ByPerson:
		v.By = i18n.T("nothing was clear enough")
	}
	if kept.Suggests() {
		v.Guess = i18n.F("{name_of}, {percent} sure", "name_of", sorting.NameOf(topics, kept.Guess), "percent", percent(kept.Confidence))
	}
	return v, nil
}

func percent(share float64) string { return strconv.Itoa(int(share*100+0.5)) + " %" }
