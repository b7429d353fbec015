package reportmail_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reportmail"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is the company with its reports by mail; it is 09:30 in Berlin on Tuesday 12 May 2026.
type house struct {
	*screentest.Room

	t    *testing.T
	mail *reportmail.Service
	me   access.Actor
}

func setup(t *testing.T) *house {
	t.Helper()
	h := &house{Room: screentest.Open(t), t: t}
	words, err := i18n.Load()
	h.Must(err)
	h.mail = reportmail.New(reportmail.Services{
		DB: h.DB, People: h.People, Billing: h.Billing, Cases: h.Cases, Inbox: h.Inbox, Reports: h.Reports,
	}, words, "https://desk.ostwind.example", nil)
	h.mail.Register(h.Registry)
	h.me = h.Actor(access.Supervisor)
	h.exec(`update users set time_zone = 'Europe/Berlin'`)
	return h
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	h.Must(h.DB.Do(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(h.t.Context(), statement, args...)
		return err
	}))
}

// mondays is a report of cases, each Monday at seven.
func (h *house) mondays() reportmail.Input {
	return reportmail.Input{
		By: h.me, Title: "Opened", Report: "work/opened/rows", Filters: map[string]string{"type": "dispute"}, Covers: reportmail.WeekBefore, Form: reportmail.CSV,
		Rhythm: reportmail.Rhythm{Repeats: reportmail.Weekly, OnDay: 1, AtMinute: 7 * 60},
	}
}

func (h *house) make(in reportmail.Input) reportmail.Schedule {
	h.t.Helper()
	made, err := h.mail.Make(h.t.Context(), in)
	h.Must(err)
	return made
}

func (h *house) now(id int64) reportmail.Schedule {
	h.t.Helper()
	sch, err := h.mail.Schedule(h.t.Context(), h.Actor(access.Admin), id)
	h.Must(err)
	return sch
}

// send works, at a moment in Berlin, what is due then, each job twice as jobs may run, and gives the mails so far.
func (h *house) send(when string) []inbox.OutgoingMessage {
	h.t.Helper()
	h.Clock.Set(at(h.t, when, zone(h.t, "Europe/Berlin")))
	h.Must(h.Registry.Work(h.t.Context(), reportmail.Look{}.Kind(), []byte(`{}`)))
	due, err := db.Values[[]byte](h.t.Context(), h.DB, `select args from river_job where kind = $1 and state in ('available', 'retryable') order by id`, reportmail.Send{}.Kind())
	h.Must(err)
	for _, args := range append(due, due...) {
		h.Must(h.Registry.Work(h.t.Context(), reportmail.Send{}.Kind(), args))
	}
	h.exec(`update river_job set state = 'completed', finalized_at = now() where kind = $1 and state = 'available'`, reportmail.Send{}.Kind())
	mails, err := db.List[inbox.OutgoingMessage](h.t.Context(), h.DB, `select id, subject, text_body, to_address, automatic, from_address from outgoing_messages where kind = 'report' order by id`)
	h.Must(err)
	return mails
}

func (h *house) file(mail inbox.OutgoingMessage) string {
	h.t.Helper()
	content, err := db.Values[[]byte](h.t.Context(), h.DB, `select b.content from outgoing_attachments a join blobs b on b.sha256 = a.blob where a.outgoing_message_id = $1`, mail.ID)
	h.Must(err)
	if len(content) == 0 {
		return ""
	}
	return string(content[0])
}

func TestReportsByMail(t *testing.T) {
	t.Parallel()
	h := setup(t)
	dispute := h.Dispute("59.50")
	sch := h.make(h.mondays())
	if sch.NextAt == nil || !sch.NextAt.Equal(at(t, "2026-05-18 07:00", zone(t, "Europe/Berlin"))) || sch.ReaderName == "" {
		t.Fatalf("%+v", sch)
	}
	t.Run("nothing comes before it is due", func(t *testing.T) {
		if mails := h.send("2026-05-18 06:59"); len(mails) != 0 {
			t.Errorf("%+v", mails)
		}
	})
	t.Run("it comes once, whatever runs twice, and is what the reader may see", func(t *testing.T) {
		mails := h.send("2026-05-18 07:00")
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		m := mails[0]
		if m.Subject != "Opened, to 2026-05-17" || !m.Automatic || m.ToAddress != h.Company.Users[access.Supervisor].Email || m.FromAddress == "" ||
			!strings.Contains(m.TextBody, "from 2026-05-11 to 2026-05-17") || !strings.Contains(m.TextBody, "type dispute") || !strings.Contains(m.TextBody, "https://desk.ostwind.example/reports/mail/") {
			t.Errorf("%+v", m)
		}
		wanted, err := h.Reports.Workbook(t.Context(), reports.Question{
			By: h.me, Report: "work/opened/rows", Filter: url.Values{"type": {"dispute"}, "as_of": {"2026-05-17"}, "days": {"7"}},
		})
		h.Must(err)
		var csv bytes.Buffer
		h.Must(wanted.Tables[0].CSV(&csv))
		if got := h.file(m); got != csv.String() || !strings.Contains(got, dispute.Number) {
			t.Errorf("%s\nwant\n%s", got, csv.String())
		}
		if next := h.now(sch.ID).NextAt; next == nil || !next.Equal(at(t, "2026-05-25 07:00", zone(t, "Europe/Berlin"))) {
			t.Errorf("next: %v", next)
		}
	})
	t.Run("what was missed is not sent after, but for the last of it", func(t *testing.T) {
		mails := h.send("2026-06-10 12:00")
		if len(mails) != 2 || mails[1].Subject != "Opened, to 2026-06-07" || !strings.Contains(mails[1].TextBody, "2 times before") {
			t.Fatalf("%+v", mails)
		}
		sent, err := h.mail.Sendings(t.Context(), h.me, sch.ID)
		h.Must(err)
		if len(sent) != 2 || sent[0].PassedOver != 2 || sent[0].CoversTo.Format(time.DateOnly) != "2026-06-07" || len(sent[0].FileSHA256) != 32 {
			t.Errorf("%+v", sent)
		}
	})
	t.Run("who moves to another zone gets it at seven there", func(t *testing.T) {
		h.exec(`update users set time_zone = 'America/New_York' where id = $1`, h.me.UserID)
		h.send("2026-06-10 12:01")
		if mails := h.send("2026-06-15 12:59"); len(mails) != 2 {
			t.Fatalf("%d mails", len(mails))
		}
		if mails := h.send("2026-06-15 13:00"); len(mails) != 3 {
			t.Errorf("%d mails", len(mails))
		}
	})
	t.Run("stopped it does not come, and comes again when it is resumed", func(t *testing.T) {
		now := h.now(sch.ID)
		h.Must(h.mail.Stop(t.Context(), h.me, sch.ID, now.Version))
		if mails := h.send("2026-06-29 18:00"); len(mails) != 3 || h.now(sch.ID).StoppedWhy != "reportmail.stopped_by" {
			t.Errorf("%d mails", len(mails))
		}
		if err := h.mail.Resume(t.Context(), h.me, sch.ID, now.Version); errs.KeyOf(err) != errs.KeyOf(reportmail.ErrStale) {
			t.Errorf("%v", err)
		}
		h.Must(h.mail.Resume(t.Context(), h.me, sch.ID, now.Version+1))
		if mails := h.send("2026-07-06 18:00"); len(mails) != 4 {
			t.Errorf("%d mails", len(mails))
		}
	})
	h.verifySent(sch.ID, 4)
}

// verifySent compares what was kept, what was audited and what lies in the outbox.
func (h *house) verifySent(id int64, want int) {
	h.t.Helper()
	for what, query := range map[string]string{
		"sendings": `select count(*) from report_sendings where schedule_id = $1`,
		"audit":    `select count(*) from audit_log where what = 'report.sent' and (data->>'schedule')::bigint = $1`,
		"mails":    `select count(*) from outgoing_messages where kind = 'report' and split_part(key, ':', 2)::bigint = $1`,
	} {
		got, err := db.Value[int](h.t.Context(), h.DB, query, id)
		h.Must(err)
		if got != want {
			h.t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
}

// What a mail holds is what its reader may see when it leaves, whatever who set it up may.
func TestOnlyWhatTheReaderMaySee(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.Dispute("59.50")
	in := h.mondays()
	in.ReaderID, in.Covers = h.Company.Users[access.Controller].ID, reportmail.DaysBefore
	sch := h.make(in)
	t.Run("of the legal entities they see at that moment", func(t *testing.T) {
		if got := h.file(h.send("2026-05-18 07:00")[0]); !strings.Contains(got, "MG-000001") {
			t.Errorf("with every entity: %s", got)
		}
		h.exec(`update users set entity_ids = '{999}' where id = $1`, in.ReaderID)
		mails := h.send("2026-05-25 07:00")
		if got := h.file(mails[len(mails)-1]); len(mails) != 2 || strings.Contains(got, "MG-000001") || !strings.HasPrefix(got, "At (UTC)") {
			t.Errorf("%d mails, with another entity: %s", len(mails), got)
		}
	})
	t.Run("an entity that they do not see ends it, and both are told", func(t *testing.T) {
		changed := in
		changed.Filters, changed.ID, changed.Version = map[string]string{"entity": "DE"}, sch.ID, h.now(sch.ID).Version
		if _, err := h.mail.Change(t.Context(), changed); errs.KeyOf(err) != errs.KeyOf(reports.ErrNoEntity) {
			t.Fatalf("narrowed to it: %v", err)
		}
		h.exec(`update users set entity_ids = '{}' where id = $1`, in.ReaderID)
		_, err := h.mail.Change(t.Context(), changed)
		h.Must(err)
		h.exec(`update users set entity_ids = '{999}' where id = $1`, in.ReaderID)
		if mails := h.send("2026-06-01 07:00"); len(mails) != 2 {
			t.Errorf("%d mails", len(mails))
		}
		if now := h.now(sch.ID); now.NextAt != nil || now.StoppedWhy != reports.ErrNoEntity.Key {
			t.Errorf("%+v", now)
		}
		for _, who := range []int64{h.me.UserID, in.ReaderID} {
			told, err := h.Cases.Notices(t.Context(), who, true, 10)
			h.Must(err)
			if len(told) == 0 || told[0].Key != "notice.report_stopped" {
				t.Errorf("%d was told %+v", who, told)
			}
		}
	})
	t.Run("who may read no reports gets none", func(t *testing.T) {
		h.exec(`update users set entity_ids = '{}' where id = $1`, in.ReaderID)
		h.Must(h.mail.Resume(t.Context(), h.me, sch.ID, h.now(sch.ID).Version))
		h.exec(`update users set roles = '{agent}' where id = $1`, in.ReaderID)
		if mails := h.send("2026-06-08 07:00"); len(mails) != 2 || h.now(sch.ID).StoppedWhy != "reportmail.stopped_no_right" {
			t.Errorf("%d mails, %+v", len(mails), h.now(sch.ID))
		}
		if err := h.mail.Resume(t.Context(), h.me, sch.ID, h.now(sch.ID).Version); errs.KindOf(err) != errs.Invalid {
			t.Errorf("resumed: %v", err)
		}
	})
}

// Who is shut out gets nothing from that moment on.
func TestItStopsWhenItsReaderLeaves(t *testing.T) {
	t.Parallel()
	h := setup(t)
	in := h.mondays()
	in.ReaderID = h.Company.Users[access.Controller].ID
	sch, mine := h.make(in), h.make(h.mondays())
	h.Must(h.People.Deactivate(t.Context(), h.Actor(access.Admin), in.ReaderID))
	if now := h.now(sch.ID); now.NextAt != nil || now.StoppedWhy != "reportmail.stopped_left" {
		t.Errorf("%+v", now)
	}
	if h.now(mine.ID).NextAt == nil {
		t.Error("another's was stopped")
	}
	if mails := h.send("2026-05-18 07:00"); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
	left, err := db.Value[int](t.Context(), h.DB, `select count(*) from audit_log where what = 'report_schedule.stopped' and (data->>'schedule')::bigint = $1`, sch.ID)
	h.Must(err)
	if left != 1 {
		t.Errorf("recorded %d times", left)
	}
}

func TestFormsOfReports(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for name, report := range map[string]struct{ report, link string }{
		"aging": {"aging", "/reports/aging?as_of=2026-05-17"}, "dso": {"dso", "/reports/dso?as_of=2026-05-17&days=7"}, "kpis": {"kpis", "/reports/kpis?"},
		"rows of a figure": {"kpis/dso", "/reports/kpis/dso?"}, "documents": {"aging/items", "/reports/aging/items?"}, "cases": {"work", "/reports/work?"},
		"a fact": {"work/clocks", "/reports/work/clocks?"}, "root causes": {"root-causes", "/reports/work/credits?as_of=2026-05-17&by=cause"},
	} {
		in := h.mondays()
		in.Title, in.Report, in.Filters, in.Form = name, report.report, nil, reportmail.XLSX
		h.make(in)
		in.Title, in.Form = name+" linked", reportmail.Link
		h.make(in)
	}
	mails := h.send("2026-05-18 07:00")
	if len(mails) != 16 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, m := range mails {
		file := h.file(m)
		if linked := strings.Contains(m.Subject, "linked"); linked != (file == "") || !linked && !strings.HasPrefix(file, "PK") {
			t.Errorf("%s: %.20q", m.Subject, file)
		}
		if strings.HasPrefix(m.Subject, "root causes linked") && !strings.Contains(m.TextBody, "https://desk.ostwind.example/reports/work/credits?as_of=2026-05-17&by=cause&days=7") {
			t.Errorf("%s", m.TextBody)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for field, spoil := range map[string]func(in *reportmail.Input){
		"report":    func(in *reportmail.Input) { in.Report = "work/weather" },
		"colour":    func(in *reportmail.Input) { in.Filters = map[string]string{"colour": "blue"} },
		"as_of":     func(in *reportmail.Input) { in.Filters = map[string]string{"as_of": "2026-01-01"} },
		"days":      func(in *reportmail.Input) { in.Filters = map[string]string{"days": "7"} },
		"on_day":    func(in *reportmail.Input) { in.OnDay = 8 },
		"at_minute": func(in *reportmail.Input) { in.AtMinute = -1 },
		"repeats":   func(in *reportmail.Input) { in.Repeats = "year" },
		"covers":    func(in *reportmail.Input) { in.Covers = "year" },
		"form":      func(in *reportmail.Input) { in.Form = "pdf" },
		"title":     func(in *reportmail.Input) { in.Title = strings.Repeat("x", 201) },
		"team":      func(in *reportmail.Input) { in.Filters = map[string]string{"team": "first"} },
		"reader":    func(in *reportmail.Input) { in.ReaderID = h.Company.Users[access.Agent].ID },
	} {
		in := h.mondays()
		spoil(&in)
		_, err := h.mail.Make(t.Context(), in)
		if raw, _ := json.Marshal(err); errs.KindOf(err) != errs.Invalid || !strings.Contains(string(raw), `"`+field+`"`) {
			t.Errorf("%s: %v", field, err)
		}
	}
	sch := h.make(h.mondays())
	for name, by := range map[string]access.Actor{"another": h.Actor(access.Controller), "an agent": h.Actor(access.Agent)} {
		want := errs.NotFound
		if name == "an agent" {
			want = errs.Forbidden
		}
		if _, err := h.mail.Schedule(t.Context(), by, sch.ID); errs.KindOf(err) != want {
			t.Errorf("%s reads: %v", name, err)
		}
		if err := h.mail.Stop(t.Context(), by, sch.ID, sch.Version); errs.KindOf(err) != want {
			t.Errorf("%s stops: %v", name, err)
		}
	}
	assistant := h.me
	assistant.Assistant = true
	if _, err := h.mail.Make(t.Context(), reportmail.Input{By: assistant}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an assistant: %v", err)
	}
	if err := h.mail.Resume(t.Context(), h.me, sch.ID, sch.Version); errs.KeyOf(err) != errs.KeyOf(reportmail.ErrRuns) {
		t.Errorf("%v", err)
	}
	list, err := h.mail.Schedules(t.Context(), h.Actor(access.Controller))
	h.Must(err)
	if len(list) != 0 {
		t.Errorf("another is listed %+v", list)
	}
	readers, err := h.mail.Readers(t.Context(), h.me)
	h.Must(err)
	for _, u := range readers {
		if !access.May(u.Actor(), access.ReadReports) {
			t.Errorf("%s is offered", u.Name)
		}
	}
	if len(readers) == 0 {
		t.Error("nobody is offered")
	}
}

// A token that may do less than its owner has reports read within what it may.
func TestWithinTheToken(t *testing.T) {
	t.Parallel()
	h := setup(t)
	in := h.mondays()
	in.By.Scopes = []string{string(access.ReadReports)}
	in.Report, in.Filters = "work/reviewed", nil // needs the right to read the quality of work
	if _, err := h.mail.Make(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("%v", err)
	}
	in.By.Scopes = append(in.By.Scopes, string(access.ReadQuality))
	sch := h.make(in)
	h.exec(`update report_schedules set scopes = $2 where id = $1`, sch.ID, []string{string(access.ReadReports)})
	if mails := h.send("2026-05-18 07:00"); len(mails) != 0 || h.now(sch.ID).NextAt != nil {
		t.Errorf("%d mails", len(mails))
	}
}
