// Package newcase is the screen on which a person opens a case: somebody telephoned, a letter came, or we write first.
package newcase

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// How many customers are offered for what is typed, and how many of the customer's invoices.
const (
	customersOffered = 8
	invoicesOffered  = 12
	invoicesTyped    = 20
)

// Screen opens cases.
type Screen struct {
	desk    *desk.Desk
	files   *reports.CaseFiles
	cases   *cases.Service
	billing *billing.Service
	reports *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, files *reports.CaseFiles, c *cases.Service, b *billing.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, files: files, cases: c, billing: b, reports: r}
}

// Show is the empty form, or that of a customer: GET /cases/new?account=.
func (s *Screen) Show(c echo.Context) error {
	f := formView{Fields: map[string]string{"channel": channelPhone, "type": string(cases.Inquiry), "mine": "on", "account": strings.TrimSpace(c.QueryParam("account"))}}
	if err := s.about(c, &f); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, f)
}

// Customers are those like what is typed: GET /cases/new/customers?find=.
func (s *Screen) Customers(c echo.Context) error {
	f := formView{Fields: map[string]string{"find": strings.TrimSpace(c.QueryParam("find"))}}
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, "/cases/new")
	}
	if err := s.like(c, &f); err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, found(f))
}

// Customer is the part of the form that a customer fills: who speaks for them, and what they were billed: GET /cases/new/customer?account=.
func (s *Screen) Customer(c echo.Context) error {
	f := formView{Fields: map[string]string{"account": strings.TrimSpace(c.QueryParam("account"))}}
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, "/cases/new?account="+f.Fields["account"])
	}
	if err := s.about(c, &f); err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, whose(f))
}

// Open opens the case and ends on it: POST /cases/new.
func (s *Screen) Open(c echo.Context) error {
	f, err := read(c)
	if err != nil {
		return err
	}
	if err := s.about(c, &f); err != nil {
		return err
	}
	opened, err := s.open(c, &f)
	switch kind := errs.KindOf(err); {
	case err == nil:
		s.desk.SayNext(c, s.desk.Said(c, i18n.F("{number} is open.", "number", opened.Number)))
		return c.Redirect(http.StatusSeeOther, "/cases/"+opened.Number)
	case kind != errs.Invalid && kind != errs.Conflict && kind != errs.NotFound:
		return err
	}
	f.Errors = s.desk.FieldErrors(c, err)
	for name, text := range f.Errors { // an invoice is named by its place
		if strings.HasPrefix(name, "invoices[") {
			f.Errors["invoices"] = text
		}
	}
	if len(f.Errors) == 0 || !f.shows() {
		f.Refused = s.desk.Sentence(c, err)
	}
	return s.page(c, http.StatusUnprocessableEntity, f)
}

func (s *Screen) open(c echo.Context, f *formView) (cases.Case, error) {
	in, err := s.input(c, f)
	if err != nil {
		return cases.Case{}, err
	}
	return s.cases.Open(c.Request().Context(), in)
}

// input is what the form asks for.
func (s *Screen) input(c echo.Context, f *formView) (cases.OpenInput, error) {
	by := web.Actor(c)
	in := cases.OpenInput{Type: cases.Type(f.Fields["type"]), Subject: f.Fields["subject"], Source: f.Fields["channel"], Language: f.Fields["language"], By: by}
	if !slices.Contains(channels(), in.Source) {
		return in, errs.InvalidField("channel", "case.unknown_channel")
	}
	if in.Subject == "" {
		return in, errs.InvalidField("subject", "case.needs_subject")
	}
	if f.Customer == nil && f.Fields["find"] != "" { // begun, and none chosen
		if err := s.like(c, f); err != nil {
			return in, err
		}
		return in, errs.InvalidField("find", "case.choose_customer")
	}
	if f.Customer != nil {
		in.CustomerID, in.EntityID = &f.Customer.ID, &f.Customer.EntityID
	}
	if f.Fields["mine"] == "on" {
		in.AssigneeID = &by.UserID
	}
	who, err := s.asks(f, &in)
	if err != nil {
		return in, err
	}
	if in.ReceivedAt, err = s.came(c, f.Fields["came"]); err != nil {
		return in, err
	}
	if text := f.Fields["text"]; text != "" {
		in.Message = &cases.InboundMessage{AuthorName: who.Name, AuthorAddress: who.Address, Subject: in.Subject, Body: text, Language: in.Language}
	}
	if f.Fields["acknowledge"] == "on" {
		if who.Address == "" {
			return in, errs.InvalidField("acknowledge", "case.nobody_to_acknowledge")
		}
		in.Acknowledge = &cases.AcknowledgeInput{}
	}
	return in, s.invoices(c.Request().Context(), f, &in)
}

// asks says who asks: one of the customer's people, or somebody by name and address.
func (s *Screen) asks(f *formView, in *cases.OpenInput) (cases.Participant, error) {
	if chosen := f.Fields["contact"]; chosen != "" {
		for _, k := range f.People {
			if k.Email == chosen {
				who := cases.Participant{Address: k.Email, Name: k.Name, ContactID: &k.ID, Accepted: true}
				in.ContactID, in.Participants = &k.ID, []cases.Participant{who}
				return who, nil
			}
		}
		return cases.Participant{}, errs.InvalidField("contact", "case.no_such_contact")
	}
	who := cases.Participant{Name: f.Fields["name"], Accepted: true}
	if f.Fields["address"] == "" {
		return who, nil
	}
	address, err := cases.Mailbox(f.Fields["address"])
	if err != nil {
		return who, err
	}
	who.Address = address
	for _, k := range f.People { // typed, but known
		if strings.EqualFold(k.Email, address) {
			who.ContactID, in.ContactID = &k.ID, &k.ID
		}
	}
	in.Participants = []cases.Participant{who}
	return who, nil
}

// came reads when it came; empty means now. The future is refused.
func (s *Screen) came(c echo.Context, typed string) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", typed, s.desk.Zone(c))
	if err != nil {
		return time.Time{}, errs.InvalidField("came", "case.bad_moment")
	}
	if at.After(s.desk.Clock()) {
		return time.Time{}, errs.InvalidField("came", "case.not_yet")
	}
	return at.UTC(), nil
}

// invoices are those ticked and those typed.
func (s *Screen) invoices(ctx context.Context, f *formView, in *cases.OpenInput) error {
	numbers := slices.Concat(f.Ticked, strings.FieldsFunc(f.Fields["invoices"], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == ';' }))
	if len(numbers) > invoicesTyped {
		return errs.InvalidField("invoices", "case.too_many_invoices")
	}
	for _, number := range numbers {
		invoice, err := s.files.InvoiceNamed(ctx, number, in.By)
		if errors.Is(err, billing.ErrNoInvoice) {
			return errs.InvalidField("invoices", billing.ErrNoInvoice.Key)
		}
		if err != nil {
			return err
		}
		in.Invoices = append(in.Invoices, cases.LinkedInvoice{InvoiceID: invoice.ID, Evidence: "named by the agent", Confidence: 100})
	}
	return nil
}

// about reads the customer that is chosen, with its people and invoices.
func (s *Screen) about(c echo.Context, f *formView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	if f.Fields["account"] == "" {
		return nil
	}
	customer, err := s.files.CustomerNamed(ctx, f.Fields["account"], by)
	if errors.Is(err, billing.ErrNoCustomer) {
		f.Unknown, f.Fields["account"] = f.Fields["account"], ""
		return nil
	}
	if err != nil {
		return err
	}
	f.Customer = &customer
	people, err := s.billing.Contacts(ctx, s.reports.Reader(), customer.ID)
	if err != nil {
		return err
	}
	f.People = slices.DeleteFunc(people, func(k billing.Contact) bool { return k.RetiredAt != nil })
	page, err := s.billing.InvoicesConcerning(ctx, customer, false, "", invoicesOffered)
	if err != nil {
		return err
	}
	locale := kit.LocaleOf(s.desk.Context(c))
	for _, i := range page.Rows {
		if by.SeesEntity(int64(i.EntityID)) {
			f.Invoices = append(f.Invoices, invoiceChoice{
				Number: i.Number, Ticked: slices.Contains(f.Ticked, i.Number),
				Sub: kit.FormatMoney(i.Amount(i.Total), locale.Lang) + " · " + kit.FormatDate(i.IssuedOn, time.UTC, locale.Lang),
			})
		}
	}
	return nil
}

// like finds customers for what is typed, among the legal entities one sees.
func (s *Screen) like(c echo.Context, f *formView) error {
	if f.Fields["find"] == "" {
		return nil
	}
	by := web.Actor(c)
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return err
	}
	filter := billing.CustomerFilter{Query: f.Fields["find"], Limit: customersOffered}
	for _, id := range by.SeenEntities() {
		filter.EntityIDs = append(filter.EntityIDs, billing.EntityID(id))
	}
	var err error
	f.Found, err = s.billing.FindCustomers(c.Request().Context(), filter)
	return err
}

func (s *Screen) page(c echo.Context, status int, f formView) error {
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("New case"), Heading: i18n.T("Queue"), Active: "queue", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: i18n.T("New case")}},
	}, form(f))
}
