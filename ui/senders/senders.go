// Package senders is the screen of as whom each legal entity writes to its customers: the address and name of its mails, and
// the signature below them.
package senders

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Screen is the settings of senders.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	inbox   *inbox.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, i *inbox.Service) *Screen {
	return &Screen{desk: d, billing: b, inbox: i}
}

// pageView is the page: one sender for each legal entity, the signing key of each domain, and how much may leave.
type pageView struct {
	Senders []senderView
	Domains []domainView
	Bounds  boundsView
}

type senderView struct {
	Code, Title              string
	Version                  string
	Address, Name, Signature string
	Unread                   bool // no mailbox is read where answers would arrive
	Refused                  string
	Errors                   map[string]string
}

// List is the page: GET /settings/senders.
func (s *Screen) List(c echo.Context) error { return s.show(c, http.StatusOK, typed{}) }

// Save changes one sender: POST /settings/senders/:entity. Fields: version, address, name, signature.
func (s *Screen) Save(c echo.Context) error {
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return errs.InvalidField("version", "error.not_a_number")
	}
	form := senderView{
		Code: c.Param("entity"), Version: c.FormValue("version"), Address: c.FormValue("address"), Name: c.FormValue("name"), Signature: c.FormValue("signature"),
	}
	_, err = s.billing.SetSender(c.Request().Context(), billing.SenderInput{
		By: web.Actor(c), Entity: form.Code, Version: version, Address: form.Address, Name: form.Name, Signature: form.Signature,
	})
	return s.answer(c, err, func(fields map[string]string, sentence string) typed {
		form.Errors, form.Refused = fields, sentence
		return typed{sender: &form}
	})
}

// show draws the page; what was refused stands as it was typed, over the version there is now.
func (s *Screen) show(c echo.Context, status int, refused typed) error {
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return err
	}
	boxes, err := s.inbox.ActiveMailboxes(c.Request().Context())
	if err != nil {
		return err
	}
	var v pageView
	for _, e := range entities {
		if !web.Actor(c).SeesEntity(int64(e.ID)) {
			continue
		}
		row := senderView{
			Code: e.Code, Title: e.Name, Version: strconv.Itoa(e.Version), Address: e.SupportAddress, Name: e.SupportName, Signature: e.Signature,
			Unread: !slices.ContainsFunc(boxes, func(b inbox.Mailbox) bool { return strings.EqualFold(b.Address, e.SupportAddress) }),
		}
		if t := refused.sender; t != nil && t.Code == e.Code {
			row.Address, row.Name, row.Signature, row.Errors, row.Refused = t.Address, t.Name, t.Signature, t.Errors, t.Refused
		}
		v.Senders = append(v.Senders, row)
	}
	if v.Domains, err = s.domains(c, entities, refused.domain); err != nil {
		return err
	}
	if v.Bounds, err = s.bounds(c, refused.bounds); err != nil {
		return err
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Senders"), Heading: i18n.T("Senders"), Active: "intake", BodyClass: "page-periods"}, page(v, access.May(web.Actor(c), access.Administer), inbox.AdministersAll(web.Actor(c))))
}
