package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/erasure"
	"makegood/internal/errs"
	"makegood/internal/evidence"
	"makegood/internal/scenario"
)

const (
	secretWord = "Blaubeeren"
	whoseTrace = `ada@lumen\.example|ada lumen|` + secretWord
)

// traces are the tables that say something of Ada, with how many rows do.
func (h *house) traces() map[string]int {
	h.t.Helper()
	tables, err := db.Values[string](h.t.Context(), h.app.DB, `select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		and has_table_privilege(c.oid, 'select') order by 1`)
	must(h.t, err)
	found := map[string]int{}
	for _, table := range tables {
		n := count(h.t, h.app.DB, `select count(*) from `+table+` t where t::text ~* $1`, whoseTrace)
		if table == "inbound_raw" {
			n = count(h.t, h.app.DB, `select count(*) from inbound_raw where position('Ada Lumen <' in convert_from(content, 'LATIN1')) > 0`)
		}
		if n > 0 {
			found[table] = n
		}
	}
	return found
}

// settledOf is a case that Ada began, a colleague of hers wrote in, and that ended with a credit whose evidence is her mail.
func (h *house) settledOf() (cases.Case, api.CreditRequest) {
	h.t.Helper()
	agent, desk := h.as(access.Agent), h.Actor(access.Agent)
	raw := mail("Ada Lumen <"+ada+">", "erase-1@lumen.example", "Invoice "+h.LumenBill.Number+" "+secretWord,
		"We were charged twice, 119.00 EUR too much, for "+secretWord+".\n\nAda Lumen", "Cc: carl@lumen.example")
	p2(h.app.Intake.Ingest(h.t.Context(), raw, inbox.SourceFile))(h.t)
	number := onlyCase(agent, "")
	c := p2(h.app.Cases.CaseByNumber(h.t.Context(), h.app.DB, number, desk))(h.t)
	reload := func() cases.Case { return p2(h.app.Cases.CaseByID(h.t.Context(), h.app.DB, c.ID, desk))(h.t) }
	p2(h.app.Cases.AddNote(h.t.Context(), cases.NoteInput{On: cases.On{By: desk, ID: c.ID}, Body: "Ada Lumen called about it; write to " + ada, Attach: []cases.NewFile{
		{Filename: "call of Ada Lumen.txt", Content: []byte("Ada Lumen said " + secretWord)}, {Filename: "prices.txt", Content: []byte("Fibre 100: 30 EUR")},
	}}))(h.t)
	must(h.t, h.app.Cases.Attach(h.t.Context(), cases.AttachInput{By: desk, ID: c.ID, Kind: cases.PublicReply, Files: []cases.NewFile{{Filename: "to Ada Lumen.txt", Content: []byte("Dear Ada Lumen")}}}))
	first := p2(h.app.Cases.Messages(h.t.Context(), h.app.DB, c.ID))(h.t)[0]
	proposal := h.proposal(number, "50.00")
	proposal["evidence"] = []api.NewEvidence{{Kind: "customer_mail", Label: "What they wrote", Message: new(int64(first.ID))}}
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(proposal), &request)
	request = h.awaitRequest(agent, request.ID, "posted")
	h.awaitMails(2) // that it was received, and that it was credited
	for _, d := range p2(h.app.Cases.Disputes(h.t.Context(), h.app.DB, c.ID))(h.t) {
		if d.DecidedAt == nil {
			p2(h.app.Cases.DecideDispute(h.t.Context(), cases.DecideDisputeInput{
				On: cases.On{By: desk, ID: c.ID, Version: reload().Version}, DisputeID: d.ID, Accepted: decimal.Zero, Explanation: "Ada Lumen was told why.",
			}))(h.t)
		}
	}
	cause := int64(0)
	for _, id := range h.RootCauses {
		cause = id
	}
	p2(h.app.Cases.SetStatus(h.t.Context(), cases.StatusInput{
		On: cases.On{By: desk, ID: c.ID, Version: reload().Version}, To: cases.StatusResolved, Resolution: "answered", RootCause: &cause,
	}))(h.t)
	return reload(), request
}

// What is kept about a person goes on the word of two people: nothing names them any more, and everything is proven as before.
func TestAPersonIsErased(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin, director := h.Actor(access.Admin), h.Actor(access.Director)
	p2(h.app.Billing.KeepContact(t.Context(), billing.ContactInput{
		By: h.Actor(access.Agent), Account: h.Lumen.Account, ID: h.Ada.ID, Version: 1, Name: "Ada Lumen", Email: ada, Title: "Head of " + secretWord,
	}))(t)
	c, request := h.settledOf()
	until(t, "all mail to have left", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from outgoing_messages where state in ('queued', 'sending')`) == 0
	})
	h.sound()
	before := h.traces()
	for _, table := range []string{"contacts", "inbound_messages", "inbound_raw", "outgoing_messages", "case_messages", "case_participants", "case_words", "cases", "audit_personal"} {
		if before[table] == 0 {
			t.Errorf("nothing of her is in %s to begin with: %v", table, before)
		}
	}
	if before["audit_log"] != 0 {
		t.Errorf("the trail names her: %d rows", before["audit_log"])
	}
	figures := h.figures()

	who := erasure.Who{Addresses: []string{" Ada@Lumen.example "}}
	t.Run("a preview changes nothing", func(t *testing.T) {
		p := p2(h.app.Erasure.Preview(t.Context(), admin, who))(t)
		if p.Obstacle != nil || p.Counts["mails_in"] != 1 || p.Counts["contacts"] != 1 || p.Counts["cases"] != 1 || !slices.Contains(p.Names, "Ada Lumen") {
			t.Errorf("%+v", p)
		}
		if after := h.traces(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("before %v, after %v", before, after)
		}
	})
	t.Run("a copy is everything kept", func(t *testing.T) { h.copied(t) })
	t.Run("a legal hold refuses with its reason", func(t *testing.T) {
		hold := p2(h.app.Erasure.SetHold(t.Context(), erasure.HoldInput{By: director, Account: h.Lumen.Account, Reason: "A court asks"}))(t)
		_, err := h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: who, Reason: "By mail"})
		if wrong, ok := errors.AsType[*errs.Error](err); !ok || wrong.Key != erasure.ErrHeld.Key || wrong.Params["reason"] != "A court asks" {
			t.Errorf("%v", err)
		}
		p2(h.app.Erasure.LiftHold(t.Context(), director, hold.ID, "It is over"))(t)
	})
	asked := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: who, Reason: "By mail from Ada Lumen, called back"}))(t)
	if again := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: who, Reason: "Once more"}))(t); again.ID != asked.ID {
		t.Errorf("asked twice: %d and %d", asked.ID, again.ID)
	}
	if _, err := h.app.Erasure.Decide(t.Context(), admin, asked.ID, "confirm", ""); !errors.Is(err, erasure.ErrOwn) {
		t.Errorf("alone: %v", err)
	}
	p2(h.app.Erasure.Decide(t.Context(), director, asked.ID, "confirm", "Right"))(t)
	until(t, "the erasure to be done", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from erasures where state = 'done'`) == 1
	})
	if after := h.traces(); len(after) != 0 {
		t.Errorf("she is still in %v", after)
	}
	until(t, "the file of the note to be gone", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from blobs where position('Ada Lumen said'::bytea in content) > 0`) == 0
	})
	if n := count(t, h.app.DB, `select count(*) from case_attachments where blob is not null and filename = 'prices.txt'`); n != 1 {
		t.Errorf("%d files of notes that name nobody are left", n)
	}
	if now := h.figures(); now != figures {
		t.Errorf("figures were %s and are %s", figures, now)
	}
	h.sound()
	must(t, h.app.Jobs.Work(t.Context(), "erasure.erase", fmt.Appendf(nil, `{"id":%d}`, asked.ID))) // twice
	if n := count(t, h.app.DB, `select count(*) from audit_log where what = 'erasure.done'`); n != 1 {
		t.Errorf("done %d times", n)
	}
	t.Run("the evidence says so", func(t *testing.T) { h.evidenceAfter(t, c.Number, request) })
	t.Run("her mail is not imported again", func(t *testing.T) { h.comesAgain(t) })
	t.Run("the database holds it", func(t *testing.T) { h.gatesOfErasure(t) })
}

// figures are what must not change: amounts, numbers, postings, hashes and heads of chains of the books.
func (h *house) figures() string {
	h.t.Helper()
	text, err := db.Value[string](h.t.Context(), h.app.DB, `select md5((select string_agg(t::text, '|' order by id) from postings t) || (select string_agg(t::text, '|' order by id) from credit_memos t)
		|| (select string_agg(t::text, '|' order by credit_request_id) from credit_request_seals t) || (select string_agg(encode(sha256, 'hex'), '|' order by id) from inbound_messages)
		|| (select string_agg(contested::text || accepted || credited, '|' order by id) from dispute_lines) || (select string_agg(stream || seq || encode(hash, 'hex'), '|' order by id) from audit_log where stream like 'books:%'))`)
	must(h.t, err)
	return text
}

func (h *house) copied(t *testing.T) {
	t.Helper()
	sealed := p2(h.app.Erasure.Copy(t.Context(), h.Actor(access.Admin), []string{ada}, erasure.AtOnce))(t)
	result := p2(evidence.Check(sealed.ZIP))(t)
	if !result.OK() {
		t.Errorf("it does not prove itself: %+v", result.Findings)
	}
	all := filesIn(t, sealed.ZIP)
	for path, words := range map[string]string{"contacts.json": "Head of " + secretWord, "messages.json": secretWord, "mails/received.json": "erase-1@lumen.example", "trail.json": ada} {
		if !strings.Contains(all[path], words) {
			t.Errorf("%s lacks %q: %s", path, words, all[path])
		}
	}
	if strings.Contains(all["messages.json"], "called about it") {
		t.Error("a note of the desk is in it")
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(path string) bool {
		return strings.HasSuffix(path, ".eml") && strings.Contains(all[path], secretWord)
	}) {
		t.Errorf("her mail is not in it: %v", slices.Collect(maps.Keys(all)))
	}
	if n := count(t, h.app.DB, `select count(*) from audit_log where what = 'person.copied' and data->>'manifest_sha256' = $1`, sealed.SHA256); n != 1 {
		t.Errorf("on record %d times", n)
	}
	if _, err := h.app.Erasure.Copy(t.Context(), h.Actor(access.Admin), []string{ada}, 1); !errors.Is(err, erasure.ErrCopyTooLarge) {
		t.Errorf("more than it may have: %v", err)
	}
	if _, err := h.app.Erasure.Copy(t.Context(), h.Actor(access.Admin), []string{"nobody@lumen.example"}, 0); !errors.Is(err, erasure.ErrNobody) {
		t.Errorf("of nobody: %v", err)
	}
}

func filesIn(t *testing.T, content []byte) map[string]string {
	t.Helper()
	z := p2(zip.NewReader(bytes.NewReader(content), int64(len(content))))(t)
	all := map[string]string{}
	for _, f := range z.File {
		r := p2(f.Open())(t)
		all[f.Name] = string(p2(io.ReadAll(r))(t))
		must(t, r.Close())
	}
	return all
}

func (h *house) evidenceAfter(t *testing.T, number string, request api.CreditRequest) {
	t.Helper()
	taken := h.as(access.Auditor).ask(http.StatusOK, "GET", "/cases/"+number+"/evidence", nil, nil)
	result := p2(evidence.Check(taken.body))(t)
	if !result.OK() {
		t.Errorf("it does not prove itself: %+v", result.Findings)
	}
	all := filesIn(t, taken.body)
	for path, text := range all {
		if found := regexp.MustCompile(`(?i)` + whoseTrace).FindString(text); found != "" {
			t.Errorf("%s says %q", path, found)
		}
	}
	if said := all["erased.json"]; !strings.Contains(said, "Ada Admin") || !strings.Contains(said, `"kind": "inbound"`) || !strings.Contains(said, "hash_as_evidence") {
		t.Errorf("it does not say what was erased: %s", said)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(path string) bool {
		return strings.HasPrefix(path, "files/") && strings.HasSuffix(path, "-prices.txt") && all[path] == "Fibre 100: 30 EUR"
	}) {
		t.Errorf("the file of a note is not in it: %v", slices.Collect(maps.Keys(all)))
	}
	var shown api.CreditRequest
	h.as(access.Agent).ask(http.StatusOK, "GET", requestPath(request.ID), nil, &shown)
	if shown.Digest != request.Digest {
		t.Errorf("what was signed was %s and is %s", request.Digest, shown.Digest)
	}
}

// comesAgain brings the very mail from another mailbox, and the same mail as another server delivered it: neither is understood.
func (h *house) comesAgain(t *testing.T) {
	t.Helper()
	text := "We were charged twice, 119.00 EUR too much, for " + secretWord + ".\n\nAda Lumen"
	subject := "Invoice " + h.LumenBill.Number + " " + secretWord
	same := mail("Ada Lumen <"+ada+">", "erase-1@lumen.example", subject, text, "Cc: carl@lumen.example")
	other := mail("Ada Lumen <"+ada+">", "erase-1@lumen.example", subject, text, "Cc: carl@lumen.example", "Received: from elsewhere.example")
	for name, raw := range map[string][]byte{"the same bytes": same, "another delivery": other} {
		id := p2(h.app.Intake.Ingest(t.Context(), raw, inbox.SourceFile))(t)
		m := p2(h.app.Inbox.Message(t.Context(), h.app.DB, id.ID))(t)
		if m.Fate != inbox.Duplicate || m.FateReason != inbox.ReasonErased || m.Sender != "" {
			t.Errorf("%s: %s %s of %q", name, m.Fate, m.FateReason, m.Sender)
		}
	}
	if after := h.traces(); len(after) != 0 {
		t.Errorf("she is back in %v", after)
	}
	if n := count(t, h.app.DB, `select count(*) from cases`); n != 1 {
		t.Errorf("%d cases", n)
	}
	h.sound()
}

func (h *house) gatesOfErasure(t *testing.T) {
	t.Helper()
	for statement, want := range map[string]string{
		`insert into erased_rows (kind, row_id, erasure_id) values ('inbound', 99, 999)`: "erased_row_is_agreed",
		`update erasures set reason = 'Another' where state = 'done'`:                    "erasure_stands",
		`delete from erasures`:                 "erasure_stands",
		`delete from erased_rows`:              "erased_row_is_agreed",
		`update audit_personal set said = 'x'`: "personal_is_only_erased",
		`insert into erasures (addresses, reason, state, asked_by, asked_at, decided_by, decided_at) values ('{a@b.example}', 'x', 'agreed', 1, now(), 1, now())`: "erasure_needs_a_second_person",
		`insert into erasures (addresses, reason, state, asked_by, asked_at) values ('{a@b.example}', 'x', 'tried', 1, now())`:                                    "trial_never_stays",
	} {
		err := h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if !db.Violates(err, want) {
			t.Errorf("%s: %v, want %s", statement, err, want)
		}
	}
	if n := count(t, h.app.DB, `select count(*) from erased_rows`); n == 0 {
		t.Error("what was erased is forgotten")
	}
}

// An erasure waits for what is not settled, says so, and is done when that is over.
func TestAnErasureWaits(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin, director := h.as(access.Admin), h.as(access.Director)
	p2(h.app.Intake.Ingest(t.Context(), mail("Ada Lumen <"+ada+">", "waits-1@lumen.example", "A question", "When is it due?\n\nAda Lumen"), inbox.SourceFile))(t)
	who := map[string]any{"addresses": []string{ada}}
	var preview api.ErasurePreview
	admin.ask(http.StatusOK, "POST", "/erasures/preview", who, &preview)
	if preview.Obstacle == nil || preview.Obstacle.Code != erasure.ErrOpenCases.Key {
		t.Errorf("%+v", preview)
	}
	looks := h.browse(access.Director)
	if page := looks.page("/settings/erasures?addresses=" + ada); !strings.Contains(page, "It cannot be erased now.") || !strings.Contains(page, "MG-000001") {
		t.Errorf("the page does not say what stands in the way: %s", page)
	}
	who["reason"] = "By mail"
	admin.ask(http.StatusConflict, "POST", "/erasures", who, nil)
	h.awaitMails(1)
	desk := h.Actor(access.Agent)
	c := p2(h.app.Cases.CaseByNumber(t.Context(), h.app.DB, onlyCase(h.as(access.Agent), ""), desk))(t)
	c = p2(h.app.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: desk, ID: c.ID, Version: c.Version}, To: cases.StatusResolved, Resolution: "answered"}))(t)
	var e api.ErasureBody
	admin.ask(http.StatusCreated, "POST", "/erasures", who, &e)
	p2(h.app.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: desk, ID: c.ID, Version: c.Version}, To: cases.StatusOpen}))(t)
	path := fmt.Sprintf("/erasures/%d", e.ID)
	director.ask(http.StatusConflict, "POST", path+"/confirm", map[string]any{}, nil)
	c = p2(h.app.Cases.CaseByID(t.Context(), h.app.DB, c.ID, desk))(t)
	c = p2(h.app.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: desk, ID: c.ID, Version: c.Version}, To: cases.StatusResolved, Resolution: "answered"}))(t)
	// What is agreed and meets an obstacle then waits: here the mail that the job finds on its way.
	dbtest.AsOwner(t, h.app.DB, `update outgoing_messages set state = 'sending'`)
	director.ask(http.StatusOK, "POST", path+"/confirm", map[string]any{}, nil)
	until(t, "the erasure to wait", h.news, func() bool {
		must(t, h.app.Jobs.Work(t.Context(), "erasure.erase", fmt.Appendf(nil, `{"id":%d}`, e.ID)))
		return count(t, h.app.DB, `select count(*) from erasures where obstacle = 'inbox.erase_leaving'`) == 1
	})
	dbtest.AsOwner(t, h.app.DB, `update outgoing_messages set state = 'sent'`)
	until(t, "the erasure to be done", h.news, func() bool {
		must(t, h.app.Jobs.Work(t.Context(), "erasure.resume", []byte(`{}`))) // one that runs still may have looked before
		var now api.ErasureBody
		director.ask(http.StatusOK, "GET", path, nil, &now)
		e = now
		return e.State == "done"
	})
	if page := looks.page("/settings/erasures"); !strings.Contains(page, "Erased on") || !strings.Contains(page, "Ada Admin") || strings.Contains(page, ada) {
		t.Errorf("the page does not say when, and by whom: %s", page)
	}
	if len(e.Addresses) != 0 || e.Counts["mails_in"] != 1 || e.Obstacle != "" || e.AskedBy != "Ada Admin" {
		shown, _ := json.Marshal(e)
		t.Errorf("%s", shown)
	}
	h.sound()
}
