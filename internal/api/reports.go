package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/negotiation"

	"makegood/billing/figures"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// Asked is part of every report's input: who calls, and what kind of answer is wanted.
type Asked struct {
	Signed
	accept string
}

// Resolve takes the caller and the Accept header from the request.
func (a *Asked) Resolve(ctx huma.Context) []error {
	a.accept = ctx.Header("Accept")
	return a.Signed.Resolve(ctx)
}

// Receivables is part of the input of every report on receivables.
type Receivables struct {
	Asked
	AsOf     string `query:"as_of" doc:"any day; without it today where the legal entity is, of several the latest of their days" example:"2026-03-31"`
	Basis    string `query:"basis" enum:"known_now,known_then" default:"known_now" doc:"known_now counts documents by their own date, known_then leaves out what was posted after the day"`
	Entity   string `query:"entity" doc:"code of a legal entity; all one may see without it"`
	Currency string `query:"currency" doc:"only documents in this currency"`
	Base     bool   `query:"base" doc:"amounts in the base currency of their legal entity"`
}

func (r Receivables) scope() (reports.Scope, error) {
	on, err := parseDate("as_of", r.AsOf)
	return reports.Scope{
		By: r.by, On: on, Basis: reports.Basis(r.Basis), Entity: r.Entity, Currency: money.Currency(strings.ToUpper(r.Currency)), Base: r.Base,
	}, err
}

// Ranges is the input that chooses the ranges of an aging.
type Ranges struct {
	Buckets string `query:"buckets" doc:"last days of the ranges, from 0 for what is not due; 0,30,60,90,120 without it" example:"0,30,60,90"`
}

func (r Ranges) parse() (figures.Buckets, error) {
	if r.Buckets == "" {
		return figures.StandardBuckets(), nil
	}
	var limits []int
	for text := range strings.SplitSeq(r.Buckets, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, errs.InvalidField("buckets", figures.ErrBuckets.Key)
		}
		limits = append(limits, n)
	}
	return figures.NewBuckets(limits...)
}

// tabular is an answer that can be had as a table.
type tabular interface{ table() sheet.Table }

// report is one of the operations that answer as JSON, CSV or XLSX, by the Accept header.
type report[I any, B tabular] struct {
	huma.Operation
	do func(context.Context, *I) (B, error)
}

// asked is what tells the wanted media type of an input.
type asked interface{ wanted() string }

func (a *Asked) wanted() string {
	types := []string{"application/json", sheet.MediaCSV, sheet.MediaXLSX}
	if chosen := negotiation.SelectQValue(a.accept, types); chosen != "" {
		return chosen
	}
	return types[0]
}

// addReport registers a report. All three media types stand in the description.
func addReport[I any, B tabular](h *handlers, api huma.API, r report[I, B]) {
	schema := huma.SchemaFromType(api.OpenAPI().Components.Schemas, reflect.TypeFor[B]())
	r.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema},
		sheet.MediaCSV:     {Schema: &huma.Schema{Type: huma.TypeString}},
		sheet.MediaXLSX:    {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	add(h, api, operation[I, huma.StreamResponse]{r.Operation, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		body, err := r.do(ctx, in)
		if err != nil {
			return nil, err
		}
		media := "application/json"
		if a, ok := any(in).(asked); ok {
			media = a.wanted()
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { writeReport(ctx, media, r.OperationID, body) }}, nil
	}})
}

// writeReport writes the answer. An error in the middle of it can only end the connection's answer early.
func writeReport(ctx huma.Context, media, name string, body tabular) {
	ctx.SetHeader("Content-Type", media)
	ctx.SetHeader("Vary", "Accept")
	out := ctx.BodyWriter()
	switch media {
	case sheet.MediaCSV:
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`.csv"`)
		_ = body.table().CSV(out)
	case sheet.MediaXLSX:
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
		_ = sheet.XLSX(out, body.table())
	default:
		_ = json.NewEncoder(out).Encode(body)
	}
}

func (h *handlers) reports(api huma.API) {
	addReport(h, api, report[agingIn, Aging]{at(http.MethodGet, "/reports/aging", "report-aging", "Receivable by age as of any day", "reports"), h.aging})
	addReport(h, api, report[agingCustomersIn, AgingCustomers]{at(http.MethodGet, "/reports/aging/customers", "report-aging-customers", "The customers behind an aging, who owes most first", "reports"), h.agingCustomers})
	addReport(h, api, report[agingItemsIn, AgingItems]{at(http.MethodGet, "/reports/aging/items", "report-aging-items", "The documents behind an aging, the one due first first", "reports"), h.agingItems})
	addReport(h, api, report[LastDays, DSO]{at(http.MethodGet, "/reports/dso", "report-dso", "Days sales outstanding in all its forms", "reports"), h.dso})
	addReport(h, api, report[LastDays, KPIs]{at(http.MethodGet, "/reports/kpis", "report-kpis", "Indicators of receivables for a period beside the one before", "reports"), h.kpis})
	addReport(h, api, report[figureRowsIn, FigureRows]{at(http.MethodGet, "/reports/kpis/{figure}/rows", "report-figure-rows", "What a figure of the indicators counts, row by row", "reports"), h.figureRows})
}

// Figure is a figure with what it means. Value is an exact decimal; null where nothing was there to divide by.
type Figure struct {
	Name       string  `json:"name"`
	Title      string  `json:"title"`
	Definition string  `json:"definition"`
	Unit       string  `json:"unit" enum:"money,days,hours,share,times,count,per_thousand" doc:"a share is a fraction of one"`
	Better     string  `json:"better" enum:"lower,higher,neither"`
	Value      *string `json:"value"`
	Before     *string `json:"before,omitempty" doc:"of the period before"`
}

func (h *handlers) figure(name figures.Name, value figures.Figure, cur money.Currency) Figure {
	d, _ := figures.DefinitionOf(name)
	better := map[figures.Direction]string{figures.Lower: "lower", figures.Neither: "neither", figures.Higher: "higher"}
	return Figure{
		Name: string(d.Name), Title: h.Words.Say("en", d.TitleKey()), Definition: h.Words.Say("en", d.Key()), Unit: string(d.Unit), Better: better[d.Better],
		Value: plainFigure(d.Unit, value, cur),
	}
}

func plainFigure(unit figures.Unit, value figures.Figure, cur money.Currency) *string {
	if !value.Valid {
		return nil
	}
	text := value.Decimal.String()
	if unit == figures.Money {
		text = money.Of(value.Decimal, cur).Plain()
	}
	return &text
}

func basisOf(b reports.Basis) string { return string(b) }

func daysOf(from, to time.Time) int { return figures.DaysBetween(from, to) + 1 }
