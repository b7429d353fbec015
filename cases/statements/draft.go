package statements

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/money"
)

// draft is a statement with its letter, as it would leave.
type draft struct {
	customer billing.Customer
	entity   billing.Entity
	to       Person
	language string
	open     []billing.Statement // one per currency
	letter   letters.Letter
}

// period is what a statement is of. Without a currency it is of each in which something is open, or of the customer's own.
type period struct {
	from, to time.Time
	currency money.Currency
}

// draft reads a customer's account and writes the letter that goes with it. It writes nothing down.
func (s *Service) draft(ctx context.Context, customer billing.Customer, p period, to Person) (draft, error) {
	d := draft{customer: customer, to: to}
	var err error
	if d.entity, err = s.Billing.EntityByID(ctx, s.DB, customer.EntityID); err != nil {
		return d, fmt.Errorf("read entity: %w", err)
	}
	currencies := []money.Currency{p.currency}
	if p.currency == "" {
		if currencies, err = s.Billing.OpenCurrencies(ctx, s.DB, customer.ID); err != nil {
			return d, fmt.Errorf("read open currencies: %w", err)
		}
		if len(currencies) == 0 {
			currencies = []money.Currency{customer.Currency}
		}
	}
	for _, currency := range currencies {
		st, err := s.Billing.StatementOf(ctx, s.DB, billing.StatementInput{CustomerID: customer.ID, Currency: currency, From: p.from, To: p.to})
		if err != nil {
			return d, fmt.Errorf("read account: %w", err)
		}
		d.open = append(d.open, st)
	}
	d.language = letters.Language(cmp.Or(to.Language, customer.Language, d.entity.Language))
	d.letter, err = s.write(ctx, s.DB, d)
	return d, err
}

// write writes the letter, in the words that are in force.
func (s *Service) write(ctx context.Context, r db.Reader, d draft) (letters.Letter, error) {
	vars := letters.StatementVars{
		Frame: letters.Frame{Entity: d.entity.Name, Signature: cmp.Or(d.entity.Signature, d.entity.Name)}, Name: d.to.Name, Account: d.customer.Account,
		From: d.open[0].From, To: d.open[0].To, Attached: true,
	}
	for _, st := range d.open {
		vars.Parts = append(vars.Parts, partOf(st))
	}
	letter, err := letterbook.Write(ctx, r, d.entity.ID, letters.Statement, d.language, vars)
	if err != nil {
		return letter, fmt.Errorf("write letter: %w", errors.Join(errNotDrawn, err))
	}
	return letter, nil
}

// partOf are the figures of a statement as its letter tells them: the very ones that the paper has.
func partOf(st billing.Statement) letters.StatementPart {
	asked := st.Asked()
	unused := decimal.Zero
	for _, item := range st.Items {
		if item.Kind != billing.InvoiceItem {
			unused = unused.Add(item.Open)
		}
	}
	part := letters.StatementPart{
		Balance: st.Amount(st.Closing), Disputed: st.Amount(asked.Disputed), Later: st.Amount(asked.NotDue), Unused: st.Amount(unused), PayNow: st.Amount(asked.Now()),
	}
	if strings.HasPrefix(st.PayLink, "https://") {
		part.PayLink = st.PayLink
	}
	return part
}

// draw draws the papers.
func (s *Service) draw(d draft) ([]billing.DrawnStatement, error) {
	papers := make([]billing.DrawnStatement, len(d.open))
	for i, st := range d.open {
		var err error
		if papers[i], err = s.Billing.DrawStatement(st, d.language); err != nil {
			return nil, fmt.Errorf("draw statement: %w", errors.Join(errNotDrawn, err))
		}
	}
	return papers, nil
}

// attachment is a paper as it goes with the mail.
func (d draft) attachment(k billing.KeptStatement, content []byte) inbox.Attachment {
	name := k.Filename(d.customer.Account)
	if len(d.open) > 1 {
		name = strings.TrimSuffix(name, ".pdf") + "-" + string(k.Currency) + ".pdf"
	}
	return inbox.Attachment{Filename: name, MediaType: billing.PDF, Content: content}
}
