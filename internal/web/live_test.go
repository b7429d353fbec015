package web_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/live"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// newsroom is the room with streams of news that ask rights again all the time.
type newsroom struct {
	*screentest.Room

	t      *testing.T
	server *httptest.Server
	asked  chan struct{} // has something whenever it was asked whether somebody sees a case
}

func openNews(t *testing.T) *newsroom {
	t.Helper()
	n := &newsroom{Room: screentest.Open(t), t: t, asked: make(chan struct{}, 1)}
	hub := live.NewHub(n.DB.Pool().Config().ConnString(), slog.New(slog.DiscardHandler))
	first := hub.Subscribe()
	hub.Start(t.Context())
	t.Cleanup(hub.Stop)
	for topic := range first.C {
		if topic == live.Behind {
			break
		}
	}
	first.Close()
	files := n.Reports.CaseFiles(n.Cases, n.Billing)
	news := web.News{Hub: hub, People: n.People, Again: 20 * time.Millisecond, Sees: func(ctx context.Context, id int64, by access.Actor) (bool, error) {
		defer func() {
			select {
			case n.asked <- struct{}{}:
			default:
			}
		}()
		return files.Sees(ctx, id, by)
	}}
	n.Echo.GET("/live", news.Stream, web.Need(access.ReadCases))
	n.server = httptest.NewServer(n.Echo)
	t.Cleanup(n.server.Close)
	return n
}

// listen opens a stream as the agent's browser does, and gives what it tells until it ends.
func (n *newsroom) listen(topics ...string) <-chan string {
	n.t.Helper()
	token, _, err := n.People.SignIn(n.t.Context(), n.Company.Users[access.Agent].Email, scenario.Password, "test")
	n.Must(err)
	request, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, n.server.URL+"/live?"+url.Values{"topics": topics}.Encode(), nil)
	n.Must(err)
	request.AddCookie(&http.Cookie{Name: "mg_session", Value: token})
	answer, err := http.DefaultClient.Do(request)
	n.Must(err)
	n.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	if answer.StatusCode != http.StatusOK || !lines.Scan() {
		n.t.Fatalf("no news: %d %v", answer.StatusCode, lines.Err())
	}
	told := make(chan string, 100)
	go func() { // ends with the body
		defer close(told)
		for lines.Scan() {
			if topic, found := strings.CutPrefix(lines.Text(), `data: {"topic":"`); found {
				told <- strings.TrimSuffix(topic, `"}`)
			}
		}
	}()
	return told
}

func (n *newsroom) publish(topics ...string) {
	n.t.Helper()
	n.Must(n.DB.Do(n.t.Context(), func(tx *db.Tx) error { tx.Publish(topics...); return nil }))
}

// hears wants exactly these topics next; "" is the end of the stream.
func (n *newsroom) hears(told <-chan string, topics ...string) {
	n.t.Helper()
	for _, want := range topics {
		select {
		case got := <-told:
			if got != want {
				n.t.Fatalf("heard %q, want %q", got, want)
			}
		case <-time.After(time.Minute):
			n.t.Fatalf("heard nothing, want %q", want)
		}
	}
}

// sees has the agent see one legal entity alone from now on.
func (n *newsroom) sees(entity int64) {
	n.t.Helper()
	_, err := n.DB.Pool().Exec(n.t.Context(), `update users set entity_ids = array[$2::bigint] where id = $1`, n.Actor(access.Agent).UserID, entity)
	n.Must(err)
}

// A stream ends with the rights of whoever holds it, not with their page.
func TestNewsEndWithTheRightToThem(t *testing.T) {
	t.Parallel()
	t.Run("of somebody who was shut out", func(t *testing.T) {
		t.Parallel()
		n := openNews(t)
		told := n.listen("queue", "case:1")
		n.publish("queue")
		n.hears(told, "queue")
		n.Must(n.People.Deactivate(t.Context(), n.Actor(access.Admin), n.Actor(access.Agent).UserID))
		n.hears(told, "")
	})
	t.Run("of somebody who sees less", func(t *testing.T) {
		t.Parallel()
		n := openNews(t)
		topic := fmt.Sprint("case:", n.Dispute("59.50").ID)
		told := n.listen(topic)
		n.publish(topic)
		n.hears(told, topic)
		n.sees(9999)
		n.hears(told, "")
	})
	t.Run("and not before", func(t *testing.T) {
		t.Parallel()
		n := openNews(t)
		n.sees(int64(n.Company.Entity.ID))
		topic := fmt.Sprint("case:", n.Dispute("59.50").ID)
		told := n.listen(topic)
		n.Clock.Add(6 * time.Minute)
		for range 4 { // the first when it began
			<-n.asked
		}
		n.publish(topic)
		n.hears(told, topic)
		stale, err := db.Value[bool](t.Context(), n.DB, `select bool_and(seen_at <= $1) from sessions where user_id = $2`, n.Clock.Now().Add(-6*time.Minute), n.Actor(access.Agent).UserID)
		n.Must(err)
		if !stale {
			t.Error("a page that stays open keeps its reader signed in")
		}
	})
}

// Of cases of other legal entities nobody hears that they move, nor that somebody looks at them.
func TestNewsAreOfCasesThatOneSees(t *testing.T) {
	t.Parallel()
	n := openNews(t)
	id := int64(n.Dispute("59.50").ID)
	of, here := fmt.Sprint("case:", id), live.HereAt(id)
	n.sees(9999)
	told := n.listen(of, here, live.Here, "queue")
	n.publish(of, here, "queue")
	n.hears(told, "queue")
	n.sees(int64(n.Company.Entity.ID))
	n.hears(told, "") // what they asked for first, they may follow now
	told = n.listen(of, here, live.Here, "queue")
	n.publish(of, here, "queue")
	n.hears(told, of, here, "queue")
}
