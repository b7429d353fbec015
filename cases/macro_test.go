package cases_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// macro keeps a shared one.
func (k *desk) macro(in cases.SaveMacroInput) cases.Macro {
	k.t.Helper()
	if in.By.UserID == 0 {
		in.By, in.Shared = k.supervisor, true
	}
	if in.Kind == "" {
		in.Kind = cases.PublicReply
	}
	m, err := k.cases.SaveMacro(k.t.Context(), in)
	k.must(err)
	return m
}

func (k *desk) text(id cases.ID, m cases.Macro) string {
	k.t.Helper()
	_, text, err := k.cases.MacroText(k.t.Context(), id, m.ID, k.agent)
	k.must(err)
	return text
}

func TestAMacroIsCheckedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for name, c := range map[string]struct {
		change     func(in *cases.SaveMacroInput)
		field, key string
	}{
		"no name":          {func(in *cases.SaveMacroInput) { in.Name = " " }, "name", "macro.needs_name"},
		"nothing":          {func(in *cases.SaveMacroInput) { in.Body = "" }, "body", "macro.does_nothing"},
		"unknown variable": {func(in *cases.SaveMacroInput) { in.Body = "Dear {{.salary}}" }, "body", "letters.unknown_variable"},
		"broken":           {func(in *cases.SaveMacroInput) { in.Body = "Dear {{.name" }, "body", "letters.broken"},
		"a function":       {func(in *cases.SaveMacroInput) { in.Body = `{{printf "%s" .name}}` }, "body", "letters.not_allowed"},
		"a typed amount":   {func(in *cases.SaveMacroInput) { in.Body = "You get 50.00 EUR." }, "body", "macro.typed_amount"},
		"status":           {func(in *cases.SaveMacroInput) { in.Does.Status = "closed" }, "status", "case.unknown_status"},
		"person":           {func(in *cases.SaveMacroInput) { in.Does.Assign = "somebody" }, "assign", "case.no_such_person"},
		"tag":              {func(in *cases.SaveMacroInput) { in.Does.Tags = []string{"a,b"} }, "tags", "macro.bad_tag"},
	} {
		in := cases.SaveMacroInput{By: k.agent, Name: "Meter", Kind: cases.PublicReply, Body: "Dear {{.name}}"}
		c.change(&in)
		_, err := k.cases.SaveMacro(t.Context(), in)
		t.Log(name)
		k.field(err, c.field, c.key)
	}
	_, err := k.cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: k.agent, Name: "Meter", Kind: cases.Note, Body: "Seen.", Shared: true})
	if errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent shares: %v", err)
	}
}

func TestWhoKeepsAMacro(t *testing.T) {
	t.Parallel()
	k := setup(t)
	own := k.macro(cases.SaveMacroInput{By: k.agent, Folder: " Meter  data ", Name: "Ask", Body: "Please send the readings of {{.invoices}}."})
	if own.Folder != "Meter data" || own.Version != 1 {
		t.Errorf("%+v", own)
	}
	_, err := k.cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: k.agent, Folder: "meter data", Name: "ASK", Kind: cases.Note, Body: "x"})
	k.refused(err, cases.ErrSameMacro)
	_, err = k.cases.MacroByID(t.Context(), own.ID, k.second)
	k.refused(err, cases.ErrNoMacro)
	shared := k.macro(cases.SaveMacroInput{Name: "Goodwill", Kind: cases.Note, Body: "Asked for goodwill."})
	names := func(by access.Actor) string {
		list, err := k.cases.Macros(t.Context(), by)
		k.must(err)
		text := ""
		for _, m := range list {
			text += m.Folder + "/" + m.Name + " "
		}
		return text
	}
	if got := names(k.agent); got != "/Goodwill Meter data/Ask " {
		t.Errorf("%q", got)
	}
	if got := names(k.second); got != "/Goodwill " {
		t.Errorf("%q", got)
	}
	change := cases.SaveMacroInput{By: k.second, ID: shared.ID, Version: shared.Version, Name: "Goodwill", Kind: cases.Note, Body: "Mine now."}
	if _, err := k.cases.SaveMacro(t.Context(), change); errs.KeyOf(err) != "macro.of_another" {
		t.Errorf("%v", err)
	}
	change.By, change.Version = k.supervisor, 7
	if _, err := k.cases.SaveMacro(t.Context(), change); errs.KeyOf(err) != "macro.changed_meanwhile" {
		t.Errorf("%v", err)
	}
	k.refused(k.cases.RemoveMacro(t.Context(), own.ID, 1, k.second), cases.ErrNoMacro)
	k.must(k.cases.RemoveMacro(t.Context(), own.ID, 1, k.agent))
	if got := names(k.agent); got != "/Goodwill " {
		t.Errorf("%q", got)
	}
}

func TestTheTextOfAMacroComesFromTheCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, _ := k.disputed("1190")
	m := k.macro(cases.SaveMacroInput{Name: "Where it stands", Body: "Dear {{.name}},\n\n{{.disputed}} of {{.invoices}} is on hold." +
		"\n{{if .credited}}\nWe have credited {{.credited}}.\n{{else}}\nNothing is credited yet.\n{{end}}\n\n{{.agent}}, {{.entity}}, {{.number}}"})
	text := k.text(c.ID, m)
	if !strings.Contains(text, "1,190.00\u00a0EUR of ") || !strings.Contains(text, "\nNothing is credited yet.\n") ||
		!strings.HasSuffix(text, "Mara Lindt, Nordlicht Cloud DE, "+c.Number) {
		t.Errorf("%s", text)
	}
	for n, total := range []string{"100.00", "20.50"} {
		k.mark(c.ID, int64(n+1), cases.CreditApproved, map[string]any{"total": total, "currency": "EUR"})
		k.mark(c.ID, int64(n+1), cases.CreditPosted, map[string]any{"memo": "GS-1"})
	}
	if text = k.text(c.ID, m); !strings.Contains(text, "We have credited 120.50\u00a0EUR.") {
		t.Errorf("%s", text)
	}
	approved := k.macro(cases.SaveMacroInput{Name: "On its way", Body: "We credit {{.approved}}."})
	_, _, err := k.cases.MacroText(t.Context(), c.ID, approved.ID, k.agent)
	k.refused(err, cases.ErrMacroVariables)
	if !strings.Contains(err.Error(), "approved") {
		t.Errorf("%v", err)
	}
}

func TestAReplyTakesWhatItsMacroDoesAlong(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	m := k.macro(cases.SaveMacroInput{Name: "Ask", Body: "Which meter, {{.name}}?", Does: cases.MacroDoes{
		Status: "waiting:customer", Assign: cases.AssignMe, Tags: []string{" Meter ", "meter"}, FollowUp: 3,
	}})
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: k.text(c.ID, m), Macro: m.ID})
	k.must(err)
	tags, err := k.cases.Tags(t.Context(), k.db, c.ID)
	k.must(err)
	if now := sent.Case; now.WaitingOn != cases.OnCustomer || now.AssigneeID == nil || *now.AssigneeID != k.agent.UserID || len(tags) != 1 || tags[0] != "meter" {
		t.Errorf("%+v %q", now, tags)
	}
	back, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
	k.must(err)
	if back.Status != cases.StatusNew {
		t.Errorf("%+v", back)
	}
	if back.FollowUpAt != nil {
		t.Errorf("the macro's follow-up stays without its reply: %+v", back)
	}
	k.putOff(back, "2026-05-12 10:00")
	k.drain("2026-05-12 10:01")
	sent, err = k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(k.reload(c.ID)), Body: "The bank has answered."})
	k.must(err)
	if sent.Case.FollowUpAt != nil {
		t.Fatalf("%+v", sent.Case)
	}
	back, err = k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
	k.must(err)
	if !back.FollowUpDue || back.FollowUpAt == nil || !back.FollowUpAt.Equal(berlin("2026-05-12 10:00")) || back.FollowUpNote != "ask the bank" {
		t.Errorf("the follow-up that the reply ended is lost: %+v", back)
	}
	resolve := k.macro(cases.SaveMacroInput{Name: "Settled", Kind: cases.Note, Does: cases.MacroDoes{Status: "resolved"}})
	_, disputed := k.asked(), func() cases.Case { c, _ := k.disputed("50"); return c }()
	_, err = k.cases.AddNote(t.Context(), cases.NoteInput{On: k.on(disputed), Body: "Told them.", Macro: resolve.ID})
	k.refused(err, cases.ErrUndecidedDispute)
	if n := k.events(disputed.ID, "note.added"); n != 0 {
		t.Errorf("the note stands without what goes with it: %d", n)
	}
	done, err := k.cases.UseMacro(t.Context(), k.on(back), resolve.ID)
	k.must(err)
	if done.Status != cases.StatusResolved {
		t.Errorf("%+v", done)
	}
	stale := k.on(back)
	_, err = k.cases.UseMacro(t.Context(), stale, resolve.ID)
	k.refused(err, cases.ErrStaleVersion)
	k.sound()
}

// leaving is when a reply leaves, and how many jobs will send it then.
func (k *desk) leaving(id cases.ID) (at time.Time, jobs int) {
	k.t.Helper()
	at = value[time.Time](k.t, k.db, `select not_before from outgoing_messages where case_id = $1 and kind = 'reply' and state = 'queued'`, id)
	jobs = value2(k, `select count(*)::int from river_job j, outgoing_messages m where m.case_id = $1 and m.kind = 'reply' and j.state = 'scheduled' and j.scheduled_at = m.not_before
		and (j.kind = 'inbox.send_message' and (j.args->>'id')::bigint = m.id or j.kind = 'inbox.send_messages' and j.args->'ids' @> to_jsonb(m.id))`, id)
	return at, jobs
}

// What a macro writes in a run leaves when the run can be taken back no more, however long it took; once it is asked back, not before its turn has come.
func TestWhatARunWritesLeavesAfterItsUndoing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second, kept := k.asked(), k.asked(), k.asked()
	m := k.macro(cases.SaveMacroInput{Name: "Late", Body: "We answer tomorrow."})
	in := cases.BulkInput{
		By: k.supervisor, Numbers: []string{first.Number, second.Number, kept.Number}, Action: cases.BulkMacro, Value: strconv.FormatInt(int64(m.ID), 10),
	}
	run, err := k.cases.StartBulk(t.Context(), in)
	k.must(err)
	// The run is cut off after its first case, and goes on a quarter of an hour later.
	dbtest.AsOwner(t, k.db, `create function cut_off() returns trigger language plpgsql as $$ begin raise exception 'cut off' using errcode = '57P01'; end $$`,
		fmt.Sprintf(`create trigger cut_off before update on bulk_rows for each row when (old.case_id <> %d) execute function cut_off()`, first.ID))
	args := fmt.Appendf(nil, `{"id": %d}`, run.ID)
	if err := k.jobs.Work(t.Context(), cases.WorkBulk{}.Kind(), args); err == nil {
		t.Fatal("it was not cut off")
	}
	if at, _ := k.leaving(first.ID); at.Before(k.clock.Now().Add(cases.WorkBulk{}.Takes() + cases.BulkUndo)) {
		t.Errorf("leaves at %s before the run has ended", at)
	}
	dbtest.AsOwner(t, k.db, `drop trigger cut_off on bulk_rows`)
	k.clock.Add(20 * time.Minute)
	for range 2 { // as a job may run
		k.must(k.jobs.Work(t.Context(), cases.WorkBulk{}.Kind(), args))
		for _, c := range []cases.Case{first, second, kept} {
			if at, jobs := k.leaving(c.ID); !at.Equal(k.clock.Now().Add(cases.BulkUndo)) || jobs != 1 {
				t.Errorf("%s leaves at %s, by %d jobs", c.Number, at, jobs)
			}
		}
	}

	ended := k.clock.Now()
	k.clock.Add(cases.BulkUndo - time.Second)
	_, err = k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: k.agent, ID: kept.ID}, Body: "They called."})
	k.must(err)
	_, err = k.cases.UndoBulk(t.Context(), run.ID, k.supervisor)
	k.must(err)
	if at, _ := k.leaving(first.ID); !at.After(ended.Add(cases.BulkUndo)) {
		t.Errorf("leaves at %s, before it is taken back", at)
	}
	k.clock.Add(time.Minute)
	k.must(k.jobs.Work(t.Context(), cases.WorkBulk{}.Kind(), args))
	if n := value2(k, `select count(*)::int from outgoing_messages where kind = 'reply' and state = 'cancelled'`); n != 2 {
		t.Errorf("%d taken back", n)
	}
	if at, _ := k.leaving(kept.ID); !at.Equal(k.clock.Now()) {
		t.Errorf("what somebody has changed since leaves at %s", at)
	}
	k.sound()
}

func TestAMacroForManyCasesAndItsUndoing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	asked, disputed, silent := k.asked(), func() cases.Case { c, _ := k.disputed("50"); return c }(), k.asked()
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from case_participants where case_id = $1`, silent.ID)
		return err
	})
	m := k.macro(cases.SaveMacroInput{Name: "Held", Body: "{{.disputed}} is on hold.", Does: cases.MacroDoes{Status: "waiting:upstream", Assign: strconv.FormatInt(k.second.UserID, 10), Tags: []string{"held"}}})
	plain := k.macro(cases.SaveMacroInput{Name: "Late", Body: "We answer tomorrow.", Does: cases.MacroDoes{Tags: []string{"late"}}})
	in := cases.BulkInput{By: k.supervisor, Filter: cases.Filter{View: cases.ViewAllOpen}, Action: cases.BulkMacro, Value: strconv.FormatInt(int64(m.ID), 10)}
	foreseen := func(want ...string) {
		t.Helper()
		p, err := k.cases.PreviewBulk(t.Context(), in)
		k.must(err)
		var got []string
		for _, r := range p.Refusals {
			got = append(got, r.Number+" "+r.Reason)
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("foreseen %q, want %q", got, want)
		}
	}
	foreseen(silent.Number+" macro.empty_variables", asked.Number+" macro.empty_variables")
	run := k.bulk(in)
	now := k.reload(disputed.ID)
	if run.Done != 1 || run.Refused != 2 || now.WaitingOn != cases.OnUpstream || now.AssigneeID == nil || *now.AssigneeID != k.second.UserID || now.LastReplyAt == nil {
		t.Fatalf("%+v %+v", run, now)
	}
	k.clock.Add(time.Minute) // long after one reply's window, within that of the run
	told, _, err := k.cases.Told(t.Context(), k.db, cases.Reader{Customer: k.customer}, disputed.ID)
	k.must(err)
	for _, said := range told {
		if said.Kind == cases.PublicReply {
			t.Errorf("the customer is shown %q, which can be taken back", said.Body)
		}
	}
	if back := k.undone(run, k.supervisor); back.Restored != 1 {
		t.Errorf("%+v", back)
	}
	tags, err := k.cases.Tags(t.Context(), k.db, disputed.ID)
	k.must(err)
	if now = k.reload(disputed.ID); now.Status != cases.StatusNew || now.AssigneeID != nil || now.LastReplyAt != nil || len(tags) != 0 {
		t.Errorf("%+v %q", now, tags)
	}
	if n := value2(k, `select count(*) from outgoing_messages where kind = 'reply' and state = 'cancelled'`); n != 1 {
		t.Errorf("%d mails cancelled", n)
	}

	in.Value = strconv.FormatInt(int64(plain.ID), 10)
	foreseen(silent.Number + " case.nobody_to_answer")
	run = k.bulk(in)
	if run.Done != 2 || run.Refused != 1 {
		t.Fatalf("%+v", run)
	}
	k.do(func(tx *db.Tx) error { // one has left
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'sent' where kind = 'reply' and case_id = $1`, asked.ID)
		return err
	})
	if back := k.undone(run, k.supervisor); back.Restored != 1 {
		t.Errorf("%+v", back)
	}
	kept, err := k.cases.BulkResults(t.Context(), k.supervisor, cases.BulkPage{Run: run.ID, States: []string{"kept"}, Limit: 10})
	k.must(err)
	if len(kept) != 1 || kept[0].Number != asked.Number || kept[0].Reason != "bulk.reply_left" {
		t.Errorf("%+v", kept)
	}
	k.sound()
}
