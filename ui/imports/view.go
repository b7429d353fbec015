package imports

import (
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// kinds are the files that can be given here.
func kinds() []importer.Kind {
	return []importer.Kind{
		importer.Invoices, importer.Payments, importer.CreditNotes, importer.Customers, importer.OpenBalances, importer.Rates, billing.StripeFile,
	}
}

func kindName(kind importer.Kind) string {
	switch kind {
	case billing.StripeFile:
		return i18n.T("Stripe objects")
	case importer.CreditNotes:
		return i18n.T("Credit notes")
	case importer.OpenBalances:
		return i18n.T("Open balances")
	case importer.Rates:
		return i18n.T("Exchange rates")
	default:
		return desk.Coded(string(kind))
	}
}

type listView struct {
	May     bool
	Refusal string
	Errors  map[string]string
	Form    giveView
	Rows    []rowOfList
	Next    string
	Live    []liveView
}

type giveView struct {
	Entities, Kinds, Presets []kit.Option
	System                   string
}

type rowOfList struct {
	Href, File, Kind, System, Entity, By, When string
	Rows, Done                                 int64
	Tag                                        kit.TagView
}

func (r reader) form(c echo.Context, entities []billing.Entity) giveView {
	v := giveView{System: c.FormValue("system"), Presets: []kit.Option{{Text: i18n.T("None: by the names of its columns, or as remembered")}}}
	for _, e := range entities {
		v.Entities = append(v.Entities, kit.Option{Value: e.Code, Text: e.Code + " · " + e.Name, Selected: c.FormValue("entity") == e.Code})
	}
	for _, kind := range kinds() {
		if access.May(r.by, access.IssueInvoice) || kind == importer.Payments {
			v.Kinds = append(v.Kinds, kit.Option{Value: string(kind), Text: kindName(kind), Selected: c.FormValue("kind") == string(kind)})
		}
	}
	for _, p := range importer.Presets() {
		v.Presets = append(v.Presets, kit.Option{Value: p.Name, Text: p.Title, Selected: c.FormValue("preset") == p.Name})
	}
	return v
}

func (r reader) row(b billing.ImportBatch, entities []billing.Entity) rowOfList {
	row := rowOfList{
		Href: address(b.ID), File: b.Filename, Kind: kindName(b.Kind), System: b.System, By: b.CreatedName, When: r.when(b.CreatedAt),
		Rows: b.RowsRead, Done: b.DoneRows, Tag: stateTag(b.State),
	}
	if at := slices.IndexFunc(entities, func(e billing.Entity) bool { return e.ID == b.EntityID }); at >= 0 {
		row.Entity = entities[at].Code
	}
	if row.By == "" {
		row.By = i18n.T("the command line")
	}
	return row
}

func address(id billing.ImportID) string { return "/imports/" + strconv.FormatInt(int64(id), 10) }

func stateTag(state billing.ImportState) kit.TagView {
	switch state {
	case billing.ImportReading:
		return kit.TagView{Text: i18n.T("Being read"), Tone: "acc", Icon: "loader-2"}
	case billing.ImportPlanned:
		return kit.TagView{Text: i18n.T("Dry run"), Tone: "line", Icon: "eye"}
	case billing.ImportRunning:
		return kit.TagView{Text: i18n.T("Coming in"), Tone: "acc", Icon: "loader-2"}
	case billing.ImportWaiting:
		return kit.TagView{Text: i18n.T("Waits for approval"), Tone: "hold", Icon: "rubber-stamp"}
	case billing.ImportApproved:
		return kit.TagView{Text: i18n.T("Approved, being posted"), Tone: "acc", Icon: "loader-2"}
	case billing.ImportDone:
		return kit.TagView{Text: i18n.T("Done"), Tone: "ok", Icon: "circle-check"}
	case billing.ImportFailed:
		return kit.TagView{Text: i18n.T("Failed"), Tone: "bad", Icon: "alert-triangle"}
	case billing.ImportDiscarded:
	}
	return kit.TagView{Text: i18n.T("Discarded"), Icon: "trash"}
}

// stateNames are the states of rows in the order they are shown, with their names and tones.
func stateNames() []struct {
	State      billing.ImportRowState
	Name, Tone string
} {
	return []struct {
		State      billing.ImportRowState
		Name, Tone string
	}{
		{billing.RowNew, i18n.T("To come in"), "acc"},
		{billing.RowDone, i18n.T("Came in"), "ok"},
		{billing.RowWaiting, i18n.T("Wait for approval"), "hold"},
		{billing.RowApproved, i18n.T("Approved"), "acc"},
		{billing.RowUnchanged, i18n.T("Here already"), ""},
		{billing.RowConflict, i18n.T("Here differently"), "due"},
		{billing.RowFailed, i18n.T("Not taken"), "bad"},
		{billing.RowRejected, i18n.T("Unreadable"), "bad"},
		{billing.RowLeft, i18n.T("Left out"), ""},
	}
}
