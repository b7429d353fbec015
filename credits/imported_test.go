package credits_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
)

// importedCredits brings a file of credit notes on account in, to where they wait for somebody's signature: of each the customer and the amount.
func (k *desk) importedCredits(by access.Actor, name string, notes ...string) billing.ImportID {
	k.t.Helper()
	var b strings.Builder
	b.WriteString("credit note number,original invoice,customer,date,currency,product,qty,unit price,tax rate,reason,total\n")
	for i, note := range notes {
		customer, amount, _ := strings.Cut(note, " ")
		b.WriteString(name + "-" + string(rune('1'+i)) + ",," + customer + ",2026-04-10,EUR,SEAT,1," + amount + ",0,,\n")
	}
	batch, err := k.billing.StageImport(k.t.Context(), billing.NewImport{
		EntityID: k.entity, System: "northbooks", Kind: importer.CreditNotes, Filename: name + ".csv", By: by,
	}, strings.NewReader(b.String()))
	k.must(err)
	k.must(k.billing.StartImport(k.t.Context(), batch.ID, by))
	k.must(k.billing.RunImport(k.t.Context(), batch.ID))
	batch, err = k.billing.Import(k.t.Context(), by, batch.ID)
	k.must(err)
	if batch.State != billing.ImportWaiting {
		k.t.Fatalf("%s is %s: %+v", name, batch.State, batch.Failure)
	}
	return batch.ID
}

func (k *desk) signImport(id billing.ImportID, by access.Actor, want error) {
	k.t.Helper()
	if err := k.billing.ApproveImport(k.t.Context(), id, by); !errors.Is(err, want) {
		k.t.Errorf("%s signs: %v, want %v", by.Name, err, want)
	}
}

func TestImportedCreditsTakeTheAuthorityOfWhatTheyGive(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var bringer access.Actor
	k.do(func(tx *db.Tx) error { bringer = k.person(tx, "Olu Adeyemi", access.Controller); return nil })

	k.do(func(tx *db.Tx) error { // who brings the file holds what they may give away themselves
		k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = 3`, bringer.UserID, tx.Now())
		return nil
	})
	first := k.importedCredits(bringer, "first", "C-1 20000")
	k.signImport(first, bringer, billing.ErrOwnImport)
	k.signImport(first, k.lead, access.ErrForbidden)
	k.signImport(first, k.control, nil)
	k.signImport(first, k.director, billing.ErrImportState)

	second := k.importedCredits(bringer, "second", "C-1 4000", "C-2 1", "C-1 6000") // goodwill: a controller to 25,000
	k.signImport(second, k.control, credits.ErrImportAbove)
	k.signImport(second, k.director, nil)

	k.clock.Add(31 * 24 * time.Hour)
	k.signImport(k.importedCredits(bringer, "third", "C-1 24999"), k.control, nil)

	top := k.importedCredits(bringer, "top", "C-2 100000", "C-3 100000") // one family, over what a director alone may
	k.signImport(top, k.control, credits.ErrImportAbove)
	k.signImport(top, k.director, nil)
	batch, err := k.billing.Import(t.Context(), bringer, top)
	k.must(err)
	if batch.State != billing.ImportWaiting || len(batch.Signers) != 1 || batch.Signers[0] != k.director.UserID {
		t.Errorf("after the first of two signatures it is %s, signed by %v", batch.State, batch.Signers)
	}
	k.signImport(top, k.director, billing.ErrSignedImport)
	k.signImport(top, k.finance, nil)
	k.must(k.billing.RunImport(t.Context(), top))
	if n := value[int](t, k.db, `select count(*)::int from credit_memos where origin = 'imported' and total = 100000`); n != 2 {
		t.Errorf("%d memos came in, want 2", n)
	}
	if got := value[string](t, k.db, `select string_agg(what, ' ' order by id) from audit_log where data ->> 'import_id' = $1`, strconv.FormatInt(int64(top), 10)); got != "import.signed import.approved" {
		t.Errorf("on record is %q", got)
	}
}

// Nobody of the level of whoever brought the file signs it, as with their requests; what was asked for counts with it, in whichever legal entity; who
// corrected the rate does not sign; and what was paid out elsewhere takes a limit for refunds.
func TestImportedCreditsAreHeldToWhatRequestsAre(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var peer access.Actor
	k.do(func(tx *db.Tx) error {
		peer = k.person(tx, "Olu Adeyemi", access.Controller)
		k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = 4`, peer.UserID, tx.Now())
		return nil
	})
	of := k.importedCredits(peer, "peer", "C-1 100")
	k.signImport(of, k.control, credits.ErrImportAbove)
	k.signImport(of, k.director, nil)

	k.submit(k.proposal(k.invoice(k.customer, "90000"), "20000"))
	in := k.importedCredits(k.agentWhoImports(), "after", "C-1 2000")
	k.signImport(in, k.control, credits.ErrImportAbove) // 23,800 are asked for, of 25,000
	k.signImport(in, k.director, nil)

	today := billing.Date(k.clock.Now())
	_, err := k.billing.RecordRate(t.Context(), billing.Fixing{Base: "EUR", Quote: "USD", OnDate: today, Rate: d("1.25"), Source: "ECB"}, peer)
	k.must(err)
	_, err = k.billing.CorrectRate(t.Context(), billing.RateCorrection{
		Fixing: billing.Fixing{Base: "EUR", Quote: "USD", OnDate: today, Rate: d("1250"), Source: "ECB"}, Reason: "A slip", By: k.control,
	})
	k.must(err)
	dollars := k.importedCredits(k.agentWhoImports(), "usd", "C-2 5000")
	k.run(`update import_rows set adjustment = jsonb_set(adjustment, '{Currency}', '"USD"') where batch_id = ` + strconv.FormatInt(int64(dollars), 10))
	k.signImport(dollars, k.control, credits.ErrImportRate)
}

// agentWhoImports is a controller without a level.
func (k *desk) agentWhoImports() access.Actor {
	k.t.Helper()
	var who access.Actor
	k.do(func(tx *db.Tx) error {
		who = k.person(tx, "Rosa "+strconv.Itoa(k.customers), access.Controller)
		k.customers++
		return nil
	})
	return who
}
