package app_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/configfile"
	"makegood/internal/errs"
	"makegood/internal/scenario"
)

// TestMailboxByTokenIsCarriedAsAFile: a mailbox that signs in by OAuth 2.0 travels without its secrets. Where it is new they are said to be
// missing; where it is there already it keeps them.
func TestMailboxByTokenIsCarriedAsAFile(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	const address = "invoices@ostwind.example"
	ends := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	box := p2(h.app.Inbox.AddMailbox(t.Context(), h.Actor(access.Admin), inbox.NewMailbox{
		Address: address, IMAPAddress: "imap.ostwind.example:993", Security: "tls", Username: address, Auth: inbox.XOAuth2,
		Grant: inbox.NewGrant{TokenURL: "https://sign.ostwind.example/token", ClientID: "desk", Scope: "imap", ClientSecret: "the client's secret", RefreshToken: "the refresh token", EndsAt: &ends},
	}))(t)
	secrets := map[string]string{"NEW_SECRET": "another client's secret"}
	settings := configfile.Services{
		People: h.app.People, Billing: h.app.Billing, Cases: h.app.Cases, Credits: h.app.Credits, Inbox: h.app.Inbox, Survey: h.app.Survey, Awaiting: h.app.Awaiting, Statements: h.app.Statements, Quality: h.app.Quality, Env: func(name string) string { return secrets[name] },
	}
	plan := func(text string) []configfile.Change {
		t.Helper()
		return p2(settings.Plan(t.Context(), h.Actor(access.Admin), p2(configfile.Read([]byte(text)))(t)))(t)
	}
	carry := func(text string) (string, error) {
		t.Helper()
		changes := plan(text)
		if len(changes) != 1 {
			t.Fatalf("%d changes: %+v", len(changes), changes)
		}
		return changes[0].Carry(t.Context(), configfile.Order{By: h.Actor(access.Admin), Comment: "By a file"})
	}
	keeps := func(secret, refresh string) {
		t.Helper()
		grant := p2(h.app.Inbox.GrantOf(t.Context(), box.ID))(t)
		if grant.ClientSecret != secret || grant.RefreshToken != refresh || grant.EndsAt == nil || !grant.EndsAt.Equal(ends) || grant.ClientID != "desk" || grant.TokenURL != "https://sign.ostwind.example/token" {
			t.Errorf("it keeps %+v", grant)
		}
	}
	file := p2(p2(settings.Export(t.Context(), h.Actor(access.Admin)))(t).Write())(t)
	text := string(file)
	for _, want := range []string{"token_url: https://sign.ostwind.example/token", "client_id: desk", "scope: imap", "ends_on: \"2027-03-01\"", "auth: xoauth2"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	if strings.Contains(text, "secret") || strings.Contains(text, "the refresh token") {
		t.Errorf("a secret is in the file:\n%s", text)
	}
	if changes := plan(text); len(changes) != 0 {
		t.Errorf("what was exported differs from itself: %+v", changes)
	}

	moved := "mailboxes:\n  - {address: " + address + ", server: \"mail.ostwind.example:993\", security: tls, username: " + address + "}\n"
	if lines := plan(moved)[0].Lines; !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "! its secrets are missing") }) || !slices.Contains(lines, "~ server: imap.ostwind.example:993 → mail.ostwind.example:993") || len(lines) != 2 {
		t.Errorf("the difference is %q", lines)
	}
	if _, err := carry(moved); !refusedFor(err, "inbox.secret_anew") {
		t.Errorf("its secrets go to another server: %v", err)
	}
	filed := strings.Replace(strings.Replace(moved, "mail.", "imap.", 1), "tls,", "tls, folder: Bills,", 1)
	if lines := plan(filed)[0].Lines; !slices.Contains(lines, "= its secrets stay as they are here") || len(lines) != 2 {
		t.Errorf("the difference is %q", lines)
	}
	if outcome, err := carry(filed); err != nil || outcome != "changed" {
		t.Errorf("%s %v", outcome, err)
	}
	keeps("the client's secret", "the refresh token")

	renewed := strings.Replace(filed, "Bills,", "INBOX, oauth: {client_secret_from: NEW_SECRET},", 1)
	if _, err := carry(renewed); err != nil {
		t.Error(err)
	}
	keeps("another client's secret", "the refresh token")
	if _, err := carry(strings.Replace(moved, "tls,", "tls, oauth: {client_secret_from: NEW_SECRET},", 1)); err != nil {
		t.Error(err)
	}
	keeps("another client's secret", "")

	grant := ", auth: xoauth2, oauth: {token_url: \"https://sign.ostwind.example/token\", client_id: desk"
	fresh := func(more string) string {
		return "mailboxes:\n  - {address: new@ostwind.example, server: \"imap.ostwind.example:993\", security: tls, username: new" + grant + more + "}}\n"
	}
	if lines := plan(fresh(""))[0].Lines; !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "! its secrets are missing") }) {
		t.Errorf("nothing is said to be missing: %q", lines)
	}
	for more, want := range map[string]string{
		"":                                "configfile.no_oauth_secret",
		", client_secret_from: NOT_THERE": "configfile.no_secret",
		", client_secret_from: NEW_SECRET, ends_on: soon": "clock.bad_date",
	} {
		if _, err := carry(fresh(more)); !refusedFor(err, want) {
			t.Errorf("%q: %v", more, err)
		}
	}
	byPassword := "mailboxes:\n  - {address: " + scenario.SupportAddress + ", server: \"imap.ostwind.example:993\", security: tls, username: support" + grant + "}}\n"
	if _, err := carry(byPassword); !refusedFor(err, "configfile.no_oauth_secret") {
		t.Errorf("a mailbox with a password signs in by nothing: %v", err)
	}
	if outcome, err := carry(fresh(", refresh_token_from: NEW_SECRET")); err != nil || outcome != "added" {
		t.Errorf("%s %v", outcome, err)
	}
}

// refusedFor: a field is wrong for this reason.
func refusedFor(err error, key string) bool {
	wrong, ok := errors.AsType[*errs.Error](err)
	return ok && slices.ContainsFunc(wrong.Fields, func(f errs.Field) bool { return f.Key == key })
}

// TestGuidesAreCarriedAsAFile: checklists and playbooks travel; what is the same changes nothing, and a part that is left out stays.
func TestGuidesAreCarriedAsAFile(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	settings := configfile.Services{People: h.app.People, Billing: h.app.Billing, Cases: h.app.Cases, Credits: h.app.Credits, Inbox: h.app.Inbox, Survey: h.app.Survey, Awaiting: h.app.Awaiting, Statements: h.app.Statements, Quality: h.app.Quality}
	apply := func(text string) (parts []string) {
		t.Helper()
		for _, change := range p2(settings.Plan(t.Context(), h.Actor(access.Admin), p2(configfile.Read([]byte(text)))(t)))(t) {
			parts = append(parts, change.Part+" "+change.Name+": "+p2(change.Carry(t.Context(), configfile.Order{By: h.Actor(access.Admin), Comment: "By a file"}))(t))
		}
		return parts
	}
	const text = "case_fields:\n  - {code: purchase_order, name: Purchase order}\n  - {code: sold_by, name: Sold by, kind: choice, choices: [Direct, Partner], types: [dispute]}\n" +
		"checklists:\n  - type: refund\n    points:\n      - {text: Account confirmed, hint: By a call back, required: true}\n      - text: Payment found\n" +
		"playbooks:\n  - {reason: overcharge, check: The price list}\n  - {reason: overcharge, type: dispute, offer: The difference}\n"
	want := []string{"case_fields purchase_order: added", "case_fields sold_by: added", "checklists refund: saved as version 1", "playbooks overcharge: saved as version 1", "playbooks overcharge in dispute: saved as version 1"}
	if got := apply(text); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := apply(text); len(got) != 0 {
		t.Errorf("the same file again: %q", got)
	}
	if got := apply("playbooks:\n  - {reason: overcharge, check: The contract}\n"); !slices.Equal(got, []string{"playbooks overcharge: saved as version 2"}) {
		t.Errorf("%q", got)
	}
	file := string(p2(p2(settings.Export(t.Context(), h.Actor(access.Admin)))(t).Write())(t))
	for _, part := range []string{"type: refund", "code: sold_by", "code: account_confirmed", "required: true", "check: The contract", "offer: The difference"} {
		if !strings.Contains(file, part) {
			t.Errorf("the file lacks %q:\n%s", part, file)
		}
	}
	if got := apply(file); len(got) != 0 {
		t.Errorf("what was exported differs from itself: %q", got)
	}
}
