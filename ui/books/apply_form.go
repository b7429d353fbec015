package books

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/desk"
)

// everything stands for all that is unapplied.
const everything = "all"

// applyQuery is what the workbench was asked for.
type applyQuery struct{ Account, Currency, From, By string }

func (q applyQuery) url() string {
	values := url.Values{}
	for name, value := range map[string]string{"currency": q.Currency, "from": q.From, "by": q.By} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return "/customers/" + url.PathEscape(q.Account) + "/apply?" + values.Encode()
}

// pair is a document's money meeting an invoice: a field of the form.
type pair struct {
	kind    billing.ItemKind
	id      int64
	invoice billing.InvoiceID
}

// name is the pair's field: amount-payment-7-12.
func (p pair) name() string { return fmt.Sprintf("amount-%s-%d-%d", p.kind, p.id, p.invoice) }

// pairOf reads a field's name; false when it is none of ours.
func pairOf(name string) (pair, bool) {
	parts := strings.Split(name, "-")
	if len(parts) != 4 || parts[0] != "amount" {
		return pair{}, false
	}
	id, wrong := strconv.ParseInt(parts[2], 10, 64)
	invoice, err := strconv.ParseInt(parts[3], 10, 64)
	return pair{billing.ItemKind(parts[1]), id, billing.InvoiceID(invoice)}, err == nil && wrong == nil
}

// applyForm is the workbench's form: the fields that are shown, as they were filled in, and what is wrong with them.
type applyForm struct {
	applyQuery
	pairs    []pair
	texts    map[string]string // by field
	Errors   map[string]string // by field
	Notice   string
	Changed  bool  // the button named another consequence
	Proposed bool  // a proposal was asked for
	TakeBack int64 // an allocation, with the reason that was given
	Reason   string

	parts  []billing.ApplyPart // what is right in form
	fields []string            // of the parts
}

// proposed fills the form with a proposal, or shows it empty. Of one document's money every invoice gets a field; of
// everything only what a proposal brings together.
func proposed(f reports.ApplyFile, q applyQuery) applyForm {
	if q.From == "" && len(f.Sources) == 1 {
		q.From = f.Sources[0].Number
	}
	if q.From == "" {
		q.From = everything
	}
	form := applyForm{applyQuery: q, texts: map[string]string{}, Errors: map[string]string{}}
	bench := f.Workbench
	if q.From != everything {
		bench = bench.Of(q.From)
		for _, source := range bench.Sources {
			for _, invoice := range bench.Invoices {
				form.add(pair{source.Kind, source.DocumentID, billing.InvoiceID(invoice.DocumentID)}, "")
			}
		}
	}
	if q.By == "" {
		return form
	}
	form.Proposed = true
	for _, p := range bench.Propose(billing.ApplyBy(q.By)) {
		form.add(pair{p.Kind, p.ID, p.InvoiceID}, money.Of(p.Amount, f.Currency).Plain())
	}
	form.read(f, nil)
	return form
}

// add shows a pair's field with a text in it.
func (a *applyForm) add(p pair, text string) {
	if !slices.Contains(a.pairs, p) {
		a.pairs = append(a.pairs, p)
	}
	a.texts[p.name()] = text
}

// typedParts takes the fields as they were sent, in the order of the workbench.
func typedParts(f reports.ApplyFile, values url.Values) applyForm {
	form := applyForm{
		applyQuery: applyQuery{Account: f.Account, Currency: string(f.Currency), From: values.Get("from"), By: values.Get("by")},
		texts:      map[string]string{}, Errors: map[string]string{},
	}
	for name := range values {
		if p, ours := pairOf(name); ours {
			form.add(p, strings.TrimSpace(values.Get(name)))
		}
	}
	place := func(p pair) [2]int {
		return [2]int{
			slices.IndexFunc(f.Invoices, func(i billing.OpenItem) bool { return i.DocumentID == int64(p.invoice) }),
			slices.IndexFunc(f.Sources, func(u billing.UnappliedItem) bool { return u.Kind == p.kind && u.DocumentID == p.id }),
		}
	}
	slices.SortFunc(form.pairs, func(a, b pair) int {
		x, y := place(a), place(b)
		return slices.Compare(x[:], y[:])
	})
	return form
}

// read makes parts of what is filled in; say gives a sentence for what is wrong, and is nil where nothing can be.
func (a *applyForm) read(f reports.ApplyFile, say func(key string, params errs.Params) string) {
	for _, p := range a.pairs {
		name := p.name()
		text := a.texts[name]
		if text == "" {
			continue
		}
		amount, err := money.Parse(text, f.Currency)
		switch {
		case err != nil:
			a.Errors[name] = say(errs.KeyOf(err), errs.Params{"text": text, "amount": text, "currency": string(f.Currency)})
		case amount.IsNegative():
			a.Errors[name] = say("billing.bad_amount", nil)
		case amount.IsPositive():
			a.parts = append(a.parts, billing.ApplyPart{Kind: p.kind, ID: p.id, InvoiceID: p.invoice, Amount: amount.Decimal()})
			a.fields = append(a.fields, name)
		}
	}
}

// sum is what the parts come to, and on how many invoices.
func (a *applyForm) sum(currency money.Currency) (total money.Amount, invoices int) {
	sum := decimal.Zero
	seen := map[billing.InvoiceID]bool{}
	for _, p := range a.parts {
		sum, seen[p.InvoiceID] = sum.Add(p.Amount), true
	}
	return money.Of(sum, currency), len(seen)
}

// said is the consequence in a form that can be compared.
func (a *applyForm) said(currency money.Currency) string {
	total, invoices := a.sum(currency)
	return total.Plain() + "/" + strconv.Itoa(invoices)
}

// refused puts what billing refused at its fields, or over the form; false when it is no matter of the form.
func (a *applyForm) refused(d *desk.Desk, c echo.Context, err error) bool {
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return false
	}
	sentences := d.FieldErrors(c, err)
	for name, sentence := range sentences {
		if n, found := strings.CutPrefix(name, "parts."); found {
			if at, wrong := strconv.Atoi(n); wrong == nil && at < len(a.fields) {
				name = a.fields[at]
			}
		}
		a.Errors[name] = sentence
	}
	if len(sentences) == 0 {
		a.Notice = d.Sentence(c, err)
	}
	return true
}
