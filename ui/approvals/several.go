package approvals

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// severalView is what is approved with one confirmation, or what became of it.
type severalView struct {
	Lang    string
	Limit   string // up to which amount, and by what
	Rows    []severalRow
	Left    []string // what was chosen and cannot be approved together, and why
	Number  string
	Totals  []money.Amount
	Comment string
	Error   string
	Done    bool
}

type severalRow struct {
	ID, Number, Href, Customer, What string
	Amount                           money.Amount
	Step, Digest                     string
	Problem                          string // why it was not approved
	Posts                            bool   // the last signature: it is being posted
}

// Several asks for the one confirmation: GET /approvals/several with id, once for each that is chosen.
func (s *Screen) Several(c echo.Context) error {
	r := s.reader(c)
	page, err := s.credits.Waiting(c.Request().Context(), r.by, "", 100)
	if err != nil {
		return err
	}
	limit, err := s.severalLimit(c, r)
	if err != nil {
		return err
	}
	v := severalView{Lang: r.Lang, Limit: severalText(limit, r.Lang)}
	chosen := map[string]bool{}
	for _, id := range c.QueryParams()["id"] {
		chosen[id] = true
	}
	for _, item := range page.Rows {
		id := strconv.FormatInt(int64(item.ID), 10)
		if !chosen[id] {
			continue
		}
		delete(chosen, id)
		if item.AuthorityAmount.GreaterThan(limit) || len(v.Rows) == credits.MostAtOnce {
			v.Left = append(v.Left, i18n.F("{number} is decided by itself.", "number", item.Number))
			continue
		}
		v.Rows = append(v.Rows, severalRow{
			ID: id, Number: item.Number, Href: href(item.ID), Customer: creditview.Customer(item.CustomerName),
			What: creditview.KindName(item.Kind) + ", " + item.RequesterName + " · " + item.ReasonName, Amount: item.Amount(item.Total),
			Step: strconv.FormatInt(int64(item.StepID), 10), Digest: hex.EncodeToString(item.Sealed()),
		})
		v.Totals = added(v.Totals, item.Amount(item.Total))
	}
	if len(chosen) > 0 {
		v.Left = append(v.Left, i18n.T("What does not wait for you any more is left out."))
	}
	v.Number = strconv.Itoa(len(v.Rows))
	return s.several(c, http.StatusOK, v)
}

// ApproveSeveral approves what was confirmed, each by itself: POST /approvals/several. Fields: id, step and digest, once for each in
// the same order; comment.
func (s *Screen) ApproveSeveral(c echo.Context) error {
	in, err := severalInput(c)
	if err != nil {
		return err
	}
	outcomes, err := s.credits.ApproveSeveral(c.Request().Context(), in)
	if err != nil && errs.KindOf(err) == errs.Invalid {
		return s.several(c, http.StatusUnprocessableEntity, severalView{Lang: s.desk.Lang(c), Done: true, Error: s.sentence(c, err)})
	}
	if err != nil {
		return err
	}
	v := severalView{Lang: s.desk.Lang(c), Done: true}
	approved := 0
	for _, o := range outcomes {
		row := severalRow{Href: href(o.ID)}
		if o.Err != nil {
			row.Problem = s.sentence(c, o.Err)
		} else {
			approved++
			v.Totals = added(v.Totals, o.Request.Amount(o.Request.Total))
		}
		file, err := s.credits.Request(c.Request().Context(), s.files.Reader(), o.ID, in.By)
		switch {
		case err == nil:
			row.Number, row.Customer, row.Amount = file.Number, creditview.Customer(file.CustomerName), file.Amount(file.Total)
		case errors.Is(err, credits.ErrNoRequest): // asked for by a form that nobody got from us; the others are signed all the same
			row.Number = strconv.FormatInt(int64(o.ID), 10)
		default:
			return err
		}
		row.Posts = o.Err == nil && o.Request.State != credits.Pending
		v.Rows = append(v.Rows, row)
	}
	v.Number = strconv.Itoa(approved)
	return s.several(c, http.StatusOK, v)
}

// sentence is what a refusal says, of fields all of them.
func (s *Screen) sentence(c echo.Context, err error) string {
	fields := s.desk.FieldErrors(c, err)
	if len(fields) == 0 {
		return s.desk.Sentence(c, err)
	}
	var list []string
	for _, text := range fields {
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func severalInput(c echo.Context) (credits.SeveralInput, error) {
	in := credits.SeveralInput{By: web.Actor(c), Comment: c.FormValue("comment")}
	values, err := c.FormParams()
	if err != nil {
		return in, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	ids, steps, digests := values["id"], values["step"], values["digest"]
	if len(ids) != len(digests) || len(ids) != len(steps) {
		return in, errs.InvalidField("items", "error.required")
	}
	for i := range ids {
		id, err := strconv.ParseInt(ids[i], 10, 64)
		if err != nil {
			return in, credits.ErrNoRequest
		}
		step, err := strconv.ParseInt(steps[i], 10, 64)
		if err != nil {
			return in, errs.InvalidField("step", "error.required")
		}
		digest, err := hex.DecodeString(digests[i])
		if err != nil {
			return in, errs.InvalidField("digest", "error.required")
		}
		in.Items = append(in.Items, credits.DecideInput{ID: credits.ID(id), StepID: credits.StepID(step), Digest: digest})
	}
	return in, nil
}

func (s *Screen) severalLimit(c echo.Context, r reader) (decimal.Decimal, error) {
	return s.credits.SeveralUpTo(c.Request().Context(), s.files.Reader(), r.UserID)
}

func severalText(limit decimal.Decimal, lang string) string {
	return i18n.F("up to {limit} each, by the policy", "limit", kit.FormatMoney(money.Of(limit, billing.AuthorityCurrency), lang))
}

func (s *Screen) several(c echo.Context, status int, v severalView) error {
	view := desk.View{Title: i18n.T("Several at once"), Heading: i18n.T("Approvals"), Sub: i18n.T("several small ones at once"), Active: "approvals"}
	return s.desk.Page(c, status, view, severalPage(v))
}

// added puts an amount to the total of its currency.
func added(totals []money.Amount, amount money.Amount) []money.Amount {
	for i := range totals {
		if totals[i].Currency() == amount.Currency() {
			totals[i] = money.Of(totals[i].Decimal().Add(amount.Decimal()), amount.Currency())
			return totals
		}
	}
	return append(totals, amount)
}

// deed names what pressing the button does: "Approve 3 requests: 120.00 EUR and 40.00 USD".
func (v severalView) deed() string { return i18n.F("Approve {sum}", "sum", v.sum()) }

func (v severalView) sum() string {
	var parts []string
	for _, t := range v.Totals {
		parts = append(parts, kit.FormatMoney(t, v.Lang))
	}
	what := i18n.F("{number} requests", "number", v.Number)
	if v.Number == "1" {
		what = i18n.T("1 request")
	}
	if len(parts) == 0 {
		return what
	}
	return what + ": " + desk.And(parts)
}
