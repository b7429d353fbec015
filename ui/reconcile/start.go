package reconcile

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/importer"
	compared "makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// startView is the form that starts a run, with what was typed and what is wrong with it.
type startView struct {
	Entity, Kind, Preset, Source, From, To         string
	Columns, Currency, DateOrder, DecimalMark      string
	MemosWait, Opening, Closing                    string
	DaysApart, TimingDays                          string
	Covers                                         []string // kinds
	Entities, Kinds, Presets, DateOrders, Decimals []kit.Option
	Errors                                         map[string]string
	Error                                          string
	Open                                           bool
}

func (v startView) complete(entities []billing.Entity, by access.Actor) startView {
	for _, e := range entities {
		if by.SeesEntity(int64(e.ID)) {
			v.Entities = append(v.Entities, kit.Option{Value: e.Code, Text: e.Code + ", " + e.Name, Selected: e.Code == v.Entity})
		}
	}
	for _, kind := range reconciling.Sources() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(kind), Text: kindWords(kind), Selected: string(kind) == v.Kind})
	}
	v.Presets = []kit.Option{{Value: "", Text: i18n.T("Another system")}}
	for _, p := range importer.Presets() {
		if p.Name != "makegood" && p.Name != "open-balances" {
			v.Presets = append(v.Presets, kit.Option{Value: p.Name, Text: p.Title, Selected: p.Name == v.Preset})
		}
	}
	v.DateOrders = []kit.Option{{Value: "", Text: i18n.T("As found in the file")}}
	for _, order := range []importer.DateOrder{importer.DayFirst, importer.MonthFirst, importer.YearFirst} {
		v.DateOrders = append(v.DateOrders, kit.Option{Value: string(order), Text: string(order), Selected: string(order) == v.DateOrder})
	}
	v.Decimals = []kit.Option{{Value: "", Text: i18n.T("As found in the file")}, {Value: ".", Text: i18n.T("Point"), Selected: v.DecimalMark == "."}, {Value: ",", Text: i18n.T("Comma"), Selected: v.DecimalMark == ","}}
	return v
}

// unfolded tells whether what is seldom needed was filled in, or is wrong.
func (v startView) unfolded() bool {
	for _, field := range []string{"columns", "currency", "opening", "closing", "days_apart", "timing_days", "covers"} {
		if v.Errors[field] != "" {
			return true
		}
	}
	return v.Columns+v.Opening+v.Closing+v.DaysApart+v.TimingDays != "" || len(v.Covers) > 0
}

// coverKind is a kind that a file may give whole.
type coverKind struct {
	kind  compared.Kind
	words string
}

func coverable() []coverKind {
	return []coverKind{{compared.Invoice, i18n.T("Invoices")}, {compared.CreditMemo, i18n.T("Credit memos")}, {compared.Payment, i18n.T("Payments")}, {compared.Refund, i18n.T("Refunds")}}
}

func kindWords(kind importer.Kind) string {
	switch kind {
	case importer.Invoices:
		return i18n.T("Invoices, with credit memos if there are any")
	case importer.CreditNotes:
		return i18n.T("Credit memos")
	case importer.Payments:
		return i18n.T("Payments")
	case billing.StripeFile:
		return i18n.T("Stripe objects (JSON)")
	default:
		return string(kind)
	}
}

// Start keeps the uploaded file and has it compared: POST /reconciliations. Fields: file, entity, kind, preset, source, from, to,
// columns, currency, date_order, decimal_mark, memos_wait, opening, closing, covers, days_apart, timing_days.
func (s *Screen) Start(c echo.Context) error {
	v := typed(c)
	in, err := v.run()
	if err == nil {
		in.By = web.Actor(c)
		in.EntityID, err = s.entity(c, v.Entity)
	}
	var run reconciling.Run
	if err == nil {
		var src io.ReadCloser
		if src, in.Filename, err = upload(c); err == nil {
			run, _, err = s.reconciling.Start(c.Request().Context(), in, src)
			_ = src.Close()
		}
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, asked{id: run.ID}.to(""))
	case kind == errs.Invalid || kind == errs.TooLarge || kind == errs.NotFound:
		v.Open, v.Errors = true, s.desk.FieldErrors(c, err)
		if len(v.Errors) == 0 {
			v.Error = s.desk.Sentence(c, err)
		}
		return s.list(c, web.Status(err), v)
	}
	return err
}

// entity finds a legal entity by its code, as far as the reader may see it.
func (s *Screen) entity(c echo.Context, code string) (billing.EntityID, error) {
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return 0, err
	}
	for _, e := range entities {
		if e.Code == code && web.Actor(c).SeesEntity(int64(e.ID)) {
			return e.ID, nil
		}
	}
	return 0, billing.ErrNoEntity
}

func typed(c echo.Context) startView {
	get := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return startView{
		Entity: get("entity"), Kind: get("kind"), Preset: get("preset"), Source: get("source"), From: get("from"), To: get("to"), Columns: get("columns"),
		Currency: get("currency"), DateOrder: get("date_order"), DecimalMark: get("decimal_mark"), MemosWait: get("memos_wait"), Opening: get("opening"), Closing: get("closing"),
		DaysApart: get("days_apart"), TimingDays: get("timing_days"), Covers: c.Request().Form["covers"],
	}
}

func upload(c echo.Context) (io.ReadCloser, string, error) {
	sent, err := c.FormFile("file")
	if err != nil {
		return nil, "", errs.InvalidField("file", "error.required")
	}
	opened, err := sent.Open()
	if err != nil {
		return nil, "", errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	return opened, sent.Filename, nil
}

// run reads what was typed; errors name the field.
func (v startView) run() (reconciling.NewRun, error) {
	in := reconciling.NewRun{Source: v.Source, Kind: importer.Kind(v.Kind), Settings: reconciling.Settings{
		MemosWait: compared.System(v.MemosWait),
		Mapping:   importer.Mapping{Preset: v.Preset, DateOrder: importer.DateOrder(v.DateOrder), DecimalMark: v.DecimalMark},
	}}
	if in.Source == "" {
		in.Source = v.Preset
	}
	if in.Kind == billing.StripeFile {
		in.Mapping = importer.Mapping{}
	} else if v.Currency != "" {
		in.Mapping.Defaults = map[importer.Field]string{importer.FieldCurrency: v.Currency}
	}
	var err error
	if in.Mapping.Columns, err = columns(v.Columns); err != nil {
		return in, err
	}
	if in.From, err = date("from", v.From); err != nil {
		return in, err
	}
	if in.To, err = date("to", v.To); err != nil {
		return in, err
	}
	if in.TheirOpening, err = sums("opening", v.Opening); err != nil {
		return in, err
	}
	if in.TheirClosing, err = sums("closing", v.Closing); err != nil {
		return in, err
	}
	for _, kind := range v.Covers {
		in.Covers = append(in.Covers, compared.Kind(kind))
	}
	if in.DaysApart, err = days("days_apart", v.DaysApart, reconciling.DefaultDaysApart); err != nil {
		return in, err
	}
	in.TimingDays, err = days("timing_days", v.TimingDays, reconciling.DefaultTimingDays)
	return in, err
}

// days reads a number of days; an empty field is the usual number. How many there may be, reconciling says.
func days(field, text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errs.InvalidField(field, "error.not_a_number", "text", text)
	}
	return n, nil
}

// columns reads lines of "field = column".
func columns(text string) (map[importer.Field]string, error) {
	var found map[importer.Field]string
	for line := range strings.Lines(text) {
		field, column, ok := strings.Cut(line, "=")
		field, column = strings.TrimSpace(field), strings.TrimSpace(column)
		if field == "" && !ok {
			continue
		}
		if !ok || field == "" || column == "" {
			return nil, errs.InvalidField("columns", "reconciling.bad_columns", "line", strings.TrimSpace(line))
		}
		if found == nil {
			found = map[importer.Field]string{}
		}
		found[importer.Field(field)] = column
	}
	return found, nil
}

func date(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return on, errs.InvalidField(field, "error.not_a_date", "text", text)
	}
	return on, nil
}

// sums reads amounts such as "1190.00 EUR, 20.00 USD".
func sums(field, text string) ([]reconciling.Sum, error) {
	var list []reconciling.Sum
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 {
			return nil, errs.InvalidField(field, "reconciling.bad_sum", "text", strings.TrimSpace(part))
		}
		cur, err := money.ParseCurrency(words[1])
		if err != nil {
			return nil, errs.InvalidField(field, "reconciling.bad_sum", "text", strings.TrimSpace(part))
		}
		amount, err := money.Parse(words[0], cur)
		if err != nil {
			return nil, errs.InvalidField(field, "reconciling.bad_sum", "text", strings.TrimSpace(part))
		}
		list = append(list, reconciling.Sum{Amount: amount.Decimal(), Currency: cur})
	}
	return list, nil
}
