package app_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

const laterSecret = "another key, which takes over from the first one day"

// under is a copy of the program on the same database with other keys.
func (h *house) under(secret string, older ...string) *app.App {
	h.t.Helper()
	cfg := settings(h.url, h.office.SMTPAddr())
	cfg.SecretKey, cfg.OlderKeys = secret, older
	a := p2(app.New(h.t.Context(), cfg, app.Options{Logger: telemetry.NewLogger(h.log, slog.LevelInfo), Passwords: scenario.QuickPasswords()}))(h.t)
	h.t.Cleanup(a.DB.Close)
	return a
}

// TestSecretsRotate changes the key of an installation in the steps that the docs tell, with something sealed in each step.
func TestSecretsRotate(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	ctx := t.Context()
	first := h.under(secret)
	me := h.Actor(access.Agent)
	before := p2(first.People.BeginTOTP(ctx, me))(t)
	link := p2(first.People.LinkFor(ctx, access.SystemActor("test"), h.Users[access.Agent].Email))(t)

	both := h.under(laterSecret, secret)
	if now := p2(both.People.PendingTOTP(ctx, me))(t); now.Secret != before.Secret {
		t.Error("the new key does not open what the old one sealed")
	}
	forward := h.under(secret, laterSecret) // a copy that has not changed over yet
	sealedAnew := p2(both.People.BeginTOTP(ctx, h.Actor(access.Senior)))(t)
	if got := p2(forward.People.PendingTOTP(ctx, h.Actor(access.Senior)))(t); got.Secret != sealedAnew.Secret {
		t.Error("a copy that has not changed over does not open what one that has sealed")
	}
	if user, err := both.People.LinkHolds(ctx, afterMark(link)); err != nil || user.ID != me.UserID {
		t.Errorf("a link of before: %v", err)
	}
	rotated := p2(both.RotateSecrets(ctx))(t)
	if !slices.Contains(rotated, app.Rotated{Table: "totp_factors", Column: "secret", Found: 2, Anew: 1}) || !slices.Contains(rotated, app.Rotated{Table: "mailboxes", Column: "password_sealed", Found: 1, Anew: 1}) {
		t.Errorf("%+v", rotated)
	}
	again := p2(both.RotateSecrets(ctx))(t)
	if slices.ContainsFunc(again, func(r app.Rotated) bool { return r.Anew != 0 }) {
		t.Errorf("twice: %+v", again)
	}

	after := h.under(laterSecret) // the old key is thrown away
	if now := p2(after.People.PendingTOTP(ctx, me))(t); now.Secret != before.Secret {
		t.Error("not sealed anew")
	}
	if _, err := after.People.LinkHolds(ctx, afterMark(link)); !errors.Is(err, people.ErrLinkOver) {
		t.Errorf("a link of the old key: %v", err)
	}
	if _, err := h.under(secret).RotateSecrets(ctx); err == nil {
		t.Error("the old key alone rotates what it cannot open")
	}
	p2(after.DB.Pool().Exec(ctx, `update mailboxes set password_sealed = 'spoiled' where password_sealed is not null`))(t)
	onward := h.under("a third key, after which one value still stays shut", laterSecret)
	last, err := onward.RotateSecrets(ctx)
	if errs.KeyOf(err) != "secrets.cannot_rotate" || !slices.Contains(last, app.Rotated{Table: "mailboxes", Column: "password_sealed", Found: 1, Shut: 1}) ||
		!slices.Contains(last, app.Rotated{Table: "totp_factors", Column: "secret", Found: 2, Anew: 2}) {
		t.Errorf("one spoiled value stops the others: %+v %v", last, err)
	}
	known := p2(db.Values[string](ctx, h.app.DB, `select table_name || '.' || column_name from information_schema.columns
		where table_schema = 'public' and data_type = 'bytea' and (column_name like '%sealed%' or (table_name, column_name) = ('totp_factors', 'secret')) order by 1`))(t)
	var told []string
	for _, r := range again {
		told = append(told, r.Table+"."+r.Column)
	}
	slices.Sort(told)
	if !slices.Equal(known, told) {
		t.Errorf("sealed are %v, rotated are %v", known, told)
	}
}

func afterMark(link string) string {
	_, token, _ := strings.Cut(link, "?t=")
	return token
}
