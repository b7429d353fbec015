package senders_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/senders"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestSenders(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s := senders.New(room.Desk, room.Billing, room.Inbox)
	need := web.Need(access.Administer)
	room.Echo.GET("/settings/senders", s.List, need)
	room.Echo.POST("/settings/senders/:entity", s.Save, need)
	entities, err := room.Billing.Entities(t.Context())
	room.Must(err)
	code := entities[0].Code
	if a := room.As(access.Agent).Get("/settings/senders"); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	admin := room.As(access.Admin)
	if a := admin.Get("/settings/senders"); a.Status != http.StatusOK || !strings.Contains(a.HTML, entities[0].SupportAddress) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form := url.Values{"version": {"0"}, "address": {"nowhere"}, "name": {"Ostwind & Co"}, "signature": {"Yours <always>"}}
	wrong := admin.Post("/settings/senders/"+code, form)
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text, "This is not a mail address.") || !strings.Contains(wrong.HTML, "Yours &lt;always&gt;") {
		t.Errorf("%d %s", wrong.Status, wrong.HTML)
	}
	form.Set("address", "post@elsewhere.example")
	if a := admin.Post("/settings/senders/"+code, form); a.Status != http.StatusConflict || !strings.Contains(a.Text, "changed meanwhile") || !strings.Contains(a.HTML, "post@elsewhere.example") {
		t.Errorf("a stale form: %d %s", a.Status, a.Text)
	}
	_, rest, _ := strings.Cut(wrong.HTML, `name="version" value="`)
	version, _, _ := strings.Cut(rest, `"`)
	form.Set("version", version)
	if a := admin.Post("/settings/senders/"+code, form); a.Status != http.StatusSeeOther {
		t.Fatalf("not saved: %d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/senders"); !strings.Contains(a.HTML, "Ostwind &amp; Co") || !strings.Contains(a.Text, "No mailbox that is read has the address post@elsewhere.example") {
		t.Errorf("%s", a.Text)
	}
}

func TestSigningKeysAndBounds(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s := senders.New(room.Desk, room.Billing, room.Inbox)
	need := web.Need(access.Administer)
	room.Echo.GET("/settings/senders", s.List, need)
	room.Echo.POST("/settings/senders/bounds", s.SetBounds, need)
	room.Echo.POST("/settings/senders/keys/:domain", s.SetKey, need)
	room.Echo.POST("/settings/senders/keys/:domain/switch", s.SwitchKey, need)
	entities, err := room.Billing.Entities(t.Context())
	room.Must(err)
	_, domain, _ := strings.Cut(entities[0].SupportAddress, "@")
	admin := room.As(access.Admin)
	if a := admin.Get("/settings/senders"); !strings.Contains(a.Text, domain) || !strings.Contains(a.Text, "Has no key") {
		t.Errorf("%s", a.Text)
	}
	path := "/settings/senders/keys/" + domain
	if a := room.As(access.Agent).Post(path, url.Values{"version": {"0"}, "selector": {"mg1"}}); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	wrong := admin.Post(path, url.Values{"selector": {"mg 1"}, "private_key": {"none"}})
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text, "A selector is one word") || !strings.Contains(wrong.HTML, `value="mg 1"`) {
		t.Errorf("%d %s", wrong.Status, wrong.Text)
	}
	if a := admin.Post(path, url.Values{"selector": {"mg1"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	made := admin.Get("/settings/senders")
	if !strings.Contains(made.Text, "mg1._domainkey."+domain) || !strings.Contains(made.Text, "v=DKIM1; k=rsa; p=MII") || !strings.Contains(made.Text, "No key is switched on") ||
		strings.Contains(made.HTML, "PRIVATE KEY") {
		t.Errorf("%s", made.HTML)
	}
	if a := admin.Post(path+"/switch", url.Values{"selector": {"mg1"}, "version": {"7"}, "active": {"on"}}); a.Status != http.StatusConflict || !strings.Contains(a.Text, "changed this signing key meanwhile") {
		t.Errorf("a stale switch: %d %s", a.Status, a.Text)
	}
	if a := admin.Post(path+"/switch", url.Values{"selector": {"mg1"}, "version": {"1"}, "active": {"on"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/senders"); !strings.Contains(a.Text, "leave signed") || !strings.Contains(a.HTML, `value="makegood1"`) {
		t.Errorf("%s", a.Text)
	}
	if a := admin.Post(path, url.Values{"selector": {"mg1"}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "There is a key with this selector already") {
		t.Errorf("the selector of the key that signs: %d %s", a.Status, a.Text)
	}
	if a := admin.Post(path, url.Values{"selector": {"makegood1"}}); a.Status != http.StatusSeeOther {
		t.Errorf("the next key: %d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/senders"); !strings.Contains(a.Text, "leave signed") || !strings.Contains(a.Text, "mg1._domainkey."+domain) ||
		!strings.Contains(a.Text, "makegood1._domainkey."+domain) || !strings.Contains(a.Text, "sign with this one instead") || !strings.Contains(a.HTML, `value="makegood2"`) {
		t.Errorf("both keys: %s", a.Text)
	}
	if a := admin.Post(path+"/switch", url.Values{"selector": {"makegood1"}, "version": {"1"}, "active": {"on"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/senders"); strings.Count(a.Text, "Does not sign") != 1 || strings.Index(a.Text, "makegood1._domainkey.") > strings.Index(a.Text, "mg1._domainkey.") {
		t.Errorf("the next key did not take over: %s", a.Text)
	}
	form := url.Values{"version": {"1"}, "sender_per_hour": {"many"}, "recipient_per_hour": {"40"}, "acks_per_hour": {"30"}, "echoes_per_day": {"2"}}
	if a := admin.Post("/settings/senders/bounds", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "A whole number from 0 to 1000000") || !strings.Contains(a.HTML, `value="many"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("sender_per_hour", "600")
	if a := admin.Post("/settings/senders/bounds", form); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if b, err := room.Inbox.CurrentBounds(t.Context()); err != nil || b.SenderPerHour != 600 || b.EchoesPerDay != 2 || b.Version != 2 {
		t.Errorf("%+v %v", b, err)
	}
}
