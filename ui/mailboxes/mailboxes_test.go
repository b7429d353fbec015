package mailboxes_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/inbox/fetch"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/demo/postoffice"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/mailboxes"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestSettings(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	office, err := postoffice.Start(t.Context(), postoffice.Config{
		Dir: t.TempDir(), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0",
		Accounts: []postoffice.Account{{User: "support", Password: "right", Addresses: []string{"billing@ostwind.example"}}},
	})
	room.Must(err)
	t.Cleanup(func() { room.Must(office.Stop(context.WithoutCancel(t.Context()))) })
	s := mailboxes.New(room.Desk, mailboxes.Services{
		Inbox: room.Inbox, Billing: room.Billing, Reports: room.Reports, Mail: fetch.New(room.Inbox, fetch.Options{Owner: "test", Logger: slog.New(slog.DiscardHandler)}),
	})
	need := web.Need(access.Administer)
	room.Echo.GET("/settings/mailboxes", s.List, need)
	room.Echo.GET("/settings/mailboxes/new", s.New, need)
	room.Echo.POST("/settings/mailboxes", s.Add, need)
	room.Echo.GET("/settings/mailboxes/:id", s.Show, need)
	room.Echo.POST("/settings/mailboxes/:id", s.Save, need)
	room.Echo.POST("/settings/mailboxes/:id/test", s.Test, need)
	room.Echo.POST("/settings/mailboxes/:id/compare", s.Compare, need)
	room.Echo.POST("/settings/mailboxes/:id/switch", s.Switch, need)

	admin := room.As(access.Admin)
	says := func(a screentest.Answer, status int, words ...string) {
		t.Helper()
		if a.Status != status {
			t.Errorf("status %d, want %d", a.Status, status)
		}
		for _, word := range words {
			if !strings.Contains(a.Text, word) {
				t.Errorf("does not say %q: %s", word, a.Text)
			}
		}
	}
	if a := room.As(access.Agent).Get("/settings/mailboxes"); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	says(admin.Get("/settings/mailboxes"), 200, "Add a mailbox")
	form := url.Values{
		"address": {"billing@ostwind.example"}, "imap_address": {"nowhere"}, "security": {"none"}, "username": {"support"}, "password": {"wrong"}, "folder": {"INBOX"}, "auth": {"password"},
	}
	says(admin.Post("/settings/mailboxes", form), 422, "The server is given as host:port.")
	form.Set("imap_address", office.IMAPAddr())
	if a := admin.Post("/settings/mailboxes", form); a.Status != http.StatusSeeOther {
		t.Fatalf("not added: %d %s", a.Status, a.Text)
	}
	id, err := db.Value[string](t.Context(), room.DB, `select max(id)::text from mailboxes`)
	room.Must(err)
	at := "/settings/mailboxes/" + id
	says(admin.Get(at), 200, "Test the connection")
	if a := admin.Get(at); strings.Contains(a.HTML, "wrong") || !strings.Contains(a.HTML, "kept; type to replace") {
		t.Error("the password is shown")
	}
	says(admin.Post(at+"/test", nil), 200, "did not let us in")
	form.Set("version", "1")
	form.Set("password", "right")
	if a := admin.Post(at, form); a.Status != http.StatusSeeOther {
		t.Fatalf("not saved: %d %s", a.Status, a.Text)
	}
	says(admin.Post(at+"/test", nil), 200, "Everything works.", "IDLE", "new mail is told of at once")
	says(admin.Post(at+"/compare", nil), 200, "Nothing is missing.")
	if a := admin.Post(at, form); a.Status != http.StatusConflict {
		t.Errorf("an old version was saved: %d", a.Status)
	}
	form.Set("version", "2")
	form.Set("tagged_replies", "on")
	if a := admin.Post(at, form); a.Status != http.StatusSeeOther {
		t.Fatalf("not saved: %d %s", a.Status, a.Text)
	}
	if a := admin.Get(at); !strings.Contains(a.HTML, `name="tagged_replies" value="on" checked`) {
		t.Error("what was ticked is not kept")
	}
	form.Set("version", "3")
	form.Set("auth", "xoauth2")
	says(admin.Post(at, form), 422, "A token is only sent over an encrypted connection.", "The token address begins with https://.")
	if a := admin.Post(at+"/switch", url.Values{"version": {"3"}}); a.Status != http.StatusSeeOther {
		t.Errorf("not switched off: %d", a.Status)
	}
	says(admin.Get(at), 200, "is switched off", "Read it again")
	says(admin.Post(at+"/switch", url.Values{"version": {"4"}, "active": {"on"}}), 303)
	abroad, err := room.People.AddUser(t.Context(), people.NewUser{
		Email: "abroad@ostwind.example", Name: "Of elsewhere", Password: scenario.Password, Roles: []access.Role{access.Admin}, EntityIDs: []int64{4711}, By: access.SystemActor("test"),
	})
	room.Must(err)
	stranger := room.AsUser(abroad.Email)
	if a := stranger.Get("/settings/mailboxes"); strings.Contains(a.Text, "billing@ostwind.example") {
		t.Error("an administrator of another legal entity is shown the mailbox")
	}
	if a := stranger.Get("/settings/mailboxes/new"); strings.Contains(a.Text, "The customer's, else the first") || strings.Contains(a.Text, "DE · ") {
		t.Error("a mailbox may be given to a legal entity of others, or to none")
	}
	for _, path := range []string{"", "/test", "/compare", "/switch"} {
		says(stranger.Post(at+path, form), 404)
	}
	says(stranger.Get(at), 404)
	ignore := func(from, to int) {
		room.Must(room.DB.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into inbound_messages (source, mailbox_id, uid_validity, uid, sha256, size, stored_at, fate, fate_reason)
				select 'imap', $1::bigint, 1, n, sha256(n::text::bytea), 1, now(), 'ignored', case when n % 10 = 0 then 'intake.own_mail' else 'intake.list' end
				from generate_series($2::int, $3::int) n`, id, from, to)
			return err
		}))
	}
	ignore(1, 19)
	if a := admin.Get(at); strings.Contains(a.Text, "mailing list") {
		t.Error("19 messages say nothing yet")
	}
	ignore(20, 40)
	says(admin.Get(at), 200, "36 of its last 40 messages were ignored as mail of a mailing list", "mostly ignored")
	n, err := db.Value[int](t.Context(), room.DB, `select count(*) from audit_log where stream = 'admin' and what in ('mailbox.added', 'mailbox.changed', 'mailbox.switched')`)
	room.Must(err)
	if n != 5 {
		t.Errorf("%d changes on record", n)
	}
}
