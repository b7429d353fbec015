package helpdesk

import (
	"context"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// The warnings that a case from elsewhere begins with.
const (
	warnOpen    = "case.brought_open"
	warnUntied  = "case.brought_untied"
	warnSeveral = "case.brought_several"
)

// tied is a case with whose it is.
type tied struct {
	Past

	customer *billing.Customer
	contact  *billing.Contact
	doubt    string          // why it is nobody's: a message key
	other    *billing.Entity // the legal entity it belongs to instead
}

// directory is what ties some cases to customers, each question asked once for all of them.
type directory struct {
	*Service
	r        db.Reader
	writers  map[string]billing.Writer
	byDomain map[string][]billing.Customer
	byName   map[string][]billing.Customer
}

// tie finds whose cases are: by who wrote, else by the account's number, the mail domain, or the company's whole name. Of several that fit none
// is taken.
func (s *Service) tie(ctx context.Context, r db.Reader, in Input, list []Past) ([]tied, error) {
	d := directory{Service: s, r: r}
	var who, domains, names []string
	for _, p := range list {
		if a := p.Customer.Address; a != "" {
			who, domains = append(who, a), append(domains, domainOf(a))
		}
		if p.Customer.Company != "" {
			names = append(names, p.Customer.Company)
		}
	}
	var err error
	if d.writers, err = s.Billing.WritersByAddress(ctx, r, distinct(who)); err != nil {
		return nil, err
	}
	if d.byDomain, err = s.Billing.CustomersByDomains(ctx, r, distinct(domains)); err != nil {
		return nil, err
	}
	if d.byName, err = s.Billing.CustomersByNames(ctx, r, distinct(names)); err != nil {
		return nil, err
	}
	out := make([]tied, len(list))
	for n, p := range list {
		out[n] = tied{Past: p}
		if err := d.tie(ctx, &out[n]); err != nil {
			return nil, err
		}
		if c := out[n].customer; c != nil && c.EntityID != in.EntityID {
			e, err := s.Billing.EntityByID(ctx, r, c.EntityID)
			if err != nil {
				return nil, err
			}
			out[n].other = &e
		}
	}
	return out, nil
}

func (d directory) tie(ctx context.Context, t *tied) error {
	writer, known := d.writers[t.Customer.Address]
	if known && writer.Contact.RetiredAt == nil {
		t.contact, t.customer = &writer.Contact, &writer.Customer
		return nil
	}
	accounts, err := d.Billing.CustomersByAccounts(ctx, d.r, t.Customer.Accounts)
	if err != nil {
		return err
	}
	if t.take(accounts) || !known && t.take(d.byDomain[domainOf(t.Customer.Address)]) || t.take(d.byName[strings.ToLower(t.Customer.Company)]) {
		return nil
	}
	if t.doubt == "" {
		t.doubt = warnUntied
	}
	return nil
}

// take ties a case to the one customer that fits.
func (t *tied) take(list []billing.Customer) bool {
	if len(list) == 0 {
		return false
	}
	one := billing.OneCustomer(list)
	if one == nil {
		t.doubt = warnSeveral
		return false
	}
	t.customer, t.doubt = one, ""
	return true
}

// refusal says that the case is another legal entity's.
func (t tied) refusal() Refusal {
	return Refusal{File: t.File, Row: t.Row, Number: t.Number, Key: errOtherBooks.Key, Params: errs.Params{"entity": t.other.Code, "account": t.customer.Account}}
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
