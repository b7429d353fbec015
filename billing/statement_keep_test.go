package billing_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/dbtest"
)

// TestStatementsStayAsTheyWereHandedOut: what is posted later changes the view, not what somebody got of it; the same asked for
// again is kept once and counted; a file that was altered is found.
func TestStatementsStayAsTheyWereHandedOut(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	s := setupAt(t, func() time.Time { return at })
	i := s.issue(s.invoice("EUR", line("100.00", "19")))
	reader := access.Actor{Kind: access.Person, UserID: 7, Name: "Mara Lind", Roles: []access.Role{access.Auditor}}
	s.must(s.refused(`insert into users (id, email, name, created_at) values (7, 'mara@makegood.example', 'Mara Lind', '2026-01-01')`))
	hand := func(language string) (billing.KeptStatement, []byte) {
		st, err := s.billing.Statement(t.Context(), s.db, s.customer, "EUR", day("2026-05-01"), day("2026-05-12"))
		s.must(err)
		k, content, err := s.billing.HandStatement(t.Context(), st, language, reader, billing.OnScreen)
		s.must(err)
		return k, content
	}
	first, before := hand("")
	again, _ := hand("")
	english, _ := hand("en")
	if first.ID != again.ID || english.ID == first.ID {
		t.Errorf("kept as %d, %d and %d", first.ID, again.ID, english.ID)
	}
	if sum := sha256.Sum256(before); !bytes.Equal(sum[:], first.SHA256) {
		t.Error("its hash is another")
	}
	s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true})
	at = at.Add(time.Hour)
	later, after := hand("")
	if later.ID == first.ID || bytes.Equal(before, after) {
		t.Error("the view did not change")
	}
	stored, err := s.billing.KeptStatementFile(t.Context(), s.db, s.customer, first.ID)
	s.must(err)
	if !bytes.Equal(stored.Content, before) {
		t.Error("what was handed out is not what was kept")
	}
	if _, err := s.billing.KeptStatementFile(t.Context(), s.db, s.partner, first.ID); !errors.Is(err, billing.ErrNoStatement) {
		t.Errorf("another customer's: %v", err)
	}
	rows, err := s.billing.KeptStatements(t.Context(), s.db, s.customer, 10)
	s.must(err)
	if len(rows) != 3 || rows[0].ID != later.ID || rows[2].ID != first.ID || rows[2].Copies != 2 || rows[2].HandedTo != "Mara Lind" || rows[2].Way != billing.OnScreen {
		t.Errorf("%+v", rows)
	}
	equal(t, "as it stood then", "119", rows[2].Closing)
	s.sound()

	if s.refused(`update statements set closing = 0`) == nil || s.refused(`delete from statement_copies`) == nil {
		t.Error("a kept statement was changed")
	}
	dbtest.AsOwner(t, s.db, `alter table stored_documents disable trigger immutable_rows`,
		`update stored_documents set content = 'other' where document_kind = 'statement' and document_id = `+value[string](t, s.db, `select min(id)::text from statements`))
	faults, err := s.billing.Verify(t.Context())
	s.must(err)
	if len(faults) == 0 || faults[len(faults)-1].Check != "statement_is_as_handed_out" {
		t.Errorf("%+v", faults)
	}
}

// TestStatementsAreForThoseWhoReadTheBooks: a statement that was refused is not kept either.
func TestStatementsAreForThoseWhoReadTheBooks(t *testing.T) {
	t.Parallel()
	s := setup(t)
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "EUR", day("2026-05-01"), day("2026-05-12"))
	s.must(err)
	stranger := access.Actor{Kind: access.Person, UserID: 7, Roles: []access.Role{access.Auditor}, EntityIDs: []int64{999}}
	if _, _, err := s.billing.HandStatement(t.Context(), st, "", stranger, billing.ByAPI); err == nil {
		t.Error("somebody of another company got it")
	}
	if n := value[int](t, s.db, `select count(*)::int from statements`); n != 0 {
		t.Errorf("%d kept", n)
	}
}
