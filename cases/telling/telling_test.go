package telling_test

import (
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/telling"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is the company with the notices' mail; it is 09:30 in Berlin on Tuesday 12 May 2026.
type house struct {
	*screentest.Room

	t       *testing.T
	telling *telling.Service
	me      access.Actor
}

func setup(t *testing.T) *house {
	t.Helper()
	h := &house{Room: screentest.Open(t), t: t}
	words, err := i18n.Load()
	h.Must(err)
	h.telling = telling.New(telling.Services{DB: h.DB, Billing: h.Billing, Inbox: h.Inbox}, words, "https://desk.ostwind.example", nil)
	h.telling.Register(h.Registry)
	h.me = h.Company.Actor(access.Supervisor)
	h.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set time_zone = 'Europe/Berlin' where id = $1`, h.me.UserID)
		return err
	})
	return h
}

func (h *house) do(work func(tx *db.Tx) error) {
	h.t.Helper()
	h.Must(h.DB.Do(h.t.Context(), work))
}

func (h *house) choose(c telling.Choice) telling.Choice {
	h.t.Helper()
	saved, err := h.telling.Choose(h.t.Context(), h.me, c)
	h.Must(err)
	return saved
}

// tell gives the person a notice about a case that there is not.
func (h *house) tell(urgent bool) {
	h.t.Helper()
	h.do(func(tx *db.Tx) error {
		return h.Cases.NotifyTx(h.t.Context(), tx, cases.Notice{UserID: h.me.UserID, Key: "escalation.breach", Urgent: urgent, Params: map[string]string{"number": "MG-000042"}})
	})
}

// mails works the mail of notices at a moment and gives all mails queued so far.
func (h *house) mails(at string) []inbox.OutgoingMessage {
	h.t.Helper()
	if at != "" {
		zone, err := time.LoadLocation("Europe/Berlin")
		h.Must(err)
		moment, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
		h.Must(err)
		h.Clock.Set(moment)
	}
	h.Must(h.Registry.Work(h.t.Context(), telling.MailNotices{}.Kind(), []byte(`{}`)))
	list, err := db.List[inbox.OutgoingMessage](h.t.Context(), h.DB, `select key, subject, text_body, to_address, automatic from outgoing_messages where kind = 'notice' order by id`)
	h.Must(err)
	return list
}

func (h *house) count(at string, want int) []inbox.OutgoingMessage {
	h.t.Helper()
	list := h.mails(at)
	if len(list) != want {
		h.t.Fatalf("%d mails at %s, want %d: %+v", len(list), at, want, list)
	}
	return list
}

func TestNoticesByMail(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.tell(false)
	h.count("", 0) // nobody asked for mail
	h.Clock.Add(time.Second)
	c := h.choose(telling.Choice{Mail: telling.AtOnce, QuietFrom: new(20 * 60), QuietTo: new(7 * 60), DigestAt: 8 * 60})
	h.Clock.Add(time.Second)
	t.Run("what is told from then on comes at once, once", func(t *testing.T) {
		h.count("", 0) // what was told before is not mailed
		h.tell(false)
		m := h.count("", 1)[0]
		if m.Subject != "MG-000042: The deadline has passed." || !m.Automatic || !strings.Contains(m.TextBody, "https://desk.ostwind.example/cases/MG-000042") {
			t.Errorf("%+v", m)
		}
		h.count("", 1)
	})
	t.Run("what was read on screen is not mailed", func(t *testing.T) {
		h.tell(false)
		h.Must(h.Cases.ReadNotices(t.Context(), h.me))
		h.count("", 1)
	})
	t.Run("in quiet hours it waits for their end, unless the ladder says urgent", func(t *testing.T) {
		h.count("2026-05-12 21:00", 1)
		h.tell(false)
		h.tell(false)
		h.count("2026-05-12 23:00", 1)
		h.tell(true)
		if m := h.count("", 2)[1]; m.Subject != "MG-000042: The deadline has passed." {
			t.Errorf("%+v", m)
		}
		h.count("2026-05-13 06:59", 2)
		if m := h.count("2026-05-13 07:00", 3)[2]; m.Subject != "2 notices from the billing desk" || strings.Count(m.TextBody, "MG-000042:") != 2 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("the digest comes once a day", func(t *testing.T) {
		c.Mail, c.DigestAt = telling.Digest, 17*60
		c = h.choose(c)
		h.tell(false)
		h.count("2026-05-13 16:00", 3)
		h.tell(false)
		h.count("2026-05-13 17:00", 4)
		h.tell(false)
		h.count("2026-05-14 16:59", 4)
		h.count("2026-05-14 17:00", 5)
	})
	t.Run("a stale choice and an impossible one are refused", func(t *testing.T) {
		stale := c
		stale.Version--
		if _, err := h.telling.Choose(t.Context(), h.me, stale); errs.KeyOf(err) != errs.KeyOf(telling.ErrStale) {
			t.Errorf("%v", err)
		}
		for _, wrong := range []telling.Choice{
			{Mail: "pigeon"}, {Mail: telling.Never, DigestAt: 1440}, {Mail: telling.Never, QuietFrom: new(5)}, {Mail: telling.Never, QuietFrom: new(5), QuietTo: new(5)},
		} {
			wrong.Version = c.Version
			if _, err := h.telling.Choose(t.Context(), h.me, wrong); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		now, err := h.telling.Choice(t.Context(), h.me)
		h.Must(err)
		if now.Version != c.Version || now.Mail != telling.Digest || *now.QuietTo != 7*60 {
			t.Errorf("%+v", now)
		}
	})
}

// What is urgent comes first: at night it is not held back by the many that wait for the morning.
func TestUrgentNoticesComeFirst(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.choose(telling.Choice{Mail: telling.AtOnce, QuietFrom: new(20 * 60), QuietTo: new(7 * 60), DigestAt: 8 * 60})
	h.count("2026-05-12 21:00", 0)
	for range 120 {
		h.tell(false)
	}
	h.tell(true)
	if m := h.count("2026-05-12 22:00", 1)[0]; strings.Count(m.TextBody, "MG-000042:") != 1 {
		t.Errorf("%+v", m)
	}
	h.count("2026-05-13 07:00", 2)
	h.count("2026-05-13 07:01", 3)
	h.count("2026-05-13 07:02", 3)
}

// A notice of a credit request leads to the request. At once it says the amount; in a digest the number alone.
func TestNoticesOfCreditsOnlyLink(t *testing.T) {
	t.Parallel()
	for way, says := range map[telling.Way]string{
		telling.AtOnce: "CR-000007 over 240.00 EUR waits for your decision.", telling.Digest: "CR-000007 waits for your decision.",
	} {
		t.Run(string(way), func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.choose(telling.Choice{Mail: way, DigestAt: 8 * 60})
			h.Clock.Add(time.Second)
			h.do(func(tx *db.Tx) error {
				return h.Cases.NotifyTx(t.Context(), tx, cases.Notice{
					UserID: h.me.UserID, Key: "notice.credit_waits_for_you", Params: map[string]string{"request": "CR-000007", "amount": "240.00 EUR", "path": "/approvals/7"},
				})
			})
			m := h.count("2026-05-13 09:00", 1)[0]
			if m.Subject != says || !strings.Contains(m.TextBody, says+"\n  https://desk.ostwind.example/approvals/7\n") {
				t.Errorf("%q: %q", m.Subject, m.TextBody)
			}
		})
	}
}
