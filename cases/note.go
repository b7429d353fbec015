package cases

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// AddNote adds an internal note, which never leaves the house, and tells whom the text names with an @, as far as they may see the case. It
// can never become a reply.
func (s *Service) AddNote(ctx context.Context, in NoteInput) (Case, error) {
	in.Body = strings.TrimSpace(in.Body)
	if err := s.mayAttach(ctx, in.By, in.Attach); err != nil {
		return Case{}, err
	}
	return s.command(ctx, in.On, in.Macro != 0, func(w *work) error {
		m, err := s.withMacro(ctx, w, in.Macro)
		if err != nil {
			return err
		}
		if err := w.addNote(ctx, in); err != nil {
			return err
		}
		if err := dropDraft(ctx, w.tx, w.c.ID, in.By.UserID, Note); err != nil {
			return err
		}
		return s.do(ctx, w, m.Does)
	})
}

// addNote writes the note and tells those it names.
func (w *work) addNote(ctx context.Context, in NoteInput) error {
	if in.Body == "" {
		return errs.InvalidField("body", "case.needs_text")
	}
	files, err := w.takeFiles(ctx, Note, going{in.Files, in.Attach})
	if err != nil {
		return err
	}
	id, err := insertMessage(ctx, w.tx, Message{
		CaseID: w.c.ID, Kind: Note, AuthorKind: ByPerson, AuthorID: userID(w.by), AuthorName: w.by.Name, Body: in.Body, At: w.tx.Now(), Formatted: true, Attachments: noted(files),
	})
	if err != nil {
		return err
	}
	if err := letGo(ctx, w.tx, files); err != nil {
		return err
	}
	mentioned, err := w.mentioned(ctx, in.Body)
	if err != nil {
		return err
	}
	for _, who := range mentioned {
		n := Notice{UserID: who, CaseID: &w.c.ID, Key: "notice.mentioned", Params: map[string]string{"number": w.c.Number, "by": w.by.Name}}
		if err := insertNotice(ctx, w.tx, n); err != nil {
			return err
		}
	}
	w.note("note.added", withFiles(map[string]any{"message": id, "mentions": mentioned}, files))
	return nil
}

// SaveDraft keeps what somebody has begun to write, for them alone; an empty body drops it. The case does not change.
func (s *Service) SaveDraft(ctx context.Context, in DraftInput) error {
	if in.Kind != PublicReply && in.Kind != Note {
		return errs.InvalidField("kind", "case.unknown_kind")
	}
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := s.CaseByID(ctx, tx, in.ID, in.By); err != nil {
			return err
		}
		if strings.TrimSpace(in.Body) == "" {
			return dropDraft(ctx, tx, in.ID, in.By.UserID, in.Kind)
		}
		return keepDraft(ctx, tx, in.ID, in.By.UserID, in.Kind, in.Body)
	})
}

func keepDraft(ctx context.Context, tx *db.Tx, id ID, user int64, kind MessageKind, body string) error {
	_, err := tx.Exec(ctx, `insert into drafts (case_id, user_id, kind, body, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (case_id, user_id, kind) do update set body = excluded.body, updated_at = excluded.updated_at`, id, user, kind, body, tx.Now())
	if err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	return nil
}

func dropDraft(ctx context.Context, tx *db.Tx, id ID, user int64, kind MessageKind) error {
	_, err := tx.Exec(ctx, `delete from drafts where case_id = $1 and user_id = $2 and kind = $3`, id, user, kind)
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

// AcceptParticipant lets somebody who was only put in copy by a mail take part from now on.
func (s *Service) AcceptParticipant(ctx context.Context, in ParticipantInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		return w.takesPart(ctx, in.Address, true)
	})
}

func userTopic(id int64) string { return fmt.Sprintf("user:%d", id) }
