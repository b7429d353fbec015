package billing

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"makegood/billing/importer"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// checkCustomer finds a customer that is here already: the same is unchanged, another name under the account a conflict, and so is one of
// another legal entity, of whom nothing is told.
func (k known) checkCustomer(row *ImportRow) error {
	c := row.Content.Customer
	if k.elsewhere[c.Account] {
		return errs.New(ErrAccountTaken.Kind, ErrAccountTaken.Key, "account", c.Account)
	}
	if here, there := k.customers[c.Account]; there && here.ID != 0 {
		if here.Name != c.Name {
			return errs.New(ErrHereDifferently.Kind, ErrHereDifferently.Key, "what", here.Name)
		}
		id := int64(here.ID)
		row.State, row.DocumentKind, row.DocumentID, row.DocumentNumber = RowUnchanged, "customer", &id, here.Account
		return nil
	}
	_, err := k.newCustomer(c)
	return err
}

// cutTo is a text of at most so many characters.
func cutTo(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// newCustomer completes a customer from what its entity usually has.
func (k known) newCustomer(in *importer.Customer) (Customer, error) {
	c := Customer{
		Account: in.Account, Name: in.Name, Kind: Direct, Tier: Tier(strings.ToLower(in.Tier)), Region: in.Region, Country: k.entity.Country,
		Language: k.entity.Language, EntityID: k.entity.ID, Currency: in.Currency, TermsDays: 30, TaxID: in.TaxID, Address: in.Address,
		EmailDomains: []string{}, SalesOwner: cutTo(in.SalesOwner, maxSalesOwner),
	}
	if in.Kind == string(Partner) {
		c.Kind = Partner
	}
	if in.Parent != "" {
		parent, err := k.customer(in.Parent)
		if err != nil {
			return c, err
		}
		c.Kind, c.ParentID, c.FamilyID = EndCustomer, &parent.ID, parent.FamilyID
	}
	switch c.Tier {
	case Platinum, Gold, Silver:
	default:
		c.Tier = Silver
	}
	if in.Country != "" {
		region, err := language.ParseRegion(in.Country)
		if err != nil || len(region.String()) != 2 {
			return c, errs.New(ErrCountryUnknown.Kind, ErrCountryUnknown.Key, "country", in.Country)
		}
		c.Country = region.String()
	}
	if tag, err := language.Parse(in.Language); in.Language != "" && err == nil {
		base, _ := tag.Base()
		c.Language = base.String()
	}
	if c.Currency == "" {
		c.Currency = k.entity.BaseCurrency
	}
	if in.TermsDays != nil {
		c.TermsDays = *in.TermsDays
	}
	for _, email := range in.Emails {
		if _, domain, ok := strings.Cut(strings.ToLower(email), "@"); ok && !publicDomain(domain) {
			c.EmailDomains = append(c.EmailDomains, domain)
		}
	}
	return c, nil
}

// publicDomain tells domains that are no company's own, which must not tie a sender to a customer.
func publicDomain(domain string) bool {
	switch domain {
	case "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com", "aol.com", "gmx.de",
		"gmx.net", "web.de", "t-online.de", "qq.com", "163.com", "126.com", "naver.com", "uol.com.br", "proton.me", "protonmail.com":
		return true
	}
	return false
}

func (k known) bringCustomer(ctx context.Context, tx *db.Tx, row *ImportRow) error {
	if err := k.checkCustomer(row); err != nil || row.State == RowUnchanged {
		return err
	}
	in := row.Content.Customer
	c, err := k.newCustomer(in)
	if err != nil {
		return err
	}
	if k.batch.CreatedBy != 0 {
		c.CreatedBy = &k.batch.CreatedBy
	}
	if c, err = insertCustomer(ctx, tx, c); err != nil {
		return err
	}
	var elsewhere []ImportReason
	for _, email := range in.Emails {
		kept, err := insertContact(ctx, tx, Contact{CustomerID: c.ID, Name: cmp.Or(in.ContactName, in.Name), Email: strings.ToLower(email), CreatedAt: tx.Now()})
		if err != nil {
			return err
		}
		if kept.CustomerID != c.ID {
			elsewhere = append(elsewhere, ImportReason{Key: "billing.import.contact_elsewhere", Params: errs.Params{"email": kept.Email, "name": kept.Name}})
		}
	}
	row.became("customer", int64(c.ID), c.Account)
	row.Reasons = elsewhere
	return nil
}

// became notes what a record is now.
func (r *ImportRow) became(kind string, id int64, number string) {
	r.State, r.DocumentKind, r.DocumentID, r.DocumentNumber, r.Reasons = RowDone, kind, &id, number, nil
}

type storedRate struct {
	Rate   string
	Source string
}

// checkRate finds a rate that is recorded already.
func checkRate(ctx context.Context, r db.Reader, row *ImportRow) error {
	x := row.Content.Rate
	list, err := db.List[storedRate](ctx, r, `select case when base = $1 then trim_scale(rate)::text else '1 / ' || trim_scale(rate)::text end as rate, source from fx_rates
		where (base, quote) in (($1::bpchar, $2::bpchar), ($2::bpchar, $1::bpchar)) and on_date = $3 order by base = $1 desc, version desc`, x.Base, x.Quote, x.On)
	if err != nil {
		return fmt.Errorf("look up rate: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	if list[0].Rate != x.Rate.String() {
		return errs.New(ErrHereDifferently.Kind, ErrHereDifferently.Key, "what", list[0].Rate+" ("+list[0].Source+")")
	}
	row.State, row.DocumentKind, row.DocumentNumber = RowUnchanged, "rate", row.ExternalID
	return nil
}

func (k known) bringRate(ctx context.Context, tx *db.Tx, row *ImportRow) error {
	if err := checkRate(ctx, tx, row); err != nil || row.State == RowUnchanged {
		return err
	}
	x := row.Content.Rate
	source := x.Source
	if source == "" {
		source = row.System
	}
	if _, err := tx.Exec(ctx, `insert into fx_rates (base, quote, on_date, rate, source, recorded_at, recorded_by) values ($1, $2, $3, $4, $5, $6, $7)`,
		x.Base, x.Quote, x.On, x.Rate, source, tx.Now(), k.batch.CreatedBy); err != nil {
		return fmt.Errorf("add rate: %w", err)
	}
	row.State, row.DocumentKind, row.DocumentNumber, row.Reasons = RowDone, "rate", row.ExternalID, nil
	return nil
}
