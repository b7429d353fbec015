package reports_test

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/reports"
)

// surveyed are the question about a case and the first answer to it, with the last score.
func (k *slowly) surveyed(c *rawCase, f reports.Fact) []counted {
	var asked, answered []rawEvent
	for _, e := range c.events {
		switch e.What {
		case "survey.asked":
			asked = append(asked, e)
		case "survey.answered":
			answered = append(answered, e)
		}
	}
	var by int64
	for _, m := range c.moves {
		if m.Data.To == "resolved" && len(asked) > 0 && m.ID < asked[0].ID {
			by = m.ActorID
		}
	}
	switch {
	case f == reports.Surveyed && len(asked) > 0:
		return []counted{k.row(c, asked[0].At, by).judged(len(answered) > 0)}
	case f == reports.Scored && len(answered) > 0:
		last := answered[len(answered)-1].Data.Score
		r := k.row(c, answered[0].At, by).judged(last >= 4).of(strconv.Itoa(last))
		r.score = new(decimal.NewFromInt(int64(last)))
		return []counted{r}
	}
	return nil
}

// rawReview is a review as its tables have it.
type rawReview struct {
	CaseID, AgentID int64
	Score           decimal.Decimal
	ReviewedAt      time.Time
	AcknowledgedAt  *time.Time
	Names, Scales   []string
	Values          []*int
}

// reviewed are the reviews, or each criterion of them that applied.
func (k *slowly) reviewed(f reports.Fact) []counted {
	var all []counted
	for _, v := range list[rawReview](k, `select v.case_id, v.agent_id, v.score, v.reviewed_at, v.acknowledged_at, array_agg(s.name order by s.position) as names,
			array_agg(s.scale order by s.position) as scales, array_agg(s.value order by s.position) as values
		from quality_reviews v join quality_scores s on s.review_id = v.id group by v.id`) {
		row := k.row(k.cases[v.CaseID], v.ReviewedAt, v.AgentID)
		if f == reports.Reviewed {
			row = row.judged(v.AcknowledgedAt != nil)
			row.score = &v.Score
			all = append(all, row)
			continue
		}
		for i, value := range v.Values {
			if value == nil {
				continue
			}
			percent, most := (*value-1)*25, 5
			if v.Scales[i] == "yes_no" {
				percent, most = *value*100, 1
			}
			one := row.of(v.Names[i]).judged(*value == most)
			one.score = new(decimal.NewFromInt(int64(percent)))
			all = append(all, one)
		}
	}
	return all
}
