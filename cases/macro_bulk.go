package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// errBulkLeft tells that a case stays as it is because its customer has been written to.
var errBulkLeft = errs.New(errs.Conflict, "bulk.reply_left")

// errBulkMacro tells that somebody changed the macro during the run: the rest would get another text than was shown.
var errBulkMacro = errs.New(errs.Conflict, "bulk.macro_changed")

// bulkMacro is a macro within a run. What it writes to the customer waits as long as the run may take and can be undone then; its end says until
// when exactly.
func (s *Service) bulkMacro(ctx context.Context, w *work, run BulkRun, before *bulkBefore) error {
	m, err := usableMacro(ctx, w.tx, MacroID(*numberOrNil(run.Value)), w.by)
	if err != nil {
		return err
	}
	if run.MacroVersion != 0 && m.Version != run.MacroVersion {
		return errBulkMacro
	}
	tags, err := s.Tags(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	for _, tag := range m.Does.Tags {
		if !slices.Contains(tags, tag) {
			before.Tags = append(before.Tags, tag)
		}
	}
	facts, err := factsOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	text, err := facts.write(m, w.c, w.by)
	if err != nil {
		return err
	}
	if text == "" || m.Kind == Note {
		before.Moved = true
		return s.bulkInside(ctx, w, m.Does, text)
	}
	in := ReplyInput{On: On{By: w.by, ID: w.c.ID}, Body: text, CcAll: true, held: WorkBulk{}.Takes() + BulkUndo}
	in.Then, in.WaitingOn, _ = statusOf(m.Does.Status)
	sent, err := s.reply(ctx, w, in)
	if err != nil {
		return err
	}
	before.Reply = sent.MessageID
	return s.doBeside(ctx, w, m.Does, false)
}

// holdReplies has what a run wrote to customers, and what has not left, leave at a moment.
func (s *Service) holdReplies(ctx context.Context, tx *db.Tx, run BulkRun, until time.Time) error {
	if run.Action != BulkMacro {
		return nil
	}
	mails, err := db.Values[inbox.OutgoingID](ctx, tx, `select m.outgoing_message_id from bulk_rows r join case_messages m on m.id = (r.before->>'reply')::bigint
		where r.run_id = $1 and r.state in ('done', 'kept') and m.outgoing_message_id is not null order by 1`, run.ID)
	if err != nil {
		return fmt.Errorf("find replies of bulk: %w", err)
	}
	if err := s.inbox.LeaveAtTx(ctx, tx, mails, until); err != nil {
		return fmt.Errorf("hold replies of bulk: %w", err)
	}
	return nil
}

// bulkInside is a macro that writes nothing to the customer.
func (s *Service) bulkInside(ctx context.Context, w *work, d MacroDoes, note string) error {
	if note != "" {
		if err := w.addNote(ctx, NoteInput{Body: note}); err != nil {
			return err
		}
	}
	if err := s.doStatus(ctx, w, d); err != nil {
		return err
	}
	return s.doBeside(ctx, w, d, false)
}

// bulkMacroBack takes back what a macro did to a case: its reply while that has not left, or else nothing. Notes stay.
func (s *Service) bulkMacroBack(ctx context.Context, w *work, before bulkBefore) error {
	if before.Reply != 0 {
		if err := s.bulkUnsay(ctx, w, before.Reply); err != nil {
			return err
		}
	}
	if before.Moved && (w.c.Status != before.Status || w.c.WaitingOn != before.WaitingOn) {
		if err := s.bulkStatusBack(ctx, w, before); err != nil {
			return err
		}
	}
	if err := w.followUpBack(ctx, before.followUpBefore); err != nil {
		return err
	}
	for _, tag := range before.Tags {
		if _, err := w.tag(ctx, tag, false); err != nil {
			return err
		}
	}
	return s.bulkBack(ctx, w, before)
}

func (s *Service) bulkUnsay(ctx context.Context, w *work, id MessageID) error {
	m, err := ownReply(ctx, w, UndoReplyInput{By: w.by, ID: w.c.ID, MessageID: id})
	if errors.Is(err, ErrNoMessage) {
		return errBulkKept
	}
	if err != nil {
		return err
	}
	err = s.inbox.CancelTx(ctx, w.tx, inbox.OutgoingID(*m.OutgoingMessageID), w.by)
	if errors.Is(err, inbox.ErrSent) {
		return errBulkLeft
	}
	if err != nil {
		return fmt.Errorf("cancel mail: %w", err)
	}
	return w.unsay(ctx, m)
}

// macroRule is what stands against a macro for one case: its text, its status, and whom it gives the case to.
func (s *Service) macroRule(ctx context.Context, in BulkInput, ids []ID) (func(c Case) error, error) {
	m, err := s.MacroByID(ctx, MacroID(*numberOrNil(in.Value)), in.By)
	if err != nil {
		return nil, err
	}
	facts, err := factsOf(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	nothing := func(Case) error { return nil }
	move, give := nothing, nothing
	if m.Does.Status != "" {
		if move, err = s.moveRule(ctx, m.Does.Status, ids); err != nil {
			return nil, err
		}
	}
	if m.Does.Assign != "" {
		if give, err = s.giveRule(ctx, in.By, m.Does.to(in.By)); err != nil {
			return nil, err
		}
	}
	return func(c Case) error {
		text, err := facts.write(m, c, in.By)
		if err == nil && text != "" && m.Kind == PublicReply {
			err = facts.mayReply(c, text)
		}
		if err == nil {
			err = move(c)
		}
		if err == nil {
			err = m.Does.mayPutOff(c)
		}
		if err == nil {
			err = give(c)
		}
		return err
	}, nil
}

// mayReply is what stands against a text as a reply in a case.
func (f macroFacts) mayReply(c Case, text string) error {
	if err := (ReplyInput{Body: text}).check(c); err != nil {
		return err
	}
	if _, somebody := f.people[c.ID]; !somebody {
		return errs.New(ErrNobodyToAnswer.Kind, ErrNobodyToAnswer.Key, "number", c.Number)
	}
	return backed(text, f.credits[c.ID])
}
