package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
)

// problem is an error as RFC 9457 describes it. Internal errors carry no text, only the request's id.
type problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Code     string         `json:"code,omitempty" doc:"stable name of the error"`
	Request  string         `json:"request_id,omitempty"`
	Errors   []problemField `json:"errors,omitempty"`
	internal error
}

type problemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

var _ huma.StatusError = (*problem)(nil)

// Error is for the log.
func (p *problem) Error() string {
	if p.internal != nil {
		return p.internal.Error()
	}
	return p.Title
}

// Unwrap gives the cause.
func (p *problem) Unwrap() error { return p.internal }

// GetStatus is the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// failed is an operation's error as problem details. What is our fault goes to the log with its cause, by the id of the request that alone is
// shown: nobody else logs it, since the answer is written before the server sees an error.
func (h *handlers) failed(ctx context.Context, op *huma.Operation, err error) *problem {
	status := web.Status(err)
	p := problemOf(h.Words, status, err)
	p.Request, _ = ctx.Value(requestOf{}).(string)
	if status >= http.StatusInternalServerError {
		h.Logger.ErrorContext(ctx, "request failed", "error", err.Error(), "path", "/api"+op.Path, "method", op.Method, "operation", op.OperationID, "request_id", p.Request)
	}
	return p
}

func problemOf(words *i18n.Catalogue, status int, err error) *problem {
	p := &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, internal: err}
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind == errs.Internal {
		return p
	}
	p.Code = e.Key
	p.Detail = words.Fill(i18n.Fallback, e.Key, e.Params)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, problemField{Field: f.Name, Code: f.Key, Detail: words.Fill(i18n.Fallback, f.Key, f.Params)})
	}
	return p
}

// Fail answers a request under /api that ended in an error outside an operation: no token, no such path.
func Fail(c echo.Context, words *i18n.Catalogue, status int, err error) {
	p := problemOf(words, status, err)
	p.Request = web.RequestID(c)
	body, marshalErr := json.Marshal(p)
	if marshalErr != nil {
		body = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	_ = c.Blob(status, "application/problem+json", body)
}

func bearerToken(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func public(path string) bool {
	return strings.HasPrefix(path, "/api/openapi") || path == "/api/docs" || strings.HasPrefix(path, "/api/schemas/")
}
