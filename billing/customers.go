package billing

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Entities lists the legal entities by code.
func (s *Service) Entities(ctx context.Context) ([]Entity, error) { return listEntities(ctx, s.db) }

// EntityByID reads one legal entity; ErrNoEntity when there is none.
func (s *Service) EntityByID(ctx context.Context, r db.Reader, id EntityID) (Entity, error) {
	e, err := db.One[Entity](ctx, r, `select * from legal_entities where id = $1`, id)
	return found(e, err, ErrNoEntity, "read entity")
}

// EntitiesByID reads legal entities; those that do not exist are left out.
func (s *Service) EntitiesByID(ctx context.Context, r db.Reader, ids []EntityID) (map[EntityID]Entity, error) {
	byID := map[EntityID]Entity{}
	if len(ids) == 0 {
		return byID, nil
	}
	list, err := db.List[Entity](ctx, r, `select * from legal_entities where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read entities: %w", err)
	}
	for _, e := range list {
		byID[e.ID] = e
	}
	return byID, nil
}

// CustomerByID reads one customer; ErrNoCustomer when there is none.
func (s *Service) CustomerByID(ctx context.Context, r db.Reader, id CustomerID) (Customer, error) {
	c, err := db.One[Customer](ctx, r, `select * from customers where id = $1`, id)
	return found(c, err, ErrNoCustomer, "read customer")
}

// CustomerByAccount reads one customer by account number; ErrNoCustomer when there is none.
func (s *Service) CustomerByAccount(ctx context.Context, r db.Reader, account string) (Customer, error) {
	c, err := db.One[Customer](ctx, r, `select * from customers where account = $1`, strings.TrimSpace(account))
	return found(c, err, ErrNoCustomer, "read customer")
}

// CustomersByAccounts finds the customers whose account numbers stand in a text, written as people write them: in any case,
// with spaces for dashes or none, O for 0. At most ten.
func (s *Service) CustomersByAccounts(ctx context.Context, r db.Reader, accounts []string) ([]Customer, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	var spellings []string
	for _, account := range accounts {
		spellings = append(spellings, spelt(account)...)
	}
	list, err := db.List[Customer](ctx, r, `select * from customers where account = any ($1) order by id limit 10`, spellings)
	if err != nil {
		return nil, fmt.Errorf("find customers by account: %w", err)
	}
	return list, nil
}

// spelt gives the forms an account number may have been meant in: as it stands, with its parts joined by dashes, and with the
// letter O read as zero behind the first digit.
func spelt(account string) []string {
	account = strings.ToUpper(strings.TrimSpace(account))
	parts := strings.FieldsFunc(account, func(r rune) bool { return r == ' ' || r == '-' || r == '–' || r == '/' })
	forms := []string{account, strings.Join(parts, "-"), strings.Join(parts, "")}
	if at := strings.IndexFunc(account, isDigit); at > 0 {
		letters, digits := strings.TrimRight(account[:at], " -–/"), account[at:]
		forms = append(forms, letters+"-"+digits, letters+digits)
	}
	for _, form := range forms {
		if at := strings.IndexFunc(form, isDigit); at >= 0 {
			forms = append(forms, form[:at]+strings.ReplaceAll(form[at:], "O", "0"))
		}
	}
	return forms
}

// Customers lists customers by account.
func (s *Service) Customers(ctx context.Context, filter CustomerFilter) (Page[Customer], error) {
	var c conditions
	if filter.Query != "" {
		c.add("(name ilike ? or account ilike ? or exists (select from unnest(email_domains) d where d ilike ?))", contains(filter.Query))
	}
	if filter.Tier != "" {
		c.add("tier = ?", filter.Tier)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("entity_id = any (?)", filter.EntityIDs)
	}
	if filter.After != "" {
		c.add("account > ?", filter.After)
	}
	limit := limitOf(filter.Limit)
	rows, err := db.List[Customer](ctx, s.db, fmt.Sprintf(`select * from customers%s order by account limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[Customer]{}, fmt.Errorf("list customers: %w", err)
	}
	return pageOf(rows, limit, func(c Customer) string { return c.Account }), nil
}

// FindCustomers finds customers by what somebody types: the beginning of an account, a part of a name, or a mail domain of theirs, those by
// account first. Each is a look-up along an index of its own: however many customers there are, none is walked through for another.
func (s *Service) FindCustomers(ctx context.Context, filter CustomerFilter) ([]Customer, error) {
	typed := strings.TrimSpace(filter.Query)
	if typed == "" {
		return nil, nil
	}
	entities := make([]EntityID, 0, len(filter.EntityIDs))
	entities = append(entities, filter.EntityIDs...)
	mine := `(cardinality($4::bigint[]) = 0 or entity_id = any ($4))`
	account := contains(strings.ToUpper(typed))[1:] // as it begins
	list, err := db.List[Customer](ctx, s.db, `select * from customers where id in (
			(select id from customers where account like $1 and `+mine+` limit $5)
			union (select id from customers where account = any ($6) and `+mine+` limit $5)
			union (select id from customers where name ilike $2 and `+mine+` limit $5)
			union (select id from customers where email_domains @> array[$3] and `+mine+` limit $5))
		order by account like $1 desc, name, account limit $5`, account, contains(typed), strings.ToLower(typed), entities, limitOf(filter.Limit), spelt(typed))
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	return list, nil
}

// Contacts lists the people of a customer by name, those who no longer speak for it last.
func (s *Service) Contacts(ctx context.Context, r db.Reader, id CustomerID) ([]Contact, error) {
	return listContacts(ctx, r, id)
}

// ErrContactRetired is an ErrNoContact of somebody who no longer speaks for their customer: their domain does not speak for them either.
var ErrContactRetired = errs.Wrap(ErrNoContact, errs.NotFound, "billing.contact_retired")

// ContactByAddress finds who writes from a mail address, and for which customer; ErrNoContact when nobody is known, ErrContactRetired of
// somebody retired.
func (s *Service) ContactByAddress(ctx context.Context, r db.Reader, address string) (Contact, Customer, error) {
	contact, err := db.One[Contact](ctx, r, `select * from contacts where email = $1`, mailAddress(address))
	if contact, err = found(contact, err, ErrNoContact, "read contact"); err != nil {
		return Contact{}, Customer{}, err
	}
	if contact.RetiredAt != nil {
		return Contact{}, Customer{}, ErrContactRetired
	}
	customer, err := s.CustomerByID(ctx, r, contact.CustomerID)
	return contact, customer, err
}

// Writer is somebody who writes from a known address, with the customer they write for; of somebody retired no customer.
type Writer struct {
	Contact  Contact
	Customer Customer
}

// WritersByAddress is ContactByAddress for several, by address in lower case. Those that nobody is known to write from are left
// out.
func (s *Service) WritersByAddress(ctx context.Context, r db.Reader, addresses []string) (map[string]Writer, error) {
	writers := map[string]Writer{}
	known := make([]string, len(addresses))
	for n, address := range addresses {
		known[n] = mailAddress(address)
	}
	contacts, err := db.List[Contact](ctx, r, `select * from contacts where email = any ($1)`, known)
	if err != nil || len(contacts) == 0 {
		return writers, err
	}
	ids := make([]CustomerID, len(contacts))
	for n, c := range contacts {
		ids[n] = c.CustomerID
	}
	customers, err := db.List[Customer](ctx, r, `select * from customers where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read customers of contacts: %w", err)
	}
	byID := map[CustomerID]Customer{}
	for _, c := range customers {
		byID[c.ID] = c
	}
	for _, c := range contacts {
		writers[c.Email] = Writer{Contact: c}
		if c.RetiredAt == nil {
			writers[c.Email] = Writer{c, byID[c.CustomerID]}
		}
	}
	return writers, nil
}

// CustomersByDomains is CustomersByDomain for several, by domain in lower case.
func (s *Service) CustomersByDomains(ctx context.Context, r db.Reader, domains []string) (map[string][]Customer, error) {
	found := map[string][]Customer{}
	if len(domains) == 0 {
		return found, nil
	}
	type hit struct {
		Customer
		WrittenFrom string
	}
	list, err := db.List[hit](ctx, r, `select c.*, d.domain as written_from from unnest($1::text[]) d (domain)
		cross join lateral (select * from customers where email_domains @> array[d.domain] order by id limit 50) c order by c.id`, domains)
	if err != nil {
		return nil, fmt.Errorf("find customers by domains: %w", err)
	}
	for _, h := range list {
		found[h.WrittenFrom] = append(found[h.WrittenFrom], h.Customer)
	}
	return found, nil
}

// CustomersByDomain lists the customers whose people write from a mail domain.
func (s *Service) CustomersByDomain(ctx context.Context, r db.Reader, domain string) ([]Customer, error) {
	list, err := db.List[Customer](ctx, r, `select * from customers where email_domains @> array[$1::text] order by id limit 50`,
		strings.ToLower(strings.TrimSpace(domain)))
	if err != nil {
		return nil, fmt.Errorf("find customers by domain: %w", err)
	}
	return list, nil
}

// OneCustomer picks the customer that a mail domain, or a name, stands for: the only one, or the top of the family all belong to; nil when there is none.
func OneCustomer(list []Customer) *Customer {
	if len(list) == 1 {
		return &list[0]
	}
	var top *Customer
	for i, c := range list {
		if c.FamilyID != list[0].FamilyID {
			return nil
		}
		if c.ID == c.FamilyID {
			top = &list[i]
		}
	}
	return top
}

// CustomersByNames finds customers by their whole names, in any case; by name in lower case.
func (s *Service) CustomersByNames(ctx context.Context, r db.Reader, names []string) (map[string][]Customer, error) {
	found := map[string][]Customer{}
	if len(names) == 0 {
		return found, nil
	}
	for n, name := range names {
		names[n] = strings.ToLower(strings.TrimSpace(name))
	}
	list, err := db.List[Customer](ctx, r, `select * from customers where lower(name) = any ($1) order by id limit 500`, names)
	if err != nil {
		return nil, fmt.Errorf("find customers by name: %w", err)
	}
	for _, c := range list {
		name := strings.ToLower(strings.TrimSpace(c.Name))
		found[name] = append(found[name], c)
	}
	return found, nil
}

// LearnContactTx remembers who writes from an address. An address that is known already stays with the customer it
// belongs to, and that contact is returned; somebody retired is taken up again by their own customer.
func (s *Service) LearnContactTx(ctx context.Context, tx *db.Tx, customer CustomerID, name, address string) (Contact, error) {
	if name = strings.TrimSpace(name); name == "" {
		name = mailAddress(address)
	}
	return insertContact(ctx, tx, Contact{
		CustomerID: customer, Name: name, Email: mailAddress(address), Learned: true, CreatedAt: tx.Now(),
	})
}

func mailAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// actorOr is the actor, or the program itself where nobody in particular acts.
func actorOr(by Actor, job string) Actor {
	if by.Kind == "" {
		return access.SystemActor(job)
	}
	return by
}
