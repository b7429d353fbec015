package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/internal/idempotency"
	"makegood/internal/web"
)

// once lets a POST with an Idempotency-Key take effect once: the same request sent again gets the first answer, another
// request under the same key is refused. So is the same one with another token: each may do less than the person may, and the answer is
// given again without asking what it may.
func (h *handlers) once(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := c.Request().Header.Get("Idempotency-Key")
		if key == "" || c.Request().Method != http.MethodPost {
			return next(c)
		}
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		c.Request().Body = io.NopCloser(bytes.NewReader(body))
		by := web.Actor(c)
		sent := append([]byte(c.Request().Method+" "+c.Request().URL.RequestURI()+"\n"), body...)
		bare := sha256.Sum256(sent) // as programs before this one wrote it, whose keys are kept for a week
		sum := sha256.Sum256(append([]byte("token "+strconv.FormatInt(by.TokenID, 10)+"\n"), sent...))
		claim, earlier, err := h.Idempotency.Begin(c.Request().Context(), "user:"+strconv.FormatInt(by.UserID, 10), key, sum[:], bare[:])
		if err != nil {
			return err
		}
		if earlier != nil {
			return replay(c, earlier)
		}
		return h.record(c, claim, next)
	}
}

func replay(c echo.Context, a *idempotency.Answer) error {
	header := c.Response().Header()
	header.Set("Idempotency-Replayed", "true")
	if a.Location != "" {
		header.Set("Location", a.Location)
	}
	return c.Blob(a.Status, a.ContentType, a.Body)
}

// record runs the request and keeps its answer, also when the caller has hung up meanwhile.
func (h *handlers) record(c echo.Context, claim *idempotency.Claim, next echo.HandlerFunc) error {
	copied := &copying{ResponseWriter: c.Response().Writer}
	c.SetRequest(c.Request().WithContext(context.WithValue(claim.Under(c.Request().Context()), copyOf{}, copied)))
	c.Response().Writer = copied
	if err := next(c); err != nil {
		c.Error(err)
	}
	header := c.Response().Header()
	return h.Idempotency.Finish(context.WithoutCancel(c.Request().Context()), claim, idempotency.Answer{
		Withheld: copied.withheld, Status: c.Response().Status, ContentType: header.Get(echo.HeaderContentType), Location: header.Get("Location"), Body: copied.body.Bytes(),
	})
}

// copying keeps what is written beside writing it, unless it is withheld.
type copying struct {
	http.ResponseWriter

	body     bytes.Buffer
	withheld bool
}

// copyOf is where an operation finds the copy that is made of its answer.
type copyOf struct{}

// withheld marks an operation whose answer holds a secret, or what is kept of a person: it is given once and not kept to be given again.
func withheld[I, O any](o operation[I, O]) operation[I, O] {
	do := o.do
	o.do = func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if copied, ok := ctx.Value(copyOf{}).(*copying); ok && err == nil {
			copied.withheld = true
		}
		return out, err
	}
	return o
}

// Write writes and keeps.
func (w *copying) Write(p []byte) (int, error) {
	if !w.withheld {
		w.body.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer.
func (w *copying) Unwrap() http.ResponseWriter { return w.ResponseWriter }
