package app_test

import (
	"log/slog"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/app"
	"makegood/internal/dbtest"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// A dump taken while the program works, restored elsewhere: everything in it proves, and numbers go on where the dump ends.
func TestRestoredDumpProvesAndGoesOn(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	first, second := h.credit("100.00"), h.credit("50.00")
	restored := h.moveTo(dbtest.Dumped(t, h.url))
	restored.holds(first, second)
	if third, original := restored.credit("20.00"), h.credit("20.00"); third != original {
		t.Errorf("after the restore the next memo is %s, without it %s", third, original)
	}
	restored.sound()
}

// Base backup and archive brought back to the moment before a memo was asked for: what came before is there and proves, the memo
// and what came after are not, and its number is given to the next one.
func TestRestoredToBeforeAMemo(t *testing.T) {
	t.Parallel()
	server := dbtest.NewArchiving(t)
	h := prepareOn(t, server.URL, scenario.Options{}, 0)
	must(t, h.app.Start(t.Context()))
	first := h.credit("100.00")
	server.BaseBackup()
	second := h.credit("50.00")
	h.settled()
	before := h.app.DB.Now()
	unwanted, later := h.credit("20.00"), h.credit("10.00")
	restored := h.moveTo(server.RestoreTo(before))
	restored.holds(first, second)
	restored.lacks(unwanted, later)
	if next := restored.credit("20.00"); next != unwanted {
		t.Errorf("the number after %s is %s", second, next)
	}
	restored.sound()
}

// credit has an invoice's line credited, over everybody who has to agree, and answers the memo's number.
func (h *house) credit(net string) string {
	h.t.Helper()
	agent := h.as(access.Agent)
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(h.proposal(h.caseOf(agent).Number, net)), &request)
	for _, role := range []access.Role{access.Senior, access.Supervisor, access.Controller} {
		if request.State != "posted" {
			h.as(role).try("POST", requestPath(request.ID)+"/approve", map[string]any{}) // those who need not agree are refused
		}
	}
	return h.awaitRequest(agent, request.ID, "posted").Memo
}

// settled waits until nothing is left to be done, so that what follows is a history of its own.
func (h *house) settled() {
	h.t.Helper()
	until(h.t, "work to be done", h.news, func() bool {
		return count(h.t, h.app.DB, `select count(*) from outgoing_messages where state in ('queued', 'sending')`) == 0
	})
}

// moveTo is the same house on a restored database, with a program of its own.
func (h *house) moveTo(url string) *house {
	h.t.Helper()
	moved := *h
	moved.url, moved.news = url, listen(h.t, url)
	a, err := app.New(h.t.Context(), settings(url, h.office.SMTPAddr()), app.Options{
		Logger: telemetry.NewLogger(h.log, slog.LevelInfo), Passwords: scenario.QuickPasswords(),
	})
	must(h.t, err)
	moved.app = a
	moved.sound() // before anything goes on
	must(h.t, a.Start(h.t.Context()))
	h.t.Cleanup(func() { _ = a.Stop(h.t.Context()) })
	return &moved
}

func (h *house) holds(memos ...string) {
	h.t.Helper()
	for _, memo := range memos {
		h.as(access.Controller).ask(200, "GET", "/credit-memos/"+memo, nil, nil)
	}
}

func (h *house) lacks(memos ...string) {
	h.t.Helper()
	for _, memo := range memos {
		h.as(access.Controller).ask(404, "GET", "/credit-memos/"+memo, nil, nil)
	}
}
