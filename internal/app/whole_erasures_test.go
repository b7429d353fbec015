package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/erasure"
	"makegood/internal/errs"
	"makegood/internal/scenario"
)

const (
	carl   = "carl@lumen.example"
	proven = "Authentication-Results: " + receiver + "; dmarc=pass header.from=lumen.example"
)

// asked brings a question of somebody, and gives its case.
func (h *house) asked(raw []byte) cases.Case {
	h.t.Helper()
	id := p2(h.app.Intake.Ingest(h.t.Context(), raw, inbox.SourceFile))(h.t)
	m := p2(h.app.Inbox.Message(h.t.Context(), h.app.DB, id.ID))(h.t)
	if m.CaseID == nil {
		h.t.Fatalf("no case: %s %s", m.Fate, m.FateReason)
	}
	return p2(h.app.Cases.CaseByID(h.t.Context(), h.app.DB, cases.ID(*m.CaseID), h.Actor(access.Agent)))(h.t)
}

// atRest resolves every case that is open, and waits until all mail has left.
func (h *house) atRest() {
	h.t.Helper()
	desk := h.Actor(access.Agent)
	ids := p2(db.Values[cases.ID](h.t.Context(), h.app.DB, `select id from cases where status not in ('resolved', 'closed', 'merged') order by id`))(h.t)
	for _, id := range ids {
		c := p2(h.app.Cases.CaseByID(h.t.Context(), h.app.DB, id, desk))(h.t)
		p2(h.app.Cases.SetStatus(h.t.Context(), cases.StatusInput{On: cases.On{By: desk, ID: id, Version: c.Version}, To: cases.StatusResolved, Resolution: "answered"}))(h.t)
	}
	until(h.t, "all mail to have left", h.news, func() bool {
		return count(h.t, h.app.DB, `select count(*) from outgoing_messages where state in ('queued', 'sending')`) == 0
	})
}

// erased has two people erase somebody, and waits until it is done.
func (h *house) erased(who erasure.Who) erasure.Erasure {
	h.t.Helper()
	e := p2(h.app.Erasure.Ask(h.t.Context(), erasure.AskInput{By: h.Actor(access.Admin), Who: who, Reason: "By mail"}))(h.t)
	p2(h.app.Erasure.Decide(h.t.Context(), h.Actor(access.Director), e.ID, "confirm", ""))(h.t)
	until(h.t, "an erasure to be done", h.news, func() bool {
		e = p2(h.app.Erasure.ByID(h.t.Context(), h.Actor(access.Admin), e.ID))(h.t)
		return e.State == erasure.Done
	})
	return e
}

// names are the tables that say something, in whatever case.
func (h *house) names(what string) []string {
	h.t.Helper()
	tables := p2(db.Values[string](h.t.Context(), h.app.DB, `select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		and has_table_privilege(c.oid, 'select') order by 1`))(h.t)
	var found []string
	for _, table := range tables {
		said := `t::text`
		if table == "inbound_raw" {
			said = `convert_from(t.content, 'LATIN1')`
		}
		if count(h.t, h.app.DB, `select count(*) from `+table+` t where `+said+` ~* $1`, what) > 0 {
			found = append(found, table)
		}
	}
	return found
}

func (h *house) proofs() map[string]string {
	h.t.Helper()
	rows := p2(db.List[struct{ Row, Proof string }](h.t.Context(), h.app.DB, `select kind || row_id as row, erasure_id || ':' || coalesce(encode(proof, 'hex'), '') as proof from erased_rows`))(h.t)
	all := map[string]string{}
	for _, r := range rows {
		all[r.Row] = r.Proof
	}
	return all
}

// Two people of one case are erased one after the other, and one of them once more: each time everything of theirs goes, also from rows that an
// earlier erasure touched, however their address was spelled.
func TestPeopleOfOneCaseAreErased(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	desk := h.Actor(access.Agent)
	p2(h.app.Billing.KeepContact(t.Context(), billing.ContactInput{By: desk, Account: h.Lumen.Account, Name: "Carl Lindt", Email: carl}))(t)
	c := h.asked(mail("Ada Lumen <ADA@Lumen.example>", "both-1@lumen.example", "A question of Carl Lindt", "Ada Lumen and Carl Lindt ask when it is due.", "Cc: Carl@LUMEN.example"))
	h.awaitMails(1)
	c = p2(h.app.Cases.AcceptParticipant(t.Context(), cases.ParticipantInput{On: cases.On{By: desk, ID: c.ID, Version: c.Version}, Address: carl}))(t)
	if again := h.asked(mail("Carl Lindt <CARL@lumen.example>", "both-2@lumen.example", "Re: A question of Carl Lindt", "Ada Lumen is right.", "Cc: ADA@lumen.example", proven,
		"In-Reply-To: <both-1@lumen.example>", "References: <both-1@lumen.example>")); again.ID != c.ID {
		t.Fatalf("another case: %s", again.Number)
	}
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: desk, ID: c.ID}, Body: "Ada Lumen called, then Carl Lindt"}))(t)
	dbtest.AsOwner(t, h.app.DB,
		`insert into payment_promises (entity_id, customer_id, currency, amount, promised_on, promised_by, note, state, made_at, made_by)
			select entity_id, id, 'EUR', 10, current_date + 9, 'Ada Lumen', 'Carl Lindt agreed', 'open', now(), 1 from customers where account = '`+h.Lumen.Account+`'`,
		`update case_messages set recipients = array['ADA@Lumen.example', 'Carl@LUMEN.example', 'billing@ostwind.example'] where kind = 'inbound'`,
		fmt.Sprintf(`insert into notices (user_id, case_id, key, params, created_at) values (%d, %d, 'notice.assigned', '{"by": "Ada Lumen", "number": "Carl Lindt"}', now())`, desk.UserID, c.ID))
	h.atRest()
	dbtest.AsOwner(t, h.app.DB, `update outgoing_messages set cc = array['CARL@lumen.example']`)
	first := h.erased(erasure.Who{Addresses: []string{ada}})
	if left := h.names(`ada@lumen|ada lumen`); len(left) > 1 || len(left) == 1 && left[0] != "inbound_raw" { // Carl's mail quotes her
		t.Errorf("Ada is in %v", left)
	}
	if text := p2(db.Value[string](t.Context(), h.app.DB, `select body from case_messages where kind = 'note'`))(t); text != "[erased] called, then Carl Lindt" {
		t.Errorf("the note says %q", text)
	}
	h.sound()
	proofs := h.proofs()
	second := h.erased(erasure.Who{Addresses: []string{carl}})
	if left := h.names(`(ada|carl)@lumen|ada lumen|carl lindt`); len(left) > 0 {
		t.Errorf("they are in %v", left)
	}
	if second.Counts["promises"] != 1 || first.Counts["promises"] != 1 || second.Counts["messages"] != 1 || second.Counts["messages_of_others"] == 0 {
		t.Errorf("%v, then %v", first.Counts, second.Counts)
	}
	now := h.proofs()
	for row, proof := range proofs {
		if now[row] != proof {
			t.Errorf("%s had %s and has %s", row, proof, now[row])
		}
	}
	h.sound()
	t.Run("and one of them once more", func(t *testing.T) { h.erasedOnceMore(t) })
}

// erasedOnceMore: she writes again, under another name too.
func (h *house) erasedOnceMore(t *testing.T) {
	t.Helper()
	again := h.asked(mail("Ada Berg <"+ada+">", "both-3@lumen.example", "Once more", "It is Ada Berg again."))
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: h.Actor(access.Agent), ID: again.ID}, Body: "Ada Berg was Ada Lumen"}))(t)
	h.atRest()
	before := h.proofs()
	e := h.erased(erasure.Who{Addresses: []string{ada}, Names: []string{"Ada Berg", "Ada Lumen"}})
	if left := h.names(`ada@lumen|ada lumen|ada berg`); len(left) > 0 || e.Counts["messages"] == 0 {
		t.Errorf("she is in %v: %v", left, e.Counts)
	}
	now := h.proofs()
	for row, proof := range before {
		if now[row] != proof {
			t.Errorf("%s had %s and has %s", row, proof, now[row])
		}
	}
	h.sound()
	// What others wrote and an erasure touched is touched by the next, by other names.
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: h.Actor(access.Agent), ID: again.ID}, Body: "Kleeberg and Dornbusch spoke"}))(t)
	for _, name := range []string{"Kleeberg", "Dornbusch"} {
		dbtest.AsOwner(t, h.app.DB, fmt.Sprintf(`insert into case_participants (case_id, address, name, accepted, added_at) values (%d, 'ada@lumen.example', '', false, now())`, again.ID))
		h.erased(erasure.Who{Addresses: []string{ada}, Names: []string{name}})
	}
	if left := h.names(`kleeberg|dornbusch`); len(left) > 0 {
		t.Errorf("a name asked for later is in %v", left)
	}
	h.sound()
}

// An erased mail is known by its Message-ID or, without one, by when it was written: the same words written anew are a new mail.
func TestAnErasedMailIsKnown(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	const subject, text = "Just the same", "Please send it again."
	from := "Ada Lumen <" + ada + ">"
	named := mail(from, "same-1@lumen.example", subject, text)
	unnamed := func(day string, more ...string) []byte {
		head := slices.Concat([]string{"From: " + from, "To: " + scenario.SupportAddress, "Subject: Unnamed", "MIME-Version: 1.0"}, more)
		if day != "" {
			head = append(head, "Date: "+day)
		}
		return []byte(strings.Join(head, "\r\n") + "\r\n\r\nWhen is it due " + map[bool]string{true: "then", false: "now"}[day == ""] + "?\r\n")
	}
	const day, later = "Thu, 12 Nov 2026 09:30:00 +0100", "Fri, 13 Nov 2026 09:30:00 +0100"
	report := func(more ...string) []byte {
		return []byte(strings.Join(slices.Concat([]string{
			"Return-Path: <>", "From: Mail Delivery System <mailer-daemon@lumen.example>", "To: " + scenario.SupportAddress, "Subject: Undelivered Mail Returned to Sender",
			"Message-ID: <report-1@lumen.example>", "Date: " + day, "Auto-Submitted: auto-replied", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=delivery-status; boundary="bb"`,
		}, more, []string{
			"", "--bb", "Content-Type: text/plain", "", "It could not be delivered to ADA@lumen.example.", "--bb", "Content-Type: message/delivery-status", "",
			"Reporting-MTA: dns; mx.lumen.example", "", "Final-Recipient: rfc822; ADA@Lumen.example", "Action: failed", "Status: 5.1.1", "", "--bb--", "",
		}), "\r\n"))
	}
	for _, raw := range [][]byte{named, unnamed(day), unnamed("")} {
		h.asked(raw)
	}
	bounced := p2(h.app.Intake.Ingest(t.Context(), report(), inbox.SourceFile))(t)
	if m := p2(h.app.Inbox.Message(t.Context(), h.app.DB, bounced.ID))(t); m.Fate != inbox.Bounce {
		t.Fatalf("the report: %s %s", m.Fate, m.FateReason)
	}
	h.atRest()
	h.erased(erasure.Who{Addresses: []string{ada}})
	if left := h.names(`ada@lumen`); len(left) > 0 {
		t.Errorf("she is in %v", left)
	}
	way := "Received: from elsewhere.example"
	for name, c := range map[string]struct {
		raw  []byte
		gone bool
	}{
		"the same mail by another way":         {mail(from, "same-1@lumen.example", subject, text, way), true},
		"the same words anew":                  {mail(from, "same-2@lumen.example", subject, text), false},
		"without an id, by another way":        {unnamed(day, way), true},
		"without an id, the same words anew":   {unnamed(later), false},
		"with neither, the same bytes":         {unnamed(""), true},
		"with neither, other bytes":            {unnamed("", way), false},
		"somebody else's report, another way":  {report(way), false},
		"somebody else's report, the same one": {report(), true},
	} {
		id := p2(h.app.Intake.Ingest(t.Context(), c.raw, inbox.SourceFile))(t)
		m := p2(h.app.Inbox.Message(t.Context(), h.app.DB, id.ID))(t)
		if gone := m.FateReason == inbox.ReasonErased; gone != c.gone || !gone && m.CaseID == nil && m.Fate != inbox.Bounce {
			t.Errorf("%s: %s %s", name, m.Fate, m.FateReason)
		}
	}
	h.sound()
}

// While a mail leaves that names them, or that is of one of their cases, nothing is changed under its sender.
func TestAnErasureWaitsForMailOfTheirCases(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.asked(mail("Ada Lumen <"+ada+">", "leaves-1@lumen.example", "A question", "When is it due?", "Cc: "+carl))
	h.asked(mail("Finn Ferro <finn@ferro.example>", "leaves-2@ferro.example", "Another question", "When is that due?"))
	h.awaitMails(2)
	h.atRest()
	for name, statement := range map[string]string{
		"to them":                          `update outgoing_messages set state = 'sending' where to_address = 'ada@lumen.example'`,
		"in copy of another's case":        `update outgoing_messages set state = 'queued', not_before = now() + interval '1 day', cc = array['ADA@Lumen.example'] where to_address = 'finn@ferro.example'`,
		"to somebody else of a case":       `update outgoing_messages set state = 'sending', to_address = 'carl@lumen.example' where to_address = 'ada@lumen.example'`,
		"queued in a case, naming nobody":  `update outgoing_messages set state = 'queued', not_before = now() + interval '1 day', to_address = 'carl@lumen.example' where to_address = 'ada@lumen.example'`,
		"of a case, as capitals in a copy": `update outgoing_messages set state = 'sending', cc = array['ADA@LUMEN.EXAMPLE'] where to_address = 'ada@lumen.example'`,
	} {
		dbtest.AsOwner(t, h.app.DB, `create table as_it_was as select id, state, to_address, cc, not_before from outgoing_messages`, statement)
		p := p2(h.app.Erasure.Preview(t.Context(), h.Actor(access.Admin), erasure.Who{Addresses: []string{ada}}))(t)
		if !errors.Is(p.Obstacle, inbox.ErrEraseLeaving) {
			t.Errorf("%s: %v", name, p.Obstacle)
		}
		dbtest.AsOwner(t, h.app.DB, `update outgoing_messages o set state = w.state, to_address = w.to_address, cc = w.cc, not_before = w.not_before from as_it_was w where w.id = o.id`, `drop table as_it_was`)
	}
	if p := p2(h.app.Erasure.Preview(t.Context(), h.Actor(access.Admin), erasure.Who{Addresses: []string{ada}}))(t); p.Obstacle != nil {
		t.Errorf("afterwards: %v", p.Obstacle)
	}
	t.Run("the copy has what was written to them, however it was spelled", func(t *testing.T) {
		dbtest.AsOwner(t, h.app.DB, `update outgoing_messages set cc = array['ADA@Lumen.example'], to_address = 'carl@lumen.example' where to_address = 'ada@lumen.example'`)
		all := filesIn(t, p2(h.app.Erasure.Copy(t.Context(), h.Actor(access.Admin), []string{ada, carl}, 0))(t).ZIP)
		if !strings.Contains(all["mails/sent.json"], "ADA@Lumen.example") || all["promises.json"] == "" || all["forms.json"] == "" {
			t.Errorf("%v: %s", slices.Sorted(maps.Keys(all)), all["mails/sent.json"])
		}
		if n := count(t, h.app.DB, `select count(*) from audit_log where what = 'person.copied' and data->'address_1' ? 'personal' and data->'address_2' ? 'personal'`); n != 1 {
			t.Errorf("on record %d times", n)
		}
	})
}

// Names are taken out of what others wrote only when they name one person, and only where somebody did not ask for none.
func TestNamesOfWhoIsErased(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin := h.Actor(access.Admin)
	c := h.asked(mail("Ada Lumen <"+ada+">", "names-1@lumen.example", "A question", "When is it due?"))
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: h.Actor(access.Agent), ID: c.ID}, Body: "Ada Lumen called; ada@lumen.example"}))(t)
	h.awaitMails(1)
	h.atRest()
	preview := func(w erasure.Who) erasure.Preview { return p2(h.app.Erasure.Preview(t.Context(), admin, w))(t) }
	if p := preview(erasure.Who{Addresses: []string{ada}}); !slices.Equal(p.Names, []string{"Ada Lumen"}) {
		t.Errorf("kept names: %v", p.Names)
	}
	for path, want := range map[string]string{`{"addresses":["ada@lumen.example"],"names":[]}`: "[]", `{"addresses":["ada@lumen.example"]}`: "[Ada Lumen]"} {
		var body map[string]any
		h.as(access.Admin).ask(http.StatusOK, "POST", "/erasures/preview", json.RawMessage(path), &body)
		if got := fmt.Sprint(body["names"]); got != want {
			t.Errorf("%s: names %s, want %s", path, got, want)
		}
	}
	looks := h.browse(access.Admin)
	for query, want := range map[string]bool{"": true, "&no_names=on": false} {
		if page := looks.page("/settings/erasures?addresses=" + ada + query); strings.Contains(page, "Ada Lumen") != want {
			t.Errorf("%q: the page names her: %t", query, !want)
		}
	}
	t.Run("one word is no name of one person", func(t *testing.T) {
		dbtest.AsOwner(t, h.app.DB, `update contacts set name = 'May' where email = 'ada@lumen.example'`, `update case_participants set name = 'Credit' where address = 'ada@lumen.example'`,
			`update inbound_messages set sender_name = 'Accounts'`)
		if p := preview(erasure.Who{Addresses: []string{ada}}); len(p.Names) != 0 {
			t.Errorf("%v", p.Names)
		}
	})
	dbtest.AsOwner(t, h.app.DB, fmt.Sprintf(`insert into notices (user_id, case_id, key, params, created_at)
		values (%d, %d, 'notice.assigned', '{"ada@lumen.example": "said \"ADA@lumen.example\" \\ x", "n": 7, "list": ["ada@lumen.example", null, {"lumen": true}]}', now())`, admin.UserID, c.ID))
	t.Run("words of the desk that stay are counted", func(t *testing.T) {
		dbtest.AsOwner(t, h.app.DB, fmt.Sprintf(`insert into case_points (case_id, code, position, text, required, case_type, list) values (%d, 'told', 1, 'Tell Ada@lumen.example', false, 'question', 1)`, c.ID))
		if p := preview(erasure.Who{Addresses: []string{ada}}); p.Remains["desk_words"] != 1 {
			t.Errorf("%v", p.Remains)
		}
		p2(h.app.Cases.KeepFields(t.Context(), cases.KeepFieldsInput{By: h.Actor(access.Supervisor), Fields: []cases.FieldEntry{{Code: "contact", Name: "Contact"}}}))(t)
		dbtest.AsOwner(t, h.app.DB, fmt.Sprintf(`insert into case_field_values (case_id, field_id, kind, text_value) select %d, id, kind, 'Ada@lumen.example' from case_fields`, c.ID))
		if p := preview(erasure.Who{Addresses: []string{ada}}); p.Remains["desk_words"] != 2 {
			t.Errorf("%v", p.Remains)
		}
		dbtest.AsOwner(t, h.app.DB, `delete from case_points`, `delete from case_field_values`)
	})
	t.Run("asked again with other names", func(t *testing.T) {
		w := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}, Names: []string{"Ada Lumen"}}, Reason: "By mail"}))(t)
		_, err := h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}, Names: []string{}}, Reason: "By mail"})
		if wrong, ok := errors.AsType[*errs.Error](err); !ok || wrong.Key != erasure.ErrWaits.Key || wrong.Params["number"] != fmt.Sprint(w.ID) {
			t.Errorf("%v", err)
		}
		p2(h.app.Erasure.Decide(t.Context(), admin, w.ID, "withdraw", ""))(t)
	})
	t.Run("an address of ours is nobody outside", func(t *testing.T) {
		for _, a := range []string{scenario.SupportAddress, h.Users[access.Agent].Email} {
			_, err := h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{a}}, Reason: "By mail"})
			if errs.KindOf(err) != errs.Invalid {
				t.Errorf("%s: %v", a, err)
			}
		}
	})
	h.erased(erasure.Who{Addresses: []string{ada}, Names: []string{}})
	if text := p2(db.Value[string](t.Context(), h.app.DB, `select body from case_messages where kind = 'note'`))(t); text != "Ada Lumen called; [erased]" {
		t.Errorf("the note says %q", text)
	}
	if text := p2(db.Value[string](t.Context(), h.app.DB, `select params::text from notices where params ? 'n'`))(t); text !=
		`{"n": 7, "list": ["[erased]", null, {"lumen": true}], "ada@lumen.example": "said \"[erased]\" \\ x"}` {
		t.Errorf("the notice says %s", text)
	}
}
