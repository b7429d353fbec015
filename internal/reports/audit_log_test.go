package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/reports"
)

func TestAuditLog(t *testing.T) {
	t.Parallel()
	d := dbtest.NewAt(t, func() time.Time { return time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mara := access.Actor{Kind: access.Person, UserID: 7, Name: "Mara Lindqvist"}
	must(d.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into legal_entities (id, code, name, base_currency, country, tax_id, address, support_address, support_name, time_zone, language, bank_details)
			select n, code, code, 'EUR', 'DE', '1', 'x', code || '@x.example', 'Billing', 'UTC', 'en', 'x' from unnest(array[101, 102], array['DE', 'SG']) as e(n, code)`)
		return err
	}))
	for i := range 7 {
		for _, e := range []audit.Event{
			{Stream: audit.Books(101), By: mara, What: "credit_memo.posted", Data: map[string]any{"number": fmt.Sprintf("CM-%d", i)}},
			{Stream: audit.Books(102), By: access.SystemActor("books"), What: "period.closed"},
			{Stream: audit.Admin, By: mara, What: "session.opened"},
		} {
			e.At = d.Now().AddDate(0, 0, i-7)
			must(d.Do(t.Context(), func(tx *db.Tx) error { return audit.RecordTx(t.Context(), tx, e) }))
		}
	}
	s := reports.New(d)
	auditor := access.Actor{Kind: access.Person, UserID: 1, Roles: []access.Role{access.Auditor}}
	narrow := auditor
	narrow.EntityIDs = []int64{101}
	read := func(q reports.AuditQuery) (list []string) {
		t.Helper()
		for range 50 {
			page, err := s.AuditLog(t.Context(), q)
			must(err)
			for _, r := range page.Rows {
				list = append(list, fmt.Sprintf("%s %s %v", r.Entity, r.What, r.Data["number"]))
			}
			if q.After = page.Next; q.After == "" {
				return list
			}
		}
		t.Fatal("pages without end")
		return nil
	}
	for name, c := range map[string]struct {
		q     reports.AuditQuery
		n     int
		first string
	}{
		"everything":        {reports.AuditQuery{By: auditor, Limit: 4}, 21, " session.opened <nil>"},
		"one's own books":   {reports.AuditQuery{By: narrow, Limit: 2}, 7, "DE credit_memo.posted CM-6"},
		"a chain":           {reports.AuditQuery{By: auditor, In: "sg", Limit: 3}, 7, "SG period.closed <nil>"},
		"an event":          {reports.AuditQuery{By: auditor, What: "credit_memo.posted", Limit: 3}, 7, "DE credit_memo.posted CM-6"},
		"a kind of event":   {reports.AuditQuery{By: auditor, What: "credit_memo.", Limit: 3}, 7, "DE credit_memo.posted CM-6"},
		"no event":          {reports.AuditQuery{By: auditor, What: "credit_memo.printed"}, 0, ""},
		"a name":            {reports.AuditQuery{By: auditor, ActorName: "lindq"}, 14, " session.opened <nil>"},
		"under a moment":    {reports.AuditQuery{By: auditor, What: "credit_memo.", Before: time.Date(2027, 2, 25, 0, 0, 0, 0, time.UTC)}, 3, "DE credit_memo.posted CM-2"},
		"in a chain under":  {reports.AuditQuery{By: auditor, In: "DE", Before: time.Date(2027, 2, 25, 0, 0, 0, 0, time.UTC)}, 3, "DE credit_memo.posted CM-2"},
		"of administration": {reports.AuditQuery{By: auditor, In: "admin"}, 7, " session.opened <nil>"},
	} {
		got := read(c.q)
		if len(got) != c.n || c.n > 0 && got[0] != c.first {
			t.Errorf("%s: %d rows: %s", name, len(got), strings.Join(got, ", "))
		}
	}
	for name, c := range map[string]struct {
		q    reports.AuditQuery
		want errs.Kind
	}{
		"an agent":         {reports.AuditQuery{By: access.Actor{Kind: access.Person, UserID: 2, Roles: []access.Role{access.Agent}}}, errs.Forbidden},
		"others' books":    {reports.AuditQuery{By: narrow, In: "SG"}, errs.Invalid},
		"administration":   {reports.AuditQuery{By: narrow, In: "admin"}, errs.NotFound},
		"what is no event": {reports.AuditQuery{By: auditor, What: "posted"}, errs.Invalid},
		"a made-up cursor": {reports.AuditQuery{By: auditor, After: "x"}, errs.Invalid},
	} {
		if _, err := s.AuditLog(t.Context(), c.q); errs.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
