package screentest

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/live"
	"makegood/internal/web"
	"makegood/ui/approvals"
	"makegood/ui/board"
	"makegood/ui/books"
	"makegood/ui/propose"
	"makegood/ui/static"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestServe(t *testing.T) {
	r := Open(t)
	ctx := t.Context()
	r.Clock.Set(time.Date(2026, 11, 12, 8, 0, 0, 0, time.UTC))
	var list []billing.Customer
	r.Must(r.DB.Do(ctx, func(tx *db.Tx) error {
		var seeds []billing.SeedCustomer
		for i, n := range []struct{ name, lang, cur, tier, kind string }{
			{"Brückner & Söhne Logistik GmbH", "de", "EUR", "gold", "direct"}, {"株式会社ミナト物流", "ja", "EUR", "platinum", "direct"}, {"Transportes Serra Azul Ltda.", "pt", "EUR", "silver", "direct"},
			{"Ashgrove Dental Group", "en", "EUR", "silver", "direct"}, {"海岳科技有限公司", "zh", "EUR", "gold", "direct"}, {"Halvorsen Sjøfrakt AS", "en", "EUR", "gold", "direct"}, {"Voss & Ehlers Maschinenbau", "de", "EUR", "gold", "partner"},
		} {
			seeds = append(seeds, billing.SeedCustomer{Customer: billing.Customer{Account: fmt.Sprint(100480 + i), Name: n.name, Kind: billing.CustomerKind(n.kind), Tier: billing.Tier(n.tier), Region: "EMEA", Country: "DE", Language: n.lang, EntityID: r.Company.Entity.ID, Currency: "EUR", TermsDays: 30, Address: n.name + "\nHafenstraße 41\n28217 Bremen", TaxID: "DE 999 999 999", EmailDomains: []string{fmt.Sprintf("kunde%d.example", i)}},
				Contacts: []billing.Contact{{Name: "Sabine Köhler", Email: fmt.Sprintf("koehler@kunde%d.example", i), Title: "Buchhaltung"}, {Name: "Tom Albrecht", Email: fmt.Sprintf("ta@kunde%d.example", i)}}})
		}
		out, err := r.Billing.SeedCustomersTx(ctx, tx, seeds)
		for _, o := range out {
			list = append(list, o.Customer)
		}
		return err
	}))
	var invoices []billing.InvoiceDetail
	for i, c := range list {
		in := billing.NewInvoice{EntityID: c.EntityID, CustomerID: c.ID, SoldToID: c.ID, Currency: "EUR", IssuedOn: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), ServiceFrom: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), ServiceTo: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), PurchaseOrder: fmt.Sprintf("45007812%d", 23+i), By: access.SystemActor("x")}
		for _, l := range [][3]string{{"Managed Kubernetes, Knoten", "12", "185"}, {"Objektspeicher, TB", "48.25", "18.40"}, {"Cross-Connect FRA-2", "4", "210"}, {"Premium-Support", "1", "1450"}, {"Ausgehender Verkehr, GB", "31400", "0.021"}, {"Einrichtung", "1", "600"}} {
			in.Lines = append(in.Lines, billing.NewLine{Product: "X", Description: l[0], Quantity: dec(l[1]), UnitPrice: dec(l[2]), TaxCategory: "S", TaxRate: dec("19")})
		}
		var inv billing.Invoice
		r.Must(r.DB.Do(ctx, func(tx *db.Tx) (err error) { inv, err = r.Billing.IssueInvoiceTx(ctx, tx, in); return }))
		d, err := r.Billing.InvoiceDetail(ctx, r.DB, inv.ID)
		r.Must(err)
		invoices = append(invoices, d)
	}
	r.Must(r.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := r.Billing.RecordPaymentTx(ctx, tx, billing.NewPayment{EntityID: list[0].EntityID, CustomerID: list[0].ID, Currency: "EUR", Amount: dec("6000"), ReceivedOn: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), BankReference: "SEPA 7731", Allocate: []billing.Allocate{{InvoiceID: invoices[0].ID, Amount: dec("6000")}}, By: access.SystemActor("x")})
		return err
	}))
	subjects := []string{"Drei Positionen, die wir nicht anerkennen", "消費税の端数が合いません", "Cobrança após o cancelamento", "Statement shows invoice twice", "重复扣款，请尽快核实", "Credit for September still missing", "Gutschrift für Ausfall vom 28. Oktober"}
	var opened []cases.Case
	for i, inv := range invoices {
		r.Clock.Add(41 * time.Minute)
		l3, l4 := inv.Lines[2].ID, inv.Lines[3].ID
		in := cases.OpenInput{Type: cases.Dispute, Subject: subjects[i], CustomerID: &inv.CustomerID, Source: "mail", By: access.SystemActor("t"),
			Participants: []cases.Participant{{Address: fmt.Sprintf("koehler@kunde%d.example", i), Name: "Sabine Köhler", Accepted: true}},
			Invoices:     []cases.LinkedInvoice{{InvoiceID: inv.ID, Evidence: "number in subject", Confidence: 100}},
			Disputes:     []cases.NewDispute{{InvoiceID: inv.ID, InvoiceLineID: &l3, Contested: dec("499.80"), ReasonCode: "not_delivered", Claim: "Ports 3 und 4 erst am 2. November in Betrieb"}, {InvoiceID: inv.ID, InvoiceLineID: &l4, Contested: dec("345.10"), ReasonCode: "discount_missing", Claim: "Rabatt aus Anlage B fehlt"}},
			Message: &cases.InboundMessage{AuthorName: "Sabine Köhler", AuthorAddress: fmt.Sprintf("koehler@kunde%d.example", i), Subject: subjects[i] + ": Rechnung " + inv.Number, Language: "de", Trust: cases.Verified,
				Body: "Guten Tag,\n\nauf der Rechnung " + inv.Number + " stehen zwei Positionen, die wir so nicht anerkennen können:\n\n1. Cross-Connect FRA-2: Ports 3 und 4 wurden erst am 2. November 2026 um 10:15 in Betrieb genommen, siehe Installationsprotokoll 7731.\n2. Premium-Support: Anlage B §4 gewährt 20 % ab 1. Oktober.\n\nBitte berichtigen Sie die Rechnung.\n\nMit freundlichen Grüßen\nSabine Köhler",
				Attachments: []cases.Attachment{{Position: 1, Filename: "Installationsprotokoll_7731.pdf", MediaType: "application/pdf", Size: 184320, SHA256: []byte("x")}}}}
		r.Must(r.DB.Do(ctx, func(tx *db.Tx) error {
			c, err := r.Cases.OpenTx(ctx, tx, in)
			opened = append(opened, c)
			return err
		}))
	}
	agent := r.Actor(access.Agent)
	for i, c := range opened {
		if i%3 == 1 {
			continue
		}
		who := r.Company.Users[access.Agent].ID
		if i%3 == 2 {
			who = r.Company.Users[access.Senior].ID
		}
		got, err := r.Cases.CaseByID(ctx, r.DB, c.ID, agent)
		r.Must(err)
		_, err = r.Cases.Assign(ctx, cases.AssignInput{On: cases.On{By: r.Actor(access.Supervisor), ID: c.ID, Version: got.Version}, AssigneeID: &who})
		r.Must(err)
	}
	for i, inv := range invoices[:6] {
		ds, err := r.Cases.Disputes(ctx, r.DB, opened[i].ID)
		r.Must(err)
		if i == 1 || i == 5 {
			continue
		}
		in := credits.ProposeInput{By: agent, CaseID: &opened[i].ID, Kind: billing.BillingError, InvoiceID: inv.ID, ReasonCode: "not_delivered", Explanation: "Ports 3 and 4 of order 7731 went live on 2 Nov 10:15 (signed protocol). Annex B §4 grants 20 % on premium support from 1 Oct 2026; it was never keyed.",
			Evidence: []credits.NewEvidence{{Kind: credits.Note, Label: "Contract C-2024-0117, Annex B, page 3: 20 % on premium support."}},
			Lines:    []credits.ProposeLine{{InvoiceLineID: inv.Lines[2].ID, Net: dec("420"), DisputeLineID: &ds[0].ID}, {InvoiceLineID: inv.Lines[3].ID, Net: dec("290"), DisputeLineID: &ds[1].ID}}}
		if i == 3 {
			in.Lines = append(in.Lines, credits.ProposeLine{InvoiceLineID: inv.Lines[0].ID, Net: dec("2000")})
		}
		req, err := r.Credits.Submit(ctx, in)
		r.Must(err)
		r.Clock.Add(7 * time.Minute)
		if i == 0 {
			_, err = r.Credits.Approve(ctx, credits.DecideInput{By: r.Actor(access.Senior), ID: req.ID, Comment: "Checked against order and protocol."})
			r.Must(err)
			r.Must(r.Credits.Post(ctx, credits.PostRequest{ID: req.ID}))
		}
		if i == 3 {
			_, err = r.Credits.Approve(ctx, credits.DecideInput{By: r.Actor(access.Senior), ID: req.ID, Comment: "Looks right."})
			r.Must(err)
		}
	}
	r.Must(r.DB.Do(ctx, func(tx *db.Tx) error {
		for _, a := range []string{"billing@ostwind.example", "disputes@ostwind.example"} {
			if _, err := r.Inbox.AddMailboxTx(ctx, tx, inbox.NewMailbox{Address: a, IMAPAddress: "mail:993", Security: "tls", Username: "u", Password: "p"}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `update mailboxes set last_success_at = $1 where address like 'billing%'`, tx.Now().Add(-3*time.Second))
		if err == nil {
			_, err = tx.Exec(ctx, `insert into notices (user_id, case_id, key, params, created_at) values ($1, 2, 'cases.notice.breach', '{"number":"MG-000002"}', $2)`, r.Company.Users[access.Supervisor].ID, tx.Now())
		}
		return err
	}))
	r.Clock.Add(3*time.Hour + 31*time.Minute)
	hub := live.NewHub("", r.Desk.Logger)
	cd := r.Reports.CreditDesk(r.Billing, r.Cases, r.Credits)
	ap := approvals.New(r.Desk, r.Credits, cd)
	pr := propose.New(r.Desk, r.Credits, cd)
	bd := board.New(r.Desk, r.Reports, r.Cases, r.Inbox)
	bk := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits))
	e := r.Echo
	_ = hub
	e.GET("/live", func(c echo.Context) error { c.Response().Header().Set("Content-Type", "text/event-stream"); c.Response().WriteHeader(200); c.Response().Flush(); <-c.Request().Context().Done(); return nil })
	for _, base := range []string{"/cases/:number", "/invoices/:number"} {
		e.GET(base+"/credit", pr.Show)
		e.POST(base+"/credit", pr.Submit)
		e.POST(base+"/credit/preview", pr.Preview)
	}
	e.GET("/approvals", ap.List)
	e.GET("/approvals/rows", ap.Rows)
	e.GET("/approvals/:id", ap.Request)
	e.POST("/approvals/:id/approve", ap.Approve)
	e.POST("/approvals/:id/reject", ap.Reject)
	e.POST("/approvals/:id/withdraw", ap.Withdraw)
	e.GET("/board", bd.Show)
	e.GET("/board/people", bd.People)
	e.POST("/board/assign", bd.Assign)
	e.POST("/board/notices/:id/acknowledge", bd.Acknowledge)
	e.GET("/board/:part", bd.Part)
	e.GET("/customers", bk.Customers)
	e.GET("/customers/:account", bk.Customer)
	e.GET("/invoices/:number", bk.Invoice)
	e.GET("/credit-memos/:number", bk.Memo)
	e.GET("/credit-memos/:number/pdf", bk.MemoPDF)
	e.GET("/as/:role", func(c echo.Context) error {
		token, _, err := r.People.SignIn(ctx, r.Company.Users[access.Role(c.Param("role"))].Email, "correct horse battery", "x")
		if err != nil {
			return err
		}
		web.SignedIn(c, token, false)
		c.SetCookie(&http.Cookie{Name: "mg_theme", Value: c.QueryParam("theme"), Path: "/"})
		return c.Redirect(303, c.QueryParam("to"))
	})
	e.GET("/static/*", func(c echo.Context) error {
		if strings.HasSuffix(c.Request().URL.Path, "css/app.css") {
			a, _ := os.ReadFile("../static/assets/css/app.css")
			b, _ := os.ReadFile("../static/assets/css/rooms.css")
			c.Response().Header().Set("Cache-Control", "no-store")
			return c.Blob(200, "text/css", bytes.Join([][]byte{a, b}, []byte("\n")))
		}
		static.Handler().ServeHTTP(c.Response(), c.Request())
		return nil
	})
	go func() { _ = http.ListenAndServe("127.0.0.1:18431", e) }()
	for {
		if _, err := os.Stat("/tmp/money/stop"); err == nil {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
}
