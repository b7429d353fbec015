package quality

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReviewID names a review.
type ReviewID int64

// LongestNote is how many characters a reviewer, and the agent in return, may write.
const LongestNote = 5000

// Score is one criterion of a review as it was then. Value nil: it did not apply to the case.
type Score struct {
	Code   string
	Name   string
	Scale  Scale
	Weight int
	Value  *int
}

// Review is what a supervisor says about how a case was dealt with.
type Review struct {
	ID             ReviewID
	CaseID         cases.ID
	Number         string
	Subject        string
	AgentID        int64
	AgentName      string
	ReviewerID     int64
	ReviewerName   string
	EntityID       *billing.EntityID
	Card           int
	Score          decimal.Decimal // percent
	Note           string
	Sampled        bool // drawn; else picked by hand
	ReviewedAt     time.Time
	AcknowledgedAt *time.Time
	Reply          string

	Scores []Score `db:"-"` // of Review alone, in the card's order
}

// Sheet is a case to be reviewed, with the card that is in force.
type Sheet struct {
	Case      cases.Case
	AgentID   int64
	AgentName string
	Sampled   bool
	Card      Card
	Review    ReviewID // it was reviewed already; 0 when not
}

// Sheet reads a settled case for whoever reviews: ErrNotSettled for one that is not, or that nobody settled; ErrOwnCase for one's own.
func (s *Service) Sheet(ctx context.Context, number string, by access.Actor) (Sheet, error) {
	if err := access.Can(by, access.ReviewQuality, access.Object{}); err != nil {
		return Sheet{}, err
	}
	c, err := s.Cases.CaseByNumber(ctx, s.DB, number, by)
	if err != nil {
		return Sheet{}, err
	}
	return sheetOf(ctx, s.DB, c, by)
}

func sheetOf(ctx context.Context, r db.Reader, c cases.Case, by access.Actor) (Sheet, error) {
	out := Sheet{Case: c}
	type facts struct {
		AgentID   int64
		AgentName string
		Sampled   bool
		Review    ReviewID
	}
	f, err := db.One[facts](ctx, r, `select u.id as agent_id, u.name as agent_name, coalesce(d.sampled, false) as sampled, coalesce(v.id, 0) as review
		from cases c left join quality_draws d on d.case_id = c.id left join quality_reviews v on v.case_id = c.id
		join users u on u.id = coalesce(v.agent_id, d.agent_id, `+settledBy+`) where c.id = $1`, c.ID)
	switch {
	case errors.Is(err, db.ErrNoRow):
		return out, ErrNotSettled
	case err != nil:
		return out, fmt.Errorf("read case to review: %w", err)
	}
	out.AgentID, out.AgentName, out.Sampled, out.Review = f.AgentID, f.AgentName, f.Sampled, f.Review
	switch {
	case out.Review != 0:
		return out, nil
	case out.AgentID == by.UserID:
		return out, ErrOwnCase
	case c.MergedInto != nil || c.Status.Active() && !out.Sampled: // what was drawn stays to be reviewed, even opened again
		return out, ErrNotSettled
	}
	if out.Card, err = cardInForce(ctx, r); err == nil && out.Card.Number == 0 {
		err = ErrNoCard
	}
	return out, err
}

// ReviewInput is what a supervisor says. Card is the version that was filled in; Values are by the criteria's codes, and one without a
// value did not apply.
type ReviewInput struct {
	By     access.Actor
	Number string
	Card   int
	Values map[string]int
	Note   string
}

// Review keeps a review, once for each case, and tells the agent. Refused: one's own case, a card that another took the place of, values
// the card does not know, a review without words.
func (s *Service) Review(ctx context.Context, in ReviewInput) (Review, error) {
	var id ReviewID
	if err := access.Can(in.By, access.ReviewQuality, access.Object{}); err != nil {
		return Review{}, err
	}
	in.Note = strings.TrimSpace(in.Note)
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		c, err := s.Cases.CaseByNumber(ctx, tx, in.Number, in.By)
		if err != nil {
			return err
		}
		sheet, err := sheetOf(ctx, tx, c, in.By)
		switch {
		case err != nil:
			return err
		case sheet.Review != 0:
			return ErrReviewed
		case sheet.Card.Number != in.Card:
			return ErrStale
		}
		scores, err := in.scores(sheet.Card)
		if err != nil {
			return err
		}
		id, err = s.keepReviewTx(ctx, tx, in, sheet, scores)
		return err
	})
	if err != nil {
		return Review{}, err
	}
	return s.ReviewByID(ctx, id, in.By)
}

// scores are the values by the card's criteria.
func (in ReviewInput) scores(card Card) ([]Score, error) {
	var wrong []errs.Field
	list, known, applied := make([]Score, len(card.Criteria)), map[string]bool{}, false
	for i, c := range card.Criteria {
		list[i], known[c.Code] = Score{Code: c.Code, Name: c.Name, Scale: c.Scale, Weight: c.Weight}, true
		if value, given := in.Values[c.Code]; given {
			list[i].Value, applied = &value, true
			if !c.Scale.Right(value) {
				wrong = append(wrong, errs.Field{Name: "values." + c.Code, Key: "quality.value"})
			}
		}
	}
	for code := range in.Values {
		if !known[code] {
			wrong = append(wrong, errs.Field{Name: "values." + code, Key: "quality.no_criterion"})
		}
	}
	if !applied {
		wrong = append(wrong, errs.Field{Name: "values", Key: "quality.nothing_scored"})
	}
	if n := utf8.RuneCountInString(in.Note); n == 0 || n > LongestNote {
		wrong = append(wrong, errs.Field{Name: "note", Key: "quality.note", Params: errs.Params{"most": strconv.Itoa(LongestNote)}})
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return list, nil
}

func (s *Service) keepReviewTx(ctx context.Context, tx *db.Tx, in ReviewInput, sheet Sheet, scores []Score) (ReviewID, error) {
	score := ScoreOf(scores)
	id, err := db.Value[ReviewID](ctx, tx, `insert into quality_reviews (case_id, agent_id, reviewer_id, team_id, entity_id, card, score, note, reviewed_at)
		values ($1, $2, $3, (select team_id from users where id = $2), $4, $5, $6, $7, $8) on conflict (case_id) do nothing returning id`,
		sheet.Case.ID, sheet.AgentID, in.By.UserID, sheet.Case.EntityID, sheet.Card.Number, score, in.Note, tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return 0, ErrReviewed // somebody was quicker
	}
	if err != nil {
		return 0, fmt.Errorf("keep review: %w", err)
	}
	for i, one := range scores {
		if _, err := tx.Exec(ctx, `insert into quality_scores (review_id, position, code, name, scale, weight, value) values ($1, $2, $3, $4, $5, $6, $7)`,
			id, i+1, one.Code, one.Name, one.Scale, one.Weight, one.Value); err != nil {
			return 0, fmt.Errorf("keep score: %w", err)
		}
	}
	if err := s.Cases.NotifyTx(ctx, tx, cases.Notice{UserID: sheet.AgentID, CaseID: &sheet.Case.ID, Key: "notice.quality_reviewed", Params: map[string]string{
		"number": sheet.Case.Number, "by": in.By.Name,
	}}); err != nil {
		return 0, fmt.Errorf("tell the agent: %w", err)
	}
	tx.Publish("quality")
	tx.Did("quality.reviewed " + sheet.Case.Number)
	return id, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "quality.reviewed", Data: map[string]any{
		"review": id, "case": sheet.Case.Number, "agent": sheet.AgentID, "card": sheet.Card.Number, "score": score, "sampled": sheet.Sampled,
	}})
}

// AcknowledgeInput is what an agent says to a review of theirs; Reply may be empty.
type AcknowledgeInput struct {
	By    access.Actor
	ID    ReviewID
	Reply string
}

// Acknowledge says that the agent has read a review, once. ErrNotYours for somebody else's.
func (s *Service) Acknowledge(ctx context.Context, in AcknowledgeInput) (Review, error) {
	in.Reply = strings.TrimSpace(in.Reply)
	if err := access.Can(in.By, access.ReadCases, access.Object{}); err != nil {
		return Review{}, err
	}
	if utf8.RuneCountInString(in.Reply) > LongestNote {
		return Review{}, errs.InvalidField("reply", "quality.long_text", "most", strconv.Itoa(LongestNote))
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		was, err := readReview(ctx, tx, in.ID, in.By)
		switch {
		case err != nil:
			return err
		case was.AgentID != in.By.UserID:
			return ErrNotYours
		}
		n, err := tx.Exec(ctx, `update quality_reviews set acknowledged_at = $2, reply = $3 where id = $1 and acknowledged_at is null`, in.ID, tx.Now(), in.Reply)
		if err != nil {
			return fmt.Errorf("acknowledge review: %w", err)
		}
		if n == 0 {
			return ErrAcknowledged
		}
		if in.Reply != "" {
			if err := s.Cases.NotifyTx(ctx, tx, cases.Notice{UserID: was.ReviewerID, CaseID: &was.CaseID, Key: "notice.quality_replied", Params: map[string]string{
				"number": was.Number, "by": in.By.Name,
			}}); err != nil {
				return fmt.Errorf("tell the reviewer: %w", err)
			}
		}
		tx.Publish("quality")
		tx.Did("quality.acknowledged " + strconv.FormatInt(int64(in.ID), 10))
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "quality.acknowledged", Data: map[string]any{
			"review": in.ID, "case": was.Number, "replied": in.Reply != "",
		}})
	})
	if err != nil {
		return Review{}, err
	}
	return s.ReviewByID(ctx, in.ID, in.By)
}
