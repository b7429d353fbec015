package app_test

import (
	"bytes"
	"net/http"
	"testing"

	"makegood/internal/access"
	"makegood/internal/erasure"
	"makegood/internal/scenario"
)

// What is given once is not kept under the key it was asked for with: neither the secret of a webhook nor a personal copy. An answer of which
// something is kept goes with the erasure of a person, and no token gets what another was answered.
func TestAnswersThatAreNotGivenAgain(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	kept := func(content string) int {
		return count(t, h.app.DB, `select count(*) from idempotency_keys where position($1::bytea in body) > 0`, []byte(content))
	}
	admin := h.as(access.Admin)
	copied := map[string]any{"addresses": []string{ada}}
	if got := admin.once("copy").ask(http.StatusOK, "POST", "/personal-copies", copied, nil); !bytes.HasPrefix(got.body, []byte("PK")) {
		t.Errorf("no ZIP: %.20s", got.body)
	}
	admin.once("copy").ask(http.StatusConflict, "POST", "/personal-copies", copied, nil)
	hook := map[string]any{"url": "https://hooks.lumen.example/in", "events": []string{"case.*"}, "active": true}
	var made struct{ Secret string }
	admin.once("hook").ask(http.StatusCreated, "POST", "/webhooks", hook, &made)
	admin.once("hook").ask(http.StatusConflict, "POST", "/webhooks", hook, nil)
	if made.Secret == "" || kept(made.Secret) != 0 || kept("PK") != 0 {
		t.Errorf("the secret %q or the copy is kept", made.Secret)
	}
	admin.once("look").ask(http.StatusOK, "POST", "/erasures/preview", copied, nil)
	admin.once("look").ask(http.StatusOK, "POST", "/erasures/preview", copied, nil)

	agent := h.as(access.Agent)
	opened := map[string]any{"type": "inquiry", "subject": "A question of " + ada}
	agent.once("open").ask(http.StatusCreated, "POST", "/cases", opened, nil)
	if again := agent.once("open").ask(http.StatusCreated, "POST", "/cases", opened, nil); again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("not given again: %+v", again)
	}
	h.as(access.Agent).once("open").ask(http.StatusConflict, "POST", "/cases", opened, nil)
	if kept(ada) == 0 {
		t.Fatal("nothing names her to begin with")
	}
	h.atRest()
	h.erased(erasure.Who{Addresses: []string{ada}})
	until(t, "answers to be forgotten", h.news, func() bool { return kept(ada) == 0 })
	agent.once("open").ask(http.StatusConflict, "POST", "/cases", opened, nil)
	if n := count(t, h.app.DB, `select count(*) from audit_log where what = 'person.copied'`); n != 1 {
		t.Errorf("%d copies are recorded", n)
	}
}
