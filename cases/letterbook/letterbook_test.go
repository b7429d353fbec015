package letterbook_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestLetterInForce(t *testing.T) {
	t.Parallel()
	clock := jobstest.NewClock(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC))
	d := dbtest.NewAt(t, clock.Now)
	b := billing.New(d, nil, slog.New(slog.DiscardHandler))
	var id, other billing.EntityID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.Do(t.Context(), func(tx *db.Tx) error {
		var err error
		if id, err = addEntity(t, b, tx, "DE"); err != nil {
			return err
		}
		other, err = addEntity(t, b, tx, "SG")
		return err
	}))
	s := letterbook.New(d)
	admin := access.Actor{Kind: access.Person, UserID: 3, Name: "Ada Brandt", Roles: []access.Role{access.Admin}}
	place := letterbook.Place{Entity: "DE", Kind: letters.Acknowledgement, Language: "de"}
	vars := letters.AcknowledgementVars{Frame: letters.Frame{CaseNumber: "MG-1", Entity: "Nordwall", Signature: "Nordwall"}, ReceivedAt: clock.Now()}
	text := func(e billing.EntityID, lang string) (string, *int64) {
		t.Helper()
		l, err := letterbook.Write(t.Context(), d, e, letters.Acknowledgement, lang, vars)
		must(err)
		return l.Text, l.Version
	}
	shipped, version := text(id, "de")
	if version != nil || !strings.Contains(shipped, "MG-1") {
		t.Fatalf("%v %q", version, shipped)
	}
	first, err := s.Save(t.Context(), letterbook.SaveInput{By: admin, Place: place, Body: "Moin,\r\n\r\n{{.number}} ist da.\n"})
	must(err)
	if got, version := text(id, "de-AT"); got != "Moin,\n\nMG-1 ist da.\n" || version == nil || *version != first.ID || first.Number != 1 {
		t.Errorf("%q %v %+v", got, version, first)
	}
	if got, version := text(other, "de"); got != shipped || version != nil {
		t.Errorf("another entity writes %q", got)
	}
	if got, _ := text(id, "en"); strings.Contains(got, "Moin") {
		t.Errorf("another language says %q", got)
	}
	t.Run("what is refused", func(t *testing.T) {
		_, err := s.Save(t.Context(), letterbook.SaveInput{By: admin, Place: place, Body: "late"})
		same(t, err, letterbook.ErrChanged)
		_, err = s.Save(t.Context(), letterbook.SaveInput{By: admin, Place: place, Base: 1, Body: "a\n{{.iban}}"})
		same(t, err, errs.InvalidField("body", "letters.unknown_variable"))
		_, err = s.Save(t.Context(), letterbook.SaveInput{By: access.Actor{Kind: access.Person, UserID: 4, Roles: []access.Role{access.Agent}}, Place: place, Base: 1, Body: "x"})
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an agent: %v", err)
		}
		_, err = s.Save(t.Context(), letterbook.SaveInput{By: admin, Place: letterbook.Place{Entity: "DE", Kind: "spam", Language: "de"}, Body: "x"})
		same(t, err, letterbook.ErrNoLetter)
		_, err = s.Restore(t.Context(), letterbook.RestoreInput{By: admin, Place: place, Base: 1, Number: 9})
		same(t, err, letterbook.ErrNoVersion)
	})
	clock.Add(time.Hour)
	_, err = s.Restore(t.Context(), letterbook.RestoreInput{By: admin, Place: place, Base: 1})
	must(err)
	if got, version := text(id, "de"); got != shipped || version != nil {
		t.Errorf("after going back to the program's words: %q", got)
	}
	back, err := s.Restore(t.Context(), letterbook.RestoreInput{By: admin, Place: place, Base: 2, Number: 1})
	must(err)
	if got, version := text(id, "de"); !strings.HasPrefix(got, "Moin") || *version != back.ID || *back.RestoredFrom != 1 {
		t.Errorf("%q %+v", got, back)
	}
	history, err := s.History(t.Context(), admin, place)
	must(err)
	if len(history) != 3 || history[0].Number != 3 || !history[1].Shipped || history[2].CreatedName != "Ada Brandt" {
		t.Errorf("%+v", history)
	}
	list, err := s.InForce(t.Context(), admin)
	must(err)
	if len(list) != 1 || list[0].Number != 3 {
		t.Errorf("%+v", list)
	}
	if n, err := db.Value[int](t.Context(), d, `select count(*) from audit_log where what = 'letter.changed' and data->>'entity' = 'DE'`); err != nil || n != 3 {
		t.Errorf("%d changes audited, %v", n, err)
	}
}

func addEntity(t *testing.T, b *billing.Service, tx *db.Tx, code string) (billing.EntityID, error) {
	t.Helper()
	e, err := b.SeedEntityTx(t.Context(), tx, billing.Entity{
		Code: code, Name: "Nordwall " + code, BaseCurrency: "EUR", Country: "DE", TaxID: "T" + code, Address: "Hafenstraße 12",
		SupportAddress: "billing@nordwall.example", SupportName: "Billing", TimeZone: "Europe/Berlin", Language: "en",
	})
	return e.ID, err
}

func same(t *testing.T, err, want error) {
	t.Helper()
	if errs.KeyOf(err) != errs.KeyOf(want) {
		t.Errorf("%v, not %v", err, want)
	}
}
