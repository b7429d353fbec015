package reports

import (
	"context"
	"time"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/money"
)

// ApplyFile is a customer's money and invoices on the workbench, with what was applied lately.
type ApplyFile struct {
	billing.Customer
	Entity     billing.Entity
	Currency   money.Currency
	Currencies []money.Currency // in which something is open, and the customer's own
	billing.Workbench
	Recent []billing.AllocationDetail // newest first, those taken back included
}

const appliedShown = 12

// Apply reads the workbench of a customer in a currency; "" is the customer's own.
func (b *Books) Apply(ctx context.Context, account string, currency money.Currency, by access.Actor) (ApplyFile, error) {
	var f ApplyFile
	var err error
	if f.Customer, err = b.customer(ctx, account, by); err != nil {
		return f, err
	}
	if f.Currency = currency; currency == "" {
		f.Currency = f.Customer.Currency
	}
	if f.Entity, err = b.billing.EntityByID(ctx, b.db, f.EntityID); err != nil {
		return f, err
	}
	if f.Currencies, err = b.billing.OpenCurrencies(ctx, b.db, f.ID); err != nil {
		return f, err
	}
	if f.Workbench, err = b.billing.Workbench(ctx, f.ID, f.Currency, by); err != nil {
		return f, err
	}
	recent, err := b.billing.Allocations(ctx, billing.AllocationFilter{CustomerID: f.ID, Limit: appliedShown})
	f.Recent = recent.Rows
	return f, err
}

// customer finds a customer by account within what the actor may see.
func (b *Books) customer(ctx context.Context, account string, by access.Actor) (billing.Customer, error) {
	c, err := b.billing.CustomerByAccount(ctx, b.db, account)
	if err != nil {
		return c, err
	}
	return c, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(c.EntityID)})
}

// Today is today where the legal entity of a customer is.
func (b *Books) Today(ctx context.Context, account string, by access.Actor) (time.Time, error) {
	c, err := b.customer(ctx, account, by)
	if err != nil {
		return time.Time{}, err
	}
	return b.billing.TodayAt(ctx, b.db, c.EntityID)
}

// StatementQuery asks for a customer's account in a currency ("" its own) from one day through another.
type StatementQuery struct {
	Account  string
	Currency money.Currency
	From, To time.Time
	KnownOn  time.Time // zero for what is known now
}

// StatementFile is a statement of account with the currencies there could be another one in.
type StatementFile struct {
	billing.Statement
	Currencies []money.Currency
}

// StatementPDF hands a statement of account out in a language, "" for the customer's, and keeps what was handed out.
func (b *Books) StatementPDF(ctx context.Context, q StatementQuery, language string, by access.Actor) (billing.KeptStatement, []byte, error) {
	f, err := b.Statement(ctx, q, by)
	if err != nil {
		return billing.KeptStatement{}, nil, err
	}
	return b.billing.HandStatement(ctx, f.Statement, language, by, billing.OnScreen)
}

// KeptStatement reads a statement of a customer as it was handed out.
func (b *Books) KeptStatement(ctx context.Context, account string, id billing.KeptStatementID, by access.Actor) (billing.StoredDocument, error) {
	c, err := b.customer(ctx, account, by)
	if err != nil {
		return billing.StoredDocument{}, err
	}
	return b.billing.KeptStatementFile(ctx, b.db, c.ID, id)
}

// Statement reads a statement of account.
func (b *Books) Statement(ctx context.Context, q StatementQuery, by access.Actor) (StatementFile, error) {
	c, err := b.customer(ctx, q.Account, by)
	if err != nil {
		return StatementFile{}, err
	}
	f := StatementFile{}
	if f.Statement, err = b.billing.StatementOf(ctx, b.db, billing.StatementInput{
		CustomerID: c.ID, Currency: q.Currency, From: q.From, To: q.To, KnownOn: q.KnownOn,
	}); err != nil {
		return f, err
	}
	f.Currencies, err = b.billing.OpenCurrencies(ctx, b.db, c.ID)
	return f, err
}

// Exemptions reads why a customer is charged no tax.
func (b *Books) Exemptions(ctx context.Context, account string, by access.Actor) (billing.Customer, []billing.Exemption, error) {
	c, err := b.customer(ctx, account, by)
	if err != nil {
		return c, nil, err
	}
	list, err := b.billing.Exemptions(ctx, b.db, c.ID)
	return c, list, err
}

// Certificate reads the file of a customer's exemption.
func (b *Books) Certificate(ctx context.Context, account string, id billing.ExemptionID, by access.Actor) (billing.Exemption, []byte, error) {
	c, err := b.customer(ctx, account, by)
	if err != nil {
		return billing.Exemption{}, nil, err
	}
	return b.billing.ExemptionFile(ctx, b.db, c.ID, id)
}

// PaymentFile is a payment with what it settled, what the bank took of it, and all that was booked.
type PaymentFile struct {
	billing.PaymentDetail
	Chargebacks []billing.ChargebackRow
	Reserved    money.Amount // kept by pending refunds and transfers
}

// Payment reads a payment's file by number.
func (b *Books) Payment(ctx context.Context, number string, by access.Actor) (PaymentFile, error) {
	var f PaymentFile
	var err error
	if f.PaymentDetail, err = b.billing.PaymentByNumber(ctx, b.db, number); err != nil {
		return f, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(f.EntityID)}); err != nil {
		return PaymentFile{}, err
	}
	item, err := b.billing.UnappliedByNumber(ctx, b.db, f.Number)
	if err != nil {
		return f, err
	}
	f.Reserved = f.AmountOf(item.Reserved)
	var entries []ledger.Entry
	if f.Chargebacks, entries, err = b.billing.Chargebacks(ctx, b.db, f.ID); err != nil {
		return f, err
	}
	f.Entries = append(f.Entries, entries...)
	return f, nil
}
