package books

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Customers lists customers by account: GET /customers.
func (s *Screen) Customers(c echo.Context) error {
	filter := reports.CustomerFilter{Query: c.QueryParam("q"), Tier: billing.Tier(c.QueryParam("tier")), After: c.QueryParam("after")}
	page, err := s.books.Customers(c.Request().Context(), filter, web.Actor(c))
	if err != nil {
		return err
	}
	v := customersView{Query: filter.Query, Tier: string(filter.Tier), Tiers: tiers(filter), Add: access.May(web.Actor(c), access.KeepCustomers)}
	for _, row := range page.Rows {
		v.Rows = append(v.Rows, customerRow{row, "/customers/" + url.PathEscape(row.Account)})
	}
	if page.Next != "" {
		v.NextURL = address(filter.Query, string(filter.Tier), page.Next)
	}
	view := desk.View{Title: i18n.T("Customers"), Heading: i18n.T("Customers"), Active: "books", BodyClass: "page-books"}
	return s.desk.Show(c, view, customersPage(v), customerRows(v))
}

// Customer shows a customer's file: GET /customers/:account.
func (s *Screen) Customer(c echo.Context) error {
	file, err := s.books.Customer(c.Request().Context(), c.Param("account"), c.QueryParam("after"), web.Actor(c))
	if err != nil {
		return err
	}
	v := s.reader(c).customer(file)
	v.OpenCase = access.May(web.Actor(c), access.WorkCases)
	v.Refund = access.May(web.Actor(c), access.Propose) && file.Position.Unapplied.IsPositive()
	v.Keep = access.Can(web.Actor(c), access.KeepCustomers, access.Object{EntityID: int64(file.EntityID)}) == nil
	v.KeepContacts = access.Can(web.Actor(c), access.KeepContacts, access.Object{EntityID: int64(file.EntityID)}) == nil
	v.Enter = access.Can(web.Actor(c), access.EnterContract, access.Object{EntityID: int64(file.EntityID)}) == nil
	v.Receive = access.Can(web.Actor(c), access.RecordPayment, access.Object{EntityID: int64(file.EntityID)}) == nil
	v.MailStatement = access.Can(web.Actor(c), access.SendStatements, access.Object{EntityID: int64(file.EntityID)}) == nil
	v.Apply = file.Position.Unapplied.IsPositive()
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: file.Name, Active: "books", BodyClass: "page-books",
		Crumbs:   []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: file.Name}},
		TopExtra: kit.Tier(string(file.Tier), desk.TierName(file.Tier)),
	}, customerPage(v))
}

func tiers(f reports.CustomerFilter) []kit.Segment {
	segments := []kit.Segment{{Text: i18n.T("All"), Href: address(f.Query, "", ""), Current: f.Tier == ""}}
	for _, tier := range []billing.Tier{billing.Platinum, billing.Gold, billing.Silver} {
		segments = append(segments, kit.Segment{
			Text: desk.TierName(tier), Href: address(f.Query, string(tier), ""), Current: f.Tier == tier,
		})
	}
	return segments
}

func address(query, tier, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": query, "tier": tier, "after": after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/customers"
	}
	return "/customers?" + values.Encode()
}
