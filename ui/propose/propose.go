// Package propose is where an adjustment is put together: what and how much, the reason and the evidence at the left; what
// it would do, who must agree and why at the right, worked out anew with every change.
package propose

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Screen is the form for a credit request of any kind.
type Screen struct {
	desk    *desk.Desk
	credits *credits.Service
	files   *reports.CreditDesk
}

// New makes the screen.
func New(d *desk.Desk, c *credits.Service, files *reports.CreditDesk) *Screen {
	return &Screen{desk: d, credits: c, files: files}
}

// reader is who proposes.
type reader struct {
	creditview.Reader
	by   access.Actor
	zone *time.Location
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{
		Reader: creditview.Reader{Catalogue: s.desk.Catalogue, Lang: s.desk.Lang(c), Now: s.desk.Clock(), UserID: web.Actor(c).UserID},
		by:     web.Actor(c), zone: s.desk.Zone(c),
	}
}

// basis reads what the proposal starts from: the case of the address, the invoice alone, a customer's unapplied money, or
// a posted document to take back, or the small balances of an entity.
func (s *Screen) basis(c echo.Context) (reports.ProposeBasis, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	switch path := c.Path(); {
	case strings.HasPrefix(path, smallPath):
		return s.smallBasis(c)
	case strings.HasPrefix(path, "/invoices/"):
		return s.files.ForInvoice(ctx, c.Param("number"), by)
	case strings.HasPrefix(path, "/customers/"):
		return s.files.ForCustomer(ctx, c.Param("account"), by)
	case strings.HasPrefix(path, "/adjustments/"):
		return s.files.ForDocument(ctx, c.Param("number"), by)
	}
	invoice := c.FormValue("invoice") // in the query too
	return s.files.ForCase(ctx, c.Param("number"), invoice, by)
}

// Show is the form, filled in from what is contested: GET /cases/:number/credit, GET /invoices/:number/credit; or from what
// is unapplied, posted or small: GET /customers/:account/refund, GET /adjustments/:number/reversal, GET /collections/small-balances.
func (s *Screen) Show(c echo.Context) error {
	b, refusal := s.basis(c)
	status := http.StatusOK
	if refusal != nil {
		if b.Small == nil || errs.KindOf(refusal) != errs.Invalid {
			return refusal
		}
		status = http.StatusUnprocessableEntity // the filter says what is wrong with it
	}
	r := s.reader(c)
	f := r.prefilled(b, c.QueryParam("line"), c.QueryParam("amount"))
	f.Key = rand.Text()
	if kind := c.QueryParam("kind"); slices.ContainsFunc(kindsOf(b), func(k kindView) bool { return k.Value == kind }) {
		f.Kind = kind
	}
	return s.answer(c, r, b, f, status, refusal)
}

// Preview works out what is typed so far: POST …/preview.
func (s *Screen) Preview(c echo.Context) error {
	b, err := s.basis(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	f, err := r.posted(c, b)
	if err != nil {
		return err
	}
	v := s.view(c, r, b, f, nil)
	return s.desk.Fragment(c, http.StatusOK, previewed(v))
}

// Submit sends the proposal to its approvers, or with do=keep keeps it as a draft: POST to the address of the form.
func (s *Screen) Submit(c echo.Context) error {
	b, err := s.basis(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	f, err := r.posted(c, b)
	if err != nil {
		return err
	}
	in, err := r.input(b, f)
	if err == nil {
		var req credits.Request
		do := s.credits.Submit
		if c.FormValue("do") == "keep" {
			do = s.credits.CreateDraft
			in.IdempotencyKey += "-draft" // who goes back and submits is not told that the key was used
		}
		if req, err = do(c.Request().Context(), in); err == nil {
			if req.State != credits.Draft { // a draft's own page says what it is
				s.desk.SayNext(c, r.done(req))
			}
			return c.Redirect(http.StatusSeeOther, after(b, req))
		}
	}
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	return s.answer(c, r, b, f, http.StatusUnprocessableEntity, err)
}

// done says what became of a request that was submitted.
func (r reader) done(req credits.Request) string {
	amount := kit.FormatMoney(req.Amount(req.Total), r.Lang)
	if req.State == credits.Pending {
		return i18n.F("{number} over {amount} waits for approval. You hear of each decision.", "number", req.Number, "amount", amount)
	}
	return i18n.F("{number} over {amount} is within your own limit and is being posted.", "number", req.Number, "amount", amount)
}

// after is where a submitted request is seen: in its case, or by itself.
func after(b reports.ProposeBasis, req credits.Request) string {
	if b.Case != nil && req.State != credits.Draft {
		return "/cases/" + b.Case.Number
	}
	return "/approvals/" + formatID(int64(req.ID))
}

// answer draws the whole form, with what was refused where it concerns.
func (s *Screen) answer(c echo.Context, r reader, b reports.ProposeBasis, f form, status int, refusal error) error {
	v := s.view(c, r, b, f, refusal)
	view := desk.View{
		Title: v.Title, Active: "queue", BodyClass: "page-propose",
		Crumbs: []layout.Crumb{{Text: v.BackText, Href: v.BackHref}, {Text: v.Title}},
	}
	switch {
	case b.Small != nil:
		view.Active = "collections"
	case b.Case == nil:
		view.Active = "books"
	}
	return s.desk.Page(c, status, view, page(v))
}

// view works the form out and draws it. An unfinished form is no error: its preview says what is missing.
func (s *Screen) view(c echo.Context, r reader, b reports.ProposeBasis, f form, refusal error) formView {
	v := r.draw(b, f)
	if refusal != nil {
		s.explain(c, &v, refusal)
	}
	in, err := r.input(b, f)
	if in.ReasonCode == "" && len(b.Reasons) > 0 { // the figures do not hang on it, and it is asked for before submitting
		in.ReasonCode, v.Live.NoReason = b.Reasons[0].Code, true
	}
	if err == nil && begun(in) {
		var p credits.Preview
		if p, err = s.preview(c, f, in); err == nil {
			r.preview(&v, b, p)
			v.Live.Changes = f.change != nil && f.change.State != credits.Draft
			return v
		}
	}
	if err != nil && refusal == nil {
		s.explain(c, &v, err)
	}
	v.Live.Waiting = true
	return v
}

func (s *Screen) preview(c echo.Context, f form, in credits.ProposeInput) (credits.Preview, error) {
	if f.change != nil {
		return s.credits.PreviewChange(c.Request().Context(), f.change.ID, in)
	}
	return s.credits.Preview(c.Request().Context(), in)
}

// explain puts the sentences of an error at the fields they concern, the rest above the form.
func (s *Screen) explain(c echo.Context, v *formView, err error) {
	fields := s.desk.FieldErrors(c, err)
	if len(fields) == 0 {
		v.Error = s.desk.Sentence(c, err)
		return
	}
	for name, sentence := range fields {
		if !v.place(name, sentence) {
			v.Error = strings.TrimSpace(v.Error + " " + sentence)
		}
	}
	if v.Error == "" && errs.KindOf(err) == errs.Conflict {
		v.Error = s.desk.Sentence(c, err)
	}
}
