package palette

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

func (s *Screen) findCases(ctx context.Context, q question) ([]kit.PaletteItem, error) {
	if !access.May(q.by, access.ReadCases) {
		return nil, nil
	}
	page, err := s.cases.Queue(ctx, cases.Filter{Query: q.text, Sort: cases.SortNewest, Limit: perKind}, q.by)
	if errs.KindOf(err) == errs.Invalid { // a condition that is not whole yet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var items []kit.PaletteItem
	for _, row := range page.Rows {
		items = append(items, kit.PaletteItem{
			Icon: "inbox", Text: row.Number + "  " + row.Subject, Mark: q.text, End: row.CustomerName, Href: "/cases/" + row.Number,
		})
	}
	return items, nil
}

// findInvoices looks up what may be a number: exactly, then as people garble it, then as a purchase order. Each is an
// index look-up however many invoices there are.
func (s *Screen) findInvoices(ctx context.Context, q question) ([]kit.PaletteItem, error) {
	if !access.May(q.by, access.ReadBooks) || !hasDigit(q.text) {
		return nil, nil
	}
	found, err := s.billing.InvoicesByReference(ctx, s.reports.Reader(), []string{q.text})
	if err != nil {
		return nil, err
	}
	var items []kit.PaletteItem
	for _, f := range found {
		if len(items) < perKind && q.by.SeesEntity(int64(f.EntityID)) {
			items = append(items, kit.PaletteItem{
				Icon: "file-invoice", Text: f.Number + "  " + f.Customer.Name, Mark: q.text, End: kit.FormatMoney(f.Amount(f.Total), q.lang), Href: "/invoices/" + url.PathEscape(f.Number),
			})
		}
	}
	return items, nil
}

func (s *Screen) findMemos(ctx context.Context, q question) ([]kit.PaletteItem, error) {
	if !access.May(q.by, access.ReadBooks) || !hasDigit(q.text) {
		return nil, nil
	}
	m, err := s.billing.MemoByNumber(ctx, s.reports.Reader(), strings.ToUpper(q.text))
	if errors.Is(err, billing.ErrNoMemo) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !q.by.SeesEntity(int64(m.EntityID)) {
		return nil, nil
	}
	return []kit.PaletteItem{{
		Icon: "receipt-refund", Text: m.Number + "  " + m.Customer.Name, Mark: q.text, End: i18n.F("for {number}", "number", m.Invoice.Number), Href: "/credit-memos/" + url.PathEscape(m.Number),
	}}, nil
}

func (s *Screen) findCustomers(ctx context.Context, q question) ([]kit.PaletteItem, error) {
	if !access.May(q.by, access.ReadBooks) {
		return nil, nil
	}
	filter := billing.CustomerFilter{Query: q.text, Limit: perKind}
	for _, id := range q.by.SeenEntities() {
		filter.EntityIDs = append(filter.EntityIDs, billing.EntityID(id))
	}
	list, err := s.billing.FindCustomers(ctx, filter)
	if err != nil {
		return nil, err
	}
	var items []kit.PaletteItem
	for _, c := range list {
		items = append(items, kit.PaletteItem{Icon: "building", Text: c.Name, Mark: q.text, End: c.Account, Href: "/customers/" + url.PathEscape(c.Account)})
	}
	return items, nil
}

// pages are the rooms whose name holds the text, all of them without one.
func pages(q question) []kit.PaletteItem {
	all := []struct {
		right access.Action
		item  kit.PaletteItem
	}{
		{access.ReadCases, kit.PaletteItem{Icon: "inbox", Text: i18n.T("Queue"), Href: "/", Key: "g q"}},
		{access.WorkCases, kit.PaletteItem{Icon: "plus", Text: i18n.T("New case"), Href: "/cases/new", Key: "g c"}},
		{access.ReadCases, kit.PaletteItem{Icon: "user", Text: i18n.T("My cases"), Href: "/?view=mine"}},
		{access.ReadCases, kit.PaletteItem{Icon: "clock-exclamation", Text: i18n.T("Breached cases"), Href: "/?view=breached"}},
		{access.ReadCredits, kit.PaletteItem{Icon: "rubber-stamp", Text: i18n.T("Approvals"), Href: "/approvals", Key: "g a"}},
		{access.ReadBoard, kit.PaletteItem{Icon: "layout-dashboard", Text: i18n.T("Board"), Href: "/board", Key: "g b"}},
		{access.ReadCases, kit.PaletteItem{Icon: "bell", Text: i18n.T("Notices"), Href: "/notices", Key: "g n"}},
		{access.ReadBooks, kit.PaletteItem{Icon: "notebook", Text: i18n.T("Customers and their books"), Href: "/customers", Key: "g k"}},
		{access.ReadIntake, kit.PaletteItem{Icon: "mail-cog", Text: i18n.T("Intake: held and quarantined mail"), Href: "/intake", Key: "g i"}},
		{access.ReadIntake, kit.PaletteItem{Icon: "send", Text: i18n.T("Outgoing mail"), Href: "/intake?tab=outgoing"}},
		{access.ReadCredits, kit.PaletteItem{Icon: "rubber-stamp", Text: i18n.T("Who would approve?"), Href: "/settings/authority/simulation"}},
	}
	var items []kit.PaletteItem
	for _, page := range all {
		page.item.Text = q.said(page.item.Text)
		if access.May(q.by, page.right) && strings.Contains(strings.ToLower(page.item.Text), strings.ToLower(q.text)) {
			page.item.Mark = q.text
			items = append(items, page.item)
		}
	}
	for _, to := range desk.Settings(q.by) {
		if text := q.said(i18n.F("Settings: {text}", "text", to.Text)); strings.Contains(strings.ToLower(text), strings.ToLower(q.text)) {
			items = append(items, kit.PaletteItem{Icon: to.Icon, Text: text, Mark: q.text, Href: to.Href})
		}
	}
	return items
}

func hasDigit(text string) bool { return strings.ContainsFunc(text, unicode.IsDigit) }

// caseNumber is what somebody may mean by a number alone.
func caseNumber(text string) string {
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		return fmt.Sprintf("MG-%06d", n)
	}
	return text
}
