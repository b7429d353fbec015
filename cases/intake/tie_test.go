package intake_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"
	"github.com/xuri/excelize/v2"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// file is an attachment of a test's mail.
type file struct {
	name, kind string
	content    []byte
}

// withFiles is a mail with attachments.
func withFiles(p post, files ...file) []byte {
	p.headers = append(p.headers, `Content-Type: multipart/mixed; boundary="b"`)
	var b strings.Builder
	b.WriteString("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + p.text + "\r\n")
	for _, f := range files {
		b.WriteString("--b\r\nContent-Type: " + f.kind + "\r\nContent-Disposition: attachment; filename=\"" + f.name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		encoded := base64.StdEncoding.EncodeToString(f.content)
		for len(encoded) > 76 {
			b.WriteString(encoded[:76] + "\r\n")
			encoded = encoded[76:]
		}
		b.WriteString(encoded + "\r\n")
	}
	p.text = b.String() + "--b--\r\n"
	return bytes.Replace(p.raw(), []byte("Content-Type: text/plain; charset=utf-8\r\nMessage"), []byte("Message"), 1)
}

// inline is a mail whose files are marked to be shown in place, as some programs mark all of them.
func inline(raw []byte) []byte {
	return bytes.ReplaceAll(raw, []byte("Content-Disposition: attachment"), []byte("Content-Disposition: inline"))
}

func pdfOf(t testing.TB, lines ...string) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.SetFont("Helvetica", "", 11)
	for _, line := range lines {
		doc.CellFormat(0, 8, line, "", 1, "", false, 0, "")
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func workbookOf(t testing.TB, rows ...[]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for n, cells := range rows {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", at, &cells); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReferencesAreFoundWhereverTheyStand(t *testing.T) {
	t.Parallel()
	d := setup(t)
	number := d.astersInvoice.Number
	garbled := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(number, "-0", " O"), "-", " "))
	for name, c := range map[string]struct {
		raw        []byte
		evidence   string
		confidence int
	}{
		"in the subject":           {post{from: anna, subject: "About " + number, id: "s@aster.example", text: "It is wrong."}.raw(), "subject", 100},
		"in the body":              {post{from: anna, subject: "A", id: "b@aster.example", text: "The invoice " + number + " is wrong."}.raw(), "body", 100},
		"garbled":                  {post{from: anna, subject: "B", id: "g@aster.example", text: "Our invoice no. " + garbled + " is wrong."}.raw(), "body", 80},
		"in the name of a file":    {withFiles(post{from: anna, subject: "C", id: "n@aster.example", text: "See file."}, file{"Rechnung_" + number + ".bin", "application/octet-stream", []byte{0, 1, 2}}), "attachment Rechnung_" + number + ".bin", 100},
		"in a PDF":                 {withFiles(post{from: anna, subject: "D", id: "p@aster.example", text: "See file."}, file{"scan.pdf", "application/pdf", pdfOf(t, "We refer to invoice "+number)}), "attachment scan.pdf", 100},
		"in a PDF sent inline":     {inline(withFiles(post{from: anna, subject: "I", id: "i@aster.example", text: "See file."}, file{"shown.pdf", "application/pdf", pdfOf(t, "We refer to invoice "+number)})), "attachment shown.pdf", 100},
		"in a CSV of another name": {withFiles(post{from: anna, subject: "E", id: "c@aster.example", text: "See file."}, file{"list.dat", "application/octet-stream", []byte("invoice;amount\r\n" + number + ";1190,00\r\n")}), "attachment list.dat", 100},
		"in a workbook":            {withFiles(post{from: anna, subject: "F", id: "x@aster.example", text: "See file."}, file{"list.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbookOf(t, []string{"Invoice"}, []string{number})}), "attachment list.xlsx", 100},
		"amount, day and customer": {post{from: anna, subject: "G", id: "a@aster.example", text: "The bill dated 1 May 2026 over 1,190.00 EUR is not ours."}.raw(), "amount and date", 60},
	} {
		c0 := d.caseOf(d.handle(d.store(d.box, c.raw)))
		if n := d.count(`case_attachments a join case_messages m on m.id = a.case_message_id where m.case_id = $1 and a.inline`, c0.ID); n != 0 {
			t.Errorf("%s: %d files hide from evidence and portal", name, n)
		}
		links, err := d.cases.Invoices(t.Context(), d.db, c0.ID)
		d.must(err)
		if len(links) != 1 || links[0].InvoiceID != d.astersInvoice.ID || links[0].Evidence != c.evidence || links[0].Confidence != c.confidence {
			t.Errorf("%s: links %+v", name, links)
		}
	}
	for name, text := range map[string]string{
		"the amount alone":         "We dispute 1,190.00 EUR.",
		"another day":              "The bill dated 2 May 2026 over 1,190.00 EUR is not ours.",
		"another currency":         "The bill dated 1 May 2026 over 1,190.00 USD is not ours.",
		"the day and another's":    "The bill dated 1 May 2026 over 1,191.00 EUR is not ours.",
		"what only the quote says": "Thanks.",
	} {
		c := d.caseOf(d.deliver(post{from: anna, subject: "H " + name, id: strings.ReplaceAll(name, " ", "") + "@aster.example", text: text}))
		if n := d.count(`case_invoices where case_id = $1`, c.ID); n != 0 {
			t.Errorf("%s led to %d invoices", name, n)
		}
	}
}

func TestTyingToTheCustomer(t *testing.T) {
	t.Parallel()

	t.Run("several customers of one domain: the one whose number is quoted", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		d.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update customers set email_domains = array['group.example'] where id = any ($1)`, []int64{int64(d.aster), int64(d.borealis)})
			d.must(err)
			_, err = tx.Exec(t.Context(), `update customers set account = 'KD-2002' where id = $1`, d.borealis)
			return err
		})
		mail := func(id, text string) cases.Case {
			return d.caseOf(d.deliver(post{from: "kim@group.example", subject: "Invoice", id: id + "@group.example", text: text}))
		}
		if c := mail("1", "Our customer number is kd-20O2."); c.CustomerID == nil || *c.CustomerID != d.borealis {
			t.Errorf("by account: %+v", c)
		}
		if c := mail("2", "About "+d.astersInvoice.Number+"."); c.CustomerID == nil || *c.CustomerID != d.aster {
			t.Errorf("by invoice: %+v", c)
		}
		if c := mail("3", d.astersInvoice.Number+" and "+d.borealisInvoice.Number); c.CustomerID != nil || !d.warned(c, intake.WarnSharedDomain) {
			t.Errorf("both are quoted: %+v", c)
		}
		if c := mail("4", "Hello."); c.CustomerID != nil {
			t.Errorf("nothing is quoted: %+v", c)
		}
	})

	t.Run("an unknown sender who quotes a number waits in triage, with a suggestion", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: "kim@mail.example", subject: "Invoice " + d.astersInvoice.Number, id: "1@mail.example", text: "Please resend it."}))
		params := value[map[string]string](t, d.db, `select params from case_warnings where case_id = $1 and key = $2`, c.ID, intake.WarnNamesCustomer)
		if c.CustomerID != nil || params["account"] != "C-1" || d.count(`case_invoices`) != 0 {
			t.Errorf("%+v, suggested %v", c, params)
		}
		page, err := d.cases.Queue(t.Context(), cases.Filter{View: cases.ViewTriage}, agent())
		d.must(err)
		if len(page.Rows) != 1 || page.Rows[0].ID != c.ID {
			t.Errorf("triage shows %+v", page.Rows)
		}

		linked, err := d.cases.LinkCustomer(t.Context(), cases.LinkCustomerInput{On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, CustomerID: d.aster, Remember: true})
		d.must(err)
		if linked.ContactID == nil {
			t.Error("the address was not remembered")
		}
		next := d.caseOf(d.deliver(post{from: "kim@mail.example", subject: "Another matter", id: "2@mail.example", text: "Hello."}))
		if next.CustomerID == nil || *next.CustomerID != d.aster || next.ContactID == nil {
			t.Errorf("the next mail: %+v", next)
		}
		if page, err = d.cases.Queue(t.Context(), cases.Filter{View: cases.ViewTriage}, agent()); err != nil || len(page.Rows) != 0 {
			t.Errorf("triage still shows %+v %v", page.Rows, err)
		}
	})

	t.Run("a forged one gets no suggestion", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: "kim@mail.example", subject: "Invoice " + d.astersInvoice.Number, id: "1@mail.example", text: "x", headers: []string{dmarc("fail")}}))
		if d.warned(c, intake.WarnNamesCustomer) {
			t.Error("suggested")
		}
	})
}

func TestSameContactSameInvoice(t *testing.T) {
	t.Parallel()
	d := setup(t)
	mail := func(from, id string) inbox.Inbound {
		return d.deliver(post{from: from, subject: "Invoice " + d.astersInvoice.Number, id: id + "@aster.example", text: "The position is charged twice, 119.00 EUR too much."})
	}
	first := d.caseOf(mail(anna, "1"))
	second := d.caseOf(mail(anna, "2"))
	third := d.caseOf(mail("colleague@aster.example", "3"))
	if !d.warned(second, intake.WarnSameMatter) || d.warned(third, intake.WarnSameMatter) || !d.warned(third, intake.WarnSimilarCase) {
		t.Error("not suggested to the same contact alone")
	}
	if n := d.count(`dispute_lines where case_id = $1`, second.ID); n != 0 {
		t.Errorf("the same claim is held twice, by %d lines", n)
	}
	_, err := d.cases.Join(t.Context(), cases.JoinInput{On: cases.On{By: agent(), ID: second.ID, Version: second.Version}, Into: first.ID})
	d.must(err)
	token := d.acknowledgements(second)[0]
	answer := d.deliver(post{from: anna, subject: "Re: Invoice", id: "4@aster.example", text: "Any news?", headers: []string{"In-Reply-To: " + token}})
	d.want(answer, inbox.Attached, intake.ReasonJoined)
	if c := d.caseOf(answer); c.ID != first.ID {
		t.Errorf("an answer to the joined case went to %s", c.Number)
	}
}
