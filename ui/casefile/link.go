package casefile

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/web"
)

// tieView is the list of invoices that the case may be tied to.
type tieView struct {
	Invoices []tieChoice
	None     string // why there is none
}

type tieChoice struct{ Number, Sub, Amount string }

// Invoices is what the case may be tied to, narrowed by what is typed: GET /cases/:number/invoices?invoice=.
func (s *Screen) Invoices(c echo.Context) error {
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, "/cases/"+head.Number)
	}
	list, err := s.files.Linkable(c.Request().Context(), head.Number, c.QueryParam("invoice"), web.Actor(c))
	if err != nil {
		return err
	}
	r, v := s.reader(c), tieView{None: i18n.T("No other invoice of the customer has this in its number. Enter looks for the number as typed.")}
	if head.CustomerID == nil {
		v.None = i18n.T("Link the customer first: then their invoices stand here.")
	}
	for _, i := range list {
		v.Invoices = append(v.Invoices, tieChoice{
			Number: i.Number, Amount: r.money(i.Total, i.Currency),
			Sub: i18n.F("of {issued_on}, due {due_on}", "issued_on", r.day(i.IssuedOn), "due_on", r.day(i.DueOn)),
		})
	}
	return s.desk.Fragment(c, http.StatusOK, linkChoices(v))
}

// LinkInvoice ties an invoice to the case by its number, typed or chosen.
func (s *Screen) LinkInvoice(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	invoice, err := s.files.InvoiceNamed(c.Request().Context(), cmp.Or(c.FormValue("chosen"), strings.TrimSpace(c.FormValue("invoice"))), web.Actor(c))
	if err != nil {
		return s.refuse(c, err)
	}
	if _, err := s.cases.LinkInvoice(c.Request().Context(), cases.LinkInvoiceInput{On: on, InvoiceID: invoice.ID}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{number} is linked.", "number", invoice.Number)}, nil)
}

// LinkCustomer ties the case to its customer by account number.
func (s *Screen) LinkCustomer(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	customer, err := s.files.CustomerNamed(c.Request().Context(), strings.TrimSpace(c.FormValue("account")), web.Actor(c))
	if err != nil {
		return s.refuse(c, err)
	}
	_, err = s.cases.LinkCustomer(c.Request().Context(), cases.LinkCustomerInput{
		On: on, CustomerID: customer.ID, Remember: c.FormValue("remember") == "on",
	})
	if err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("This is a case of {name}.", "name", customer.Name)}, nil)
}

// Accept lets somebody who was only put in copy take part.
func (s *Screen) Accept(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	address := c.FormValue("address")
	if _, err := s.cases.AcceptParticipant(c.Request().Context(), cases.ParticipantInput{On: on, Address: address}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{address} takes part from now on.", "address", address)}, nil)
}

// Join joins the case to another about the same matter: POST /cases/:number/join. Fields: into, a case number; disputes, when the dispute
// lines go along.
func (s *Screen) Join(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	into, err := s.files.Find(c.Request().Context(), strings.ToUpper(strings.TrimSpace(c.FormValue("into"))), web.Actor(c))
	if err != nil {
		return s.refuse(c, err)
	}
	if _, err := s.cases.Join(c.Request().Context(), cases.JoinInput{On: on, Into: into.ID, WithDisputes: c.FormValue("disputes") == "on"}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("Joined to {number}.", "number", into.Number), Undo: "/cases/" + c.Param("number") + "/unjoin"}, nil)
}

// Unjoin takes the case out of the one it was joined to: POST /cases/:number/unjoin.
func (s *Screen) Unjoin(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.Unjoin(c.Request().Context(), on); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("The case stands on its own again.")}, nil)
}

// Split gives messages a case of their own: POST /cases/:number/split. Fields: message (several), subject, type.
func (s *Screen) Split(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	in := cases.SplitInput{On: on, Subject: strings.TrimSpace(form.Get("subject")), Type: cases.Type(form.Get("type"))}
	for _, text := range form["message"] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return cases.ErrNoMessage
		}
		in.Messages = append(in.Messages, cases.MessageID(n))
	}
	opened, err := s.cases.Split(c.Request().Context(), in)
	if err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{number} is opened for it.", "number", opened.Number)}, nil)
}
