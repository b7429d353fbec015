package app_test

import (
	"bufio"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

func TestBreachReachesBoard(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{FirstResponse: 2 * time.Second})
	supervisor := h.browse(access.Supervisor)
	if got := breached(supervisor); got != "0" {
		t.Fatalf("%s breached before anything happened", got)
	}
	heard := supervisor.follow("board")
	c := h.caseOf(h.as(access.Agent))
	due := dueAt(t, c)
	var told time.Time
	until(t, "the board to hear of the breach", heard, func() bool {
		notices, err := h.app.Cases.Notices(t.Context(), h.Users[access.Supervisor].ID, true, 10)
		must(t, err)
		for _, n := range notices {
			if n.Params["threshold"] == "breach" && n.Params["clock"] == "first_response" && n.Params["number"] == c.Number {
				told = time.Now()
			}
		}
		return !told.IsZero()
	})
	// How late is measured by the benchmark of timers. Here: never early, and by the timer, long before a sweep would find it.
	if late := told.Sub(due); late < 0 || late > 20*time.Second {
		t.Errorf("told %s after the deadline", late)
	}
	if got := breached(supervisor); got != "1" {
		t.Errorf("the board shows %s breached", got)
	}
	if next := supervisor.page("/board/next"); !strings.Contains(next, c.Number) {
		t.Errorf("%s is not among the deadlines missed:\n%s", c.Number, next)
	}
	var after api.Case
	h.as(access.Agent).ask(200, "GET", "/cases/"+c.Number, nil, &after)
	late := func(clock api.CaseClock) bool {
		return clock.Kind == "first_response" && clock.Outcome == "breached_open"
	}
	if !after.Breached || !slices.ContainsFunc(after.Clocks, late) {
		t.Errorf("%+v", after)
	}
	h.sound()
}

func dueAt(t *testing.T, c api.Case) time.Time {
	t.Helper()
	for _, clock := range c.Clocks {
		if clock.Kind == "first_response" && clock.DueAt != nil {
			return *clock.DueAt
		}
	}
	t.Fatalf("no first response is promised: %+v", c.Clocks)
	return time.Time{}
}

// breached reads the number of missed deadlines from the board as a person would.
func breached(b browser) string {
	b.t.Helper()
	page := b.page("/board")
	text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
	found := regexp.MustCompile(`Breached (\d+)`).FindStringSubmatch(text)
	if found == nil {
		b.t.Fatalf("the board tells of no breaches:\n%s", text)
	}
	return found[1]
}

// follow listens to live news of a topic as a page does. It returns once the server listens too.
func (b browser) follow(topic string) <-chan struct{} {
	b.t.Helper()
	lines := bufio.NewScanner(b.open("/live?topics=" + topic).Body)
	if !lines.Scan() {
		b.t.Fatalf("no live news: %v", lines.Err())
	}
	news := make(chan struct{}, 1)
	go func() { // ends with the body
		for lines.Scan() {
			if lines.Text() == `data: {"topic":"`+topic+`"}` {
				select {
				case news <- struct{}{}:
				default:
				}
			}
		}
	}()
	return news
}
