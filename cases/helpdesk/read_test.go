package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/helpdesk"
	"makegood/internal/errs"
)

var now = time.Date(2026, 5, 12, 8, 0, 0, 0, time.UTC)

func given(name, content string) helpdesk.File {
	return helpdesk.File{Name: name, Content: strings.NewReader(content), Size: int64(len(content))}
}

func fromDisk(t testing.TB, paths ...string) []helpdesk.File {
	t.Helper()
	var files []helpdesk.File
	for _, path := range paths {
		content, err := os.ReadFile(filepath.Join("testdata", path))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, given(filepath.Base(path), string(content)))
	}
	return files
}

func export(t testing.TB) []helpdesk.File {
	t.Helper()
	return fromDisk(t, "salesforce/EmailMessage.csv", "salesforce/CaseComment.csv", "salesforce/Attachment.csv", "salesforce/Case.csv", "salesforce/User.csv",
		"salesforce/Contact.csv", "salesforce/Account.csv")
}

func read(t testing.TB, format helpdesk.Format, o helpdesk.Options, files ...helpdesk.File) helpdesk.Export {
	t.Helper()
	x, err := helpdesk.Read(format, files, o, now)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func numbered(t testing.TB, x helpdesk.Export, number string) helpdesk.Past {
	t.Helper()
	for _, p := range x.Cases {
		if p.Number == number {
			return p
		}
	}
	t.Fatalf("no %s among %d cases", number, len(x.Cases))
	return helpdesk.Past{}
}

// talk is a conversation on one line a message.
func talk(p helpdesk.Past) string {
	var b strings.Builder
	for _, m := range p.Messages {
		first, _, _ := strings.Cut(m.Body, "\n")
		fmt.Fprintf(&b, "%s %s %s<%s>: %.40s %v\n", m.At.Format("01-02 15:04"), m.Side, m.Name, m.Address, first, m.Files)
	}
	return b.String()
}

func refusals(x helpdesk.Export) string {
	var b strings.Builder
	for _, r := range x.Refused {
		fmt.Fprintf(&b, "%s:%d %s %s\n", r.File, r.Row, r.Number, strings.TrimPrefix(r.Key, "case.past."))
	}
	return b.String()
}

func TestSalesforceExport(t *testing.T) {
	t.Parallel()
	x := read(t, helpdesk.Salesforce, helpdesk.Options{}, export(t)...)
	if len(x.Cases) != 4 || x.Deleted != 1 || x.Orphans != 1 || len(x.Ignored) != 0 {
		t.Errorf("%d cases, %d deleted, %d orphans, ignored %v", len(x.Cases), x.Deleted, x.Orphans, x.Ignored)
	}
	if got, want := refusals(x), "Case.csv:6 00001030 no_day\nCase.csv:7 00001031 not_a_day\nCase.csv:8 00001026 twice\n"; got != want {
		t.Errorf("refused\n%swant\n%s", got, want)
	}

	closed := numbered(t, x, "00001026")
	if closed.Status != cases.StatusClosed || !closed.OpenedAt.Equal(time.Date(2026, 3, 5, 9, 12, 44, 0, time.UTC)) ||
		!closed.ClosedAt.Equal(time.Date(2026, 3, 9, 16, 20, 0, 0, time.UTC)) || closed.Type != cases.Dispute || closed.Priority != cases.P2 {
		t.Errorf("closed %+v", closed)
	}
	if c := closed.Customer; c.Address != "anna@aster.example" || c.Person != "Anna Aster" || c.Company != "Aster Media GmbH" || len(c.Accounts) != 1 || c.Accounts[0] != "C-1001" {
		t.Errorf("its customer %+v", c)
	}
	if got, want := talk(closed), `03-05 09:12 customer Anna Aster<anna@aster.example>: Hello, [invoice-4711.pdf]
03-06 09:45 note Mara Lindt<>: Price list of February was loaded again. []
03-06 10:00 desk Mara Lindt<billing@nordlicht.example>: Dear Anna, []
03-07 11:00 desk Mara Lindt<>: The credit is booked. []
03-09 08:00 customer Petra Aster<petra@aster.example>: Thank you, the credit has come. []
`; got != want {
		t.Errorf("talk\n%swant\n%s", got, want)
	}
	if to := closed.Messages[2].To; len(to) != 2 || to[1] != "petra@aster.example" {
		t.Errorf("answered to %v", to)
	}

	phone := numbered(t, x, "00001027")
	if phone.Status != cases.StatusWaiting || phone.Customer.Company != "Aster Media GmbH" {
		t.Errorf("waiting %+v", phone)
	}
	if got, want := talk(phone), `04-20 13:00 note Mara Lindt<>: Caller wants to know the rate from May o []
04-21 07:00 customer Petra Aster<>: From our side: the old one? []
04-21 08:00 desk Mara Lindt<>: The new one. Which contract do you mean? []
`; got != want {
		t.Errorf("talk\n%swant\n%s", got, want)
	}
	if open := numbered(t, x, "00001028"); open.Status != cases.StatusOpen || open.Type != cases.Refund || open.Customer.Address != "jo@nobody.example" || len(open.Messages) != 3 {
		t.Errorf("open %+v", open)
	}
	if fresh := numbered(t, x, "00001032"); fresh.Status != cases.StatusNew || fresh.Type != cases.Inquiry {
		t.Errorf("new %+v", fresh)
	}
}

func TestSalesforceReport(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	x := read(t, helpdesk.Salesforce, helpdesk.Options{Zone: berlin}, fromDisk(t, "salesforce/report.csv")...)
	p := numbered(t, x, "00000881")
	if p.Status != cases.StatusClosed || !p.OpenedAt.Equal(time.Date(2026, 1, 24, 8, 5, 0, 0, time.UTC)) || !p.ClosedAt.Equal(time.Date(2026, 1, 26, 16, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", p)
	}
	if p.Customer.Address != "bo@borealis.example" || p.Customer.Company != "Borealis AS" || p.Messages[0].Side != helpdesk.ByCustomer {
		t.Errorf("%+v", p)
	}
	if second := numbered(t, x, "00000882"); !second.OpenedAt.Equal(time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)) || second.Status != cases.StatusOpen {
		t.Errorf("the column says that the day comes first: %+v", second)
	}

	unclear := given("report.csv", "Case Number,Subject,Date/Time Opened\n1,Which?,3/4/2026 9:12 AM\n2,Same,5/5/2026 12:30 PM\n")
	x = read(t, helpdesk.Salesforce, helpdesk.Options{}, unclear)
	if got := refusals(x); got != "report.csv:2 1 two_ways\n" || !numbered(t, x, "2").OpenedAt.Equal(time.Date(2026, 5, 5, 12, 30, 0, 0, time.UTC)) {
		t.Errorf("refused %s, taken %+v", got, x.Cases)
	}
	for order, want := range map[string]time.Time{
		"MM/DD/YYYY": time.Date(2026, 3, 4, 9, 12, 0, 0, time.UTC), "DD.MM.YYYY": time.Date(2026, 4, 3, 9, 12, 0, 0, time.UTC),
	} {
		if x := read(t, helpdesk.Salesforce, helpdesk.Options{DateOrder: order}, unclear); !numbered(t, x, "1").OpenedAt.Equal(want) {
			t.Errorf("%s: %+v", order, x.Cases)
		}
	}
}

// A case is known by its id in either length, in whatever order the files are given, packed or not.
func TestSalesforceZip(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for name, content := range map[string]string{
		"WE_00D/EmailMessage.csv": "Id,ParentId,FromAddress,TextBody,Incoming,MessageDate\n02s1,500300000000001,a@b.example,Hello,1,2026-01-02T10:00:00.000Z\n",
		"WE_00D/Case.csv":         "Id,CaseNumber,Subject,Status,CreatedDate\n500300000000001AAQ,7,Hi,Working,2026-01-02T10:00:00.000+0000\n",
		"WE_00D/Attachments/x":    "bytes", "__MACOSX/._Case.csv": "no table", "WE_00D/Lead.csv": "Id,Email\n1,x@y.example\n",
	} {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	x := read(t, helpdesk.Salesforce, helpdesk.Options{}, given("export.zip", packed.String()))
	if p := numbered(t, x, "7"); len(p.Messages) != 1 || p.Customer.Address != "a@b.example" {
		t.Errorf("%+v", p)
	}
	if len(x.Ignored) != 1 || x.Ignored[0] != "WE_00D/Lead.csv" {
		t.Errorf("ignored %v", x.Ignored)
	}
}

func TestIntercom(t *testing.T) {
	t.Parallel()
	x := read(t, helpdesk.Intercom, helpdesk.Options{}, fromDisk(t, "intercom/conversations.json", "intercom/lines.jsonl")...)
	if got, want := refusals(x), "conversations.json:3 4103 no_day\nlines.jsonl:3  not_one\n"; got != want {
		t.Errorf("refused\n%swant\n%s", got, want)
	}
	if len(x.Cases) != 4 || x.Bare != 1 {
		t.Errorf("%d conversations, %d bare", len(x.Cases), x.Bare)
	}
	closed := numbered(t, x, "4101")
	if closed.Status != cases.StatusClosed || closed.ClosedAt.Unix() != 1772690000 || closed.Subject != "Charged after cancellation" || closed.Type != cases.Cancellation ||
		strings.Join(closed.Tags, ",") != "billing,cancellation" || closed.Priority != "" {
		t.Errorf("closed %+v", closed)
	}
	if c := closed.Customer; c.Address != "anna@aster.example" || c.Person != "Anna Aster" || c.Accounts[0] != "C-1001" {
		t.Errorf("its customer %+v", c)
	}
	if got, want := talk(closed), `03-02 09:00 customer Anna Aster<anna@aster.example>: We cancelled in January & were charged i [cancellation.pdf]
03-02 09:03 machine Operator<operator@intercom.example>: We will look into it. []
03-02 09:50 note Mara Lindt<mara@nordlicht.example>: Cancelled on 14 January indeed. []
03-02 10:06 desk Mara Lindt<mara@nordlicht.example>: You are right. The credit is on its way. []
03-05 07:16 note <>: Rated 4 of 5: Quick. []
`; got != want {
		t.Errorf("talk\n%swant\n%s", got, want)
	}
	if fresh := numbered(t, x, "4102"); fresh.Status != cases.StatusNew || fresh.Subject != "Can we pay by card?" || fresh.Priority != cases.P2 || fresh.Customer.Address != "bo@elsewhere.example" {
		t.Errorf("new %+v", fresh)
	}
	if text := numbered(t, x, "4202"); !text.OpenedAt.Equal(time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("a time as text: %+v", text)
	}
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		format  helpdesk.Format
		content string
		want    string
	}{
		"no cases":        {helpdesk.Salesforce, "Id,Email\n1,a@b.example\n", "case.past.no_columns"},
		"empty":           {helpdesk.Salesforce, "", "case.past.no_columns"},
		"only its head":   {helpdesk.Salesforce, "Id,CaseNumber,Subject,CreatedDate\n", "case.past.nothing"},
		"no archive":      {helpdesk.Salesforce, "PK\x03\x04 but no more", "case.past.zip"},
		"cut JSON":        {helpdesk.Intercom, `{"id":"1","created_at":1775000000}` + "\n" + `{"id":`, "case.past.no_json"},
		"nothing of JSON": {helpdesk.Intercom, " \n", "case.past.nothing"},
		"another desk":    {"zendesk", "{}", "case.past.format"},
	} {
		_, err := helpdesk.Read(one.format, []helpdesk.File{given("x", one.content)}, helpdesk.Options{}, now)
		if errs.KeyOf(err) != one.want {
			t.Errorf("%s: %v, want %s", name, err, one.want)
		}
	}
	if _, err := helpdesk.Read(helpdesk.Salesforce, export(t), helpdesk.Options{DateOrder: "YYYY"}, now); errs.KeyOf(err) != "case.past.date_order" {
		t.Errorf("order of days: %v", err)
	}
}

func TestFutureIsNoPast(t *testing.T) {
	t.Parallel()
	x := read(t, helpdesk.Intercom, helpdesk.Options{}, given("x.json", `[{"id":1,"created_at":1999999999},
		{"id":2,"created_at":1775000000,"state":"closed","updated_at":1999999999,"source":{"body":"Hi \u0000there"},
			"conversation_parts":[{"part_type":"comment","body":"later","created_at":1999999999,"author":{"type":"admin"}}]}]`))
	if got := refusals(x); got != "x.json:1 1 future\n" {
		t.Errorf("refused %s", got)
	}
	p := numbered(t, x, "2")
	for _, m := range p.Messages {
		if m.At.After(now) || strings.Contains(m.Body, "\x00") {
			t.Errorf("%+v", m)
		}
	}
	if p.ClosedAt.After(now) || p.ClosedAt.Before(p.OpenedAt) {
		t.Errorf("closed %s", p.ClosedAt)
	}
}
