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
// request under the same key is refused.
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
		owner := "user:" + strconv.FormatInt(web.Actor(c).UserID, 10)
		sum := sha256.Sum256(append([]byte(c.Request().Method+" "+c.Request().URL.RequestURI()+"\n"), body...))
		claim, earlier, err := h.Idempotency.Begin(c.Request().Context(), owner, key, sum[:])
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
	c.SetRequest(c.Request().WithContext(claim.Under(c.Request().Context())))
	copied := &copying{ResponseWriter: c.Response().Writer}
	c.Response().Writer = copied
	if err := next(c); err != nil {
		c.Error(err)
	}
	header := c.Response().Header()
	return h.Idempotency.Finish(context.WithoutCancel(c.Request().Context()), claim, idempotency.Answer{
		Status: c.Response().Status, ContentType: header.Get(echo.HeaderContentType), Location: header.Get("Location"), Body: copied.body.Bytes(),
	})
}

// copying keeps what is written beside writing it.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write writes and keeps.
func (w *copying) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer.
func (w *copying) Unwrap() http.ResponseWriter { return w.ResponseWriter }
