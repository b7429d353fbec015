package parse_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"makegood/inbox/parse"
)

func fromFile(t *testing.T, name string) parse.Message {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parse.Parse(raw, parse.Options{})
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func list[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestGermanDispute(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "dispute_de.eml")
	equal(t, "subject", m.Subject, "Rechnung DE-2026-01877 - falscher Betrag für März")
	list(t, "from", m.From, parse.Address{Name: "Jörg Keller", Address: "J.Keller@nordlicht-druck.example"})
	equal(t, "date", m.Date, "2026-03-03T09:12:44+01:00")
	equal(t, "id", m.MessageID, "aa11@nordlicht-druck.example")
	list(t, "in reply to", m.InReplyTo, "case.7.abc@makegood.example")
	list(t, "invoices", m.Refs.Invoices, "DE-2026-01877")
	list(t, "accounts", m.Refs.Accounts, "MG-004182")
	list(t, "orders", m.Refs.PurchaseOrders, "PO-77812")
	list(t, "amounts", m.Refs.Amounts, parse.Amount{Amount: "1240.00", Currency: "EUR"}, parse.Amount{Amount: "940.50", Currency: "EUR"})
	equal(t, "language", m.Language, "de")
	equal(t, "kind", m.Kind, parse.Person)
	if strings.Contains(m.ReplyText, "Anbei") || !strings.HasSuffix(m.ReplyText, "Jörg Keller") {
		t.Errorf("reply text: %q", m.ReplyText)
	}
	list(t, "delivered to", m.Headers.DeliveredTo, "rechnung@makegood.example")
	equal(t, "return path", m.Headers.ReturnPath, "j.keller@nordlicht-druck.example")
	equal(t, "authentication results", len(m.Headers.AuthenticationResults), 1)
	list(t, "defects", m.Defects)
}

func TestJapanese(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "invoice_ja.eml")
	equal(t, "subject", m.Subject, "請求書について")
	equal(t, "name", m.From[0].Name, "田中")
	equal(t, "language", m.Language, "ja")
	list(t, "invoices", m.Refs.Invoices, "INV-2041")
	list(t, "amounts", m.Refs.Amounts, parse.Amount{Amount: "184800", Currency: "JPY"})
	equal(t, "reply", m.ReplyText, "お世話になっております。\n請求書番号 INV-2041 の金額 ¥184,800 が注文と違います。")
}

func TestUnlabelledChinese(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "raw_gbk.eml")
	equal(t, "subject", m.Subject, "关于三月份发票的问题")
	equal(t, "text", m.Text, "您好，发票 SG-2026-00877 的金额不正确，请您核对以后重新开具。谢谢。")
	equal(t, "language", m.Language, "zh")
	list(t, "invoices", m.Refs.Invoices, "SG-2026-00877")
}

func TestBounce(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "bounce_dsn.eml")
	equal(t, "kind", m.Kind, parse.Bounced)
	want := parse.Bounce{
		Recipient: "gone@kunde.example", Action: "failed", Status: "5.1.1",
		Diagnostic: "550 5.1.1 <gone@kunde.example>: no such user", OriginalMessageID: "memo.12@makegood.example",
	}
	if !reflect.DeepEqual(m.Bounce, want) {
		t.Errorf("bounce: got %+v, want %+v", m.Bounce, want)
	}
	equal(t, "null return path", m.Headers.NullReturnPath, true)
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "attachments.eml")
	names := []string{}
	for _, a := range m.Attachments {
		names = append(names, a.Filename)
		equal(t, a.Filename+" size", a.Size, len(a.Content))
	}
	list(t, "names", names, "Zahlungsübersicht.csv", "winmail.dat", "inner mail.eml")
	equal(t, "csv", string(m.Attachments[0].Content), "invoice,amount\nCM-DE-2026-00403,EUR 1,240.00\n")
	list(t, "invoices", m.Refs.Invoices, "CM-DE-2026-00403")
	list(t, "payments", m.Refs.Payments, "PAY-DE-20418")
	list(t, "amounts", m.Refs.Amounts, parse.Amount{Amount: "12.30", Currency: "USD"}, parse.Amount{Amount: "1240.00", Currency: "EUR"})
	list(t, "defects", m.Defects, "tnef")
	if strings.Contains(m.Text, "hello") {
		t.Errorf("the enclosed mail leaks into the text: %q", m.Text)
	}
}

func TestSmallOnes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, text string
		kind       parse.Kind
	}{
		{"html_only.eml", "Bonjour,\n\nla facture FA-10023 est **fausse**.\n\nMerci\n> votre facture", parse.Person},
		{"no_blank_line.eml", "Hello, this is the body at once.\nInvoice INV-2041 is wrong.", parse.Person},
		{"flowed.eml", "This line is soft broken and goes on.\n\n> quoted too\n-- \nAlex", parse.Person},
		{"nul_bytes.eml", "body with  NUL and ÿþ bytes", parse.Notification},
		{"invite.eml", "Join us.", parse.Calendar},
		{"out_of_office.eml", "Estoy fuera de la oficina hasta el lunes. Gracias por su mensaje.", parse.AutoReply},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			m := fromFile(t, c.file)
			equal(t, "text", m.Text, c.text)
			equal(t, "kind", m.Kind, c.kind)
		})
	}
}

func TestJSONHasEveryKey(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := parse.WriteJSON(&out, parse.Parse(nil, parse.Options{})); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("null in %s", out.String())
	}
	var m map[string]any
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"message_id", "in_reply_to", "references", "from", "reply_to", "to", "cc", "subject", "date", "text", "html",
		"reply_text", "language", "kind", "bounce", "attachments", "refs", "defects",
	} {
		if _, ok := m[key]; !ok {
			t.Errorf("key %s is missing", key)
		}
	}
	equal(t, "keys", len(m), 18)
	equal(t, "text of a mail that shows nothing", m["text"].(string), parse.NothingVisible)
	equal(t, "its reply text", m["reply_text"].(string), "")
}
