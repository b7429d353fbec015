package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer/stripe"
	"makegood/internal/errs"
)

// StripeAPI is where Stripe listens.
const StripeAPI = "https://api.stripe.com"

// stripeVersion is the version of Stripe's API that is spoken, whatever the account's own is.
const stripeVersion = "2025-03-31.basil"

// keyName is where a note's key stands in Stripe's metadata, to find it again after Stripe has forgotten the request.
const keyName = stripe.KeyName

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

// Stripe issues credit notes on invoices in Stripe. It speaks to a few endpoints, so it does without Stripe's library.
type Stripe struct {
	base    string
	secret  string
	version string
	most    int64 // of an answer, in bytes
	client  *http.Client
}

// NewStripe makes the gateway of an account. Base is StripeAPI but in tests.
func NewStripe(base, secret string) *Stripe {
	return &Stripe{base: strings.TrimRight(base, "/"), secret: secret, version: stripeVersion, most: maxAnswer, client: &http.Client{Timeout: 30 * time.Second}}
}

// Issue issues a credit note once. One that an earlier attempt has made is found by its key and given back.
func (s *Stripe) Issue(ctx context.Context, n Note) (Outcome, error) {
	if err := n.check(); err != nil {
		return Outcome{}, err
	}
	earlier, there, err := s.find(ctx, n)
	if err != nil || there {
		return earlier, err
	}
	if n.Lines, err = s.named(ctx, n); err != nil {
		return Outcome{}, err
	}
	form, err := n.form()
	if err != nil {
		return Outcome{}, err
	}
	var made stripeNote
	if err := s.call(ctx, call{method: http.MethodPost, path: "/v1/credit_notes", form: form, key: n.Key}, &made); err != nil {
		return Outcome{}, err
	}
	return made.outcome(n)
}

// find looks among the invoice's credit notes for the one with this key: Stripe remembers requests for a day only.
func (s *Stripe) find(ctx context.Context, n Note) (Outcome, bool, error) {
	after := ""
	for {
		query := url.Values{"invoice": {n.Invoice}, "limit": {"100"}}
		if after != "" {
			query.Set("starting_after", after)
		}
		var page struct {
			Data    []stripeNote `json:"data"`
			HasMore bool         `json:"has_more"`
		}
		if err := s.call(ctx, call{method: http.MethodGet, path: "/v1/credit_notes", query: query}, &page); err != nil {
			return Outcome{}, false, err
		}
		for _, note := range page.Data {
			after = note.ID
			if note.Metadata[keyName] == n.Key {
				o, err := note.outcome(n)
				return o, true, err
			}
		}
		if !page.HasMore || len(page.Data) == 0 {
			return Outcome{}, false, nil
		}
	}
}

type stripeNote struct {
	ID       string            `json:"id"`
	Number   string            `json:"number"`
	Invoice  string            `json:"invoice"`
	Total    json.Number       `json:"total"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
}

func (m stripeNote) outcome(n Note) (Outcome, error) {
	smallest, err := decimal.NewFromString(string(m.Total))
	if err != nil || m.ID == "" {
		return Outcome{}, errs.New(ErrAway.Kind, ErrAway.Key, "system", "Stripe")
	}
	o := Outcome{ID: m.ID, Number: m.Number, Total: stripe.Units(smallest, n.Currency)}
	o.Difference = o.Total.Sub(n.Total)
	return o, nil
}

// form is the note as Stripe takes it. What reduces the open invoice is worked out there; the rest is said.
func (n Note) form() (url.Values, error) {
	form := url.Values{
		"invoice": {n.Invoice}, "memo": {n.Memo}, "metadata[" + keyName + "]": {n.Key}, "metadata[makegood_number]": {n.Number},
	}
	if reason := stripeReason(n.Reason); reason != "" {
		form.Set("reason", reason)
	}
	for name, amount := range map[string]decimal.Decimal{"credit_amount": n.ToBalance, "refund_amount": n.ToRefund, "out_of_band_amount": n.Outside} {
		if amount.IsPositive() {
			text, err := n.smallest(amount)
			if err != nil {
				return nil, err
			}
			form.Set(name, text)
		}
	}
	for i, l := range n.Lines {
		amount, err := n.smallest(l.Net.Add(l.Discount)) // Stripe takes its discounts off by itself
		if err != nil {
			return nil, err
		}
		at := func(name string) string { return "lines[" + strconv.Itoa(i) + "][" + name + "]" }
		if l.InvoiceLine != "" {
			form.Set(at("type"), "invoice_line_item")
			form.Set(at("invoice_line_item"), l.InvoiceLine)
			form.Set(at("amount"), amount)
			continue
		}
		form.Set(at("type"), "custom_line_item")
		form.Set(at("description"), l.Description)
		form.Set(at("quantity"), "1")
		form.Set(at("unit_amount"), amount)
	}
	return form, nil
}

func (n Note) smallest(amount decimal.Decimal) (string, error) {
	value := stripe.Smallest(amount, n.Currency)
	if !value.IsInteger() {
		return "", errs.InvalidField("lines", "billing.bad_amount")
	}
	return value.String(), nil
}

// stripeReason is one of the four reasons that Stripe knows, or none.
func stripeReason(reason string) string {
	switch reason {
	case "duplicate", "fraudulent", "order_change", "product_unsatisfactory":
		return reason
	case "double_billing", "duplicate_invoice":
		return "duplicate"
	case "cancellation", "cancelled", "downgrade":
		return "order_change"
	case "goodwill", "service_outage", "sla":
		return "product_unsatisfactory"
	}
	return ""
}

type call struct {
	method, path string
	query, form  url.Values
	key          string
}

func (s *Stripe) call(ctx context.Context, c call, into any) error {
	target := s.base + c.path
	if len(c.query) > 0 {
		target += "?" + c.query.Encode()
	}
	var body io.Reader
	if c.form != nil {
		body = strings.NewReader(c.form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, c.method, target, body)
	if err != nil {
		return fmt.Errorf("ask Stripe: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.secret)
	request.Header.Set("Stripe-Version", s.version)
	if c.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.key != "" {
		request.Header.Set("Idempotency-Key", c.key)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return c.unanswered(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, s.most))
	if err != nil {
		return c.unanswered(err)
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return c.unanswered(refusal(answer.StatusCode, content))
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		return c.refused(limited(answer.Header, refusal(answer.StatusCode, content)))
	}
	if answer.StatusCode != http.StatusOK {
		return c.refused(refusal(answer.StatusCode, content))
	}
	if err := json.Unmarshal(content, into); err != nil {
		return c.unanswered(err)
	}
	return nil
}

// unanswered is a call that came to no end: one that was to change something may have done so.
func (c call) unanswered(cause error) error {
	away := errs.Wrap(cause, ErrAway.Kind, ErrAway.Key, "system", "Stripe")
	if c.method == http.MethodGet {
		return away
	}
	return errs.Wrap(away, ErrUnanswered.Kind, ErrUnanswered.Key, "system", "Stripe")
}

// refused is a refusal of a call. Of one that was to change something it is the answer itself.
func (c call) refused(cause error) error {
	if c.method == http.MethodGet {
		return cause
	}
	return answeredError{cause}
}

// refusal says what a refusal of Stripe means: to wait and try again, or that trying again cannot help.
func refusal(status int, content []byte) error {
	var said struct {
		Error struct{ Type, Code, Message, Param string } `json:"error"`
	}
	_ = json.Unmarshal(content, &said) // an answer that is no JSON is told by its status
	cause := fmt.Errorf("stripe %d %s %s %s: %s", status, said.Error.Type, said.Error.Code, said.Error.Param, said.Error.Message)
	switch {
	case said.Error.Type == "idempotency_error" && status != http.StatusConflict: // 409: the same request is being worked on
		return errs.Wrap(cause, ErrKeyUsed.Kind, ErrKeyUsed.Key)
	case status == http.StatusTooManyRequests, status == http.StatusConflict, status >= http.StatusInternalServerError,
		status == http.StatusUnauthorized, status == http.StatusForbidden: // a key can be put right
		return errs.Wrap(cause, ErrAway.Kind, ErrAway.Key, "system", "Stripe")
	}
	return errs.Wrap(cause, ErrRefused.Kind, ErrRefused.Key, "system", "Stripe", "why", said.Error.Message)
}
