package statements

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Reader says whether a customer wants statements each month, and who of its people gets them. Version 0 is a customer nothing was said of.
type Reader struct {
	CustomerID billing.CustomerID
	EntityID   billing.EntityID
	Wanted     bool
	ContactID  *billing.ContactID // nil: the first of them whose mail arrives
	Version    int
}

// Person is one of a customer's people who may get its statements.
type Person struct {
	billing.Contact
	Dead bool // their mail comes back
}

// ReaderOf reads what was said of a customer.
func (s *Service) ReaderOf(ctx context.Context, r db.Reader, customer billing.CustomerID) (Reader, error) {
	reader, err := db.One[Reader](ctx, r, `select * from statement_readers where customer_id = $1`, customer)
	if errors.Is(err, db.ErrNoRow) {
		return Reader{CustomerID: customer}, nil
	}
	if err != nil {
		return reader, fmt.Errorf("read who gets statements: %w", err)
	}
	return reader, nil
}

// ReaderInput says whether a customer, by its account, wants statements each month. Version is that of what it was begun from.
type ReaderInput struct {
	By      access.Actor
	Account string
	Wanted  bool
	Contact billing.ContactID // 0: the first of its people whose mail arrives
	Version int
}

// SetReader says whether a customer wants statements each month, and who gets them. It holds from the next round on. ErrStale when somebody
// else was quicker.
func (s *Service) SetReader(ctx context.Context, in ReaderInput) (Reader, error) {
	var kept Reader
	if err := access.Can(in.By, access.SendStatements, access.Object{}); err != nil {
		return kept, err
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		customer, err := s.customer(ctx, tx, in.By, in.Account)
		if err != nil {
			return err
		}
		if in.Contact != 0 {
			people, err := s.people(ctx, tx, customer.ID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(people, func(p Person) bool { return p.ID == in.Contact }) {
				return errs.InvalidField("contact", "statements.not_theirs")
			}
		}
		n, err := tx.Exec(ctx, `insert into statement_readers as r (customer_id, entity_id, wanted, contact_id)
				select $1, $2, $3, nullif($4::bigint, 0) where $5 = 0 or exists (select from statement_readers where customer_id = $1)
			on conflict (customer_id) do update set entity_id = $2, wanted = $3, contact_id = nullif($4::bigint, 0), version = r.version + 1 where r.version = $5`,
			customer.ID, customer.EntityID, in.Wanted, in.Contact, in.Version)
		if err != nil {
			return fmt.Errorf("say who gets statements: %w", err)
		}
		if n == 0 {
			return ErrStale
		}
		if kept, err = s.ReaderOf(ctx, tx, customer.ID); err != nil {
			return err
		}
		tx.Did("statement.reader_set " + customer.Account)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: in.By, What: "statement.reader_set", Data: map[string]any{
			"account": customer.Account, "wanted": kept.Wanted, "contact": kept.ContactID, "version": kept.Version,
		}})
	})
	return kept, err
}

// customer is a customer by its account, for somebody who may send it statements.
func (s *Service) customer(ctx context.Context, r db.Reader, by access.Actor, account string) (billing.Customer, error) {
	if err := access.Can(by, access.SendStatements, access.Object{}); err != nil {
		return billing.Customer{}, err
	}
	c, err := s.Billing.CustomerByAccount(ctx, r, account)
	if err != nil {
		return c, fmt.Errorf("find customer: %w", err)
	}
	return c, access.Can(by, access.SendStatements, access.Object{EntityID: int64(c.EntityID)})
}

// people are those of a customer who may get its statements, in the order in which they do: those somebody entered before those who were
// learned from their mail.
func (s *Service) people(ctx context.Context, r db.Reader, customer billing.CustomerID) ([]Person, error) {
	contacts, err := s.Billing.Contacts(ctx, r, customer)
	if err != nil {
		return nil, fmt.Errorf("read people of customer: %w", err)
	}
	contacts = slices.DeleteFunc(contacts, func(c billing.Contact) bool { return c.RetiredAt != nil || c.Email == "" })
	addresses := make([]string, len(contacts))
	for i, c := range contacts {
		addresses[i] = c.Email
	}
	dead, err := s.Inbox.DeadOf(ctx, r, addresses)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, d := range dead {
		gone[d.Address] = true
	}
	list := make([]Person, len(contacts))
	for i, c := range contacts {
		list[i] = Person{Contact: c, Dead: gone[strings.ToLower(c.Email)] || c.BouncedAt != nil}
	}
	slices.SortFunc(list, func(a, b Person) int {
		if a.Learned != b.Learned {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return list, nil
}

func rank(p Person) int {
	if p.Learned {
		return 1
	}
	return 0
}

// choose is who gets a statement: whom was wished for, else the first whose mail arrives. Where somebody is wished for whose mail comes
// back nobody else gets it instead. Whoever was wished for and no longer speaks for the customer is passed by.
func choose(people []Person, wished billing.ContactID) (Person, LeftOut) {
	if i := slices.IndexFunc(people, func(p Person) bool { return p.ID == wished }); i >= 0 {
		if people[i].Dead {
			return people[i], DeadAddress
		}
		return people[i], ""
	}
	if i := slices.IndexFunc(people, func(p Person) bool { return !p.Dead }); i >= 0 {
		return people[i], ""
	}
	if len(people) > 0 {
		return people[0], DeadAddress
	}
	return Person{}, NoContact
}
