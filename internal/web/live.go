package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/live"
)

// maxTopics bounds what one page may listen to.
const maxTopics = 40

// Live streams topics that changed to a browser, as server-sent events {"topic":"case:12"}. It sends no content; topics
// somebody may not follow are left out silently.
func Live(hub *live.Hub) echo.HandlerFunc {
	return func(c echo.Context) error {
		topics := allowed(Actor(c), c.QueryParams()["topics"])
		sub := hub.Subscribe(topics...)
		defer sub.Close()
		w := c.Response()
		w.Header().Set(echo.HeaderContentType, "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		beat := time.NewTicker(20 * time.Second)
		defer beat.Stop()
		_, _ = fmt.Fprint(w, ": here\n\n")
		w.Flush()
		for {
			select {
			case <-c.Request().Context().Done():
				return nil
			case topic, open := <-sub.C:
				if !open {
					return nil
				}
				if _, err := fmt.Fprintf(w, "data: {\"topic\":%q}\n\n", topic); err != nil {
					return nil
				}
			case <-beat.C:
				if _, err := fmt.Fprint(w, ": beat\n\n"); err != nil {
					return nil
				}
			}
			w.Flush()
		}
	}
}

func allowed(a access.Actor, asked []string) []string {
	var topics []string
	for _, list := range asked {
		for _, topic := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
			if len(topics) < maxTopics && mayFollow(a, topic) {
				topics = append(topics, topic)
			}
		}
	}
	return topics
}

func mayFollow(a access.Actor, topic string) bool {
	name, id, _ := strings.Cut(topic, ":")
	switch name {
	case "queue", "case", "clock-changes", live.Here:
		return access.May(a, access.ReadCases)
	case "bulk":
		return access.May(a, access.WorkCases)
	case "reconciliation":
		return access.May(a, access.ReadBooks)
	case "approvals":
		return access.May(a, access.ReadCredits)
	case "board":
		return access.May(a, access.ReadBoard)
	case "intake", "sorting":
		return access.May(a, access.ReadIntake)
	case "case-import":
		return access.May(a, access.Administer)
	case "import":
		return access.May(a, access.ReadBooks)
	case "user":
		return id == strconv.FormatInt(a.UserID, 10)
	case "mailbox": // the demo's customers' side; nothing publishes it elsewhere
		return a.UserID != 0
	}
	return false
}
