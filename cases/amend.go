package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases/letters"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// longestSubject is how long a case's subject may be.
const longestSubject = 500

// AmendInput puts right how a case is called and in which language its customer is written to; nil leaves it.
type AmendInput struct {
	On
	Subject  *string
	Language *string
}

// Amend puts right the subject or the language of a case. Mails that have left keep theirs; those to come are written by it.
func (s *Service) Amend(ctx context.Context, in AmendInput) (Case, error) {
	subject, err := in.check()
	if err != nil {
		return Case{}, err
	}
	return s.command(ctx, in.On, true, func(w *work) error {
		if in.Subject != nil && subject != w.c.Subject {
			whose, err := firstAccepted(ctx, w.tx, w.c.ID)
			if err != nil && !errors.Is(err, db.ErrNoRow) {
				return err
			}
			w.note("case.retitled", map[string]any{"from": saidBy(whose.Address, w.c.Subject), "to": saidBy(whose.Address, subject)})
			w.c.Subject = subject
		}
		if in.Language != nil && *in.Language != w.c.Language {
			w.note("case.language_set", map[string]any{"from": w.c.Language, "to": *in.Language})
			w.c.Language = *in.Language
		}
		return nil
	})
}

func (in AmendInput) check() (string, error) {
	subject := ""
	if in.Subject != nil {
		subject = strings.Join(strings.Fields(*in.Subject), " ")
		if subject == "" || utf8.RuneCountInString(subject) > longestSubject {
			return "", errs.InvalidField("subject", "case.needs_subject")
		}
	}
	if in.Language != nil && !slices.Contains(letters.Languages(), *in.Language) {
		return "", errs.InvalidField("language", "case.unknown_language")
	}
	return subject, nil
}

// saidBy is what an event says that may hold a person's own words: it is kept where it can be erased with them.
func saidBy(address, text string) any {
	if address == "" {
		return text
	}
	return audit.Personal{Address: address, Said: text}
}

// TagInput puts a tag on a case, or takes it Off.
type TagInput struct {
	On
	Tag string
	Off bool
}

// Tag puts a tag on a case, or takes one off. Version 0 is allowed: a tag contradicts nothing. Doing it again changes nothing.
func (s *Service) Tag(ctx context.Context, in TagInput) (Case, error) {
	in.Tag = strings.ToLower(strings.TrimSpace(in.Tag))
	if !goodTag(in.Tag) {
		return Case{}, errs.InvalidField("tag", "macro.bad_tag")
	}
	return s.command(ctx, in.On, false, func(w *work) error {
		_, err := w.tag(ctx, in.Tag, !in.Off)
		return err
	})
}

// UnlinkInvoice takes the link to an invoice off a case. One that something hangs on stays: a dispute line of it, or a credit of the case.
func (s *Service) UnlinkInvoice(ctx context.Context, in LinkInvoiceInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		numbers, err := s.billing.NumbersOfInvoices(ctx, w.tx, []billing.InvoiceID{in.InvoiceID})
		if err != nil {
			return err
		}
		number := numbers[in.InvoiceID]
		lines, err := disputesOf(ctx, w.tx, w.c.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(lines, func(d DisputeLine) bool { return d.InvoiceID == in.InvoiceID }) {
			return errs.New(errs.Conflict, "case.dispute_holds_invoice", "invoice", number)
		}
		if w.c.CreditState != CreditNone {
			return errs.New(errs.Conflict, "case.credit_holds_invoice", "invoice", number)
		}
		n, err := w.tx.Exec(ctx, `delete from case_invoices where case_id = $1 and invoice_id = $2`, w.c.ID, in.InvoiceID)
		if err != nil {
			return fmt.Errorf("unlink invoice: %w", err)
		}
		if n > 0 {
			w.note("invoice.unlinked", map[string]any{"invoice": in.InvoiceID, "number": number, "by": "agent"})
		}
		return nil
	})
}
