package helpdesk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/helpdesk"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
)

func TestBringsThePast(t *testing.T) {
	t.Parallel()
	d := setup(t)
	imp, refused := d.bring(d.input(), export(t)...)
	if c := imp.Counts; imp.State != helpdesk.Done || c.Read != 7 || c.Brought != 4 || c.Closed != 1 || c.Open != 3 || c.Untied != 1 || c.Refused != 3 || len(refused) != 3 || c.Deleted != 1 || c.Orphans != 1 || c.Messages != 12 {
		t.Errorf("brought %+v", imp)
	}

	t.Run("a closed case is as it was", func(t *testing.T) {
		c := d.called("00001026")
		opened, closed := time.Date(2026, 3, 5, 9, 12, 44, 0, time.UTC), time.Date(2026, 3, 9, 16, 20, 0, 0, time.UTC)
		if c.Status != cases.StatusClosed || !c.OpenedAt.Equal(opened) || !c.ClosedAt.Equal(closed) || c.PolicyID != nil || c.UnansweredSince != nil || c.CustomerID == nil || c.ContactID == nil || *c.EntityID != d.entity {
			t.Errorf("%+v", c)
		}
		list, err := d.cases.Messages(t.Context(), d.db, c.ID)
		d.must(err)
		var kinds []string
		for _, m := range list {
			kinds = append(kinds, string(m.Kind)+" "+string(m.AuthorKind))
		}
		if got := strings.Join(kinds, ", "); got != "inbound customer, note person, reply person, reply person, inbound customer" {
			t.Errorf("conversation: %s", got)
		}
		if first := list[0]; !strings.HasSuffix(first.Body, "[Salesforce: invoice-4711.pdf]") || first.Trust != cases.Known || !first.At.Equal(opened) {
			t.Errorf("first %+v", first)
		}
		if people := d.count(`case_participants where case_id = $1 and accepted`, c.ID); people != 1 || d.count(`case_participants where case_id = $1`, c.ID) != 2 {
			t.Errorf("%d take part", people)
		}
		if w := d.warnings(c.ID); w != "" {
			t.Errorf("warned: %s", w)
		}
	})
	t.Run("nothing is set going", func(t *testing.T) {
		d.must(d.jobs.Work(t.Context(), awaiting.Look{}.Kind(), []byte(`{}`))) // what was asked there is three weeks old
		for _, what := range []string{"outgoing_messages", "notices", "webhook_deliveries", "cases_to_deal", "dispute_lines", "holds", "case_surveys"} {
			if n := d.count(what); n != 0 {
				t.Errorf("%d %s", n, what)
			}
		}
		if n := d.count(`case_clocks k join cases c on c.id = k.case_id where c.status = 'closed'`); n != 0 {
			t.Errorf("%d clocks of what is over", n)
		}
	})
	t.Run("clocks of open cases run from now", func(t *testing.T) {
		for number, want := range map[string]string{
			"00001032": "first_response resolution", // nobody had answered
			"00001028": "next_response resolution",  // answered there, and the customer wrote again
			"00001027": "resolution",                // the last word was the desk's, which waits for the customer
		} {
			c := d.called(number)
			kinds, err := db.Values[string](t.Context(), d.db, `select kind from case_clocks where case_id = $1 and outcome = 'running' and started_at = $2 order by kind`, c.ID, now)
			d.must(err)
			if got := strings.Join(kinds, " "); got != want || c.PolicyID == nil {
				t.Errorf("%s: clocks %q, want %q", number, got, want)
			}
			if w := d.warnings(c.ID); !strings.Contains(w, `case.brought_open {"number": "`+number+`", "system": "Salesforce"}`) {
				t.Errorf("%s: warned %s", number, w)
			}
		}
		if c := d.called("00001027"); c.Status != cases.StatusWaiting || c.WaitingOn != cases.OnCustomer || !c.ClockPaused || !c.OpenedAt.Equal(time.Date(2026, 4, 20, 13, 0, 0, 0, time.UTC)) {
			t.Errorf("waiting %+v", c)
		}
		if c := d.called("00001028"); c.CustomerID != nil || c.UnansweredSince == nil || !c.UnansweredSince.Equal(now) || c.Priority != cases.P4 || !strings.Contains(d.warnings(c.ID), "case.brought_untied") {
			t.Errorf("of nobody %+v: %s", c, d.warnings(c.ID))
		}
	})
	t.Run("it is on record and proven", func(t *testing.T) {
		c := d.called("00001026")
		events, err := db.Values[string](t.Context(), d.db, `select what from audit_log where stream = 'case:' || $1::bigint order by seq`, c.ID)
		d.must(err)
		if got := strings.Join(events, " "); got != "case.opened status.changed case.brought" {
			t.Errorf("events: %s", got)
		}
		if n := d.count(`audit_log where stream = 'admin' and what in ('case_import.started', 'case_import.done') and actor_id = $1`, d.admin.UserID); n != 2 {
			t.Errorf("%d events of the import", n)
		}
		faults, err := d.cases.Verify(t.Context())
		d.must(err)
		if len(faults) > 0 {
			t.Errorf("faults: %+v", faults)
		}
	})
	t.Run("it is found by its number of before", func(t *testing.T) {
		c := d.called("00001028")
		page, err := d.cases.Queue(t.Context(), cases.Filter{Query: "00001028"}, d.admin)
		d.must(err)
		if len(page.Rows) != 1 || page.Rows[0].ID != c.ID {
			t.Errorf("found %+v", page.Rows)
		}
	})
	t.Run("the same file brings nothing again", func(t *testing.T) {
		again, _ := d.bring(d.input(), export(t)...)
		if c := again.Counts; c.Brought != 0 || c.Known != 4 || c.Open+c.Closed != 0 || d.count("cases") != 4 {
			t.Errorf("again %+v", again)
		}
		in := d.input()
		in.System = "the other Salesforce"
		if imp, _ := d.bring(in, export(t)...); imp.Counts.Brought != 4 {
			t.Errorf("of another installation %+v", imp)
		}
	})
}

func TestIntercomIsBrought(t *testing.T) {
	t.Parallel()
	d := setup(t)
	in := d.input()
	in.Format = helpdesk.Intercom
	imp, refused := d.bring(in, fromDisk(t, "intercom/conversations.json", "intercom/lines.jsonl")...)
	if c := imp.Counts; c.Brought != 4 || c.Closed != 2 || c.Bare != 1 || len(refused) != 2 {
		t.Errorf("%+v", imp)
	}
	if n := d.count(`case_messages where kind = 'reply' and author_kind = 'system' and author_name = 'Operator'`); n != 1 {
		t.Errorf("%d answers of the bot", n)
	}
	if n := d.count(`case_tags where tag in ('billing', 'cancellation')`); n != 2 {
		t.Errorf("%d tags", n)
	}
}

// What is tied is tied as mail is: by the writer, the account, the domain, the company's name; and never to one of several.
func TestTies(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.do(func(tx *db.Tx) error {
		d.addCustomer(tx, d.entity, "T-1", "Twin Ltd", "a@twin.example", "twins.example")
		d.addCustomer(tx, d.entity, "T-2", "Twin Ltd", "b@twin.example", "twins.example")
		_, err := tx.Exec(t.Context(), `update contacts set retired_at = $1 where email = 'b@twin.example'`, tx.Now())
		return err
	})
	_, refused := d.bring(d.input(), given("Case.csv", `Case Number,Subject,Status,Date/Time Opened,Web Email,Account Name,Account Number
1,By writer,Closed,2026-01-01,ANNA@aster.example,,
2,By account,Closed,2026-01-02,x@elsewhere.example,,c-1002
3,By domain,Closed,2026-01-03,new@borealis.example,,
4,By name,Closed,2026-01-04,,aster media gmbh,
5,Two of one domain,Closed,2026-01-05,c@twins.example,,
6,Two of one name,Closed,2026-01-06,,Twin Ltd,
7,Retired,Closed,2026-01-07,b@twin.example,,
8,Of another company,Closed,2026-01-08,lim@straits.example,,
9,Of nobody,Closed,2026-01-09,,,
`))
	if len(refused) != 1 || refused[0].Number != "8" || refused[0].Key != "case.past.other_entity" || refused[0].Params["entity"] != "SG" {
		t.Errorf("refused %+v", refused)
	}
	for number, want := range map[string]string{"1": "C-1001", "2": "C-1002", "3": "C-1002", "4": "C-1001", "5": "case.brought_several", "6": "case.brought_several", "7": "case.brought_untied", "9": "case.brought_untied"} {
		c := d.called(number)
		got, _, _ := strings.Cut(d.warnings(c.ID), " ")
		if c.CustomerID != nil {
			got += value[string](t, d.db, `select account from customers where id = $1`, *c.CustomerID)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

func TestPlanKeepsNothing(t *testing.T) {
	t.Parallel()
	d := setup(t)
	plan, err := d.helpdesk.Plan(t.Context(), d.input(), export(t))
	d.must(err)
	if c := plan.Counts; c.Closed != 1 || c.Open != 3 || c.Untied != 1 || c.Refused != 3 || c.Brought != 0 || !c.From.Equal(time.Date(2026, 3, 5, 9, 12, 44, 0, time.UTC)) {
		t.Errorf("%+v", plan)
	}
	if n := d.count("cases") + d.count("case_imports"); n != 0 {
		t.Errorf("%d rows kept", n)
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	d := setup(t)
	in := d.input()
	in.AllOrNothing = true
	_, refused, err := d.helpdesk.Bring(t.Context(), in, export(t), nil)
	if !errors.Is(err, helpdesk.ErrRejected) || len(refused) != 3 || d.count("cases") != 0 {
		t.Errorf("%v, refused %+v, %d cases", err, refused, d.count("cases"))
	}
	imp, _, err := d.helpdesk.Bring(t.Context(), in, fromDisk(t, "salesforce/report.csv"), nil)
	d.must(err)
	if imp.State != helpdesk.Done || imp.Counts.Brought != 2 {
		t.Errorf("%+v", imp)
	}
}

// One that cannot be kept keeps no other out.
func TestOneFailsAlone(t *testing.T) {
	t.Parallel()
	d := setup(t)
	dbtest.AsOwner(t, d.db, `alter table cases add constraint no_seven check (subject <> 'seven')`)
	imp, refused := d.bring(d.input(), given("Case.csv", "Case Number,Subject,Status,Date/Time Opened\n6,six,Closed,2026-01-01\n7,seven,Closed,2026-01-01\n8,eight,Closed,2026-01-01\n"))
	if imp.Counts.Brought != 2 || len(refused) != 1 || refused[0].Number != "7" || imp.Counts.Refused != 1 {
		t.Errorf("%+v, refused %+v", imp, refused)
	}
	kept, err := d.helpdesk.Refusals(t.Context(), d.admin, imp.ID, 0, 10)
	d.must(err)
	if len(kept) != 1 || kept[0].Number != "7" || kept[0].File != "Case.csv" || kept[0].Row != 3 {
		t.Errorf("kept %+v", kept)
	}
}

// Cut off after some cases it goes on with the rest, whoever runs it again.
func TestGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	d := setup(t)
	var many strings.Builder
	many.WriteString("Case Number,Subject,Status,Date/Time Opened\n")
	for n := range 120 {
		many.WriteString("N" + string(rune('A'+n/26)) + string(rune('A'+n%26)) + ",subject,Closed,2026-01-01\n")
	}
	ctx, cut := context.WithCancel(t.Context())
	_, _, err := d.helpdesk.Bring(ctx, d.input(), []helpdesk.File{given("Case.csv", many.String())}, func(done, _ int) {
		if done == 50 {
			cut()
		}
	})
	if !errors.Is(err, context.Canceled) || d.count("cases") != 50 {
		t.Fatalf("%v with %d cases", err, d.count("cases"))
	}
	imp, _ := d.bring(d.input(), given("Case.csv", many.String()))
	if imp.Counts.Brought != 70 || imp.Counts.Known != 50 || d.count("cases") != 120 {
		t.Errorf("went on: %+v", imp)
	}
}

// On screen files are given, looked at, then started or dropped; the job may run twice.
func TestGivenOnScreen(t *testing.T) {
	t.Parallel()
	d := setup(t)
	content, err := readAll(export(t)[3])
	d.must(err)
	file := helpdesk.Given{Name: "Case.csv", Content: content}
	imp, err := d.helpdesk.Give(t.Context(), d.input(), []helpdesk.Given{file})
	d.must(err)
	if imp.State != helpdesk.Planned || imp.Counts.Open != 3 || d.count("cases") != 0 || d.count("case_import_files") != 1 || d.count("case_import_refusals") != 3 {
		t.Errorf("planned %+v", imp)
	}
	d.must(d.helpdesk.Start(t.Context(), imp.ID, d.admin))
	if err := d.helpdesk.Start(t.Context(), imp.ID, d.admin); !errors.Is(err, helpdesk.ErrState) {
		t.Errorf("started twice: %v", err)
	}
	dbtest.AsOwner(t, d.db, `create table kept as select * from case_import_files`)
	jobstest.DrainNow(t, d.db, d.jobs, d.clock)
	done, err := d.helpdesk.Import(t.Context(), d.admin, imp.ID)
	d.must(err)
	if done.State != helpdesk.Done || done.Counts.Brought != 4 || done.Counts.Refused != 3 || d.count("case_import_files") != 0 {
		t.Errorf("done %+v", done)
	}
	// As if the last write had been lost: the job is worked again.
	dbtest.AsOwner(t, d.db, `update case_imports set state = 'running'; insert into case_import_files select * from kept`)
	d.do(func(tx *db.Tx) error { return tx.Enqueue(t.Context(), helpdesk.BringGiven{ID: imp.ID}) })
	jobstest.DrainNow(t, d.db, d.jobs, d.clock)
	if again, err := d.helpdesk.Import(t.Context(), d.admin, imp.ID); err != nil || again.State != helpdesk.Done || again.Counts.Brought != 4 || again.Counts.Known != 0 || again.Counts.Open != 3 || d.count("cases") != 4 {
		t.Errorf("again %+v, %v", again, err)
	}

	second, err := d.helpdesk.Give(t.Context(), d.input(), []helpdesk.Given{file})
	d.must(err)
	d.must(d.helpdesk.Discard(t.Context(), second.ID, d.admin))
	third, err := d.helpdesk.Give(t.Context(), d.input(), []helpdesk.Given{file})
	d.must(err)
	d.clock.Add(8 * 24 * time.Hour)
	_, err = d.helpdesk.Give(t.Context(), d.input(), []helpdesk.Given{file})
	d.must(err)
	if old, err := d.helpdesk.Import(t.Context(), d.admin, third.ID); err != nil || old.State != helpdesk.Discarded || d.count("case_import_files") != 1 {
		t.Errorf("a week later %+v, %v", old, err)
	}
	list, err := d.helpdesk.Imports(t.Context(), d.admin, 10)
	d.must(err)
	if len(list) != 4 || list[0].State != helpdesk.Planned || list[2].State != helpdesk.Discarded {
		t.Errorf("listed %+v", list)
	}
}

func readAll(f helpdesk.File) ([]byte, error) {
	content := make([]byte, f.Size)
	_, err := f.Content.ReadAt(content, 0)
	return content, err
}

func TestWhoMayBring(t *testing.T) {
	t.Parallel()
	d := setup(t)
	agent := access.Actor{Kind: access.Person, UserID: 99, Roles: []access.Role{access.Agent}}
	elsewhere := d.admin
	elsewhere.EntityIDs = []int64{int64(d.other)}
	for name, by := range map[string]access.Actor{"an agent": agent, "another entity's administrator": elsewhere} {
		in := d.input()
		in.By = by
		if _, _, err := d.helpdesk.Bring(t.Context(), in, export(t), nil); errs.KindOf(err) != errs.Forbidden && errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.helpdesk.Plan(t.Context(), in, export(t)); err == nil {
			t.Errorf("%s looked", name)
		}
	}
	if d.count("cases") != 0 {
		t.Error("something was brought")
	}
}

func TestRefusedAsTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := helpdesk.WriteRefused(&b, []helpdesk.Refusal{{File: "Case.csv", Row: 3, Number: "=1+1", Key: "k"}}, func(key string, _ errs.Params) string { return "because " + key })
	if err != nil || b.String() != "file,row,number,not taken because\nCase.csv,3,'=1+1,because k\n" {
		t.Errorf("%v: %s", err, b.String())
	}
}
