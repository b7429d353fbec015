package billing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Bounds of a customer's particulars.
const (
	maxPartyName    = 200
	maxPartyAddress = 500
	maxPartyNumber  = 50
	maxTermsDays    = 365
	maxSalesOwner   = 100
)

// Particulars are what stands of a customer on its documents and how it is written to. Documents that exist keep what they were
// issued with. Version is the customer's as the form was filled in.
type Particulars struct {
	By             access.Actor
	Account        string
	Version        int
	Name           string
	Address        string // several lines; the law asks for it on most documents
	Country        string // ISO 3166-1 alpha-2
	Language       string // BCP 47
	TaxID          string
	EndpointScheme string // of the Electronic Address Scheme list, four digits; empty derives it from the tax number
	EndpointID     string
	TermsDays      int     // from issue to due
	SalesOwner     *string // who sells to it; nil leaves who it is
}

// CustomerToChange reads a customer whose particulars the actor may change; ErrNoCustomer when there is none.
func (s *Service) CustomerToChange(ctx context.Context, account string, by access.Actor) (Customer, error) {
	c, err := s.CustomerByAccount(ctx, s.db, account)
	if err != nil {
		return c, err
	}
	return c, access.Can(by, access.KeepCustomers, access.Object{EntityID: int64(c.EntityID)})
}

// SetParticulars changes a customer's particulars, for a controller. It holds for documents made from then on. Bad input names
// the field; ErrCustomerChanged when somebody else was quicker.
func (s *Service) SetParticulars(ctx context.Context, in Particulars) (Customer, error) {
	if err := access.Can(in.By, access.KeepCustomers, access.Object{}); err != nil {
		return Customer{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Customer{}, err
	}
	var c Customer
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		was, err := db.One[Customer](ctx, tx, `select * from customers where account = $1 for update`, in.Account)
		if was, err = found(was, err, ErrNoCustomer, "read customer"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.KeepCustomers, access.Object{EntityID: int64(was.EntityID)}); err != nil {
			return err
		}
		if was.Version != in.Version {
			return ErrCustomerChanged
		}
		c, err = db.One[Customer](ctx, tx, `update customers set name = $2, address = $3, country = $4, language = $5, tax_id = $6,
			endpoint_scheme = $7, endpoint_id = $8, terms_days = $9, sales_owner = coalesce($10, sales_owner), version = version + 1 where id = $1 returning *`,
			was.ID, in.Name, in.Address, in.Country, in.Language, in.TaxID, in.EndpointScheme, in.EndpointID, in.TermsDays, in.SalesOwner)
		if err != nil {
			return fmt.Errorf("set particulars: %w", err)
		}
		data := map[string]any{"account": c.Account, "before": particularsOf(was), "after": particularsOf(c)}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(was.EntityID)), By: in.By, What: "customer.particulars_set", Data: data})
	})
	return c, err
}

// particularsOf is what the audit trail keeps of a change.
func particularsOf(c Customer) map[string]any {
	return map[string]any{
		"name": c.Name, "address": c.Address, "country": c.Country, "language": c.Language, "tax_id": c.TaxID,
		"endpoint": strings.TrimPrefix(c.EndpointScheme+":"+c.EndpointID, ":"), "terms_days": c.TermsDays, "sales_owner": c.SalesOwner,
	}
}

// checked is the input without what surrounds it, or what is wrong with it.
func (in Particulars) checked() (Particulars, error) {
	in.Name, in.TaxID = strings.TrimSpace(in.Name), strings.TrimSpace(in.TaxID)
	in.Address = strings.TrimSpace(strings.ReplaceAll(in.Address, "\r\n", "\n"))
	if in.SalesOwner != nil {
		in.SalesOwner = new(strings.Join(strings.Fields(*in.SalesOwner), " "))
	}
	in.EndpointScheme, in.EndpointID = strings.TrimSpace(in.EndpointScheme), strings.TrimSpace(in.EndpointID)
	country, err := countryOf(in.Country)
	if err != nil {
		return in, errs.InvalidField("country", ErrCountryUnknown.Key, "country", in.Country)
	}
	tongue, err := tongueOf(in.Language)
	if err != nil {
		return in, errs.InvalidField("language", "billing.bad_language")
	}
	in.Country, in.Language = country, tongue
	return in, in.bounded()
}

func (in Particulars) bounded() error {
	switch {
	case in.Name == "":
		return errs.InvalidField("name", "error.required")
	case len([]rune(in.Name)) > maxPartyName || strings.Contains(in.Name, "\n"):
		return errs.InvalidField("name", "billing.long_particular", "most", strconv.Itoa(maxPartyName))
	case len([]rune(in.Address)) > maxPartyAddress:
		return errs.InvalidField("address", "billing.long_particular", "most", strconv.Itoa(maxPartyAddress))
	case len(in.TaxID) > maxPartyNumber:
		return errs.InvalidField("tax_id", "billing.long_particular", "most", strconv.Itoa(maxPartyNumber))
	case badEndpoint(in.EndpointScheme, in.EndpointID):
		return errs.InvalidField("endpoint_id", "billing.bad_endpoint")
	case in.SalesOwner != nil && len([]rune(*in.SalesOwner)) > maxSalesOwner:
		return errs.InvalidField("sales_owner", "billing.long_particular", "most", strconv.Itoa(maxSalesOwner))
	case in.TermsDays < 0 || in.TermsDays > maxTermsDays:
		return errs.InvalidField("terms_days", "billing.bad_terms", "most", strconv.Itoa(maxTermsDays))
	}
	return nil
}

func fourDigits(text string) bool {
	return len(text) == 4 && strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) }) < 0
}
