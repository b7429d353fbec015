package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ExchangeRate is a rate as a source fixed it: units of quote for one unit of base.
type ExchangeRate struct {
	Base       string    `json:"base" example:"EUR"`
	Quote      string    `json:"quote" example:"USD"`
	Date       string    `json:"date" example:"2026-05-12"`
	Rate       string    `json:"rate" example:"1.1213" doc:"decimal string, ten decimals at most"`
	Source     string    `json:"source" example:"ECB"`
	Version    int       `json:"version" doc:"above 1 for a correction"`
	Reason     string    `json:"reason,omitempty" doc:"of the correction"`
	RecordedAt time.Time `json:"recorded_at"`
}

// UsedRate is the rate that a document of a day would use.
type UsedRate struct {
	Base    string `json:"base"`
	Quote   string `json:"quote"`
	Rate    string `json:"rate"`
	FixedOn string `json:"fixed_on" doc:"of a cross rate, the older of its two fixings"`
	Source  string `json:"source"`
	Inverse bool   `json:"inverse" doc:"reckoned from the opposite rate"`
	Via     string `json:"via,omitempty" doc:"reckoned through this currency"`
}

// PairRef names two currencies.
type PairRef struct {
	Signed
	Base  string `path:"base" minLength:"3" maxLength:"3"`
	Quote string `path:"quote" minLength:"3" maxLength:"3"`
}

// parse reads the pair; errors name the field.
func (p PairRef) parse() (base, quote money.Currency, err error) {
	return parsePair(p.Base, p.Quote)
}

func parsePair(base, quote string) (b, q money.Currency, err error) {
	if b, err = money.ParseCurrency(base); err != nil {
		return b, q, errs.InvalidField("base", money.ErrCurrency.Key, "currency", base)
	}
	if q, err = money.ParseCurrency(quote); err != nil {
		return b, q, errs.InvalidField("quote", money.ErrCurrency.Key, "currency", quote)
	}
	return b, q, nil
}

type usedRateIn struct {
	PairRef
	On string `query:"on" doc:"today without it"`
}

type (
	usedRateOut struct{ Body UsedRate }
	rateOut     struct{ Body ExchangeRate }
)

type fixingsIn struct {
	PairRef
	Paging
}

// NewRate is a rate to record: units of quote for one unit of base.
type NewRate struct {
	Base   string `json:"base" minLength:"3" maxLength:"3"`
	Quote  string `json:"quote" minLength:"3" maxLength:"3"`
	Date   string `json:"date"`
	Rate   string `json:"rate"`
	Source string `json:"source"`
}

type recordRateIn struct {
	Signed
	Body NewRate
}

type correctRateIn struct {
	Signed
	Body struct {
		NewRate
		Reason string `json:"reason"`
	}
}

func (h *handlers) exchangeRates(api huma.API) {
	const tag = "exchange rates"
	add(h, api, operation[Signed, listOut[ExchangeRate]]{at(http.MethodGet, "/exchange-rates", "list-exchange-rates", "The newest rate of every pair", tag), h.latestRates})
	add(h, api, operation[usedRateIn, usedRateOut]{at(http.MethodGet, "/exchange-rates/{base}/{quote}", "get-exchange-rate", "The rate a document of a day would use", tag), h.usedRate})
	add(h, api, operation[fixingsIn, listOut[ExchangeRate]]{at(http.MethodGet, "/exchange-rates/{base}/{quote}/fixings", "list-fixings", "What was fixed, with every correction, newest first", tag), h.fixings})
	add(h, api, operation[recordRateIn, rateOut]{created("/exchange-rates", "record-exchange-rate", "Record a rate; a known one is never overwritten", tag), h.recordRate})
	add(h, api, operation[correctRateIn, rateOut]{created("/exchange-rates/corrections", "correct-exchange-rate", "Correct a rate with a reason; posted documents keep theirs", tag), h.correctRate})
}

func rateOf(f billing.Fixing) ExchangeRate {
	return ExchangeRate{string(f.Base), string(f.Quote), dateOf(f.OnDate), f.Rate.String(), f.Source, f.Version, f.Reason, f.RecordedAt}
}

// fixing reads a rate; errors name the field.
func (n NewRate) fixing() (billing.Fixing, error) {
	f := billing.Fixing{Source: n.Source}
	var err error
	if f.Base, f.Quote, err = parsePair(n.Base, n.Quote); err != nil {
		return f, err
	}
	if f.OnDate, err = parseDate("date", n.Date); err != nil {
		return f, err
	}
	if f.Rate, err = decimal.NewFromString(n.Rate); err != nil {
		return f, errs.InvalidField("rate", "error.not_a_number")
	}
	return f, nil
}

func (h *handlers) latestRates(ctx context.Context, in *Signed) (*listOut[ExchangeRate], error) {
	rates, err := h.Billing.LatestFixings(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[ExchangeRate]{Body: list[ExchangeRate]{Items: []ExchangeRate{}}}
	for _, f := range rates {
		out.Body.Items = append(out.Body.Items, rateOf(f))
	}
	return out, nil
}

func (h *handlers) usedRate(ctx context.Context, in *usedRateIn) (*usedRateOut, error) {
	if err := access.Can(in.by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	base, quote, err := in.parse()
	if err != nil {
		return nil, err
	}
	on, err := parseDate("on", in.On)
	if err != nil {
		return nil, err
	}
	if on.IsZero() {
		on = h.Reports.Reader().Now()
	}
	r, err := h.Billing.RateOn(ctx, h.Reports.Reader(), base, quote, on)
	if err != nil {
		return nil, err
	}
	return &usedRateOut{Body: UsedRate{string(base), string(quote), r.Rate.String(), dateOf(r.FixedOn), r.Source, r.Inverse, string(r.Via)}}, nil
}

func (h *handlers) fixings(ctx context.Context, in *fixingsIn) (*listOut[ExchangeRate], error) {
	base, quote, err := in.parse()
	if err != nil {
		return nil, err
	}
	page, err := h.Billing.Fixings(ctx, billing.FixingQuery{Base: base, Quote: quote, Limit: in.Limit, After: in.Cursor, By: in.by})
	if err != nil {
		return nil, err
	}
	out := &listOut[ExchangeRate]{Body: list[ExchangeRate]{Items: []ExchangeRate{}, NextCursor: page.Next}}
	for _, f := range page.Rows {
		out.Body.Items = append(out.Body.Items, rateOf(f))
	}
	return out, nil
}

func (h *handlers) recordRate(ctx context.Context, in *recordRateIn) (*rateOut, error) {
	f, err := in.Body.fixing()
	if err != nil {
		return nil, err
	}
	if f, err = h.Billing.RecordRate(ctx, f, in.by); err != nil {
		return nil, err
	}
	return &rateOut{Body: rateOf(f)}, nil
}

func (h *handlers) correctRate(ctx context.Context, in *correctRateIn) (*rateOut, error) {
	f, err := in.Body.fixing()
	if err != nil {
		return nil, err
	}
	if f, err = h.Billing.CorrectRate(ctx, billing.RateCorrection{Fixing: f, Reason: in.Body.Reason, By: in.by}); err != nil {
		return nil, err
	}
	return &rateOut{Body: rateOf(f)}, nil
}
