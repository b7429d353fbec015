package casefile_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
)

func TestServe(t *testing.T) {
	if os.Getenv("SERVE") == "" {
		return
	}
	r := setup(t)
	i := r.invoice()
	r.do(func(tx *db.Tx) error {
		_, err := r.billing.RecordPaymentTx(t.Context(), tx, billing.NewPayment{EntityID: r.entity, CustomerID: r.customer, Currency: "EUR", Amount: d("6827.27"), ReceivedOn: billing.Date(at("2026-11-09 00:00")), Method: "transfer", BankReference: "X1", Allocate: []billing.Allocate{{InvoiceID: i.ID, Amount: d("6827.27")}}, IdempotencyKey: "p1", By: access.SystemActor("test")})
		return err
	})
	r.clock.Set(at("2026-11-11 16:48"))
	c := r.dispute(i)
	r.clock.Set(at("2026-11-11 16:52"))
	c, err := r.cases.Claim(t.Context(), cases.On{By: r.mara, ID: c.ID})
	r.must(err)
	r.clock.Set(at("2026-11-11 17:20"))
	sent, err := r.cases.Reply(t.Context(), cases.ReplyInput{On: cases.On{By: r.mara, ID: c.ID, Version: c.Version}, Body: "Thank you. For line 3 I need the signed install protocol of the two later cross-connects; lines 4 and 5 I am checking with our contracts team.", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	r.must(err)
	c = sent.Case
	r.clock.Set(at("2026-11-12 08:55"))
	r.do(func(tx *db.Tx) error {
		var err error
		c, err = r.cases.ReceiveTx(t.Context(), tx, c.ID, cases.InboundMessage{AuthorName: "Sabine Köhler", AuthorAddress: "s.koehler@brueckner.example", Trust: cases.Verified, Body: "Attached is the signed install protocol. Both ports of line 3 were patched on 2 November at 10:15, so October cannot carry them. The rest of " + i.Number + " is paid.\n\nOur auditors close October tomorrow evening; can we have the corrected document before that?", Attachments: []cases.Attachment{{Filename: "Installationsprotokoll_7731.pdf", MediaType: "application/pdf", Size: 421888, SHA256: make([]byte, 32)}}})
		return err
	})
	r.clock.Set(at("2026-11-12 09:24"))
	c, err = r.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: r.jonas, ID: c.ID}, Body: "Protocol and order 7731 agree: 2 of 4 ports live in October. Annex B §4 gives 20 % on premium support from 1 Oct; it was never keyed."})
	r.must(err)
	r.clock.Set(at("2026-11-12 10:31"))
	ds, _ := r.cases.Disputes(t.Context(), r.db, c.ID)
	msgs, _ := r.cases.Messages(t.Context(), r.db, c.ID)
	_, err = r.credits.Submit(t.Context(), credits.ProposeInput{By: r.mara, CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "not_installed", Explanation: "Two ports were not live.", Lines: []credits.ProposeLine{{InvoiceLineID: i.Lines[2].ID, Net: d("420"), DisputeLineID: &ds[0].ID}, {InvoiceLineID: i.Lines[3].ID, Net: d("290"), DisputeLineID: &ds[1].ID}}, Evidence: []credits.NewEvidence{{Kind: credits.CustomerMail, Label: "Mail of 12 Nov", MessageID: &msgs[0].ID}, {Kind: credits.Document, Label: "Install protocol"}}})
	r.must(err)
	subjects := []string{"Statement shows the invoice twice", "Refund for an order we never received", "Discount for the second rack missing again", "Nota sem número do pedido de compra", "9 月與 10 月流量費用超出合約上限", "Change of dunning address", "Usage on line 2 does not match our meter"}
	var others []billing.CustomerID
	r.do(func(tx *db.Tx) error {
		for n, name := range []string{"Ashgrove Dental Group", "Orla Finnegan Interiors", "Kwabena Osei Print & Pack", "Loja Maré Alta Comércio S.A.", "新港智慧零售股份有限公司", "Voss & Ehlers Maschinenbau AG", "Meridian Freight Brokers LLC"} {
			others = append(others, r.addCustomer(tx, fmt.Sprint(200000+n), name, []string{"silver", "silver", "gold", "platinum"}[n%4]))
		}
		return nil
	})
	ages := []string{"2026-11-11 09:00", "2026-11-11 16:30", "2026-11-12 10:00", "2026-11-12 10:32", "2026-11-12 10:40", "2026-11-12 10:50", "2026-11-12 10:55"}
	for n, s := range subjects {
		in := cases.OpenInput{Type: cases.Inquiry, Subject: s, Source: "mail", CustomerID: &others[n], By: access.SystemActor("intake"), ReceivedAt: at(ages[n]), Participants: []cases.Participant{{Address: fmt.Sprintf("p%d@x.example", n), Name: "Somebody", Accepted: true}}, Message: &cases.InboundMessage{AuthorName: "Somebody", AuthorAddress: fmt.Sprintf("p%d@x.example", n), Subject: s, Body: "Hi, it is now three weeks. Your colleague said the refund left on 21 October and nothing has come.", Trust: cases.Known}}
		o := r.open(in)
		if n == 6 {
			o, _ = r.cases.Claim(t.Context(), cases.On{By: r.jonas, ID: o.ID})
			sent, err := r.cases.Reply(t.Context(), cases.ReplyInput{On: cases.On{By: r.jonas, ID: o.ID, Version: o.Version}, Body: "Please send the export.", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
			r.must(err)
			_ = sent
		}
	}
	r.clock.Set(at("2026-11-12 11:06"))
	r.signIn(r.mara)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !strings.HasPrefix(req.URL.Path, "/static") {
			req.AddCookie(r.cookies["Mara Lindqvist"])
			req.Header.Del("Accept-Encoding")
			if strings.HasPrefix(req.URL.Path, "/live") {
				w.WriteHeader(404)
				return
			}
			rec := httptest.NewRecorder()
			r.echo.ServeHTTP(rec, req)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			b, _ := io.ReadAll(rec.Body)
			if !strings.Contains(string(b), "cases.css") {
				b = []byte(strings.Replace(string(b), "</head>", `<link rel="stylesheet" href="/cases.css"/></head>`, 1))
			}
			w.Header().Del("Content-Length")
			if req.URL.Path == "/cases.css" {
				b, _ = os.ReadFile("/work/main/ui/static/assets/css/cases.css")
				w.Header().Set("Content-Type", "text/css")
				w.WriteHeader(200)
				w.Write(b)
				return
			}
			w.WriteHeader(rec.Code)
			w.Write(b)
			return
		}
		r.echo.ServeHTTP(w, req)
	}))
	srv.Start()
	fmt.Println("URL", srv.URL, c.Number)
	os.WriteFile("/tmp/casefile/url", []byte(srv.URL), 0o644)
	deadline := time.After(25 * time.Minute)
	for {
		select {
		case <-deadline:
			return
		case <-time.After(300 * time.Millisecond):
			if _, err := os.Stat("/tmp/casefile/stop"); err == nil {
				return
			}
		}
	}
}
