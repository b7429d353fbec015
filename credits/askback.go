package credits

import (
	"context"
	"fmt"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Question is what an approver asked the requester before deciding. It is open while AnsweredAt is nil; a change of the
// request answers it, too, then with the comment of the change.
type Question struct {
	ID              int64
	CreditRequestID ID
	ContentVersion  int
	StepID          StepID
	AskedBy         int64
	AskedByName     string
	OnBehalfOf      *int64
	Question        string
	AskedAt         time.Time
	Answer          string
	AnsweredBy      *int64
	AnsweredByName  string
	AnsweredAt      *time.Time
}

// AnswerInput answers what an approver asked, with more evidence if there is.
type AnswerInput struct {
	By       access.Actor
	ID       ID
	Answer   string
	Evidence []NewEvidence
}

// AskBack gives a request back to its requester with a question, by somebody who could decide its open step. It keeps what
// it reserved for the time of the policy; nobody decides it meanwhile. The question is the Comment, and needed.
func (s *Service) AskBack(ctx context.Context, in DecideInput) (Request, error) {
	if trimmed(in.Comment) == "" {
		return Request{}, errs.InvalidField("comment", "credits.question_needed")
	}
	if err := access.Proven(in.By); err != nil {
		return Request{}, err
	}
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		at, err := s.atStepTx(ctx, tx, in, false)
		if err != nil {
			return err
		}
		req = at.req
		return s.askBackTx(ctx, tx, &req, at, in)
	})
	return req, err
}

func (s *Service) askBackTx(ctx context.Context, tx *db.Tx, req *Request, at atStep, in DecideInput) error {
	if err := s.haltTx(ctx, tx, *req, at.steps, in.By); err != nil {
		return err
	}
	until := tx.Now().Add(at.roster.deadlines(at.roster.factsOf(*req).PolicyVersion).ReturnFor())
	req.State, req.ReturnedUntil = Returned, &until
	if err := moveRequest(ctx, tx, req); err != nil {
		return err
	}
	var behalf *int64
	if at.who.OnBehalfOf != 0 {
		behalf = &at.who.OnBehalfOf
	}
	if _, err := tx.Exec(ctx, `insert into credit_questions (credit_request_id, content_version, step_id, asked_by, on_behalf_of, question, asked_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, req.ID, req.ContentVersion, at.open.ID, in.By.UserID, behalf, trimmed(in.Comment), tx.Now()); err != nil {
		return fmt.Errorf("ask back: %w", err)
	}
	if err := s.tellTx(ctx, tx, *req, "notice.credit_asked_back", req.RequesterID); err != nil {
		return err
	}
	return s.markTx(ctx, tx, *req, cases.CreditReturned, in.By, map[string]any{"step": at.open.ID, "level": at.open.LevelName, "question": trimmed(in.Comment), "until": until})
}

// haltTx closes the open steps for now: they wait again, and their clocks end.
func (s *Service) haltTx(ctx context.Context, tx *db.Tx, req Request, steps []Step, by access.Actor) error {
	for _, step := range steps {
		if step.State != StepOpen {
			continue
		}
		if _, err := tx.Exec(ctx, `update credit_steps set state = 'waiting', opened_at = null, due_at = null, reminded_at = null where id = $1`, step.ID); err != nil {
			return fmt.Errorf("halt step: %w", err)
		}
		if req.CaseID != nil {
			if err := s.cases.StepVoidedTx(ctx, tx, *req.CaseID, int64(step.ID), by); err != nil {
				return err
			}
		}
	}
	return nil
}

// Answer gives a request that was asked back to its approvers again, with an answer. What was signed stays signed, since
// nothing of it changed; the step that asked opens again.
func (s *Service) Answer(ctx context.Context, in AnswerInput) (Request, error) {
	if err := in.check(); err != nil {
		return Request{}, err
	}
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if req, err = s.lockTx(ctx, tx, in.ID, in.By, access.Propose); err != nil {
			return err
		}
		if err := req.mayBeAnswered(in.By); err != nil {
			return err
		}
		if err := checkMessages(ctx, tx, req.CaseID, in.Evidence); err != nil {
			return err
		}
		if err := insertEvidence(ctx, tx, req.ID, in.Evidence, in.By); err != nil {
			return err
		}
		if err := closeQuestion(ctx, tx, req.ID, in.Answer, in.By); err != nil {
			return err
		}
		return s.resumeTx(ctx, tx, &req, in)
	})
	return req, err
}

func (in AnswerInput) check() error {
	wrong := checkEvidence(in.Evidence)
	if trimmed(in.Answer) == "" {
		wrong = append(wrong, errs.Field{Name: "answer", Key: "credits.answer_needed"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (r Request) mayBeAnswered(by access.Actor) error {
	switch {
	case by.UserID != r.RequesterID:
		return ErrNotYours
	case r.State != Returned:
		return errs.New(ErrNotReturned.Kind, ErrNotReturned.Key, "number", r.Number, "state", string(r.State))
	}
	return nil
}

// resumeTx opens a returned request again where it was.
func (s *Service) resumeTx(ctx context.Context, tx *db.Tx, req *Request, in AnswerInput) error {
	req.State, req.ReturnedUntil = Pending, nil
	if err := moveRequest(ctx, tx, req); err != nil {
		return err
	}
	if err := s.markTx(ctx, tx, *req, cases.CreditPending, in.By, map[string]any{"answer": trimmed(in.Answer), "version": req.ContentVersion}); err != nil {
		return err
	}
	ro, err := s.readRoster(ctx, tx, req.ID)
	if err != nil {
		return err
	}
	steps, _, err := s.rerouteTx(ctx, tx, ro, *req, in.By)
	if err != nil {
		return err
	}
	return s.openNextTx(ctx, tx, *req, steps, in.By)
}

// closeQuestion writes the answer to the open question of a request, if there is one.
func closeQuestion(ctx context.Context, tx *db.Tx, id ID, answer string, by access.Actor) error {
	if _, err := tx.Exec(ctx, `update credit_questions set answer = $2, answered_by = $3, answered_at = $4 where credit_request_id = $1 and answered_at is null`,
		id, trimmed(answer), by.UserID, tx.Now()); err != nil {
		return fmt.Errorf("answer question: %w", err)
	}
	return nil
}

// questionsOf reads what was asked back about a request, the oldest first.
func questionsOf(ctx context.Context, r db.Reader, id ID) ([]Question, error) {
	list, err := db.List[Question](ctx, r, `select q.*, a.name as asked_by_name, coalesce(b.name, '') as answered_by_name
		from credit_questions q join users a on a.id = q.asked_by left join users b on b.id = q.answered_by where q.credit_request_id = $1 order by q.id`, id)
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	return list, nil
}
