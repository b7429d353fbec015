// Package portal is the customers' own door: they prove a mailbox by a mailed code or link, and then see and dispute what is
// theirs, and nothing else. Whose it is, is asked anew at each step; another's is not there.
package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/secrets"
)

// What the portal refuses.
var (
	ErrWrongCode = errs.New(errs.Unauthenticated, "portal.wrong_code")
	ErrNoBooks   = errs.New(errs.NotFound, "error.not_found") // of somebody who is no customer's contact
)

// Services are the doors behind the portal.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Cases   *cases.Service
	Intake  *intake.Intake
	Inbox   *inbox.Service
}

// Service is the door to the portal. It is safe for concurrent use.
type Service struct {
	Services
	keys      secrets.Keys
	publicURL string
	logger    *slog.Logger
}

// New makes the service. Links in its letters begin with publicURL.
func New(s Services, keys secrets.Keys, publicURL string, logger *slog.Logger) *Service {
	return &Service{Services: s, keys: keys, publicURL: publicURL, logger: logger}
}

// Register has codes sent, and sign-ins and sessions that are over forgotten.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.sendCode)
	jobs.Handle(r, s.sweep)
	jobs.Repeat(r, sweepEvery, Sweep{})
}

// Visitor is somebody who has proven a mailbox. Contact and Customer are nil for one who only takes part in a request.
type Visitor struct {
	Address  string
	Name     string
	Language string
	Contact  *billing.Contact
	Customer *billing.Customer
	Entity   billing.Entity // whose customer they are; the first where nobody knows
}

// Actor is the visitor as somebody who acts.
func (v Visitor) Actor() access.Actor {
	a := access.Actor{Kind: access.Customer, Name: v.Name, Address: v.Address}
	if v.Customer != nil {
		a.EntityIDs = []int64{int64(v.Customer.EntityID)}
	}
	return a
}

func (v Visitor) reader() cases.Reader { return cases.ReaderOf(v.Address, v.Customer) }

// says is what the visitor wrote, as intake takes it.
func (v Visitor) says(text, form string, files []inbox.Attachment) intake.CustomerText {
	return intake.CustomerText{
		Address: v.Address, Name: v.Name, Contact: v.Contact, Customer: v.Customer, Entity: v.Entity, Text: text, Files: files, Form: form,
	}
}

// visitor finds out who has an address, as of now. known is false when neither a contact nor somebody who takes part in
// a case has it.
func (s *Service) visitor(ctx context.Context, r db.Reader, address string) (v Visitor, known bool, err error) {
	v = Visitor{Address: address, Name: address}
	contact, customer, err := s.Billing.ContactByAddress(ctx, r, address)
	switch {
	case err == nil:
		v.Contact, v.Customer, v.Name = &contact, &customer, contact.Name
		if v.Language = contact.Language; v.Language == "" {
			v.Language = customer.Language
		}
		v.Entity, err = s.Billing.EntityByID(ctx, r, customer.EntityID)
		return v, true, err
	case errors.Is(err, billing.ErrContactRetired):
		return v, false, nil
	case !errors.Is(err, billing.ErrNoContact):
		return v, false, err
	}
	list, err := s.Cases.CasesOf(ctx, r, v.reader(), 0, 1)
	if err != nil || len(list) == 0 {
		return v, false, err
	}
	v.Language = list[0].Language
	if list[0].EntityID != nil {
		v.Entity, err = s.Billing.EntityByID(ctx, r, *list[0].EntityID)
		return v, true, err
	}
	v.Entity, err = s.firstEntity(ctx)
	return v, true, err
}

// House is the legal entity whose name the portal bears before anybody has signed in: that of a code, or the first where there is none of it.
func (s *Service) House(ctx context.Context, code string) (billing.Entity, error) {
	list, err := s.Billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, fmt.Errorf("read entities: %w", err)
	}
	for _, e := range list {
		if e.Code == code {
			return e, nil
		}
	}
	return s.firstEntity(ctx)
}

func (s *Service) firstEntity(ctx context.Context) (billing.Entity, error) {
	list, err := s.Billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, fmt.Errorf("read entities: %w", err)
	}
	if len(list) == 0 {
		return billing.Entity{}, billing.ErrNoEntity
	}
	return list[0], nil
}
