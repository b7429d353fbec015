package billing

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"makegood/billing/document/jurisdiction"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// DocumentRules are what an entity's documents say besides, or instead of, what the law of its country asks.
type DocumentRules struct {
	By              access.Actor
	Entity          string // code
	Rules           string // YAML of one regime, as in document/jurisdiction; "" for the country's alone
	ExemptionReason string // printed and sent where tax is exempt
}

// SetDocumentRules replaces an entity's own rules, for an administrator. They hold for everything proposed or posted from
// then on; what was posted keeps its papers. It refuses, by the field, rules that cannot be read.
func (s *Service) SetDocumentRules(ctx context.Context, in DocumentRules) error {
	if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		e, err := db.One[Entity](ctx, tx, `select * from legal_entities where code = $1 for update`, in.Entity)
		if e, err = found(e, err, ErrNoEntity, "read entity"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.Administer, access.Object{EntityID: int64(e.ID)}); err != nil {
			return err
		}
		if _, err := s.rulesOf(e.Country, in.Rules); err != nil {
			return errs.InvalidField("rules", jurisdiction.ErrRules.Key, "what", err.Error())
		}
		in.Rules, in.ExemptionReason = strings.TrimSpace(in.Rules), strings.TrimSpace(in.ExemptionReason)
		if _, err := tx.Exec(ctx, `update legal_entities set document_rules = $2, exemption_reason = $3, version = version + 1 where id = $1`, e.ID, in.Rules, in.ExemptionReason); err != nil {
			return fmt.Errorf("set document rules: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "entity.document_rules_set", Data: map[string]any{
			"entity": e.Code, "rules": in.Rules, "rules_before": e.DocumentRules, "exemption_reason": in.ExemptionReason, "exemption_reason_before": e.ExemptionReason,
		}})
	})
}

// StampInput is what the tax authority gave an invoice after it was issued.
type StampInput struct {
	By      access.Actor
	Invoice string // number
	Stamp   string
}

// RecordStamp notes the stamp of an invoice: Brazil's chave de acesso, Mexico's folio fiscal, the mark of Greece. A later one
// counts instead of an earlier one, the same again changes nothing. It refuses a stamp that has not the form the law gives it.
func (s *Service) RecordStamp(ctx context.Context, in StampInput) error {
	if err := access.Can(in.By, access.IssueInvoice, access.Object{}); err != nil {
		return err
	}
	in.Stamp = strings.TrimSpace(in.Stamp)
	return s.db.Do(ctx, func(tx *db.Tx) error {
		i, err := s.InvoiceByNumber(ctx, tx, in.Invoice)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.IssueInvoice, access.Object{EntityID: int64(i.EntityID)}); err != nil {
			return err
		}
		e, err := s.EntityByID(ctx, tx, i.EntityID)
		if err != nil {
			return err
		}
		if err := s.checkStamp(e, in.Stamp); err != nil {
			return err
		}
		before, err := originals(ctx, tx, i)
		if err != nil || before[0].Stamp == in.Stamp {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into invoice_stamps (invoice_id, stamp, recorded_at, recorded_by) values ($1, $2, $3, $4)`,
			i.ID, in.Stamp, tx.Now(), in.By.UserID); err != nil {
			return fmt.Errorf("record stamp: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(e.ID)), By: in.By, What: "invoice.stamped", Data: map[string]any{
			"invoice": i.Number, "stamp": in.Stamp, "stamp_before": before[0].Stamp,
		}})
	})
}

// checkStamp refuses a stamp of another form than the law has for originals.
func (s *Service) checkStamp(e Entity, stamp string) error {
	if stamp == "" {
		return errs.InvalidField("stamp", "error.required")
	}
	rules, err := s.rulesOf(e.Country, e.DocumentRules)
	if err != nil {
		return err
	}
	for _, need := range rules.Credit.Require {
		if need.Field != jurisdiction.OriginalStamp || need.Form == "" {
			continue
		}
		if ok, err := regexp.MatchString(need.Form, stamp); err != nil || !ok {
			return errs.InvalidField("stamp", "billing.bad_stamp", "law", rules.Law)
		}
	}
	return nil
}
