package books

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// contactView is the form of one of a customer's people, as they stand or as it was typed.
type contactView struct {
	particularsView
	ID      billing.ContactID
	Retired bool
}

func (v contactView) address() string { return contactAddress(v.Account, v.ID) }

// contactAddress is where one of a customer's people is kept; 0 is somebody new.
func contactAddress(account string, id billing.ContactID) string {
	base := "/customers/" + url.PathEscape(account) + "/contacts/"
	if id == 0 {
		return base + "new"
	}
	return base + strconv.FormatInt(int64(id), 10)
}

func (v contactView) heading() string {
	if v.ID == 0 {
		return i18n.T("New person")
	}
	return v.Fields["name"]
}

// NewContact shows the empty form: GET /customers/:account/contacts/new.
func (s *Screen) NewContact(c echo.Context) error {
	customer, _, err := s.person(c, 0)
	if err != nil {
		return err
	}
	return s.showContact(c, http.StatusOK, contactView{particularsView: particularsView{Account: customer.Account, Title: customer.Name, Fields: map[string]string{
		"name": c.QueryParam("name"), "email": c.QueryParam("email"), "language": customer.Language,
	}}})
}

// EditContact shows somebody's form: GET /customers/:account/contacts/:id.
func (s *Screen) EditContact(c echo.Context) error {
	customer, who, err := s.person(c, contactID(c))
	if err != nil {
		return err
	}
	return s.showContact(c, http.StatusOK, contactView{ID: who.ID, Retired: who.RetiredAt != nil, particularsView: particularsView{
		Account: customer.Account, Title: customer.Name, Fields: map[string]string{
			"name": who.Name, "email": who.Email, "title": who.Title, "language": who.Language, "version": strconv.Itoa(who.Version),
		},
	}})
}

// SaveContact adds or changes somebody: POST /customers/:account/contacts/new and /customers/:account/contacts/:id. Fields: name, email, title,
// language, retired, version.
func (s *Screen) SaveContact(c echo.Context) error {
	customer, who, err := s.person(c, contactID(c))
	if err != nil {
		return err
	}
	v := contactView{ID: who.ID, Retired: c.FormValue("retired") != "", particularsView: particularsView{Account: customer.Account, Title: customer.Name, Fields: map[string]string{}}}
	for _, name := range []string{"name", "email", "title", "language", "version"} {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.ContactInput{
		By: web.Actor(c), Account: customer.Account, ID: who.ID, Name: v.Fields["name"], Email: v.Fields["email"], Title: v.Fields["title"],
		Language: v.Fields["language"], Retired: v.Retired,
	}
	if in.ID != 0 {
		if in.Version, err = strconv.Atoi(v.Fields["version"]); err != nil {
			return errs.InvalidField("version", "error.not_a_number")
		}
	}
	_, err = s.billing.KeepContact(c.Request().Context(), in)
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/customers/"+url.PathEscape(customer.Account))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused, v.Fields["version"] = s.desk.Sentence(c, err), strconv.Itoa(who.Version)
	}
	return s.showContact(c, web.Status(err), v)
}

// contactID is the person of the path; 0 for somebody new.
func contactID(c echo.Context) billing.ContactID {
	if c.Param("id") == "" {
		return 0
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return -1
	}
	return billing.ContactID(id)
}

// person reads a customer the actor may see, and somebody there.
func (s *Screen) person(c echo.Context, id billing.ContactID) (billing.Customer, billing.Contact, error) {
	file, err := s.books.Customer(c.Request().Context(), c.Param("account"), "", web.Actor(c))
	if err != nil || id == 0 {
		return file.Customer, billing.Contact{}, err
	}
	for _, who := range file.Contacts {
		if who.ID == id {
			return file.Customer, who, nil
		}
	}
	return file.Customer, billing.Contact{}, billing.ErrNoContact
}

func (s *Screen) showContact(c echo.Context, status int, v contactView) error {
	return s.desk.Page(c, status, desk.View{
		Title: v.heading(), Active: "books", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: v.Title, Href: "/customers/" + url.PathEscape(v.Account)}, {Text: v.heading()}},
	}, contactPage(v))
}

// retired is the tick by which somebody no longer speaks for the customer.
func (v contactView) retired() kit.CheckView {
	return kit.CheckView{Name: "retired", Value: "on", Label: i18n.T("No longer speaks for this customer"), Checked: v.Retired}
}
