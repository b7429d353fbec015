// Package api is /api/v1: the desk for other programs, described by OpenAPI, guarded like the screens.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/postback"
	"makegood/billing/reading"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/helpdesk"
	"makegood/cases/intake"
	"makegood/cases/letterbook"
	"makegood/cases/quality"
	"makegood/cases/statements"
	"makegood/cases/survey"
	"makegood/cases/telling"
	"makegood/cases/webhooks"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/api/bind"
	"makegood/internal/erasure"
	"makegood/internal/i18n"
	"makegood/internal/idempotency"
	"makegood/internal/people"
	"makegood/internal/reportmail"
	"makegood/internal/reports"
	"makegood/internal/web"
)

// Services are what the API calls.
type Services struct {
	People      *people.Service
	Billing     *billing.Service
	Cases       *cases.Service
	Credits     *credits.Service
	Inbox       *inbox.Service
	Intake      *intake.Intake
	Reports     *reports.Service
	Idempotency *idempotency.Service
	Words       *i18n.Catalogue
	PublicURL   string
	Reconciling *reconciling.Service
	PostBack    *postback.Service
	Reading     *reading.Service
	Helpdesk    *helpdesk.Service
	Letters     *letterbook.Service
	Telling     *telling.Service
	Survey      *survey.Service
	Awaiting    *awaiting.Service
	Statements  *statements.Service
	Quality     *quality.Service
	Webhooks    *webhooks.Service
	ReportMail  *reportmail.Service
	Erasure     *erasure.Service
	Logger      *slog.Logger // of what answers 500 and above; nil means nowhere
}

// handlers holds the services for the operations.
type handlers struct{ Services }

// Mount adds /api/v1, /api/openapi.json and /api/docs to the server.
func Mount(e *echo.Echo, s Services) {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	h := &handlers{s}
	group := e.Group("/api", marked, h.bearer, h.once, h.documents)
	cfg := huma.DefaultConfig("Makegood", "1")
	cfg.Info.Description = "Cases, credit requests and the receivables ledger of a billing support desk. Amounts are exact strings, times RFC 3339 in UTC, " +
		"errors RFC 9457 problem details. A POST with an Idempotency-Key may be sent again."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", "/schemas"
	cfg.Servers = []*huma.Server{{URL: s.PublicURL + "/api"}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer"}}
	cfg.Security = []map[string][]string{{"bearer": {}}}
	cfg.CreateHooks = nil // no $schema members in answers
	api := humaecho.NewWithGroup(e, group, cfg)
	h.me(api)
	h.cases(api)
	h.bulk(api)
	h.caseTools(api)
	h.guides(api)
	h.afterwards(api)
	h.customers(api)
	h.invoices(api)
	h.payments(api)
	h.settling(api)
	h.statements(api)
	h.documentLaw(api)
	h.clockSettings(api)
	h.webhooks(api)
	h.entities(api)
	h.outgoing(api)
	h.creditMemos(api)
	h.elsewhere(api)
	h.adjustments(api)
	h.creditRequests(api)
	h.creditChanges(api)
	h.reviews(api)
	h.creditEvidence(api)
	h.warnings(api)
	h.authority(api)
	h.intakeMessages(api)
	h.sorting(api)
	h.told(api)
	h.erasures(api)
	h.periods(api)
	h.promises(api)
	h.dunning(api)
	h.exchangeRates(api)
	h.bookRules(api)
	h.promised(api)
	h.brought(api)
	group.GET("/docs", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, []byte(docsPage)) })
}

// outgoing are the operations of what leaves by mail.
func (h *handlers) outgoing(api huma.API) {
	h.noticeChoice(api)
	h.toldNotices(api)
	h.senders(api)
	h.sending(api)
	h.letters(api)
	h.reportMail(api)
	h.mailedStatements(api)
}

// told are the operations of reports and evidence.
func (h *handlers) told(api huma.API) {
	h.reports(api)
	h.workReports(api)
	h.evidence(api)
}

// promised are the operations of contracts and of what they owe.
func (h *handlers) promised(api huma.API) {
	h.contracts(api)
	h.incidents(api)
	h.serviceCredits(api)
}

// brought are the operations of what other systems hold, and of what customers are exempt from by papers they brought.
func (h *handlers) brought(api huma.API) {
	h.reconciliations(api)
	h.imports(api)
	h.caseImports(api)
	h.readings(api)
	h.exemptions(api)
}

// settling are the operations of payments applied and taken back.
func (h *handlers) settling(api huma.API) {
	h.chargebacks(api)
	h.allocations(api)
}

// afterwards are the operations of what is asked and judged of settled cases.
func (h *handlers) afterwards(api huma.API) {
	h.surveys(api)
	h.waitingRules(api)
	h.quality(api)
}

// clockSettings are the operations of what clocks are measured by.
func (h *handlers) clockSettings(api huma.API) {
	h.calendars(api)
	h.serviceLevels(api)
}

// Signed is part of every operation's input: who calls.
type Signed struct {
	by access.Actor
}

// Resolve takes the caller from the request.
func (s *Signed) Resolve(ctx huma.Context) []error {
	s.by = web.Actor(humaecho.Unwrap(ctx))
	return nil
}

// bearer reads the token. Only the description of the API can be read without one.
func (h *handlers) bearer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, ok := bearerToken(c.Request())
		if !ok {
			if public(c.Request().URL.Path) {
				return next(c)
			}
			c.Response().Header().Set("WWW-Authenticate", `Bearer realm="makegood"`)
			return access.ErrSignIn
		}
		actor, err := h.People.Bearer(c.Request().Context(), token)
		if err != nil {
			c.Response().Header().Set("WWW-Authenticate", `Bearer realm="makegood", error="invalid_token"`)
			return err
		}
		actor.RequestID = web.RequestID(c)
		web.SetActor(c, actor)
		return next(c)
	}
}

type operation[I, O any] struct {
	huma.Operation
	do func(context.Context, *I) (*O, error)
}

// requestOf is the id of the request that an operation works on, for its errors.
type requestOf struct{}

// marked gives operations the id of their request.
func marked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestOf{}, web.RequestID(c))))
		return next(c)
	}
}

// add registers an operation whose errors become problem details.
func add[I, O any](h *handlers, api huma.API, op operation[I, O]) {
	register(h, api, &op.Operation, op.do)
}

// register takes pointers to input and answer as they are, whatever they point to, so that it is compiled once for all operations.
func register[In, Out any](h *handlers, api huma.API, op *huma.Operation, do func(context.Context, In) (Out, error)) {
	h.bind(api, op, bind.Function{
		In: reflect.TypeFor[In]().Elem(), Out: reflect.TypeFor[Out]().Elem(),
		Do: func(ctx context.Context, in any) (any, huma.StatusError) {
			out, err := do(ctx, in.(In))
			if err != nil {
				return nil, h.failed(ctx, op, err)
			}
			return out, nil
		},
	})
}

// bind puts a function behind an operation.
func (h *handlers) bind(api huma.API, op *huma.Operation, f bind.Function) {
	if err := bind.Add(api, op, f); err != nil {
		panic(err) //nolint:forbidigo // a mistake in the program, found whenever it starts
	}
}
