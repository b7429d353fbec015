package billing

import (
	"context"
	"fmt"
	"net/mail"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What keeping people of customers refuses.
var (
	ErrContactChanged   = errs.New(errs.Conflict, "billing.contact_changed")
	ErrContactElsewhere = errs.New(errs.Conflict, "billing.contact_elsewhere")
)

// ContactInput adds somebody to a customer (ID 0), or changes who is there as they were in Version. A retired person no longer speaks for the
// customer: mail from their address is a stranger's, and they do not sign in. What they wrote stays.
type ContactInput struct {
	By       access.Actor
	Account  string // of the customer
	ID       ContactID
	Version  int
	Name     string
	Email    string
	Title    string
	Language string // BCP 47; the customer's without it
	Retired  bool
}

// OnLeft is called in the transaction in which an address stops being one of a customer's people, with whose it was and who they are from then
// on: retired, or under another address.
func (s *Service) OnLeft(told func(ctx context.Context, tx *db.Tx, by Actor, was, is Contact) error) {
	s.left = append(s.left, told)
}

// KeepContact adds or changes one of a customer's people, for whoever works on cases of its legal entity. An address is one person's: ErrContactElsewhere
// says whose it is, where the actor may know. Somebody retired whose address is entered again is taken up again, at whichever customer. Bad input names the field;
// ErrContactChanged when somebody else was quicker, ErrNoContact when there is no such person.
func (s *Service) KeepContact(ctx context.Context, in ContactInput) (Contact, error) {
	if err := access.Can(in.By, access.KeepContacts, access.Object{}); err != nil {
		return Contact{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Contact{}, err
	}
	var kept Contact
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		customer, err := s.CustomerByAccount(ctx, tx, in.Account)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.KeepContacts, access.Object{EntityID: int64(customer.EntityID)}); err != nil {
			return err
		}
		was, err := s.contactBefore(ctx, tx, in, customer)
		if err != nil {
			return err
		}
		what := "contact.changed"
		if was.ID == 0 {
			what = "contact.added"
		}
		if kept, err = in.keep(ctx, tx, customer, was); err != nil {
			return err
		}
		if err := s.leftTx(ctx, tx, in.By, was, kept); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: in.By, What: what, Data: map[string]any{
			"customer": customer.Account, "contact": kept.ID, "before": was.said(), "after": kept.said(),
		}})
	})
	if db.Violates(err, "contacts_email_key") { // somebody else entered it at this very moment
		return Contact{}, errs.New(ErrContactElsewhere.Kind, ErrContactElsewhere.Key, "email", in.Email)
	}
	return kept, err
}

// leftTx tells which addresses are nobody's any more: the one before a change, and that of somebody retired.
func (s *Service) leftTx(ctx context.Context, tx *db.Tx, by Actor, was, is Contact) error {
	var left []Contact
	if was.ID != 0 && was.Email != is.Email {
		left = append(left, was)
	}
	if is.RetiredAt != nil && was.RetiredAt == nil {
		left = append(left, is)
	}
	for _, who := range left {
		for _, told := range s.left {
			if err := told(ctx, tx, by, who, is); err != nil {
				return err
			}
		}
	}
	return nil
}

// contactBefore locks who is there under the id or, for somebody new, under the address.
func (s *Service) contactBefore(ctx context.Context, tx *db.Tx, in ContactInput, customer Customer) (Contact, error) {
	list, err := db.List[Contact](ctx, tx, `select * from contacts where id = $1 or email = $2 order by id for update`, in.ID, in.Email)
	if err != nil {
		return Contact{}, fmt.Errorf("read contacts: %w", err)
	}
	var was Contact
	for _, c := range list {
		switch {
		case c.ID == in.ID && c.CustomerID == customer.ID:
			was = c
		case c.Email == in.Email && in.ID == 0 && c.RetiredAt != nil:
			was = c // taken up again, here or at another customer
		case c.Email == in.Email && c.ID != in.ID:
			return was, in.elsewhere(ctx, tx, c)
		}
	}
	switch {
	case in.ID != 0 && was.ID == 0:
		return was, ErrNoContact
	case in.ID != 0 && was.Version != in.Version:
		return was, ErrContactChanged
	}
	if was.ID == 0 || was.CustomerID == customer.ID {
		return was, nil
	}
	old, err := s.CustomerByID(ctx, tx, was.CustomerID)
	if err != nil {
		return was, err
	}
	if !in.By.SeesEntity(int64(old.EntityID)) {
		return was, errs.New(ErrContactElsewhere.Kind, ErrContactElsewhere.Key, "email", in.Email)
	}
	return was, nil
}

// elsewhere says whose address it is.
func (in ContactInput) elsewhere(ctx context.Context, tx *db.Tx, c Contact) error {
	other, err := db.One[Customer](ctx, tx, `select * from customers where id = $1`, c.CustomerID)
	if err != nil {
		return fmt.Errorf("read customer of contact: %w", err)
	}
	if !in.By.SeesEntity(int64(other.EntityID)) {
		return errs.New(ErrContactElsewhere.Kind, ErrContactElsewhere.Key, "email", in.Email)
	}
	return errs.New(ErrContactElsewhere.Kind, "billing.contact_of", "email", in.Email, "name", c.Name, "customer", other.Name, "account", other.Account)
}

func (in ContactInput) keep(ctx context.Context, tx *db.Tx, customer Customer, was Contact) (Contact, error) {
	query := `insert into contacts (customer_id, name, email, title, language, created_at, retired_at) values ($1, $2, $3, $4, $5, $6, case when $7 then $6::timestamptz end) returning *`
	args := []any{customer.ID, in.Name, in.Email, in.Title, in.Language, tx.Now(), in.Retired}
	if was.ID != 0 {
		query = `update contacts set customer_id = $1, name = $2, email = $3, title = $4, language = $5, version = version + 1, learned = false,
			bounced_at = case when email = $3 then bounced_at end, retired_at = case when $7 then coalesce(retired_at, $6) end where id = $8 returning *`
		args = append(args, was.ID)
	}
	kept, err := db.One[Contact](ctx, tx, query, args...)
	if err != nil {
		return kept, fmt.Errorf("keep contact: %w", err)
	}
	return kept, nil
}

// said is what the audit trail keeps of somebody, so that it can be erased.
func (c Contact) said() any {
	if c.ID == 0 {
		return nil
	}
	return audit.Personal{Address: c.Email, Said: c.facts()}
}

// facts is what the audit trail says of somebody.
func (c Contact) facts() map[string]any {
	return map[string]any{"customer": c.CustomerID, "name": c.Name, "email": c.Email, "title": c.Title, "language": c.Language, "retired": c.RetiredAt != nil}
}

func (in ContactInput) checked() (ContactInput, error) {
	in.Name, in.Title, in.Email, in.Language = strings.TrimSpace(in.Name), strings.TrimSpace(in.Title), mailAddress(in.Email), strings.TrimSpace(in.Language)
	address, err := mail.ParseAddress(in.Email)
	switch {
	case in.Email == "":
		return in, errs.InvalidField("email", "error.required")
	case err != nil || address.Address != in.Email || len(in.Email) > 320:
		return in, errs.InvalidField("email", "billing.bad_contact_address")
	case in.Name == "":
		return in, errs.InvalidField("name", "error.required")
	case len([]rune(in.Name)) > maxPartyName || len([]rune(in.Title)) > maxPartyName || strings.ContainsAny(in.Name+in.Title, "\r\n"):
		return in, errs.InvalidField("name", "billing.long_particular", "most", strconv.Itoa(maxPartyName))
	}
	if in.Language == "" {
		return in, nil
	}
	tongue, err := tongueOf(in.Language)
	if err != nil {
		return in, errs.InvalidField("language", "billing.bad_language")
	}
	in.Language = tongue
	return in, nil
}
