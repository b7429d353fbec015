package desk

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// badges are what waits for whoever asks; when they cannot be counted, none.
func (d *Desk) badges(c echo.Context) Badges {
	badges, err := d.Badges(c.Request().Context(), web.Actor(c))
	if err != nil {
		d.Logger.WarnContext(c.Request().Context(), "navigation figures failed", "error", err.Error())
	}
	return badges
}

// BellOf is the bell of whoever asks, with so many unread notices.
func (d *Desk) BellOf(c echo.Context, unread int) layout.Bell {
	return layout.Bell{Unread: figure(unread), Topic: "user:" + strconv.FormatInt(web.Actor(c).UserID, 10)}
}

// nav lists the rooms this person may enter, with what waits in each.
func (d *Desk) nav(c echo.Context, badges Badges) []layout.NavItem {
	by := web.Actor(c)
	all := []struct {
		item  layout.NavItem
		right access.Action
	}{
		{layout.NavItem{ID: "queue", Text: i18n.In("rail", "Queue"), Icon: "inbox", Href: "/", Badge: figure(badges.Queue)}, access.ReadCases},
		{layout.NavItem{ID: "approvals", Text: i18n.In("rail", "Approve"), Icon: "rubber-stamp", Href: "/approvals", Badge: figure(badges.Approvals)}, access.ReadCredits},
		{layout.NavItem{ID: "reviews", Text: i18n.T("Review"), Icon: "eye", Href: "/reviews", Badge: figure(badges.Reviews)}, access.ReadReviews},
		{layout.NavItem{ID: "quality", Text: i18n.T("Quality"), Icon: "circle-check", Href: "/quality"}, access.ReadQuality},
		{layout.NavItem{ID: "board", Text: i18n.T("Board"), Icon: "layout-dashboard", Href: "/board", Badge: figure(badges.Board), Hot: badges.Board > 0}, access.ReadBoard},
		{layout.NavItem{ID: "books", Text: i18n.T("Books"), Icon: "notebook", Href: "/customers"}, access.ReadBooks},
		{layout.NavItem{ID: "reports", Text: i18n.In("rail", "Reports"), Icon: "chart-histogram", Href: "/reports/aging"}, access.ReadReports},
		{layout.NavItem{ID: "periods", Text: i18n.T("Periods"), Icon: "calendar-stats", Href: "/books/periods"}, access.ConfirmReopen},
		{layout.NavItem{ID: "reconcile", Text: i18n.In("rail", "Compare"), Icon: "scale", Href: "/reconciliations"}, access.Reconcile},
		{layout.NavItem{ID: "collections", Text: i18n.T("Collect"), Icon: "cash", Href: "/collections"}, access.Collect},
		{layout.NavItem{ID: "imports", Text: i18n.T("Import"), Icon: "file-import", Href: "/imports"}, access.RecordPayment},
		{layout.NavItem{ID: "contracts", Text: i18n.T("Contract"), Icon: "signature", Href: "/contracts"}, access.Propose},
		{layout.NavItem{ID: "intake", Text: i18n.In("rail", "Intake"), Icon: "mail-cog", Href: "/intake", Badge: figure(badges.Intake)}, access.ReadIntake},
	}
	var items []layout.NavItem
	for _, room := range all {
		if access.May(by, room.right) {
			items = append(items, room.item)
		}
	}
	if d.Demo {
		items = append(items, layout.NavItem{ID: "mailbox", Text: i18n.T("Mailbox"), Icon: "mailbox", Href: "/demo/mailbox"})
	}
	return items
}

// Settings lists what this person may set, for themselves first: what their menu and the palette lead to.
func Settings(by access.Actor) []layout.NavItem {
	all := []struct {
		item  layout.NavItem
		right access.Action
	}{
		{layout.NavItem{Text: i18n.T("Your sign-in"), Icon: "user-cog", Href: "/account"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Notices"), Icon: "bell", Href: "/settings/notices"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Absences"), Icon: "calendar-off", Href: "/settings/absences"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Macros"), Icon: "bolt", Href: "/settings/macros"}, access.WorkCases},
		{layout.NavItem{Text: i18n.T("Your reviews"), Icon: "eye", Href: "/quality/mine"}, access.WorkCases},
		{layout.NavItem{Text: i18n.T("Assignment"), Icon: "users-group", Href: "/settings/assignment"}, access.ManageDealing},
		{layout.NavItem{Text: i18n.T("API tokens"), Icon: "key", Href: "/settings/tokens"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Authority"), Icon: "rubber-stamp", Href: "/settings/authority"}, access.ReadCredits},
		{layout.NavItem{Text: i18n.T("Calendars"), Icon: "calendar", Href: "/settings/calendars"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Service levels"), Icon: "clock", Href: "/settings/sla"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Escalation"), Icon: "flame", Href: "/settings/ladders"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Unanswered"), Icon: "mail-question", Href: "/settings/unanswered"}, access.ManageClocks},
		{layout.NavItem{Text: i18n.T("Reasons"), Icon: "tag", Href: "/settings/reasons"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Case fields"), Icon: "list-details", Href: "/settings/fields"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Checklists"), Icon: "checklist", Href: "/settings/checklists"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("Playbooks"), Icon: "book-2", Href: "/settings/playbooks"}, access.ReadCases},
		{layout.NavItem{Text: i18n.T("People"), Icon: "users", Href: "/settings/users"}, access.ReadPeople},
		{layout.NavItem{Text: i18n.T("Personal data"), Icon: "user-off", Href: "/settings/erasures"}, access.ErasePeople},
		{layout.NavItem{Text: i18n.T("Teams"), Icon: "users-group", Href: "/settings/teams"}, access.ManageTeams},
		{layout.NavItem{Text: i18n.T("Legal entities"), Icon: "building", Href: "/settings/entities"}, access.ManageEntities},
		{layout.NavItem{Text: i18n.T("Mailboxes"), Icon: "mail-cog", Href: "/settings/mailboxes"}, access.Administer},
		{layout.NavItem{Text: i18n.T("Senders"), Icon: "send", Href: "/settings/senders"}, access.Administer},
		{layout.NavItem{Text: i18n.T("Letters"), Icon: "mail", Href: "/settings/letters"}, access.Administer},
		{layout.NavItem{Text: i18n.T("Quality"), Icon: "circle-check", Href: "/settings/quality"}, access.ManageQuality},
		{layout.NavItem{Text: i18n.T("Surveys"), Icon: "message", Href: "/settings/surveys"}, access.ManageQuality},
		{layout.NavItem{Text: i18n.T("Webhooks"), Icon: "share", Href: "/settings/webhooks"}, access.Administer},
	}
	var items []layout.NavItem
	for _, one := range all {
		if access.May(by, one.right) {
			items = append(items, one.item)
		}
	}
	return items
}

func figure(n int) string {
	if n == 0 {
		return ""
	}
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}
