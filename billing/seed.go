package billing

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/money"
)

// SeedEntityTx adds a legal entity with an account for every role of the ledger. It is for a new company.
func (s *Service) SeedEntityTx(ctx context.Context, tx *db.Tx, e Entity) (Entity, error) {
	e, err := db.One[Entity](ctx, tx, `insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address,
			support_name, signature, brand_color, bank_details, time_zone, language, fiscal_month, phone, endpoint_scheme, endpoint_id,
			write_off_tax_relief, memo_period_policy)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) returning *`,
		e.Code, e.Name, e.BaseCurrency, e.Country, e.TaxID, e.Address, e.SupportAddress, e.SupportName, e.Signature, e.BrandColor,
		e.BankDetails, e.TimeZone, e.Language, max(e.FiscalMonth, 1), e.Phone, e.EndpointScheme, e.EndpointID,
		e.WriteOffTaxRelief, cmp.Or(e.MemoPeriodPolicy, usualPolicy))
	if err != nil {
		return e, fmt.Errorf("add entity: %w", err)
	}
	for _, a := range seedAccounts() {
		if _, err := tx.Exec(ctx, `insert into ledger_accounts (entity_id, role, code, name) values ($1, $2, $3, $4)`,
			e.ID, a.role, a.code, a.name); err != nil {
			return e, fmt.Errorf("add account %s: %w", a.role, err)
		}
	}
	return e, nil
}

type seedAccount struct{ role, code, name string }

func seedAccounts() []seedAccount {
	return []seedAccount{
		{"receivable", "1200", "Trade receivables"},
		{"cash", "1800", "Bank"},
		{"cash_clearing", "1460", "Cash clearing"},
		{"withholding", "1470", "Tax withheld by customers"},
		{"unapplied", "3250", "Customer credits and unapplied cash"},
		{"tax", "3806", "Tax payable"},
		{"revenue", "4400", "Revenue"},
		{"concessions", "4720", "Concessions to customers"},
		{"service_credits", "4730", "Service credits to customers"},
		{"rounding", "4840", "Rounding differences"},
		{"fx_difference", "4841", "Exchange differences"},
		{"bad_debt", "6930", "Bad debt"},
		{"opening_balance", "9000", "Opening balances"},
	}
}

// SeedRates are exchange rates to record: units of Quote for one unit of Base, one rate for each day from the first on.
type SeedRates struct {
	Base, Quote money.Currency
	From        time.Time
	Rates       []decimal.Decimal
	Source      string
}

// SeedRatesTx records exchange rates.
func (s *Service) SeedRatesTx(ctx context.Context, tx *db.Tx, in SeedRates) error {
	rows := make([][]any, len(in.Rates))
	for i, rate := range in.Rates {
		rows[i] = []any{in.Base, in.Quote, Date(in.From).AddDate(0, 0, i), rate.Round(rateDigits), in.Source}
	}
	if err := tx.CopyFrom(ctx, "fx_rates", []string{"base", "quote", "on_date", "rate", "source"}, rows); err != nil {
		return fmt.Errorf("add rates: %w", err)
	}
	return nil
}

// SeedCustomer is a customer to add with its people. Parent is the place in the same list of the partner it buys from,
// counted from 1; 0 is none.
type SeedCustomer struct {
	Customer
	Parent   int
	Contacts []Contact
}

// SeedCustomersTx adds customers with their contacts, partners before those who buy from them, and gives them back
// with their ids.
func (s *Service) SeedCustomersTx(ctx context.Context, tx *db.Tx, list []SeedCustomer) ([]SeedCustomer, error) {
	ids, err := nextIDs[CustomerID](ctx, tx, "customers", len(list))
	if err != nil {
		return nil, err
	}
	var customers, contacts [][]any
	for i := range list {
		c := &list[i]
		c.ID, c.FamilyID, c.CreatedAt, c.Version = ids[i], ids[i], tx.Now(), 1
		if c.Parent != 0 {
			parent := ids[c.Parent-1]
			c.ParentID, c.FamilyID = &parent, parent
		}
		customers = append(customers, []any{
			c.ID, c.Account, c.Name, c.Kind, c.ParentID, c.FamilyID, c.Tier, c.Region, c.Country, c.Language, c.EntityID, c.Currency,
			c.TermsDays, c.TaxID, c.Address, c.EmailDomains, c.CreatedAt, c.EndpointScheme, c.EndpointID,
		})
		contactIDs, err := nextIDs[ContactID](ctx, tx, "contacts", len(c.Contacts))
		if err != nil {
			return nil, err
		}
		for k := range c.Contacts {
			p := &c.Contacts[k]
			p.ID, p.CustomerID, p.CreatedAt = contactIDs[k], c.ID, tx.Now()
			contacts = append(contacts, []any{p.ID, p.CustomerID, p.Name, p.Email, p.Title, p.Language, p.CreatedAt})
		}
	}
	if err := tx.CopyFrom(ctx, "customers", []string{
		"id", "account", "name", "kind", "parent_id", "family_id", "tier", "region", "country", "language", "entity_id", "currency",
		"terms_days", "tax_id", "address", "email_domains", "created_at", "endpoint_scheme", "endpoint_id",
	}, customers); err != nil {
		return nil, fmt.Errorf("add customers: %w", err)
	}
	if err := tx.CopyFrom(ctx, "contacts", []string{"id", "customer_id", "name", "email", "title", "language", "created_at"}, contacts); err != nil {
		return nil, fmt.Errorf("add contacts: %w", err)
	}
	return list, nil
}

// InvoiceWithPeople reads an invoice and the people of the customer it was sold to.
func (s *Service) InvoiceWithPeople(ctx context.Context, id InvoiceID) (InvoiceDetail, []Contact, error) {
	detail, err := s.InvoiceDetail(ctx, s.db, id)
	if err != nil {
		return detail, nil, err
	}
	people, err := s.Contacts(ctx, s.db, detail.SoldToID)
	return detail, people, err
}

// LinesOf lists the lines of an invoice.
func (s *Service) LinesOf(ctx context.Context, id InvoiceID) ([]InvoiceLine, error) {
	list, err := db.List[InvoiceLine](ctx, s.db, `select * from invoice_lines where invoice_id = $1 order by line_no`, id)
	if err != nil {
		return nil, fmt.Errorf("read invoice lines: %w", err)
	}
	return list, nil
}
