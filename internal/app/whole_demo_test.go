package app_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/app"
	"makegood/internal/telemetry"
)

// TestDemoStarts starts the demo twice in one folder: the second start finds the company of the first.
func TestDemoStarts(t *testing.T) {
	t.Parallel()
	dir := demoFolder(t)
	first := startDemo(t, dir)
	complete(t, first.Info)
	cases := demoCases(t, first.Info)
	if cases == 0 {
		t.Error("nobody has a case")
	}
	stopDemo(t, first)

	began := time.Now()
	second := startDemo(t, dir)
	t.Logf("started again in %s", time.Since(began).Round(time.Millisecond))
	complete(t, second.Info)
	if n := demoCases(t, second.Info); n != cases {
		t.Errorf("%d cases after the second start, %d before", n, cases)
	}
	if first.Info.Tokens["agent"] != second.Info.Tokens["agent"] {
		t.Error("the tokens changed")
	}
	stopDemo(t, second)
	stopDemo(t, second) // harmless when repeated
}

// demoFolder is one that the database's own user can reach.
func demoFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "makegood-demo-") //nolint:usetesting // t.TempDir is closed to the database's user
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "demo")
}

func startDemo(t *testing.T, dir string) *app.Demo {
	t.Helper()
	log := &record{}
	d, err := app.StartDemo(t.Context(), app.DemoOptions{Dir: dir, HTTPAddr: "127.0.0.1:0", Logger: telemetry.NewLogger(log, slog.LevelInfo)})
	if err != nil {
		t.Fatalf("%v\n%s", err, log.text())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(log.text())
		}
		stopDemo(t, d)
	})
	return d
}

func stopDemo(t *testing.T, d *app.Demo) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if err := d.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// complete checks that everything the demo tells about itself holds.
func complete(t *testing.T, info app.DemoInfo) {
	t.Helper()
	response, err := http.Get(info.URL + "/readyz")
	must(t, err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("not ready: %d", response.StatusCode)
	}
	for _, role := range strings.Fields(everyone) {
		if !slices.ContainsFunc(info.Users, func(u app.DemoUser) bool { return u.Role == role && u.Email != "" && u.Password != "" }) {
			t.Errorf("nobody is %s", role)
		}
		var me struct{ Roles []string }
		api := caller{t: t, base: info.URL + "/api/v1", token: info.Tokens[role]}
		must(t, json.Unmarshal(api.ask(http.StatusOK, "GET", "/me", nil, nil).body, &me))
		if !slices.Contains(me.Roles, role) {
			t.Errorf("the token of %s is for %v", role, me.Roles)
		}
	}
	for _, address := range []string{info.SMTP, info.IMAP.Addr} {
		conn, err := net.DialTimeout("tcp", address, patience)
		must(t, err)
		must(t, conn.Close())
	}
	if len(info.IMAP.Accounts) != 2 {
		t.Errorf("accounts %+v", info.IMAP.Accounts)
	}
}

func demoCases(t *testing.T, info app.DemoInfo) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), info.DatabaseURL)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	var n int
	must(t, conn.QueryRow(t.Context(), `select count(*) from cases`).Scan(&n))
	return n
}
