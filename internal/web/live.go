package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/live"
	"makegood/internal/people"
)

const (
	// maxTopics bounds what one page may listen to.
	maxTopics = 40
	// asksAgain is about how often a stream asks whether whoever holds it still may.
	asksAgain = time.Minute
)

// News streams topics that changed to browsers, as server-sent events {"topic":"case:12"}. It sends no content; topics somebody may not
// follow are left out silently. A page stays open for hours: what its reader may is asked again and again, and once it is less the stream ends.
type News struct {
	Hub    *live.Hub
	People *people.Service
	// Sees tells whether somebody may see a case.
	Sees  func(ctx context.Context, id int64, by access.Actor) (bool, error)
	Again time.Duration // about how often rights are asked again; 0 is a minute
}

// Stream answers with the news of the topics of the query: GET /live.
func (n News) Stream(c echo.Context) error {
	f := follower{ask: n.Sees, by: Actor(c), asked: c.QueryParams()["topics"]}
	topics, err := f.topics(c.Request().Context())
	if err != nil {
		return err
	}
	sub := n.Hub.Subscribe(topics...)
	defer sub.Close()
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprint(w, ": here\n\n")
	w.Flush()
	beat := time.NewTicker(20 * time.Second)
	defer beat.Stop()
	every := n.Again
	if every == 0 {
		every = asksAgain
	}
	again := time.NewTicker(every*3/4 + rand.N(every/2)) //nolint:gosec // only so that not all ask at once
	defer again.Stop()
	for {
		select {
		case <-c.Request().Context().Done():
			return nil
		case topic, open := <-sub.C:
			if !open || !f.pass(c.Request().Context(), w, topic) {
				return nil
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": beat\n\n"); err != nil {
				return nil
			}
		case <-again.C:
			if !n.still(c, &f, topics) {
				return nil
			}
			continue
		}
		w.Flush()
	}
}

// still tells whether whoever holds a stream may follow what they followed. The browser whose stream ends opens the next by itself, which
// says no or follows less; it ends too when there is nobody to ask.
func (n News) still(c echo.Context, f *follower, topics []string) bool {
	cookie, err := c.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	visit, err := n.People.Holds(c.Request().Context(), cookie.Value)
	if err != nil {
		return false
	}
	f.by, f.known = visit.Actor(), nil
	now, err := f.topics(c.Request().Context())
	return err == nil && slices.Equal(now, topics)
}

// follower is who follows what.
type follower struct {
	ask   func(ctx context.Context, id int64, by access.Actor) (bool, error)
	by    access.Actor
	asked []string
	known map[int64]bool // cases they were found to see or not, until they are asked again
}

// pass sends a topic on, and tells whether the stream goes on. Where all cases are followed at once, those of other legal entities are left out.
func (f *follower) pass(ctx context.Context, w *echo.Response, topic string) bool {
	if id := caseOf(topic); id != 0 {
		visible, err := f.sees(ctx, id)
		if err != nil || !visible {
			return err == nil
		}
	}
	_, err := fmt.Fprintf(w, "data: {\"topic\":%q}\n\n", topic)
	return err == nil
}

// topics are those of the asked that they may follow.
func (f *follower) topics(ctx context.Context) ([]string, error) {
	var topics []string
	for _, topic := range allowed(f.by, f.asked) {
		if id := caseOf(topic); id != 0 {
			visible, err := f.sees(ctx, id)
			if err != nil {
				return nil, err
			}
			if !visible {
				continue
			}
		}
		topics = append(topics, topic)
	}
	return topics, nil
}

func (f *follower) sees(ctx context.Context, id int64) (bool, error) {
	if len(f.by.SeenEntities()) == 0 {
		return true, nil
	}
	visible, asked := f.known[id]
	if asked {
		return visible, nil
	}
	visible, err := f.ask(ctx, id, f.by)
	if err != nil {
		return false, err
	}
	if f.known == nil {
		f.known = map[int64]bool{}
	}
	f.known[id] = visible
	return visible, nil
}

// caseOf is the case that a topic is about; 0 for any other.
func caseOf(topic string) int64 {
	name, number, _ := strings.Cut(topic, ":")
	if name != "case" && name != live.Here {
		return 0
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	return id
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
