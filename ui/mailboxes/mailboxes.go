// Package mailboxes is the screen of the settings of mailboxes: which are read, how they sign in, how they are, and a test
// that says what their server can do.
package mailboxes

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Services are the doors the screen knocks at.
type Services struct {
	Inbox   *inbox.Service
	Mail    *fetch.Fetcher
	Billing *billing.Service
	Reports *reports.Service
}

// Screen is the settings of mailboxes.
type Screen struct {
	Services

	desk *desk.Desk
}

// New makes the screen.
func New(d *desk.Desk, s Services) *Screen { return &Screen{Services: s, desk: d} }

// List is the page: GET /settings/mailboxes.
func (s *Screen) List(c echo.Context) error { return s.show(c, http.StatusOK, openedView{}) }

// Show is the page with one mailbox open: GET /settings/mailboxes/:id.
func (s *Screen) Show(c echo.Context) error {
	box, err := s.chosen(c)
	if err != nil {
		return err
	}
	opened, err := s.opened(c, box)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, opened)
}

// New is the page with an empty form: GET /settings/mailboxes/new.
func (s *Screen) New(c echo.Context) error {
	return s.show(c, http.StatusOK, openedView{Shown: true, Form: form{Security: "tls", Auth: string(inbox.Password), Folder: "INBOX"}})
}

// Add adds a mailbox: POST /settings/mailboxes.
func (s *Screen) Add(c echo.Context) error {
	f := formOf(c)
	box, err := s.Inbox.AddMailbox(c.Request().Context(), web.Actor(c), f.settings())
	if wrong := s.desk.FieldErrors(c, err); wrong != nil {
		f.Errors = wrong
		return s.show(c, http.StatusUnprocessableEntity, openedView{Shown: true, Form: f})
	}
	if err != nil {
		return err
	}
	return s.to(c, box.ID)
}

// Save changes a mailbox: POST /settings/mailboxes/:id.
func (s *Screen) Save(c echo.Context) error {
	box, err := s.chosen(c)
	if err != nil {
		return err
	}
	f := formOf(c)
	_, err = s.Inbox.ChangeMailbox(c.Request().Context(), web.Actor(c), box.ID, f.Version, f.settings())
	if wrong := s.desk.FieldErrors(c, err); wrong != nil {
		opened, openErr := s.opened(c, box)
		if openErr != nil {
			return openErr
		}
		f.Errors, f.Address = wrong, box.Address
		opened.Form = f
		return s.show(c, http.StatusUnprocessableEntity, opened)
	}
	if err != nil {
		return err
	}
	return s.to(c, box.ID)
}

// Switch has a mailbox read, or not any more: POST /settings/mailboxes/:id/switch. Field: active, on or empty.
func (s *Screen) Switch(c echo.Context) error {
	box, err := s.chosen(c)
	if err != nil {
		return err
	}
	if _, err := s.Inbox.SwitchMailbox(c.Request().Context(), web.Actor(c), box.ID, formOf(c).Version, c.FormValue("active") == "on"); err != nil {
		return err
	}
	return s.to(c, box.ID)
}

// Test connects as the reader would and shows how far it came: POST /settings/mailboxes/:id/test.
func (s *Screen) Test(c echo.Context) error {
	box, err := s.chosen(c)
	if err != nil {
		return err
	}
	probed := s.Mail.Probe(c.Request().Context(), box)
	if box, err = s.chosen(c); err != nil { // a token may have been renewed, or found to be at its end
		return err
	}
	opened, err := s.opened(c, box)
	if err != nil {
		return err
	}
	opened.Probe = probeOf(probed, box)
	return s.show(c, http.StatusOK, opened)
}

// Compare holds the server's messages against those stored and fetches what is missing: POST /settings/mailboxes/:id/compare.
func (s *Screen) Compare(c echo.Context) error {
	box, err := s.chosen(c)
	if err != nil {
		return err
	}
	result, found, compareErr := s.Mail.Mend(c.Request().Context(), box)
	if box, err = s.chosen(c); err != nil {
		return err
	}
	opened, err := s.opened(c, box)
	if err != nil {
		return err
	}
	opened.Compared = comparedOf(result, found, compareErr)
	return s.show(c, http.StatusOK, opened)
}

func (s *Screen) to(c echo.Context, id inbox.MailboxID) error {
	return c.Redirect(http.StatusSeeOther, "/settings/mailboxes/"+strconv.FormatInt(int64(id), 10))
}

func (s *Screen) chosen(c echo.Context) (inbox.Mailbox, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return inbox.Mailbox{}, inbox.ErrNoMailbox
	}
	return s.Inbox.MailboxToSet(c.Request().Context(), web.Actor(c), inbox.MailboxID(id))
}

func (s *Screen) show(c echo.Context, status int, opened openedView) error {
	v, err := s.view(c.Request().Context(), c, opened)
	if err != nil {
		return err
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Mailboxes"), Heading: i18n.T("Mailboxes"), Active: "intake", BodyClass: "page-periods", Topics: []string{"intake"}}, page(v))
}

func (s *Screen) view(ctx context.Context, c echo.Context, opened openedView) (pageView, error) {
	boxes, err := s.Inbox.MailboxesToSet(ctx, web.Actor(c))
	if err != nil {
		return pageView{}, err
	}
	entities, err := s.Billing.Entities(ctx)
	if err != nil {
		return pageView{}, err
	}
	r := reader{lang: s.desk.Lang(c), zone: s.desk.Zone(c), now: s.desk.Clock()}
	v := pageView{Opened: opened, Whole: inbox.AdministersAll(web.Actor(c))}
	unheard, err := s.Inbox.UnheardMailboxes(ctx)
	if err != nil {
		return pageView{}, err
	}
	for _, b := range boxes {
		row := r.row(b, opened.ID == int64(b.ID))
		for _, u := range unheard {
			if u.MailboxID == b.ID {
				row = r.unheard(row, u)
			}
		}
		if row.Current {
			v.Opened.Row = row
		}
		v.Rows = append(v.Rows, row)
	}
	for _, e := range entities {
		if !web.Actor(c).SeesEntity(int64(e.ID)) {
			continue
		}
		v.Entities = append(v.Entities, entityOption{ID: strconv.FormatInt(int64(e.ID), 10), Name: e.Code + " · " + e.Name})
	}
	return v, nil
}

// opened fills the form with what a mailbox is set to. Secrets are never shown.
func (s *Screen) opened(c echo.Context, box inbox.Mailbox) (openedView, error) {
	f := form{
		Version: box.Version, Address: box.Address, Server: box.IMAPAddress, Security: box.Security, Username: box.Username, Folder: box.Folder, Auth: string(box.Auth), Tagged: box.TaggedReplies,
	}
	if box.EntityID != nil {
		f.Entity = strconv.FormatInt(*box.EntityID, 10)
	}
	if box.Auth != inbox.Password {
		grant, err := s.Inbox.GrantOf(c.Request().Context(), box.ID)
		if err != nil {
			return openedView{}, err
		}
		f.TokenURL, f.ClientID, f.Scope = grant.TokenURL, grant.ClientID, grant.Scope
		if grant.EndsAt != nil {
			f.EndsOn = grant.EndsAt.Format(time.DateOnly)
		}
	}
	r := reader{lang: s.desk.Lang(c), zone: s.desk.Zone(c), now: s.desk.Clock()}
	row := r.row(box, true)
	return openedView{Shown: true, ID: int64(box.ID), Active: box.Active, Row: row, Form: f, MayAct: access.May(web.Actor(c), access.Administer)}, nil
}
