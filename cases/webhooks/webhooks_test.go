package webhooks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/webhooks"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/outside"
	"makegood/internal/secrets"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is the company with a system beside it that is told what happens to cases.
type house struct {
	*screentest.Room

	t     *testing.T
	hooks *webhooks.Service
	admin access.Actor
	other *httptest.Server

	mu     sync.Mutex
	status int
	down   string // a path that does not work
	said   string
	got    []*http.Request
	bodies []string
}

func setup(t *testing.T) *house {
	t.Helper()
	h := &house{Room: screentest.Open(t), t: t, status: http.StatusOK, said: "as you say"}
	h.admin = h.Company.Actor(access.Admin)
	h.other = httptest.NewServer(http.HandlerFunc(h.take))
	t.Cleanup(h.other.Close)
	u, err := url.Parse(h.other.URL)
	h.Must(err)
	keys, err := secrets.New("only for the tests of this package, 0123456789 abcdef")
	h.Must(err)
	guard := outside.New(outside.Options{Also: []netip.AddrPort{netip.MustParseAddrPort(u.Host)}})
	h.hooks = webhooks.New(h.DB, keys, guard, slog.New(slog.DiscardHandler))
	h.hooks.Register(h.Registry)
	return h
}

func (h *house) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got, h.bodies = append(h.got, r), append(h.bodies, string(body))
	if r.URL.Path == h.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if h.status == http.StatusFound {
		w.Header().Set("Location", "http://127.0.0.1:1/inner")
	}
	w.WriteHeader(h.status)
	_, _ = io.WriteString(w, h.said)
}

func (h *house) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// with has the answer say something.
func (h *house) with(said string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = said
}

func (h *house) asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.got)
}

func (h *house) add(events ...string) (webhooks.Endpoint, string) {
	h.t.Helper()
	e, secret, err := h.hooks.Add(h.t.Context(), webhooks.EndpointInput{By: h.admin, URL: h.other.URL + "/in", Events: events, Active: true})
	h.Must(err)
	return e, secret
}

func (h *house) open() cases.Case {
	h.t.Helper()
	c, err := h.Cases.Open(h.t.Context(), cases.OpenInput{Type: cases.Inquiry, Subject: "Which line?", Source: "agent", By: h.Company.Actor(access.Agent)})
	h.Must(err)
	return c
}

// work hands out what is new and makes the deliveries due within the time.
func (h *house) work(within time.Duration) {
	h.t.Helper()
	h.Must(h.DB.Do(h.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(h.t.Context(), webhooks.HandOut{}) }))
	jobstest.Drain(h.t, h.DB, h.Registry, h.Clock, h.Clock.Now().Add(within))
}

func (h *house) deliveries(dead bool) []webhooks.Delivery {
	h.t.Helper()
	list, err := h.hooks.Deliveries(h.t.Context(), h.admin, 0, dead)
	h.Must(err)
	return list
}

func TestAnEventIsDeliveredSigned(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.open() // nobody is told of what was before
	_, secret := h.add("case.opened")
	c := h.open()
	_, err := h.Cases.Claim(t.Context(), cases.On{By: h.Company.Actor(access.Agent), ID: c.ID})
	h.Must(err)
	h.work(time.Second)
	if h.asked() != 1 {
		t.Fatalf("told %d times, want once", h.asked())
	}
	r, body := h.got[0], h.bodies[0]
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	h.Must(err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("Webhook-Signature") != want || len(key) != 32 {
		t.Errorf("signature %q, want %q", r.Header.Get("Webhook-Signature"), want)
	}
	var told struct {
		Type string
		Data struct {
			Case  string
			Event struct{ Number string }
		}
	}
	h.Must(json.Unmarshal([]byte(body), &told))
	if told.Type != "case.opened" || told.Data.Case != c.Number || told.Data.Event.Number != c.Number {
		t.Errorf("%s", body)
	}
	if list := h.deliveries(false); len(list) != 1 || list[0].State != "delivered" || list[0].Status != http.StatusOK || list[0].DeliveredAt == nil {
		t.Errorf("%+v", list)
	}
}

func TestADeliveryIsTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.opened")
	h.answer(http.StatusServiceUnavailable)
	h.open()
	h.work(time.Second)
	if list := h.deliveries(false); h.asked() != 1 || list[0].State != "waiting" || list[0].Status != http.StatusServiceUnavailable || list[0].Error != "as you say" {
		t.Fatalf("%d, %+v", h.asked(), list)
	}
	h.work(48 * time.Hour)
	dead := h.deliveries(true)
	if len(dead) != 1 || dead[0].Attempts != 14 || h.asked() != 14 {
		t.Fatalf("asked %d times: %+v", h.asked(), dead)
	}
	for _, r := range h.got {
		if r.Header.Get("Webhook-Id") != h.got[0].Header.Get("Webhook-Id") {
			t.Error("the id changed between attempts")
		}
	}
	t.Run("a person has it made again", func(t *testing.T) {
		if err := h.hooks.Replay(t.Context(), h.Company.Actor(access.Agent), dead[0].ID); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an agent: %v", err)
		}
		h.answer(http.StatusNoContent)
		h.Must(h.hooks.Replay(t.Context(), h.admin, dead[0].ID))
		h.work(time.Second)
		if list := h.deliveries(false); list[0].State != "delivered" || h.asked() != 15 || len(h.deliveries(true)) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// Only the status says whether a delivery was taken, whatever else was said or not.
func TestARefusalIsOneWithoutWordsToo(t *testing.T) {
	t.Parallel()
	for said, status := range map[string]int{
		"Internal Server Error": http.StatusInternalServerError, "refused": 599, "Gone": http.StatusGone, "Not Modified": http.StatusNotModified,
	} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.add("case.opened")
			h.answer(status)
			h.with("")
			h.open()
			h.work(time.Second)
			if list := h.deliveries(false); list[0].State != "waiting" || list[0].Status != status || list[0].Error != said || list[0].DeliveredAt != nil {
				t.Errorf("%+v", list)
			}
		})
	}
	t.Run("what cannot be kept", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		h.add("case.opened")
		h.answer(http.StatusBadRequest)
		h.with("n\x00o\xff!")
		h.open()
		h.work(time.Second)
		if list := h.deliveries(false); list[0].State != "waiting" || list[0].Attempts != 1 || list[0].Error != "no!" {
			t.Errorf("%+v", list)
		}
	})
}

// Who answers slowly holds up only others of that kind.
func TestDeliveriesHaveAQueueOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.opened")
	h.answer(http.StatusBadGateway)
	h.open()
	h.work(time.Second)
	queues, err := db.Values[string](t.Context(), h.DB, `select queue from river_job where kind = 'webhooks.deliver' order by id`)
	h.Must(err)
	if len(queues) != 2 || queues[0] != jobs.Outside || queues[1] != jobs.Outside {
		t.Errorf("%q", queues)
	}
}

func TestWhatRolledBackIsNotTold(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.*", "sla.*", "credit_request.*", "credit_memo.posted", "dispute.*")
	_ = h.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := h.Cases.OpenTx(t.Context(), tx, cases.OpenInput{Type: cases.Inquiry, Subject: "Never", Source: "agent", By: h.Company.Actor(access.Agent)})
		h.Must(err)
		return errs.New(errs.Conflict, "error.busy")
	})
	h.work(time.Second)
	if h.asked() != 0 || len(h.deliveries(false)) != 0 {
		t.Errorf("told %d times", h.asked())
	}
}

func TestOnlyThePublicInternetIsTold(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.opened")
	t.Run("a redirect is not followed", func(t *testing.T) {
		h.answer(http.StatusFound)
		h.open()
		h.work(time.Second)
		if list := h.deliveries(false); list[0].State != "waiting" || list[0].Status != http.StatusFound {
			t.Errorf("%+v", list)
		}
	})
	t.Run("an inner address is not dialled", func(t *testing.T) {
		inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("dialled") }))
		defer inner.Close()
		_, _, err := h.hooks.Add(t.Context(), webhooks.EndpointInput{By: h.admin, URL: inner.URL, Events: []string{"case.opened"}, Active: true})
		h.Must(err) // what stands there is seen when it is dialled
		h.open()
		h.work(time.Second)
		refused := 0
		for _, d := range h.deliveries(false) {
			if d.Error == errs.KeyOf(outside.ErrClosed) {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%+v", h.deliveries(false))
		}
	})
	for name, in := range map[string]webhooks.EndpointInput{
		"no web address":             {URL: "ftp://files.example", Events: []string{"case.opened"}},
		"nothing to tell":            {URL: "https://hooks.example"},
		"no such event":              {URL: "https://hooks.example", Events: []string{"invoice.opened"}},
		"an event by its inner name": {URL: "https://hooks.example", Events: []string{"credit.posted"}},
		"a wild event":               {URL: "https://hooks.example", Events: []string{"*"}},
		"a person in the address":    {URL: "https://me@hooks.example", Events: []string{"case.*"}},
	} {
		in.By = h.admin
		if _, _, err := h.hooks.Add(t.Context(), in); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAddressIsChangedFromItsVersion(t *testing.T) {
	t.Parallel()
	h := setup(t)
	e, _ := h.add("sla.*")
	in := webhooks.EndpointInput{By: h.admin, ID: e.ID, Version: e.Version, URL: e.URL, Events: []string{"case.opened"}, Active: false}
	changed, err := h.hooks.Change(t.Context(), in)
	h.Must(err)
	if changed.Version != e.Version+1 || changed.Active {
		t.Errorf("%+v", changed)
	}
	if _, err := h.hooks.Change(t.Context(), in); errs.KeyOf(err) != errs.KeyOf(webhooks.ErrStale) {
		t.Errorf("%v", err)
	}
	in.ID = 999
	if _, err := h.hooks.Change(t.Context(), in); errs.KeyOf(err) != errs.KeyOf(webhooks.ErrNoEndpoint) {
		t.Errorf("%v", err)
	}
	h.open()
	h.work(time.Second)
	if h.asked() != 0 {
		t.Error("one that is switched off was told")
	}
}

// An address is told of the cases of every legal entity, so who sees only some of them neither reads nor sets one.
func TestWebhooksTakeWhoSeesEveryEntity(t *testing.T) {
	t.Parallel()
	h := setup(t)
	e, _ := h.add("case.opened")
	h.open()
	h.work(time.Second)
	told := h.deliveries(false)[0].ID
	here := h.admin
	here.EntityIDs = []int64{int64(h.Company.Entity.ID)}
	in := webhooks.EndpointInput{By: here, ID: e.ID, Version: e.Version, URL: e.URL, Events: []string{"case.*"}, Active: true}
	for name, try := range map[string]func() error{
		"reads":   func() error { _, err := h.hooks.Endpoints(t.Context(), here); return err },
		"adds":    func() error { _, _, err := h.hooks.Add(t.Context(), in); return err },
		"changes": func() error { _, err := h.hooks.Change(t.Context(), in); return err },
		"sees":    func() error { _, err := h.hooks.Deliveries(t.Context(), here, 0, false); return err },
		"replays": func() error { return h.hooks.Replay(t.Context(), here, told) },
	} {
		if err := try(); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An address that fails again and again is hardly asked any more, while others are told as ever; what waits for it arrives once it is back.
func TestAnAddressThatFailsIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.opened")
	_, _, err := h.hooks.Add(t.Context(), webhooks.EndpointInput{By: h.admin, URL: h.other.URL + "/down", Events: []string{"case.opened"}, Active: true})
	h.Must(err)
	h.down = "/down"
	for range 10 {
		h.open()
	}
	h.work(time.Second)
	asked := map[string]int{}
	for _, r := range h.got {
		asked[r.URL.Path]++
	}
	if asked["/in"] != 10 || asked["/down"] != 3 {
		t.Fatalf("asked %v", asked)
	}
	h.down = ""
	h.work(time.Minute)
	for _, d := range h.deliveries(false) {
		if d.State != "delivered" || d.Attempts > 2 {
			t.Errorf("%+v", d)
		}
	}
}
