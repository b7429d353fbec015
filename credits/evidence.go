package credits

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"makegood/cases"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (p proposal) hasEvidence(kind EvidenceKind) bool {
	return slices.ContainsFunc(p.evidence, func(e NewEvidence) bool { return e.Kind == kind })
}

func evidenceKinds() []EvidenceKind {
	return []EvidenceKind{CustomerMail, ContractPage, Ticket, Document, Calculation, Note}
}

func checkEvidence(list []NewEvidence) []errs.Field {
	var wrong []errs.Field
	for i, e := range list {
		if !slices.Contains(evidenceKinds(), e.Kind) {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("evidence.%d.kind", i), Key: "credits.evidence.unknown_kind"})
		}
		if strings.TrimSpace(e.Label) == "" && e.MessageID == nil && e.AttachmentID == nil {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("evidence.%d.label", i), Key: "error.required"})
		}
		if len(e.SHA256) != 0 && len(e.SHA256) != sha256.Size || e.SheetID != nil && len(e.SHA256) == 0 {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("evidence.%d.sha256", i), Key: "credits.evidence.no_hash"})
		}
	}
	return wrong
}

// customersMail is the first message a customer wrote in a case: evidence that speaks for itself.
func customersMail(ctx context.Context, r db.Reader, id cases.ID) ([]NewEvidence, error) {
	list, err := db.List[struct {
		ID      cases.MessageID
		Subject string
	}](ctx, r, `select id, subject from case_messages where case_id = $1 and kind = 'inbound' and not machine order by at, id limit 1`, id)
	if err != nil {
		return nil, fmt.Errorf("look for customer's mail: %w", err)
	}
	var found []NewEvidence
	for _, m := range list {
		found = append(found, NewEvidence{Kind: CustomerMail, Label: m.Subject, MessageID: &m.ID})
	}
	return found, nil
}

// pointedAt is what evidence points at in a case.
type pointedAt struct {
	Messages []int64
	Mails    []int64 // those of the messages that a customer wrote
	Files    []int64
}

// checkMessages refuses evidence that points at a message or a file of another case, and as the customer's mail what no customer
// wrote.
func checkMessages(ctx context.Context, r db.Reader, id *cases.ID, list []NewEvidence) error {
	var messages, files []int64
	for _, e := range list {
		if e.MessageID != nil {
			messages = append(messages, int64(*e.MessageID))
		}
		if e.AttachmentID != nil {
			files = append(files, *e.AttachmentID)
		}
	}
	if len(messages)+len(files) == 0 {
		return nil
	}
	known, err := db.One[pointedAt](ctx, r, `select array(select id from case_messages where case_id = $1 and id = any ($2)) as messages,
		array(select id from case_messages where case_id = $1 and id = any ($2) and kind = 'inbound' and author_kind = 'customer') as mails,
		array(select a.id from case_attachments a join case_messages m on m.id = a.case_message_id where m.case_id = $1 and a.id = any ($3)) as files`,
		id, orNone(messages), orNone(files))
	if err != nil {
		return fmt.Errorf("check evidence: %w", err)
	}
	for i, e := range list {
		if e.MessageID != nil && !slices.Contains(known.Messages, int64(*e.MessageID)) {
			return errs.InvalidField(fmt.Sprintf("evidence.%d.message_id", i), "credits.evidence.other_case")
		}
		if e.MessageID != nil && e.Kind == CustomerMail && !slices.Contains(known.Mails, int64(*e.MessageID)) {
			return errs.InvalidField(fmt.Sprintf("evidence.%d.message_id", i), "credits.evidence.not_customers")
		}
		if e.AttachmentID != nil && !slices.Contains(known.Files, *e.AttachmentID) {
			return errs.InvalidField(fmt.Sprintf("evidence.%d.attachment_id", i), "credits.evidence.other_case")
		}
	}
	return nil
}

// AddEvidence adds a piece of evidence to a request that has not ended. The chain goes on as it is.
func (s *Service) AddEvidence(ctx context.Context, in EvidenceInput) error {
	if wrong := checkEvidence([]NewEvidence{in.NewEvidence}); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, in.ID, in.By, access.Propose)
		if err != nil {
			return err
		}
		if req.ended() {
			return ErrEnded
		}
		if err := in.refuseSigner(ctx, tx, req); err != nil {
			return err
		}
		if err := checkMessages(ctx, tx, req.CaseID, []NewEvidence{in.NewEvidence}); err != nil {
			return err
		}
		if err := s.checkSheet(ctx, tx, req, in.NewEvidence); err != nil {
			return err
		}
		if err := insertEvidence(ctx, tx, req.ID, []NewEvidence{in.NewEvidence}, in.By); err != nil {
			return err
		}
		tx.Publish(req.topics()...)
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: req.stream(), By: in.By, What: "credit_request.evidence_added",
			Data: map[string]any{"request": req.ID, "number": req.Number, "kind": in.Kind, "label": trimmed(in.Label)},
		})
	})
}

// refuseSigner keeps whoever has signed a request from adding the computation it rests on.
func (in EvidenceInput) refuseSigner(ctx context.Context, tx *db.Tx, req Request) error {
	if in.Kind != Calculation {
		return nil
	}
	signed, err := db.Value[bool](ctx, tx, `select exists (select from credit_decisions where credit_request_id = $1 and content_version = $2 and $3 in (user_id, on_behalf_of))`,
		req.ID, req.ContentVersion, in.By.UserID)
	if err != nil {
		return fmt.Errorf("look up signatures: %w", err)
	}
	if signed {
		return errs.New(errs.Conflict, authority.ErrAlreadyDecided.Key)
	}
	return nil
}

// insertEvidence adds evidence; a file without words of its own is called by its name.
func insertEvidence(ctx context.Context, tx *db.Tx, id ID, list []NewEvidence, by access.Actor) error {
	for _, e := range list {
		if _, err := tx.Exec(ctx, `insert into credit_request_evidence (credit_request_id, kind, label, case_message_id, added_by, added_at, sheet_id, sha256, case_attachment_id)
			values ($1, $2, coalesce(nullif($3, ''), (select filename from case_attachments where id = $9), ''), $4, $5, $6, $7, nullif($8::bytea, ''), $9)`,
			id, e.Kind, trimmed(e.Label), e.MessageID, by.UserID, tx.Now(), e.SheetID, e.SHA256, e.AttachmentID); err != nil {
			return fmt.Errorf("add evidence: %w", err)
		}
	}
	return nil
}
