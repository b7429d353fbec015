package billing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrAccountTaken refuses an account number that another customer has.
var ErrAccountTaken = errs.New(errs.Conflict, "billing.account_taken")

const (
	maxAccount = 40
	maxDomains = 20
)

// NewCustomer is a customer as somebody enters it: the particulars of Particulars, of which Version does not count, and how it stands to us.
type NewCustomer struct {
	Particulars
	Entity   string       // code of the legal entity whose customer it is
	Kind     CustomerKind // Direct or Partner; with a Parent it is an EndCustomer, whatever this says
	Parent   string       // account of the partner it buys through
	Tier     Tier         // Silver without it
	Region   string
	Currency string   // ISO 4217; the entity's without it
	Domains  []string // mail domains of its own, from which nobody else writes
}

// AddCustomer enters a customer, for a controller of its legal entity. Bad input names the field; ErrAccountTaken when there is one of this account,
// whom it names where the actor may know.
func (s *Service) AddCustomer(ctx context.Context, in NewCustomer) (Customer, error) {
	if err := access.Can(in.By, access.KeepCustomers, access.Object{}); err != nil {
		return Customer{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Customer{}, err
	}
	var c Customer
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if c, err = in.stands(ctx, tx); err != nil {
			return err
		}
		if err := free(ctx, tx, in.Account, in.By); err != nil {
			return err
		}
		if c, err = insertCustomer(ctx, tx, c); err != nil {
			return err
		}
		data := particularsOf(c)
		data["account"], data["kind"], data["tier"], data["currency"], data["domains"] = c.Account, c.Kind, c.Tier, c.Currency, c.EmailDomains
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(c.EntityID)), By: in.By, What: "customer.added", Data: data})
	})
	if db.Violates(err, "customers_account_key") { // somebody else entered it at this very moment
		return Customer{}, errs.New(ErrAccountTaken.Kind, ErrAccountTaken.Key, "account", in.Account)
	}
	return c, err
}

// free refuses an account that another customer has.
func free(ctx context.Context, tx *db.Tx, account string, by Actor) error {
	others, err := db.List[Customer](ctx, tx, `select * from customers where account = $1`, account)
	switch {
	case err != nil:
		return fmt.Errorf("look account up: %w", err)
	case len(others) == 0:
		return nil
	case by.SeesEntity(int64(others[0].EntityID)):
		return errs.New(ErrAccountTaken.Kind, "billing.account_of", "account", account, "name", others[0].Name)
	}
	return errs.New(ErrAccountTaken.Kind, ErrAccountTaken.Key, "account", account)
}

// stands completes a customer by its legal entity and its parent.
func (in NewCustomer) stands(ctx context.Context, r db.Reader) (Customer, error) {
	e, err := db.One[Entity](ctx, r, `select * from legal_entities where code = $1`, in.Entity)
	if e, err = found(e, err, errs.InvalidField("entity", "billing.no_entity"), "read entity"); err != nil {
		return Customer{}, err
	}
	if err := access.Can(in.By, access.KeepCustomers, access.Object{EntityID: int64(e.ID)}); err != nil {
		return Customer{}, err
	}
	by := in.By.UserID
	c := Customer{
		Account: in.Account, Name: in.Name, Kind: in.Kind, Tier: in.Tier, Region: in.Region, Country: in.Country, Language: in.Language, EntityID: e.ID,
		Currency: e.BaseCurrency, TermsDays: in.TermsDays, TaxID: in.TaxID, Address: in.Address, EmailDomains: in.Domains,
		EndpointScheme: in.EndpointScheme, EndpointID: in.EndpointID, CreatedBy: &by,
	}
	if in.SalesOwner != nil {
		c.SalesOwner = *in.SalesOwner
	}
	if in.Currency != "" {
		c.Currency = money.Currency(in.Currency)
	}
	if in.Parent == "" {
		return c, nil
	}
	parent, err := db.One[Customer](ctx, r, `select * from customers where account = $1 and entity_id = $2`, in.Parent, e.ID)
	if parent, err = found(parent, err, errs.InvalidField("parent", "billing.no_such_parent", "account", in.Parent), "read parent"); err != nil {
		return c, err
	}
	if parent.Kind != Partner {
		return c, errs.InvalidField("parent", "billing.parent_no_partner", "name", parent.Name)
	}
	c.Kind, c.ParentID, c.FamilyID = EndCustomer, &parent.ID, parent.FamilyID
	return c, nil
}

// checked is the input without what surrounds it, or what is wrong with it.
func (in NewCustomer) checked() (NewCustomer, error) {
	particulars, err := in.Particulars.checked()
	if err != nil {
		return in, err
	}
	in.Particulars = particulars
	in.Account, in.Parent, in.Region = strings.TrimSpace(in.Account), strings.TrimSpace(in.Parent), strings.TrimSpace(in.Region)
	in.Currency = strings.ToUpper(strings.TrimSpace(in.Currency))
	if in.Tier == "" {
		in.Tier = Silver
	}
	if in.Kind == "" || in.Parent != "" {
		in.Kind = Direct
	}
	if in.Domains, err = domains(in.Domains); err != nil {
		return in, err
	}
	switch {
	case in.Account == "":
		return in, errs.InvalidField("account", "error.required")
	case len(in.Account) > maxAccount || strings.ContainsAny(in.Account, " /\t\n?#") || in.Account == "new":
		return in, errs.InvalidField("account", "billing.bad_account", "most", strconv.Itoa(maxAccount))
	case in.Kind != Direct && in.Kind != Partner:
		return in, errs.InvalidField("kind", "billing.bad_kind_of_customer")
	case in.Tier != Platinum && in.Tier != Gold && in.Tier != Silver:
		return in, errs.InvalidField("tier", "billing.bad_tier")
	case len([]rune(in.Region)) > maxPartyNumber:
		return in, errs.InvalidField("region", "billing.long_particular", "most", strconv.Itoa(maxPartyNumber))
	}
	if in.Currency == "" {
		return in, nil
	}
	if _, err := money.ParseCurrency(in.Currency); err != nil {
		return in, errs.InvalidField("currency", errs.KeyOf(err), "currency", in.Currency, "code", in.Currency)
	}
	return in, nil
}

// domains are mail domains in lower case, each once. One that anybody writes from ties nobody to a customer.
func domains(list []string) ([]string, error) {
	out := []string{}
	seen := map[string]bool{}
	for _, text := range list {
		domain := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "@")))
		if domain == "" || seen[domain] {
			continue
		}
		ascii, err := idna.Lookup.ToASCII(domain)
		switch {
		case err != nil || !strings.Contains(ascii, "."):
			return nil, errs.InvalidField("domains", "billing.bad_domain", "domain", text)
		case publicDomain(ascii):
			return nil, errs.InvalidField("domains", "billing.everybodys_domain", "domain", domain)
		case len(out) == maxDomains:
			return nil, errs.InvalidField("domains", "billing.too_many_domains", "most", strconv.Itoa(maxDomains))
		}
		seen[domain] = true
		out = append(out, domain)
	}
	return out, nil
}

// insertCustomer writes a customer, who is at the top of a family of their own unless it names one.
func insertCustomer(ctx context.Context, tx *db.Tx, c Customer) (Customer, error) {
	out, err := db.One[Customer](ctx, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, parent_id, family_id, tier, region, country, language, entity_id, currency, terms_days,
			tax_id, address, email_domains, endpoint_scheme, endpoint_id, created_at, created_by, sales_owner)
		select id, $1, $2, $3, $4, coalesce($5, id), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20 from new returning *`,
		c.Account, c.Name, c.Kind, c.ParentID, orNull(c.FamilyID), c.Tier, c.Region, c.Country, c.Language, c.EntityID, c.Currency, c.TermsDays,
		c.TaxID, c.Address, c.EmailDomains, c.EndpointScheme, c.EndpointID, tx.Now(), c.CreatedBy, c.SalesOwner)
	if err != nil {
		return c, fmt.Errorf("add customer: %w", err)
	}
	return out, nil
}
