package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/live"
)

// looksFor is about how long one stream tells that somebody looks. The browser opens the next one by itself, with its rights asked anew; one
// that has lost its way here without a word does not, and is gone.
const looksFor = time.Minute

// Looks keeps somebody at a case as long as their browser holds the stream open. It sends nothing.
func Looks(c echo.Context, p *live.Presence, of int64) error {
	leave := p.Enter(Actor(c).UserID, of)
	defer leave()
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprint(w, "retry: 500\n\n")
	w.Flush()
	end := time.NewTimer(looksFor*3/4 + rand.N(looksFor/2)) //nolint:gosec // only so that not all come at once
	defer end.Stop()
	beat := time.NewTicker(10 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-p.Ended():
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": beat\n\n"); err != nil {
				return nil
			}
			w.Flush()
		}
	}
}
