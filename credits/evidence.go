package credits

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// evidenceRule asks for something from an amount on, in billing.AuthorityCurrency.
type evidenceRule struct {
	kind  billing.Kind
	from  decimal.Decimal
	key   string // says what is missing
	field string
	given func(proposal) bool
}

func evidenceRules() []evidenceRule {
	some := func(p proposal) bool { return len(p.evidence) > 0 }
	explained := func(p proposal) bool { return strings.TrimSpace(p.in.Explanation) != "" }
	return []evidenceRule{
		{billing.BillingError, decimal.Zero, "credits.evidence.any", "evidence", some},
		{billing.Rebill, decimal.Zero, "credits.evidence.any", "evidence", some},
		{billing.Debit, decimal.Zero, "credits.evidence.debit", "evidence", some},
		{billing.SLACredit, decimal.Zero, "credits.evidence.calculation", "evidence", func(p proposal) bool { return p.hasEvidence(Calculation) }},
		{billing.Concession, decimal.Zero, "credits.evidence.explanation", "explanation", explained},
		{billing.RefundOut, decimal.Zero, "credits.evidence.refund", "explanation", func(p proposal) bool { return explained(p) || p.hasEvidence(CustomerMail) }},
		{billing.WriteOff, decimal.Zero, "credits.evidence.write_off", "explanation", explained},
		{billing.TransferOver, decimal.Zero, "credits.evidence.transfer", "explanation", explained},
		{billing.Reverse, decimal.Zero, "credits.evidence.reversal", "explanation", explained},
	}
}

// missingEvidence lists what the rules ask for and the proposal does not bring.
func (p proposal) missingEvidence() []evidenceRule {
	return slices.DeleteFunc(evidenceRules(), func(rule evidenceRule) bool {
		return rule.kind != p.in.Kind || p.amount.LessThan(rule.from) || rule.given(p)
	})
}

func (p proposal) hasEvidence(kind EvidenceKind) bool {
	return slices.ContainsFunc(p.evidence, func(e NewEvidence) bool { return e.Kind == kind })
}

func checkEvidence(list []NewEvidence) []errs.Field {
	var wrong []errs.Field
	for i, e := range list {
		if !slices.Contains([]EvidenceKind{CustomerMail, Document, Calculation, Note}, e.Kind) {
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("evidence.%d.kind", i), Key: "credits.evidence.unknown_kind"})
		}
		if strings.TrimSpace(e.Label) == "" && e.MessageID == nil {
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

// checkMessages refuses evidence that points at a message of another case.
func checkMessages(ctx context.Context, r db.Reader, id *cases.ID, list []NewEvidence) error {
	var wanted []int64
	for _, e := range list {
		if e.MessageID != nil {
			wanted = append(wanted, int64(*e.MessageID))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	known, err := db.Values[int64](ctx, r, `select id from case_messages where case_id = $1 and id = any ($2)`, id, wanted)
	if err != nil {
		return fmt.Errorf("check evidence: %w", err)
	}
	for i, e := range list {
		if e.MessageID != nil && !slices.Contains(known, int64(*e.MessageID)) {
			return errs.InvalidField(fmt.Sprintf("evidence.%d.message_id", i), "credits.evidence.other_case")
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
		if err := checkMessages(ctx, tx, req.CaseID, []NewEvidence{in.NewEvidence}); err != nil {
			return err
		}
		if err := insertEvidence(ctx, tx, req.ID, []NewEvidence{in.NewEvidence}, in.By); err != nil {
			return err
		}
		tx.Publish(req.topics()...)
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: req.stream(), By: in.By, What: "credit.evidence_added",
			Data: map[string]any{"request": req.Number, "kind": in.Kind},
		})
	})
}

func insertEvidence(ctx context.Context, tx *db.Tx, id ID, list []NewEvidence, by access.Actor) error {
	for _, e := range list {
		if _, err := tx.Exec(ctx, `insert into credit_request_evidence (credit_request_id, kind, label, case_message_id, added_by, added_at, sheet_id, sha256)
			values ($1, $2, $3, $4, $5, $6, $7, nullif($8::bytea, ''))`, id, e.Kind, e.Label, e.MessageID, by.UserID, tx.Now(), e.SheetID, e.SHA256); err != nil {
			return fmt.Errorf("add evidence: %w", err)
		}
	}
	return nil
}
