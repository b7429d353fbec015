package intake_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/demo/postoffice"
	"makegood/internal/live"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
	"makegood/internal/web"
	"makegood/ui"
	"makegood/inbox"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		return
	}
	o := open(t)
	o.Desk.Demo = true
	_, _ = o.held()
	o.Clock.Add(74 * time.Minute)
	o.arrive("Authentication-Results: "+receiver+"; dmarc=fail header.from=lumen.example", "From: Ada Lumen <ada@lumen.example>", "To: billing@ostwind.example", "Subject: Re: Fatura BR-2026-00431", "In-Reply-To: <1@lumen.example>", "Message-ID: <88@lumen.example>", "", "Please change our bank account.")
	o.arrive("From: Finn Ferro <finn@ferro.example>", "To: billing@ostwind.example", "Subject: Invoice "+o.Company.FerroBill.Number+" question", "Message-ID: <77@ferro.example>", "", "Hello,\n\nwhat is line 1?\n\nKind regards\nFinn")
	o.Must(o.DB.Do(t.Context(), func(tx *db.Tx) error {
		id, _, err := o.Inbox.StoreTx(t.Context(), tx, inbox.Arrived{Source: inbox.SourceFile, Raw: []byte("Subject: 10月分スキャン一式\r\nFrom: 佐藤 美咲 <misaki@minato.example>\r\n\r\n"), Oversize: true, Size: 34_200_000})
		if err != nil {
			return err
		}
		return o.Inbox.SettleTx(t.Context(), tx, id, inbox.Fate{Kind: inbox.Held, Reason: "intake.oversize", Params: map[string]string{"size": "34200000", "limit": "30000000"}, Summary: inbox.Summary{Sender: "misaki@minato.example", SenderName: "佐藤 美咲", Subject: "10月分スキャン一式"}})
	}))
	o.Must(o.DB.Do(t.Context(), func(tx *db.Tx) error {
		id, _, err := o.Inbox.StoreTx(t.Context(), tx, inbox.Arrived{Source: inbox.SourceIMAP, MailboxID: &o.box, UIDValidity: new(int64(1)), UID: new(int64(900)), Raw: []byte("Subject: winmail.dat\r\nFrom: keiri@aoba-print.example\r\n\r\nSee attached.")})
		if err != nil {
			return err
		}
		return o.Inbox.SettleTx(t.Context(), tx, id, inbox.Fate{Kind: inbox.Quarantined, Reason: "intake.failed", Params: map[string]string{"error": "error.internal"}, Summary: inbox.Summary{Sender: "keiri@aoba-print.example", Subject: "winmail.dat"}})
	}))
	o.Clock.Add(25 * time.Minute)
	office, err := postoffice.Start(t.Context(), postoffice.Config{Dir: filepath.Join(t.TempDir(), "mail"), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Now: o.Clock.Now,
		Accounts: []postoffice.Account{{User: "support", Password: "p", Addresses: []string{"billing@ostwind.example"}}, {User: "customers", Password: "p", CatchAll: true}}})
	o.Must(err)
	for i := range 3 {
		o.Must(office.Deliver("billing@ostwind.example", []string{"ada@lumen.example"}, []byte(fmt.Sprintf("From: Ostwind Billing <billing@ostwind.example>\nTo: Ada Lumen <ada@lumen.example>\nSubject: [MG-00000%d] We have your message\nMessage-ID: <c1.memo.%d@ostwind.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nDear Ada Lumen,\n\nthank you for your message. We credit 100.00 EUR on your invoice DE-2026-00012. The credit memo is attached.\n\nKind regards\nOstwind Billing\n--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=CM-DE-2026-00004.pdf\n\n%%PDF-1.7\n--x--\n", i, i))))
		o.Clock.Add(time.Minute)
	}
	quiet := slog.New(slog.DiscardHandler)
	e := web.New(web.Options{Logger: quiet, Metrics: telemetry.NewMetrics(), Fail: o.Desk.Fail})
	ui.Mount(e, ui.Services{Desk: o.Desk, People: o.People, Billing: o.Billing, Cases: o.Cases, Credits: o.Credits, Inbox: o.Inbox, Intake: o.intake, Reports: o.Reports, Hub: live.NewHub("", quiet), Office: office, TrustedReceivers: []string{receiver}})
	token, _, err := o.People.SignIn(t.Context(), o.Company.Users[access.Senior].Email, scenario.Password, "x")
	o.Must(err)
	fmt.Println("TOKEN", token)
	l, err := net.Listen("tcp", "127.0.0.1:8392")
	o.Must(err)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/zz/quit" {
			go func() { time.Sleep(time.Second); _ = l.Close() }()
			return
		}
		e.ServeHTTP(w, q)
	})}
	_ = srv.Serve(l)
}
