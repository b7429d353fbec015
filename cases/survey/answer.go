package survey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/throttle"
)

// Asked is the question as its page shows it.
type Asked struct {
	Survey
	Number  string
	Subject string
	Entity  billing.Entity
}

// ByLink reads what a mailed link asks, and answers nothing: programs that scan mail open every link. ErrGone when it does not hold.
func (s *Service) ByLink(ctx context.Context, token string) (Asked, error) {
	found, err := s.byToken(ctx, s.DB, token, "")
	if err != nil {
		return Asked{}, err
	}
	out := Asked{Survey: found}
	type head struct{ Number, Subject string }
	c, err := db.One[head](ctx, s.DB, `select number, subject from cases where id = $1`, found.CaseID)
	if err != nil {
		return out, fmt.Errorf("read case: %w", err)
	}
	out.Number, out.Subject = c.Number, c.Subject
	if out.Entity, err = s.Billing.EntityByID(ctx, s.DB, found.EntityID); err != nil {
		return out, fmt.Errorf("read entity: %w", err)
	}
	return out, nil
}

// byToken is the survey of a link that holds. One of somebody who was erased holds no more: an answer would bring them back.
func (s *Service) byToken(ctx context.Context, r db.Reader, token, lock string) (Survey, error) {
	name, _, _ := strings.Cut(token, ".")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != name {
		return Survey{}, ErrGone
	}
	found, err := db.One[Survey](ctx, r, `select * from case_surveys s where case_id = $1 and left_out = '' and expires_at > $2
		and not exists (select from erased_rows e where e.kind = 'survey' and e.row_id = s.case_id) `+lock, id, s.DB.Now())
	if errors.Is(err, db.ErrNoRow) {
		return Survey{}, ErrGone
	}
	if err != nil {
		return Survey{}, fmt.Errorf("read survey: %w", err)
	}
	if !s.holds(token, found) {
		return Survey{}, ErrGone
	}
	return found, nil
}

// AnswerInput is what a customer says. Origin is from where, for the bound on tries.
type AnswerInput struct {
	Token   string
	Score   int
	Comment string
	Origin  string
}

// Answer keeps what a customer says by the mailed link. Until the link expires a new answer takes the place of the one before, and each
// is an event of the case; the same answer again changes nothing. Of a poor first score those who answer for the case are told. ErrGone
// when the link does not hold, throttle.ErrTooMany for whoever tries too often.
func (s *Service) Answer(ctx context.Context, in AnswerInput) (Survey, error) {
	var kept Survey
	in.Comment = clean(in.Comment)
	if err := throttle.Take(ctx, s.DB, throttle.Limit{Subject: "survey:ip:" + in.Origin, Max: 60, Per: time.Hour}); err != nil {
		return kept, err
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		was, err := s.byToken(ctx, tx, in.Token, "")
		if err != nil {
			return err
		}
		if _, err := db.Value[cases.ID](ctx, tx, `select id from cases where id = $1 for update`, was.CaseID); err != nil { // the case is locked first, always
			return fmt.Errorf("lock case: %w", err)
		}
		if was, err = s.byToken(ctx, tx, in.Token, "for update"); err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		if kept = was; was.Score != nil && *was.Score == in.Score && was.Comment == in.Comment {
			return nil
		}
		kept, err = s.keepAnswerTx(ctx, tx, was, in)
		return err
	})
	return kept, err
}

func (s *Service) keepAnswerTx(ctx context.Context, tx *db.Tx, was Survey, in AnswerInput) (Survey, error) {
	kept, err := db.One[Survey](ctx, tx, `update case_surveys set score = $2, comment = $3, answered_at = coalesce(answered_at, $4), changed_at = $4
		where case_id = $1 returning *`, was.CaseID, in.Score, in.Comment, tx.Now())
	if err != nil {
		return kept, fmt.Errorf("keep answer: %w", err)
	}
	note := cases.Surveyed{CaseID: was.CaseID, By: access.Actor{Kind: access.Customer, Name: was.Name, Address: was.Address}, Score: in.Score}
	if note.By.Name == "" {
		note.By.Name = was.Address
	}
	if was.Score != nil {
		note.Before = *was.Score
	}
	c, err := s.Cases.RecordSurveyTx(ctx, tx, note)
	if err != nil || was.Score != nil || in.Score > poor {
		return kept, err
	}
	return kept, s.tellTx(ctx, tx, c, kept)
}

// tellTx tells of a poor score whoever resolved the case and the lead of their team.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, c cases.Case, v Survey) error {
	users, err := db.Values[int64](ctx, tx, `select id from users where active and id in (select $1::bigint
		union select lead_id from teams where id = coalesce($2::bigint, (select team_id from users where id = $1))) order by id`, v.AgentID, c.TeamID)
	if err != nil {
		return fmt.Errorf("find whom to tell: %w", err)
	}
	for _, id := range users {
		if err := s.Cases.NotifyTx(ctx, tx, cases.Notice{UserID: id, CaseID: &c.ID, Key: "notice.survey_poor", Params: map[string]string{
			"number": c.Number, "score": strconv.Itoa(*v.Score),
		}}); err != nil {
			return fmt.Errorf("tell of a poor score: %w", err)
		}
	}
	return nil
}

func (in AnswerInput) check() error {
	var wrong []errs.Field
	if in.Score < Lowest || in.Score > Highest {
		wrong = append(wrong, errs.Field{Name: "score", Key: "survey.no_score"})
	}
	if utf8.RuneCountInString(in.Comment) > LongestComment {
		wrong = append(wrong, errs.Field{Name: "comment", Key: "survey.long_comment", Params: errs.Params{"most": strconv.Itoa(LongestComment)}})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// clean drops what is no text, and levels the ends of lines.
func clean(comment string) string {
	comment = strings.ReplaceAll(strings.ToValidUTF8(comment, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, comment))
}

// OfCase is the question about a case and its answer, for whoever may read the case. ErrNotAsked while nobody looked whether to ask.
func (s *Service) OfCase(ctx context.Context, r db.Reader, number string, by access.Actor) (Survey, error) {
	c, err := s.Cases.CaseByNumber(ctx, r, number, by)
	if err != nil {
		return Survey{}, err
	}
	found, err := db.One[Survey](ctx, r, `select * from case_surveys where case_id = $1`, c.ID)
	if errors.Is(err, db.ErrNoRow) {
		return Survey{}, ErrNotAsked
	}
	if err != nil {
		return Survey{}, fmt.Errorf("read survey: %w", err)
	}
	return found, nil
}
