package books

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// newCustomerView is the form of a customer that is entered, as it was typed.
type newCustomerView struct {
	particularsView
	Entities, Kinds, Tiers []kit.Option
}

// newCustomerFields are what the form asks for beside the particulars.
func newCustomerFields() []string {
	return []string{
		"account", "name", "address", "country", "language", "tax_id", "endpoint_scheme", "endpoint_id", "terms_days", "entity", "kind", "parent", "tier", "region", "sales_owner", "currency", "domains",
	}
}

// NewCustomer shows the form: GET /customers/new.
func (s *Screen) NewCustomer(c echo.Context) error {
	fields := map[string]string{"terms_days": "30", "kind": string(billing.Direct), "tier": string(billing.Silver)}
	for _, name := range []string{"name", "domains"} {
		fields[name] = c.QueryParam(name)
	}
	entities, err := s.ownEntities(c)
	if err != nil {
		return err
	}
	if len(entities) > 0 {
		fields["entity"], fields["country"], fields["language"] = entities[0].Code, entities[0].Country, entities[0].Language
	}
	return s.showNewCustomer(c, http.StatusOK, particularsView{Fields: fields}, entities)
}

// AddCustomer enters it: POST /customers/new. Fields: those of the form.
func (s *Screen) AddCustomer(c echo.Context) error {
	v := particularsView{Fields: map[string]string{}}
	for _, name := range newCustomerFields() {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.NewCustomer{
		Entity: v.Fields["entity"], Kind: billing.CustomerKind(v.Fields["kind"]), Parent: v.Fields["parent"], Tier: billing.Tier(v.Fields["tier"]),
		Region: v.Fields["region"], Currency: v.Fields["currency"], Domains: strings.FieldsFunc(v.Fields["domains"], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' }),
		Particulars: billing.Particulars{
			By: web.Actor(c), Account: v.Fields["account"], Name: v.Fields["name"], Address: v.Fields["address"], Country: v.Fields["country"],
			Language: v.Fields["language"], TaxID: v.Fields["tax_id"], EndpointScheme: v.Fields["endpoint_scheme"], EndpointID: v.Fields["endpoint_id"],
			SalesOwner: new(v.Fields["sales_owner"]),
		},
	}
	var err error
	var added billing.Customer
	if in.TermsDays, err = strconv.Atoi(strings.TrimSpace(v.Fields["terms_days"])); err != nil {
		err = errs.InvalidField("terms_days", "error.not_a_number")
	} else {
		added, err = s.billing.AddCustomer(c.Request().Context(), in)
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/customers/"+url.PathEscape(added.Account))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	entities, unread := s.ownEntities(c)
	if unread != nil {
		return unread
	}
	return s.showNewCustomer(c, web.Status(err), v, entities)
}

// ownEntities are those whose customers the person keeps.
func (s *Screen) ownEntities(c echo.Context) ([]billing.Entity, error) {
	all, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return nil, err
	}
	var own []billing.Entity
	for _, e := range all {
		if access.Can(web.Actor(c), access.KeepCustomers, access.Object{EntityID: int64(e.ID)}) == nil {
			e.Code = strings.TrimSpace(e.Code)
			own = append(own, e)
		}
	}
	return own, nil
}

func (s *Screen) showNewCustomer(c echo.Context, status int, v particularsView, entities []billing.Entity) error {
	form := newCustomerView{particularsView: v}
	for _, e := range entities {
		form.Entities = append(form.Entities, kit.Option{Value: e.Code, Text: e.Code + " · " + e.Name, Selected: e.Code == v.Fields["entity"]})
	}
	for _, kind := range []billing.CustomerKind{billing.Direct, billing.Partner} {
		form.Kinds = append(form.Kinds, kit.Option{Value: string(kind), Text: kindOfCustomer(kind), Selected: string(kind) == v.Fields["kind"]})
	}
	for _, tier := range []billing.Tier{billing.Platinum, billing.Gold, billing.Silver} {
		form.Tiers = append(form.Tiers, kit.Option{Value: string(tier), Text: desk.TierName(tier), Selected: string(tier) == v.Fields["tier"]})
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("New customer"), Active: "books", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: i18n.T("New customer")}},
	}, newCustomerPage(form))
}

func kindOfCustomer(kind billing.CustomerKind) string {
	if kind == billing.Partner {
		return i18n.T("Partner, who resells")
	}
	return i18n.T("Buys for itself")
}
