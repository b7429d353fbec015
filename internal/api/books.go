package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// Customer is a customer as the API shows it.
type Customer struct {
	Account  string `json:"account"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Tier     string `json:"tier"`
	Country  string `json:"country"`
	Language string `json:"language"`
	Currency string `json:"currency"`
	EntityID int64  `json:"entity_id"`
	Address  string `json:"address"`
	TaxID    string `json:"tax_id"`
	Endpoint string `json:"endpoint" doc:"where electronic documents go, as scheme:address; empty: made from the tax number"`
	Terms    int    `json:"terms_days"`
	Version  int    `json:"version"`

	SalesOwner  string `json:"sales_owner,omitempty" doc:"who sells to it"`
	CreditLimit *Money `json:"credit_limit,omitempty" doc:"what it may owe at most; none without it"`
	CreditHold  string `json:"credit_hold,omitempty" doc:"why nothing more is sold to it on credit"`
}

// Balance is what a customer owes, by age.
type Balance struct {
	Open        Money `json:"open"`
	Disputed    Money `json:"disputed"`
	Collectible Money `json:"collectible"`
	Unapplied   Money `json:"unapplied"`
	PayNow      Money `json:"pay_now" doc:"what is due and not in dispute, less what is unapplied"`
	OverLimit   Money `json:"over_limit" doc:"by how much it owes more than its credit limit, less what is unapplied; zero without a limit, and on a past day"`
	Aging       struct {
		NotDue    Money `json:"not_due"`
		To30      Money `json:"days_1_30"`
		To60      Money `json:"days_31_60"`
		To90      Money `json:"days_61_90"`
		To120     Money `json:"days_91_120"`
		Beyond120 Money `json:"over_120"`
	} `json:"aging"`
}

// CustomerRef names a customer.
type CustomerRef struct {
	Signed
	Account string `path:"account"`
}

type customerOut struct{ Body Customer }

type balanceOut struct{ Body Balance }

type balanceIn struct {
	CustomerRef
	AsOf  string `query:"as_of" doc:"the end of a past day, YYYY-MM-DD; now without it"`
	Basis string `query:"basis" enum:"known_now,known_then" default:"known_now" doc:"of a past day: what its documents say, or what was posted by then"`
}

type customerListIn struct {
	Signed
	Paging
	Query string `query:"q" doc:"part of the name, the account or a mail domain"`
	Tier  string `query:"tier"`
}

func (h *handlers) customers(api huma.API) {
	add(h, api, operation[customerListIn, listOut[Customer]]{at(http.MethodGet, "/customers", "list-customers", "List customers", "customers"), h.listCustomers})
	add(h, api, operation[CustomerRef, customerOut]{at(http.MethodGet, "/customers/{account}", "get-customer", "Read a customer", "customers"), h.getCustomer})
	add(h, api, operation[particularsIn, customerOut]{at(http.MethodPut, "/customers/{account}/particulars", "set-particulars", "Change what stands of a customer on its documents", "customers"), h.setParticulars})
	add(h, api, operation[creditTermsIn, customerOut]{at(http.MethodPut, "/customers/{account}/credit-terms", "set-credit-terms", "Change a customer's credit limit, or put further credit on hold", "customers"), h.setCreditTerms})
	add(h, api, operation[newCustomerIn, customerOut]{created("/customers", "add-customer", "Enter a customer", "customers"), h.addCustomer})
	add(h, api, operation[CustomerRef, contactsOut]{at(http.MethodGet, "/customers/{account}/contacts", "list-contacts", "The people of a customer", "customers"), h.listContacts})
	add(h, api, operation[newContactIn, contactOut]{created("/customers/{account}/contacts", "add-contact", "Add one of its people", "customers"), h.addContact})
	add(h, api, operation[changeContactIn, contactOut]{at(http.MethodPut, "/customers/{account}/contacts/{id}", "change-contact", "Change or retire one of its people", "customers"), h.changeContact})
	add(h, api, operation[balanceIn, balanceOut]{at(http.MethodGet, "/customers/{account}/balance", "balance", "What the customer owes, by age, now or on a past day", "customers"), h.balance})
}

type particularsIn struct {
	CustomerRef
	Body struct {
		Name     string `json:"name" maxLength:"200"`
		Address  string `json:"address" maxLength:"500"`
		Country  string `json:"country" doc:"two letters"`
		Language string `json:"language"`
		TaxID    string `json:"tax_id"`
		Endpoint string `json:"endpoint,omitempty" doc:"scheme:address"`
		Terms    int    `json:"terms_days"`
		// Sales stays as it is without it.
		Sales   *string `json:"sales_owner,omitempty" maxLength:"100" doc:"who sells to it; left as it is without it"`
		Version int     `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

func (h *handlers) setParticulars(ctx context.Context, in *particularsIn) (*customerOut, error) {
	scheme, id, _ := strings.Cut(in.Body.Endpoint, ":")
	c, err := h.Billing.SetParticulars(ctx, billing.Particulars{
		By: in.by, Account: in.Account, Version: in.Body.Version, Name: in.Body.Name, Address: in.Body.Address, Country: in.Body.Country,
		Language: in.Body.Language, TaxID: in.Body.TaxID, EndpointScheme: scheme, EndpointID: id, TermsDays: in.Body.Terms, SalesOwner: in.Body.Sales,
	})
	if err != nil {
		return nil, err
	}
	return &customerOut{Body: customerOf(c)}, nil
}

type creditTermsIn struct {
	CustomerRef
	Body struct {
		Limit   *Money `json:"limit,omitempty" doc:"what it may owe at most, in its currency; without it, no limit"`
		Hold    string `json:"hold,omitempty" maxLength:"500" doc:"why nothing more is sold to it on credit; without it, no hold"`
		Version int    `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

func (h *handlers) setCreditTerms(ctx context.Context, in *creditTermsIn) (*customerOut, error) {
	c, err := h.Billing.CustomerToChange(ctx, in.Account, in.by)
	if err != nil {
		return nil, err
	}
	terms := billing.CreditTerms{By: in.by, Account: in.Account, Version: in.Body.Version, Hold: in.Body.Hold}
	if in.Body.Limit != nil {
		limit, err := in.Body.Limit.parse("limit")
		if err != nil {
			return nil, err
		}
		if limit.Currency() != c.Currency {
			return nil, errs.InvalidField("limit", "money.mixed_currencies", "one", string(limit.Currency()), "other", string(c.Currency))
		}
		terms.Limit = new(limit.Decimal())
	}
	if c, err = h.Billing.SetCreditTerms(ctx, terms); err != nil {
		return nil, err
	}
	return &customerOut{Body: customerOf(c)}, nil
}

// books refuses what lies outside the caller's legal entities.
func books(s Signed, entity billing.EntityID) error {
	return access.Can(s.by, access.ReadBooks, access.Object{EntityID: int64(entity)})
}

func entitiesOf(s Signed) []billing.EntityID {
	ids := make([]billing.EntityID, 0, len(s.by.EntityIDs))
	for _, id := range s.by.EntityIDs {
		ids = append(ids, billing.EntityID(id))
	}
	return ids
}

func customerOf(c billing.Customer) Customer {
	out := Customer{
		Account: c.Account, Name: c.Name, Kind: string(c.Kind), Tier: string(c.Tier), Country: c.Country, Language: c.Language,
		Currency: string(c.Currency), EntityID: int64(c.EntityID), Address: c.Address, TaxID: c.TaxID,
		Endpoint: strings.TrimPrefix(c.EndpointScheme+":"+c.EndpointID, ":"), Terms: c.TermsDays, Version: c.Version,
		CreditHold: c.CreditHold, SalesOwner: c.SalesOwner,
	}
	if c.CreditLimit != nil {
		out.CreditLimit = new(amountOf(*c.CreditLimit, c.Currency))
	}
	return out
}

func (h *handlers) listCustomers(ctx context.Context, in *customerListIn) (*listOut[Customer], error) {
	if err := access.Can(in.by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	found, err := h.Billing.Customers(ctx, billing.CustomerFilter{EntityIDs: entitiesOf(in.Signed), Query: in.Query, Tier: billing.Tier(in.Tier), After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listOut[Customer]{Body: list[Customer]{Items: []Customer{}, NextCursor: found.Next}}
	for _, c := range found.Rows {
		out.Body.Items = append(out.Body.Items, customerOf(c))
	}
	return out, nil
}

func (h *handlers) customer(ctx context.Context, in *CustomerRef) (billing.Customer, error) {
	c, err := h.Billing.CustomerByAccount(ctx, h.Reports.Reader(), in.Account)
	if err != nil {
		return c, err
	}
	return c, books(in.Signed, c.EntityID)
}

func (h *handlers) getCustomer(ctx context.Context, in *CustomerRef) (*customerOut, error) {
	c, err := h.customer(ctx, in)
	if err != nil {
		return nil, err
	}
	return &customerOut{Body: customerOf(c)}, nil
}

func (h *handlers) balance(ctx context.Context, in *balanceIn) (*balanceOut, error) {
	c, err := h.customer(ctx, &in.CustomerRef)
	if err != nil {
		return nil, err
	}
	on, err := parseDate("as_of", in.AsOf)
	if err != nil {
		return nil, err
	}
	var p billing.Position
	if on.IsZero() {
		p, err = h.Billing.Position(ctx, h.Reports.Reader(), c.ID)
	} else {
		p, err = h.Billing.PositionAsOf(ctx, h.Reports.Reader(), c.ID, on, billing.Basis(in.Basis))
	}
	if err != nil {
		return nil, err
	}
	return &balanceOut{Body: balanceOf(p)}, nil
}

func balanceOf(p billing.Position) Balance {
	cur := p.Currency
	b := Balance{Open: amountOf(p.Open, cur), Disputed: amountOf(p.Disputed, cur), Collectible: amountOf(p.Collectible, cur), Unapplied: amountOf(p.Unapplied, cur), PayNow: amountOf(p.PayNow, cur), OverLimit: amountOf(p.OverLimit(), cur)}
	b.Aging.NotDue, b.Aging.To30, b.Aging.To60 = amountOf(p.NotDue, cur), amountOf(p.Days1to30, cur), amountOf(p.Days31to60, cur)
	b.Aging.To90, b.Aging.To120, b.Aging.Beyond120 = amountOf(p.Days61to90, cur), amountOf(p.Days91to120, cur), amountOf(p.Over120, cur)
	return b
}
