// Package collections is the room of those who collect: what may be reminded of today, what customers promised, and where
// reminders are kept back. Nothing in dispute is ever asked for here.
package collections

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the collections room.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	books   *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, billing: b, books: r}
}

// Show is the page: GET /collections?entity=DE&show=list|kept|promises|broken|blocks&invoice=DE-2026-00001.
func (s *Screen) Show(c echo.Context) error { return s.show(c, http.StatusOK, typed{}) }

// typed is what somebody had filled in when it was refused.
type typed struct {
	text                 string
	errors               map[string]string
	amount, on, by, note string
	until, reason        string
	refund, paidOn       string
	reference            string
	remind               bool
}

func (s *Screen) show(c echo.Context, status int, t typed) error {
	v, err := s.view(c, t)
	if err != nil {
		return err
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("Collections"), Heading: i18n.T("Collections"), Active: "collections", BodyClass: "page-collections", Topics: []string{"collections"},
	}, page(v))
}

func (s *Screen) view(c echo.Context, t typed) (pageView, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return pageView{}, err
	}
	entities = slices.DeleteFunc(entities, func(e billing.Entity) bool { return !by.SeesEntity(int64(e.ID)) })
	if len(entities) == 0 {
		return pageView{}, nil
	}
	q := query{Entity: c.QueryParam("entity"), Show: c.QueryParam("show"), Invoice: c.QueryParam("invoice"), After: c.QueryParam("after")}
	at := 0
	if q.Entity != "" {
		if at = slices.IndexFunc(entities, func(e billing.Entity) bool { return e.Code == q.Entity }); at < 0 {
			return pageView{}, billing.ErrNoEntity
		}
	}
	entity := entities[at]
	r := reader{lang: s.desk.Lang(c), now: s.desk.Clock(), today: entity.Day(s.desk.Clock()), zone: s.desk.Zone(c), may: access.May(by, access.Collect)}
	list, err := s.billing.DunningList(ctx, billing.DunningQuery{EntityID: entity.ID, After: q.After, By: by})
	if err != nil {
		return pageView{}, err
	}
	q.Entity = entity.Code
	v := r.page(q, entities, list)
	v.Typed = t
	counts, err := s.billing.PromiseCounts(ctx, entity.ID, by)
	if err != nil {
		return v, err
	}
	if counts.Broken > 0 {
		v.Lately = i18n.N(counts.Broken, "{n} promise", "{n} promises", "n", counts.Broken)
	}
	if counts.Near > 0 {
		v.Near = i18n.N(counts.Near, "{n} promise", "{n} promises", "n", counts.Near)
	}
	if access.May(by, access.Propose) {
		v.SmallURL = "/collections/small-balances?" + url.Values{"entity": {entity.Code}}.Encode()
	}
	if err := s.lists(c, &v, r, entity); err != nil {
		return v, err
	}
	if q.Invoice == "" {
		return v, nil
	}
	v.File, err = s.file(c, r, q, t)
	return v, err
}

// lists reads the promises or the blocks, when they are what is shown.
func (s *Screen) lists(c echo.Context, v *pageView, r reader, entity billing.Entity) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	switch v.Query.Show {
	case "promises", "broken":
		q := billing.PromiseQuery{EntityID: entity.ID, After: v.Query.After, By: by}
		if v.Query.Show == "broken" {
			q.State = billing.PromiseBroken
		}
		promises, err := s.billing.Promises(ctx, q)
		if err != nil {
			return err
		}
		v.Promises = r.promises(promises.Rows)
		v.NextURL = v.Query.next(promises.Next)
	case "refunds":
		after, _ := strconv.ParseInt(v.Query.After, 10, 64)
		due, err := s.billing.PayoutsDue(ctx, by, entity.ID, billing.RefundID(after))
		if err != nil {
			return err
		}
		v.MayPay = access.May(by, access.RecordPayment)
		r.payouts(v, due, r.today)
	case "blocks":
		blocks, err := s.billing.Blocks(ctx, billing.BlockQuery{EntityID: entity.ID, After: v.Query.After, By: by})
		if err != nil {
			return err
		}
		v.Blocks = r.blocks(blocks.Rows)
		v.NextURL = v.Query.next(blocks.Next)
	}
	return nil
}

// file is one invoice with its parts, its promises and blocks, and what a late fee would come to.
func (s *Screen) file(c echo.Context, r reader, q query, t typed) (*fileView, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	invoice, err := s.invoice(c, q.Invoice)
	if err != nil {
		return nil, err
	}
	open, err := s.billing.Collectible(ctx, s.books.Reader(), billing.CollectQuery{InvoiceID: invoice.ID})
	if err != nil {
		return nil, err
	}
	promises, err := s.billing.Promises(ctx, billing.PromiseQuery{CustomerID: invoice.CustomerID, Limit: 20, By: by})
	if err != nil {
		return nil, err
	}
	blocks, err := s.billing.Blocks(ctx, billing.BlockQuery{CustomerID: invoice.CustomerID, Limit: 20, By: by})
	if err != nil {
		return nil, err
	}
	fee, err := s.billing.LateFee(ctx, invoice.ID, time.Time{}, by)
	if err != nil {
		return nil, err
	}
	customer, err := s.billing.CustomerByID(ctx, s.books.Reader(), invoice.CustomerID)
	if err != nil {
		return nil, err
	}
	v := r.file(q, invoice, customer, open)
	v.Promises, v.Blocks = r.promises(promises.Rows), r.blocks(blocks.Rows)
	v.fee(r, fee)
	v.Typed = t
	return v, nil
}

// invoice reads an invoice that the person may see.
func (s *Screen) invoice(c echo.Context, number string) (billing.Invoice, error) {
	invoice, err := s.billing.InvoiceByNumber(c.Request().Context(), s.books.Reader(), number)
	if err != nil {
		return invoice, err
	}
	return invoice, access.Can(web.Actor(c), access.ReadBooks, access.Object{EntityID: int64(invoice.EntityID)})
}

// Promise writes a promise down: POST /collections/promises. Fields: invoice, amount, on, promised_by, note, remind.
func (s *Screen) Promise(c echo.Context) error {
	t := typed{amount: c.FormValue("amount"), on: c.FormValue("on"), by: c.FormValue("promised_by"), note: c.FormValue("note"), remind: c.FormValue("remind") != ""}
	invoice, err := s.invoice(c, c.FormValue("invoice"))
	if err != nil {
		return err
	}
	in := billing.NewPromise{InvoiceID: invoice.ID, PromisedBy: t.by, Note: t.note, Remind: t.remind, By: web.Actor(c)}
	if in.On, err = dayOf("on", t.on); err == nil {
		var amount money.Amount
		if amount, err = money.Parse(t.amount, invoice.Currency); err != nil {
			err = errs.InvalidField("amount", errs.KeyOf(err), "text", t.amount, "amount", t.amount, "currency", string(invoice.Currency))
		} else {
			in.Amount = amount.Decimal()
			_, err = s.billing.MakePromise(c.Request().Context(), in)
		}
	}
	return s.done(c, t, err)
}

// Block keeps reminders back: POST /collections/blocks. Fields: invoice, whole (of all the customer's), until, reason.
func (s *Screen) Block(c echo.Context) error {
	t := typed{until: c.FormValue("until"), reason: c.FormValue("reason")}
	invoice, err := s.invoice(c, c.FormValue("invoice"))
	if err != nil {
		return err
	}
	in := billing.NewBlock{InvoiceID: invoice.ID, CustomerID: invoice.CustomerID, Reason: t.reason, By: web.Actor(c)}
	if c.FormValue("whole") != "" {
		in.InvoiceID = 0
	}
	if in.Until, err = dayOf("until", t.until); err == nil {
		_, err = s.billing.BlockDunning(c.Request().Context(), in)
	}
	return s.done(c, t, err)
}

// Withdraw takes an open promise back: POST /collections/promises/:id/withdraw. Fields: reason, invoice.
func (s *Screen) Withdraw(c echo.Context) error {
	id, err := idOf(c)
	if err == nil {
		_, err = s.billing.WithdrawPromise(c.Request().Context(), billing.PromiseID(id), c.FormValue("reason"), web.Actor(c))
	}
	return s.done(c, typed{}, err)
}

// Lift ends a block early: POST /collections/blocks/:id/lift. Fields: reason, invoice.
func (s *Screen) Lift(c echo.Context) error {
	id, err := idOf(c)
	if err == nil {
		_, err = s.billing.LiftBlock(c.Request().Context(), billing.BlockID(id), c.FormValue("reason"), web.Actor(c))
	}
	return s.done(c, typed{}, err)
}

// done goes back to the invoice, or shows it with what was refused.
func (s *Screen) done(c echo.Context, t typed, err error) error {
	asTyped(c)
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		if t.errors = s.desk.FieldErrors(c, err); len(t.errors) == 0 {
			t.text = s.desk.Sentence(c, err)
		}
		return s.show(c, web.Status(err), t)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/collections?"+url.Values{
		"entity": {c.FormValue("entity")}, "show": {c.FormValue("show")}, "invoice": {c.FormValue("invoice")},
	}.Encode())
}

// asTyped shows again, of a form that was refused, the list it stood in.
func asTyped(c echo.Context) {
	params := c.QueryParams()
	for _, name := range []string{"entity", "show", "invoice", "after"} {
		if value := c.FormValue(name); value != "" {
			params.Set(name, value)
		}
	}
}

func idOf(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, access.ErrOutOfScope
	}
	return id, nil
}

func dayOf(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errs.InvalidField(field, "error.required")
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return on, errs.InvalidField(field, "error.not_a_date", "text", text)
	}
	return on, nil
}

// reader is how things are written for whoever looks.
type reader struct {
	lang  string
	now   time.Time
	today time.Time // at the legal entity
	zone  *time.Location
	may   bool
}

func (r reader) day(t time.Time) string      { return kit.FormatDate(t, time.UTC, r.lang) }
func (r reader) money(a money.Amount) string { return kit.FormatMoney(a, r.lang) }
func (r reader) when(t time.Time) string     { return kit.FormatShort(t, r.now, r.zone, r.lang) }
