package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/throttle"
)

// perHour bounds what one address may write within an hour.
const perHour = 60

// Ticked is one line of an invoice that the visitor contests. An Amount of "" means all of it that is still open to contest;
// otherwise it is what is too much, including tax.
type Ticked struct {
	LineNo int
	Amount string
	Reason string
	Words  string
}

// DisputeInput is a dispute as it was filled in on the portal.
type DisputeInput struct {
	Visitor Visitor
	Invoice string // number
	Lines   []Ticked
	Files   []inbox.Attachment
	Form    string
}

// Dispute opens a case on lines of an invoice that concerns the visitor, with holds on the contested amounts. It refuses, by
// the field of the line ("amount_3", "reason_3"), what is not an amount or may be another one, more than is open to contest, or gives no reason.
func (s *Service) Dispute(ctx context.Context, in DisputeInput) (cases.Case, error) {
	detail, reasons, err := s.Invoice(ctx, in.Visitor, in.Invoice)
	if err != nil {
		return cases.Case{}, err
	}
	if len(in.Lines) == 0 {
		return cases.Case{}, errs.InvalidField("lines", "portal.tick_a_line")
	}
	if err := s.Intake.ExamineFiles(ctx, in.Files); err != nil {
		return cases.Case{}, err
	}
	var opened cases.Case
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		if err := mayWriteTx(ctx, tx, in.Visitor); err != nil {
			return err
		}
		claims, err := s.claims(ctx, tx, detail, reasons, in.Lines)
		if err != nil {
			return err
		}
		opened, err = s.Intake.ContestTx(ctx, tx, contest(in, detail, reasons, claims))
		return err
	})
	return opened, err
}

func mayWriteTx(ctx context.Context, tx *db.Tx, v Visitor) error {
	return throttle.TakeTx(ctx, tx, throttle.Limit{Subject: "portal:write:" + v.Address, Max: perHour, Per: time.Hour})
}

// claims checks every line, so that all that is wrong is told at once. Lines share what is open to contest of the invoice.
func (s *Service) claims(ctx context.Context, r db.Reader, d billing.InvoiceDetail, reasons []cases.Reason, ticked []Ticked) ([]cases.NewDispute, error) {
	var claims []cases.NewDispute
	var wrong []errs.Field
	left, err := s.Billing.Contestable(ctx, r, d.ID, nil)
	if err != nil {
		return nil, err
	}
	for _, t := range ticked {
		at := slices.IndexFunc(d.Lines, func(l billing.LineDetail) bool { return l.LineNo == t.LineNo })
		if at < 0 {
			return nil, billing.ErrNoInvoice
		}
		line := d.Lines[at]
		open, err := s.Billing.Contestable(ctx, r, d.ID, &line.ID)
		if err != nil {
			return nil, err
		}
		open = decimal.Min(open, left)
		claim, fields := t.claim(line, money.Of(open, d.Currency), reasons)
		left = left.Sub(claim.Contested)
		claim.InvoiceID = d.ID
		claims, wrong = append(claims, claim), append(wrong, fields...)
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return claims, nil
}

func (t Ticked) claim(line billing.LineDetail, open money.Amount, reasons []cases.Reason) (cases.NewDispute, []errs.Field) {
	var wrong []errs.Field
	refuse := func(name, key string, pairs ...string) {
		wrong = append(wrong, errs.InvalidField(fmt.Sprintf("%s_%d", name, t.LineNo), key, pairs...).Fields...)
	}
	claim := cases.NewDispute{InvoiceLineID: &line.ID, Contested: open.Decimal(), ReasonCode: t.Reason, Claim: strings.TrimSpace(t.Words)}
	if text := strings.TrimSpace(t.Amount); text != "" {
		amount, err := amountOf(text, open.Currency())
		switch {
		case err != nil || !amount.IsPositive():
			refuse("amount", "portal.bad_amount", "currency", string(open.Currency()), "example", exampleOf(open.Currency()))
			claim.Contested = decimal.Zero
		case amount.Decimal().GreaterThan(open.Decimal()):
			refuse("amount", "case.over_contestable", "open", open.String())
			claim.Contested = decimal.Zero
		default:
			claim.Contested = amount.Decimal()
		}
	} else if !open.IsPositive() {
		refuse("amount", "portal.nothing_to_contest")
	}
	if !slices.ContainsFunc(reasons, func(r cases.Reason) bool { return r.Code == t.Reason }) {
		refuse("reason", "portal.needs_reason")
	}
	if len([]rune(claim.Claim)) > 500 {
		refuse("words", "intake.too_long", "limit", "500")
	}
	return claim, wrong
}

// Reply adds what the visitor writes to a request of theirs. It answers the number it went to: a request closed for good is
// followed by a new one.
func (s *Service) Reply(ctx context.Context, v Visitor, number, text, form string, files []inbox.Attachment) (string, error) {
	if err := s.Intake.ExamineFiles(ctx, files); err != nil {
		return "", err
	}
	return s.say(ctx, v, number, func(tx *db.Tx, c cases.Case) (cases.ID, error) {
		return s.Intake.ReplyTx(ctx, tx, c.ID, v.says(text, form, files))
	})
}

// Accept keeps that the visitor agrees with how their request was decided. It starts nothing.
func (s *Service) Accept(ctx context.Context, v Visitor, number, sentence string) (string, error) {
	return s.say(ctx, v, number, func(tx *db.Tx, c cases.Case) (cases.ID, error) {
		return c.ID, s.Cases.AnswerOutcomeTx(ctx, tx, c.ID, true, v.message(sentence))
	})
}

// Contest keeps that the visitor does not agree, and their reasons, which are needed; the request is taken up again.
func (s *Service) Contest(ctx context.Context, v Visitor, number, text, form string, files []inbox.Attachment) (string, error) {
	if err := s.Intake.ExamineFiles(ctx, files); err != nil {
		return "", err
	}
	return s.say(ctx, v, number, func(tx *db.Tx, c cases.Case) (cases.ID, error) {
		if err := s.Cases.AnswerOutcomeTx(ctx, tx, c.ID, false, v.message("")); err != nil {
			return 0, err
		}
		return s.Intake.ReplyTx(ctx, tx, c.ID, v.says(text, form, files))
	})
}

func (v Visitor) message(text string) cases.InboundMessage {
	return cases.InboundMessage{AuthorName: v.Name, AuthorAddress: v.Address, Body: text, Language: v.Language, Trust: cases.Verified}
}

// say does something to a request of the visitor's, and answers the number of the request it ended up in.
func (s *Service) say(ctx context.Context, v Visitor, number string, deed func(tx *db.Tx, c cases.Case) (cases.ID, error)) (string, error) {
	to := ""
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		c, err := s.Cases.CaseOf(ctx, tx, v.reader(), number)
		if err != nil {
			return err
		}
		if err := mayWriteTx(ctx, tx, v); err != nil {
			return err
		}
		id, err := deed(tx, c)
		if err != nil || id == c.ID {
			to = c.Number
			return err
		}
		followed, err := s.Cases.CaseByID(ctx, tx, id, system())
		to = followed.Number
		return err
	})
	return to, err
}

func system() access.Actor { return access.SystemActor("portal") }

// contest puts what was ticked into words, so that the message says it all also to somebody who reads only that.
func contest(in DisputeInput, d billing.InvoiceDetail, reasons []cases.Reason, claims []cases.NewDispute) intake.Contest {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", d.Number)
	for i, c := range claims {
		line := d.Lines[slices.IndexFunc(d.Lines, func(l billing.LineDetail) bool { return l.LineNo == in.Lines[i].LineNo })]
		reason := reasons[slices.IndexFunc(reasons, func(r cases.Reason) bool { return r.Code == c.ReasonCode })]
		fmt.Fprintf(&text, "\n%d. %s: %s. %s", line.LineNo, line.Description, money.Of(c.Contested, d.Currency), reason.Name)
		if c.Claim != "" {
			fmt.Fprintf(&text, "\n%s", c.Claim)
		}
		text.WriteString("\n")
	}
	return intake.Contest{CustomerText: in.Visitor.says(text.String(), in.Form, in.Files), Invoice: d.Invoice, Claims: claims}
}
