package reports_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/evidence"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

// settled is a case with a raw mail and a credit memo that was asked for, approved and posted.
func settled(t *testing.T) (*screentest.Room, cases.Case) {
	t.Helper()
	r := screentest.Open(t)
	jobs.Handle(r.Registry, func(ctx context.Context, _ inbox.SendMessage) error { return ctx.Err() })
	c := r.Dispute("59.50")
	raw := []byte("From: ada@lumen.example\r\nSubject: Invoice\r\n\r\nThe network was down.\r\n")
	r.Must(r.DB.Do(t.Context(), func(tx *db.Tx) error {
		sum := sha256.Sum256(raw)
		id, err := db.Value[int64](t.Context(), tx, `insert into inbound_messages (source, sha256, size, stored_at, fate, case_id) values ('file', $1, $2, $3, 'attached', $4) returning id`,
			sum[:], len(raw), tx.Now(), c.ID)
		if err == nil {
			_, err = tx.Exec(t.Context(), `insert into inbound_raw (inbound_message_id, content) values ($1, $2)`, id, raw)
		}
		return err
	}))
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	_, err = r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", Explanation: "Down half of April", CustomerNote: "Sorry",
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Monitoring"}}, Lines: []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: d("50")}},
	})
	r.Must(err)
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	return r, c
}

func unzipped(t *testing.T, bundle []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if content[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	return content
}

func zipped(t *testing.T, content map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range content {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A case's bundle holds everything, each with its hash; taking it is recorded with the hash of its manifest.
func TestEvidenceOfACase(t *testing.T) {
	t.Parallel()
	r, c := settled(t)
	auditor := r.Actor(access.Auditor)
	sealed, err := r.Reports.Evidence(r.Cases).Case(t.Context(), c.Number, auditor)
	r.Must(err)
	found, err := evidence.Check(sealed.ZIP)
	if err != nil || !found.OK() || found.SHA256 != sealed.SHA256 || found.Rows < 5 {
		t.Fatalf("%v %+v", err, found)
	}
	content := unzipped(t, sealed.ZIP)
	for line := range strings.Lines(string(content[evidence.SumsFile])) { // as sha256sum -c does
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if is := sha256.Sum256(content[name]); hex.EncodeToString(is[:]) != sum {
			t.Errorf("%s: %s", name, sum)
		}
	}
	holds := map[string][]string{
		"case-file.json": {c.Number, "not_delivered", "Lumen Optik GmbH"}, "conversation.json": {"down half of April"}, "mails/1.eml": {"The network was down."}, "approvals.json": {"CR-000001", `"digest"`, `"approval"`},
		"postings.json": {`"postings"`, "receivable"}, "clocks.json": {"Everybody"}, "documents/index.json": {"credit_memo", ".pdf"}, "chains/case.json": {"case.opened", "credit.posted"},
		"VERIFY.txt": {"sha256sum -c SHA256SUMS", "chains/case.json"}, "holds.json": {`"amount"`},
		"mails/outgoing.json": {`"media_type": "application/pdf"`, `"sha256": "` + sumOf(t, content["documents/index.json"]) + `"`},
	}
	for name, wants := range holds {
		for _, want := range wants {
			if !strings.Contains(string(content[name]), want) {
				t.Errorf("%s lacks %q: %.300s", name, want, content[name])
			}
		}
	}
	trail, err := audit.Timeline(t.Context(), r.DB, audit.Case(int64(c.ID)), 0, 100)
	r.Must(err)
	if last := trail[len(trail)-1]; last.What != "evidence.exported" || last.Data["manifest_sha256"] != sealed.SHA256 || last.ActorID != auditor.UserID {
		t.Errorf("recorded: %+v", last)
	}
	narrow := auditor
	narrow.Scopes = []string{string(access.ReadCases)}
	if _, err := r.Reports.Evidence(r.Cases).Case(t.Context(), c.Number, narrow); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("with a token for cases alone: %v", err)
	}
	abroad := auditor
	abroad.EntityIDs = []int64{999}
	if _, err := r.Reports.Evidence(r.Cases).Case(t.Context(), c.Number, abroad); !errors.Is(err, cases.ErrNoCase) {
		t.Errorf("out of scope: %v", err)
	}
}

// A hold is told with the case that its dispute line is in by now, whichever it was placed for.
func TestHoldsGoWithTheirDisputeLine(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	disputed, into := r.Dispute("59.50"), r.Dispute("11.90")
	agent := r.Actor(access.Agent)
	held := func(of cases.Case) int {
		t.Helper()
		sealed, err := r.Reports.Evidence(r.Cases).Case(t.Context(), of.Number, agent)
		r.Must(err)
		return strings.Count(string(unzipped(t, sealed.ZIP)["holds.json"]), `"dispute_line_id"`)
	}
	told := func() (numbers []string) {
		t.Helper()
		f, err := r.Reports.Books(r.Billing, r.Credits).Invoice(t.Context(), r.Company.LumenBill.Number, r.Actor(access.Controller))
		r.Must(err)
		for _, h := range f.AllHolds {
			numbers = append(numbers, h.CaseNumber)
		}
		return numbers
	}
	if held(disputed) != 1 || held(into) != 1 || !slices.Equal(told(), []string{disputed.Number, into.Number}) {
		t.Fatalf("%d and %d holds: %q", held(disputed), held(into), told())
	}
	_, err := r.Cases.Join(t.Context(), cases.JoinInput{On: cases.On{By: agent, ID: disputed.ID, Version: disputed.Version}, Into: into.ID, WithDisputes: true})
	r.Must(err)
	if held(disputed) != 0 || held(into) != 2 || !slices.Equal(told(), []string{into.Number, into.Number}) {
		t.Errorf("%d and %d holds: %q", held(disputed), held(into), told())
	}
}

// sumOf is the hash of the only paper of a bundle.
func sumOf(t *testing.T, index []byte) string {
	t.Helper()
	var papers []struct{ SHA256 string }
	if err := json.Unmarshal(index, &papers); err != nil || len(papers) != 1 {
		t.Fatalf("%v: %s", err, index)
	}
	return papers[0].SHA256
}

// A case of no legal entity may be seen by everybody; the money in it by those alone who have its legal entity in scope.
func TestEvidenceOfACaseOfNoLegalEntity(t *testing.T) {
	t.Parallel()
	r, c := settled(t)
	dbtest.AsOwner(t, r.DB, `update cases set entity_id = null`)
	auditor := r.Actor(access.Auditor)
	money := []string{`"CR-000001"`, `"postings"`, `"amount"`, `"credit_memo"`, `"contested"`, r.Company.LumenBill.Number}
	parts := []string{"approvals.json", "postings.json", "holds.json", "documents/index.json", "case-file.json", "case-file.json"}
	for _, scope := range []struct {
		entity int64
		seen   bool
	}{{int64(r.Company.Entity.ID), true}, {999, false}} {
		auditor.EntityIDs = []int64{scope.entity}
		sealed, err := r.Reports.Evidence(r.Cases).Case(t.Context(), c.Number, auditor)
		r.Must(err)
		content := unzipped(t, sealed.ZIP)
		for i, what := range money {
			if strings.Contains(string(content[parts[i]]), what) != scope.seen {
				t.Errorf("entity %d, %s with %s: %.300s", scope.entity, parts[i], what, content[parts[i]])
			}
		}
		for name := range content {
			if strings.HasSuffix(name, ".pdf") && !scope.seen {
				t.Errorf("entity %d gets %s", scope.entity, name)
			}
		}
	}
}

// The days of a package are those of the legal entity, wherever the machine is.
func TestAuditPackageFarEast(t *testing.T) {
	t.Parallel()
	r, _ := settled(t)
	dbtest.AsOwner(t, r.DB, `update legal_entities set time_zone = 'Asia/Singapore'`, // eight hours ahead
		`update audit_log set at = '2026-04-30 15:59:59Z' where stream = 'books:1' and seq = 1`,
		`update audit_log set at = '2026-04-30 16:00:00Z' where stream = 'books:1' and seq = 2`,
		`insert into authority_changes (kind, content, comment, effective_at, proposed_by, proposed_at) select 'policy', '{}', comment, at::timestamptz, 1, now()
			from (values ('in April', '2026-04-30 15:59:59Z'), ('first of May', '2026-04-30 16:00:00Z'), ('last of May', '2026-05-31 15:59:59Z'), ('in June', '2026-05-31 16:00:00Z')) c (comment, at)`)
	maker := r.Reports.Packages(r.Reports.Evidence(r.Cases), r.Billing)
	sealed, err := maker.Package(t.Context(), reports.Package{By: r.Actor(access.Auditor), Entity: "DE", From: day("2026-05-01"), To: day("2026-05-31"), Seed: "owl"})
	r.Must(err)
	content := unzipped(t, sealed.ZIP)
	var links []audit.Link
	r.Must(json.Unmarshal(content["chains/books.json"], &links))
	if len(links) == 0 || links[0].Seq != 2 {
		t.Errorf("the books' chain begins elsewhere: %.300s", content["chains/books.json"])
	}
	for what, in := range map[string]bool{"in April": false, "first of May": true, "last of May": true, "in June": false} {
		if strings.Contains(string(content["levels-and-policies.json"]), what) != in {
			t.Errorf("a change %s is in: %v", what, !in)
		}
	}
}

// Any change of a bundle is noticed, also one that comes with new sums.
func TestEvidenceAltered(t *testing.T) {
	t.Parallel()
	r, c := settled(t)
	sealed, err := r.Reports.Evidence(r.Cases).Case(t.Context(), c.Number, r.Actor(access.Auditor))
	r.Must(err)
	whole := unzipped(t, sealed.ZIP)
	for name := range whole {
		altered := unzipped(t, sealed.ZIP)
		altered[name] = append(bytes.Clone(altered[name]), ' ')
		noticed(t, name+" with a blank more", altered, name == evidence.ManifestFile)
		delete(altered, name)
		noticed(t, name+" taken out", altered, name == evidence.ManifestFile)
	}
	added := unzipped(t, sealed.ZIP)
	added["mails/99.eml"] = []byte("From: nobody")
	noticed(t, "a mail put in", added, false)
	var links []audit.Link
	r.Must(json.Unmarshal(whole["chains/case.json"], &links))
	alter := map[string]func([]audit.Link) []audit.Link{
		"a row left out":        func(l []audit.Link) []audit.Link { return append(l[:1:1], l[2:]...) },
		"the last row left out": func(l []audit.Link) []audit.Link { return l[:len(l)-1] },
		"another name":          func(l []audit.Link) []audit.Link { l[1].ActorName = "Somebody"; return l },
		"another time":          func(l []audit.Link) []audit.Link { l[1].When = "2020-01-01T00:00:00Z"; return l },
		"other data":            func(l []audit.Link) []audit.Link { l[1].Data = "{}"; return l },
	}
	for name, change := range alter {
		b := evidence.New("case "+c.Number, "Aron", sealed.Manifest.MadeAt)
		r.Must(b.AddChain("chains/case.json", links))
		r.Must(b.AddJSON("chains/case.json", change(append([]audit.Link{}, links...)))) // with fitting sums
		forged, err := b.Seal()
		r.Must(err)
		if found, err := evidence.Check(forged.ZIP); err != nil || found.OK() {
			t.Errorf("%s: %v %+v", name, err, found)
		}
	}
	if _, err := evidence.Check([]byte("PK is not enough")); !errors.Is(err, evidence.ErrNoBundle) {
		t.Errorf("no bundle: %v", err)
	}
}

func noticed(t *testing.T, what string, content map[string][]byte, refused bool) {
	t.Helper()
	found, err := evidence.Check(zipped(t, content))
	if err == nil && found.OK() || err != nil && !refused {
		t.Errorf("%s: %v %+v", what, err, found)
	}
}

// The audit package of a period proves itself, chooses its samples by the seed alone, and is for auditors of the entity.
func TestAuditPackage(t *testing.T) {
	t.Parallel()
	r, c := settled(t)
	maker := r.Reports.Packages(r.Reports.Evidence(r.Cases), r.Billing)
	ask := reports.Package{By: r.Actor(access.Auditor), Entity: "DE", From: day("2026-05-01"), To: day("2026-05-31"), Seed: "owl", Samples: 5}
	sealed, err := maker.Package(t.Context(), ask)
	r.Must(err)
	if found, err := evidence.Check(sealed.ZIP); err != nil || !found.OK() || found.Rows < 8 {
		t.Fatalf("%v %+v", err, found)
	}
	content := unzipped(t, sealed.ZIP)
	for name, wants := range map[string][]string{
		"entity.json": {"Ostwind Netz GmbH", `"from": "2026-05-01"`}, "journal.json": {`"document_kind": "credit_memo"`, `"document_kind": "invoice"`}, "balances.json": {`"account": "receivable"`, `"closing"`},
		"documents.json": {r.Company.LumenBill.Number}, "approvals.json": {"CR-000001", `"decisions"`}, "levels-and-policies.json": {"L1 agent"}, "heads.json": {`"stream": "books:1"`, `"stream": "admin"`},
		"samples.json": {`"seed": "owl"`, `"of": 1`}, "documents/index.json": {"credit_memo"}, "chains/books.json": {`"what"`}, fmt.Sprintf("chains/case-%d.json", c.ID): {"credit.posted"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(content[name]), want) {
				t.Errorf("%s lacks %q: %.200s", name, want, content[name])
			}
		}
	}
	var balances []struct{ Closing decimal.Decimal }
	r.Must(json.Unmarshal(content["balances.json"], &balances))
	sum := decimal.Zero
	for _, b := range balances {
		sum = sum.Add(b.Closing)
	}
	if !sum.IsZero() || len(balances) < 2 {
		t.Errorf("the books do not balance: %+v", balances)
	}
	trail, err := audit.Timeline(t.Context(), r.DB, audit.Books(int64(r.Company.Entity.ID)), 0, 1000)
	r.Must(err)
	if last := trail[len(trail)-1]; last.What != "evidence.exported" || last.Data["manifest_sha256"] != sealed.SHA256 {
		t.Errorf("recorded: %+v", last)
	}
	for name, change := range map[string]func(*reports.Package){
		"an agent": func(p *reports.Package) { p.By = r.Actor(access.Agent) }, "no such entity": func(p *reports.Package) { p.Entity = "XX" },
		"days the wrong way round": func(p *reports.Package) { p.To = day("2026-04-01") }, "too many samples": func(p *reports.Package) { p.Samples = 501 },
		"out of scope": func(p *reports.Package) { p.By.EntityIDs = []int64{999} },
	} {
		bad := ask
		change(&bad)
		if _, err := maker.Package(t.Context(), bad); errs.KindOf(err) == errs.Internal || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
