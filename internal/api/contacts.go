package api

import (
	"context"
	"strings"

	"makegood/billing"
)

// Contact is one of a customer's people.
type Contact struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Title    string `json:"title,omitempty"`
	Language string `json:"language,omitempty"`
	Retired  bool   `json:"retired,omitempty" doc:"no longer speaks for the customer: their mail is a stranger's, and they do not sign in"`
	Bounces  bool   `json:"bounces,omitempty" doc:"mail to them comes back"`
	Learned  bool   `json:"learned,omitempty" doc:"taken over from mail that was tied to the customer"`
	Version  int    `json:"version"`
}

type contactOut struct{ Body Contact }

type contactsOut struct {
	Body struct {
		Items []Contact `json:"items"`
	}
}

// ContactFacts are what is kept of somebody.
type ContactFacts struct {
	Name     string `json:"name" maxLength:"200"`
	Email    string `json:"email" maxLength:"320"`
	Title    string `json:"title,omitempty" maxLength:"200"`
	Language string `json:"language,omitempty" doc:"the customer's without it"`
}

type newContactIn struct {
	CustomerRef
	Body ContactFacts
}

type changeContactIn struct {
	CustomerRef
	ID   int64 `path:"id"`
	Body struct {
		ContactFacts
		Retired bool `json:"retired,omitempty"`
		Version int  `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type newCustomerIn struct {
	Signed
	Body struct {
		Account  string   `json:"account" maxLength:"40"`
		Entity   string   `json:"entity" doc:"code of the legal entity"`
		Name     string   `json:"name" maxLength:"200"`
		Address  string   `json:"address,omitempty" maxLength:"500"`
		Country  string   `json:"country" doc:"two letters"`
		Language string   `json:"language"`
		Kind     string   `json:"kind,omitempty" enum:"direct,partner" doc:"direct without it; with a parent it is an end customer"`
		Parent   string   `json:"parent,omitempty" doc:"account of the partner it buys through"`
		Tier     string   `json:"tier,omitempty" enum:"platinum,gold,silver" doc:"silver without it"`
		Region   string   `json:"region,omitempty" maxLength:"50"`
		Sales    string   `json:"sales_owner,omitempty" maxLength:"100" doc:"who sells to it; rules of assignment know it"`
		Currency string   `json:"currency,omitempty" doc:"the legal entity's without it"`
		Domains  []string `json:"domains,omitempty" maxItems:"20" doc:"mail domains of its own"`
		TaxID    string   `json:"tax_id,omitempty"`
		Endpoint string   `json:"endpoint,omitempty" doc:"scheme:address"`
		Terms    int      `json:"terms_days" minimum:"0" maximum:"365"`
	}
}

func (h *handlers) addCustomer(ctx context.Context, in *newCustomerIn) (*customerOut, error) {
	b := in.Body
	scheme, id, _ := strings.Cut(b.Endpoint, ":")
	c, err := h.Billing.AddCustomer(ctx, billing.NewCustomer{
		Entity: b.Entity, Kind: billing.CustomerKind(b.Kind), Parent: b.Parent, Tier: billing.Tier(b.Tier), Region: b.Region, Currency: b.Currency, Domains: b.Domains,
		Particulars: billing.Particulars{
			By: in.by, Account: b.Account, Name: b.Name, Address: b.Address, Country: b.Country, Language: b.Language, TaxID: b.TaxID,
			EndpointScheme: scheme, EndpointID: id, TermsDays: b.Terms, SalesOwner: &b.Sales,
		},
	})
	if err != nil {
		return nil, err
	}
	return &customerOut{Body: customerOf(c)}, nil
}

func (h *handlers) listContacts(ctx context.Context, in *CustomerRef) (*contactsOut, error) {
	c, err := h.Billing.CustomerByAccount(ctx, h.Reports.Reader(), in.Account)
	if err != nil {
		return nil, err
	}
	if err := books(in.Signed, c.EntityID); err != nil {
		return nil, err
	}
	people, err := h.Billing.Contacts(ctx, h.Reports.Reader(), c.ID)
	if err != nil {
		return nil, err
	}
	out := &contactsOut{}
	out.Body.Items = make([]Contact, 0, len(people))
	for _, p := range people {
		out.Body.Items = append(out.Body.Items, contactOf(p))
	}
	return out, nil
}

func (h *handlers) addContact(ctx context.Context, in *newContactIn) (*contactOut, error) {
	return h.keepContact(ctx, in.Body.input(in.CustomerRef))
}

func (h *handlers) changeContact(ctx context.Context, in *changeContactIn) (*contactOut, error) {
	change := in.Body.input(in.CustomerRef)
	change.ID, change.Version, change.Retired = billing.ContactID(in.ID), in.Body.Version, in.Body.Retired
	if change.ID <= 0 {
		return nil, billing.ErrNoContact
	}
	return h.keepContact(ctx, change)
}

func (f ContactFacts) input(of CustomerRef) billing.ContactInput {
	return billing.ContactInput{By: of.by, Account: of.Account, Name: f.Name, Email: f.Email, Title: f.Title, Language: f.Language}
}

func (h *handlers) keepContact(ctx context.Context, in billing.ContactInput) (*contactOut, error) {
	kept, err := h.Billing.KeepContact(ctx, in)
	if err != nil {
		return nil, err
	}
	return &contactOut{Body: contactOf(kept)}, nil
}

func contactOf(c billing.Contact) Contact {
	return Contact{
		ID: int64(c.ID), Name: c.Name, Email: c.Email, Title: c.Title, Language: c.Language, Retired: c.RetiredAt != nil, Bounces: c.BouncedAt != nil,
		Learned: c.Learned, Version: c.Version,
	}
}
