package reports

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// itemsView is a page of the documents behind an aging.
type itemsView struct {
	frame
	Chips   []kit.ChipView
	Rows    []itemRow
	NextURL string
	Back    string
}

type itemRow struct {
	reports.AgingItem
	Href, CustomerHref, Range, Age string
	OpenText, DisputedText         string
	Late                           bool
}

// Items lists the documents behind a figure of the aging: GET /reports/aging/items.
func (s *Screen) Items(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	wanted := question(c).ItemRows()
	page, err := s.read.AgingItems(c.Request().Context(), a.Scope, nil, wanted)
	if err != nil {
		return err
	}
	f, err := s.frame(c, a, nil)
	if err != nil {
		return err
	}
	v := itemsView{frame: f, Back: f.to("/reports/aging")}
	v.narrowed(wanted)
	for _, row := range page.Rows {
		v.Rows = append(v.Rows, v.row(row))
	}
	if page.Next != "" {
		v.NextURL = v.page(wanted, "after", page.Next)
	}
	return s.show(c, i18n.T("Documents behind the aging"), f, itemsPage(v))
}

// page is this list with the same narrowing and a change.
func (v *itemsView) page(w reports.ItemRows, changes ...string) string {
	disputed := ""
	if w.Disputed {
		disputed = "1"
	}
	kept := []string{"side", string(w.Side), "range", w.Bucket, "customer", w.Account, "disputed", disputed}
	return v.to("/reports/aging/items", append(kept, changes...)...)
}

// narrowed shows what the list is narrowed to; each can be taken away.
func (v *itemsView) narrowed(w reports.ItemRows) {
	add := func(name, value, param string) {
		if value != "" {
			v.Chips = append(v.Chips, kit.ChipView{Name: name, Value: value, RemoveURL: v.page(w, param, "")})
		}
	}
	add(i18n.T("currency"), string(w.Section), "section")
	add(i18n.T("what"), strings.ReplaceAll(string(w.Side), "_", " "), "side")
	add(i18n.T("age"), w.Bucket, "range")
	add(i18n.T("customer"), w.Account, "customer")
	if w.Disputed {
		add(i18n.T("only"), i18n.T("in dispute"), "disputed")
	}
}

func (v *itemsView) row(i reports.AgingItem) itemRow {
	row := itemRow{
		AgingItem: i, CustomerHref: "/customers/" + url.PathEscape(i.Account), Range: rangeWords(figures.StandardBuckets().Name(i.Bucket)), Late: i.Side == figures.OwedItem && i.Days > 0,
		OpenText: kit.FormatMoney(money.Of(i.Open, i.Currency), v.Lang), DisputedText: noFigure, Age: fmt.Sprint(i.Days),
	}
	if !i.Disputed.IsZero() {
		row.DisputedText = kit.FormatNumber(money.Of(i.Disputed, i.Currency), v.Lang)
	}
	if i.Days < 0 {
		row.Age = i18n.F("in {sprint}", "sprint", fmt.Sprint(-i.Days))
	}
	switch i.Kind {
	case "invoice":
		row.Href = "/invoices/" + url.PathEscape(i.Number)
	case "credit_memo":
		row.Href = "/credit-memos/" + url.PathEscape(i.Number)
	}
	return row
}
