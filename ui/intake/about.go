package intake

import (
	"context"
	"strconv"

	"makegood/cases/sorting"
	"makegood/inbox"
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
		v.By = "by the rule “" + kept.RuleName + "”"
	case sorting.ByModel:
		v.By = percent(kept.Confidence) + " sure"
	case sorting.ByWords:
		v.By = "by fixed words"
	case sorting.ByNothing, sorting.ByPerson:
		v.By = "nothing was clear enough"
	}
	if kept.Suggests() {
		v.Guess = sorting.NameOf(topics, kept.Guess) + ", " + percent(kept.Confidence) + " sure"
	}
	return v, nil
}

func percent(share float64) string { return strconv.Itoa(int(share*100+0.5)) + " %" }
