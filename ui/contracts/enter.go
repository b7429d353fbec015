package contracts

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

const enterPath = "/contracts/new"

// enterForm is a contract as it is being typed. Its fields bear the names by which billing speaks of them: number,
// services.0.name, services.0.commitments.1.target.
type enterForm struct {
	values   map[string]string
	excludes []string
	promises []int // of each service, how many
	errors   map[string]string
	Notice   string
}

// New is the form of a contract: GET /contracts/new?customer=100001.
func (s *Screen) New(c echo.Context) error {
	f := enterForm{promises: []int{1}, values: map[string]string{
		"customer": c.QueryParam("customer"), "combination": string(commitment.Cumulative), "fee_base": string(commitment.FeeProRata), "claim_from": string(commitment.FromMonthEnd),
		"zone": s.desk.Zone(c).String(), "excludes": "",
	}}
	if f.values["customer"] != "" {
		customer, err := s.customer(c, f.values["customer"])
		if err != nil {
			return err
		}
		f.values["currency"] = string(customer.Currency)
	}
	f.newPromise(0, 0)
	return s.enter(c, http.StatusOK, f)
}

// Create enters the contract: POST /contracts/new, with the fields of the form. The field act adds a service (service), adds
// a promise to one (promise-0), or takes one away (drop-service-0, drop-promise-0-1): then nothing is entered and the form
// is shown again.
func (s *Screen) Create(c echo.Context) error {
	params, err := c.FormParams()
	if err != nil {
		return errs.InvalidField("number", "error.required")
	}
	f := typedContract(params)
	if act := params.Get("act"); act != "" {
		f.do(act)
		return s.enter(c, http.StatusOK, f)
	}
	customer, err := s.customer(c, f.values["customer"])
	switch {
	case f.values["customer"] == "":
		err = errs.InvalidField("customer", "error.required")
	case errs.KindOf(err) == errs.NotFound:
		err = errs.InvalidField("customer", errs.KeyOf(err))
	}
	var made billing.Contract
	if err == nil {
		var in billing.NewContract
		if in, err = f.contract(); err == nil {
			in.By, in.EntityID, in.CustomerID = web.Actor(c), customer.EntityID, customer.ID
			made, err = s.billing.CreateContract(c.Request().Context(), in)
		}
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, contractURL(made.Number))
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	if f.refused(s.desk.FieldErrors(c, err)); len(f.errors) == 0 {
		f.Notice = s.desk.Sentence(c, err)
	}
	return s.enter(c, web.Status(err), f)
}

// customer finds the customer whose contract is entered, for whoever may enter its contracts.
func (s *Screen) customer(c echo.Context, account string) (billing.Customer, error) {
	customer, err := s.billing.CustomerByAccount(c.Request().Context(), s.reports.Reader(), account)
	if err != nil {
		return customer, err
	}
	return customer, access.Can(web.Actor(c), access.EnterContract, access.Object{EntityID: int64(customer.EntityID)})
}

func (s *Screen) enter(c echo.Context, status int, f enterForm) error {
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("Enter a contract"), Active: "contracts", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Contracts"), Href: "/contracts"}, {Text: i18n.T("Enter a contract")}},
	}, enterPage(f))
}

// typedContract takes the fields as they were sent.
func typedContract(params url.Values) enterForm {
	f := enterForm{values: map[string]string{}, excludes: params["excludes"]}
	for name := range params {
		f.values[name] = strings.TrimSpace(params.Get(name))
	}
	for params.Has(serviceField(len(f.promises), "name")) {
		i, n := len(f.promises), 0
		for params.Has(promiseField(i, n, "metric")) {
			n++
		}
		f.promises = append(f.promises, n)
	}
	return f
}

// do adds a service or a promise, or takes one away. What it does not know changes nothing.
func (f *enterForm) do(act string) {
	var i, k int
	switch {
	case act == "service":
		f.promises = append(f.promises, 1)
		f.newPromise(len(f.promises)-1, 0)
	case scans(act, "drop-promise-%d-%d", &i, &k) && within(i, len(f.promises)) && within(k, f.promises[i]):
		f.moveDown(promiseField(i, k, ""), func(n int) string { return promiseField(i, n, "") }, k, f.promises[i])
		f.promises[i]--
	case scans(act, "drop-service-%d", &i) && within(i, len(f.promises)) && len(f.promises) > 1:
		f.moveDown(serviceField(i, ""), func(n int) string { return serviceField(n, "") }, i, len(f.promises))
		f.promises = slices.Delete(f.promises, i, i+1)
	case scans(act, "promise-%d", &i) && within(i, len(f.promises)):
		f.newPromise(i, f.promises[i])
		f.promises[i]++
	}
}

// moveDown takes away what stands at a place and moves what follows up to it.
func (f *enterForm) moveDown(first string, place func(int) string, at, n int) {
	for name := range f.values {
		if strings.HasPrefix(name, first) {
			delete(f.values, name)
		}
	}
	for from := at + 1; from < n; from++ {
		for name, value := range f.values {
			if rest, moves := strings.CutPrefix(name, place(from)); moves {
				delete(f.values, name)
				f.values[place(from-1)+rest] = value
			}
		}
	}
}

// newPromise fills in what most promises are about.
func (f *enterForm) newPromise(service, k int) {
	for name, value := range map[string]string{
		"metric": string(commitment.Availability), "formula": string(commitment.TierPercent), "counting": string(commitment.FullUnits), "digits": "3",
	} {
		f.values[promiseField(service, k, name)] = value
	}
}

// refused puts each sentence at the field where it can be seen.
func (f *enterForm) refused(sentences map[string]string) {
	f.errors = map[string]string{}
	for name, sentence := range sentences {
		base, place, _ := cutLast(name)
		switch {
		case strings.HasSuffix(name, ".fees"):
			name = strings.TrimSuffix(name, "s")
		case strings.HasSuffix(base, ".fees") && place == "0":
			name = strings.TrimSuffix(base, "s")
		case strings.HasSuffix(name, "_cap"):
			name += ".percent"
		}
		f.errors[name] = sentence
	}
}

func cutLast(name string) (before, after string, found bool) {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return name, "", false
	}
	return name[:at], name[at+1:], true
}

func scans(text, form string, into ...any) bool {
	n, err := fmt.Sscanf(text, form, into...)
	return err == nil && n == len(into)
}

func within(i, n int) bool { return i >= 0 && i < n }

func serviceField(i int, name string) string { return "services." + strconv.Itoa(i) + "." + name }

func promiseField(i, k int, name string) string {
	return serviceField(i, "commitments.") + strconv.Itoa(k) + "." + name
}

// field is one field of the form.
func (f enterForm) field(name, label, hint string) kit.FieldView {
	return kit.FieldView{Name: name, ID: "f-" + strings.ReplaceAll(name, ".", "-"), Label: label, Value: f.values[name], Hint: hint, Error: f.errors[name], Autocomplete: "off"}
}

func (f enterForm) needed(name, label, hint string) kit.FieldView {
	v := f.field(name, label, hint)
	v.Required = true
	return v
}

func (f enterForm) date(name, label, hint string) kit.FieldView {
	v := f.field(name, label, hint)
	v.Type = "date"
	return v
}

func (f enterForm) figure(name, label, hint string) kit.FieldView {
	v := f.field(name, label, hint)
	v.InputMode = "decimal"
	return v
}
