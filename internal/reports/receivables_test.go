package reports_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/reports"
)

// posted is a posting on an open item as the database has it, for a recount by hand.
type posted struct {
	ItemKind     string
	ItemID       int64
	Entity       string
	Currency     money.Currency
	BaseCurrency money.Currency
	Amount       decimal.Decimal
	BaseAmount   decimal.Decimal
	DatedOn      time.Time
	PostedAt     time.Time
	DueOn        time.Time
	OpenedOn     time.Time
}

// held is a change of what an invoice's disputes held.
type held struct {
	InvoiceID    int64
	At           time.Time
	AmountBefore decimal.Decimal
	Amount       decimal.Decimal
}

// recount adds the ledger up the slow way: every posting of every item, day by day.
type recount struct {
	postings []posted
	holds    []held
}

func (h *house) recount() recount {
	h.t.Helper()
	var r recount
	var err error
	r.postings, err = db.List[posted](h.t.Context(), h.db, `select p.item_kind, p.item_id, e.code as entity, o.currency, e.base_currency, p.amount, p.base_amount,
			j.dated_on, j.posted_at, o.due_on, o.opened_on
		from postings p join journal_entries j on j.id = p.entry_id join legal_entities e on e.id = p.entity_id
		join open_items o on o.kind = p.item_kind and o.document_id = p.item_id where p.account in ('receivable', 'unapplied')`)
	h.must(err)
	r.holds, err = db.List[held](h.t.Context(), h.db, `select invoice_id, at, amount_before, amount from hold_changes`)
	h.must(err)
	return r
}

// items are the items open on a day, by the pure package's shape.
func (r recount) items(s reports.Scope) map[money.Currency][]figures.OpenItem {
	type key struct {
		kind string
		id   int64
	}
	type state struct {
		first        posted
		amount, base decimal.Decimal
	}
	states, end := map[key]*state{}, s.On.AddDate(0, 0, 1)
	for _, p := range r.postings {
		skip := p.DatedOn.After(s.On) || s.Basis == reports.KnownThen && !p.PostedAt.Before(end) || s.Entity != "" && p.Entity != s.Entity ||
			s.Currency != "" && p.Currency != s.Currency
		if skip {
			continue
		}
		at := key{p.ItemKind, p.ItemID}
		if states[at] == nil {
			states[at] = &state{first: p}
		}
		states[at].amount, states[at].base = states[at].amount.Add(p.Amount), states[at].base.Add(p.BaseAmount)
	}
	out := map[money.Currency][]figures.OpenItem{}
	for at, st := range states {
		if st.amount.IsZero() {
			continue
		}
		item := figures.OpenItem{Kind: figures.OwedItem, Currency: st.first.Currency, Open: st.amount, From: st.first.DueOn, Disputed: r.disputed(at.kind, at.id, end, st.amount)}
		if s.Base {
			item.Currency, item.Open = st.first.BaseCurrency, st.base
			item.Disputed = st.base.Mul(item.Disputed).DivRound(st.amount, st.first.BaseCurrency.Digits())
		}
		switch at.kind {
		case "payment":
			item.Kind, item.Open = figures.CashItem, item.Open.Neg()
		case "credit_memo":
			item.Kind, item.Open = figures.CreditItem, item.Open.Neg()
		}
		out[item.Currency] = append(out[item.Currency], item)
	}
	return out
}

func (r recount) disputed(kind string, id int64, end time.Time, open decimal.Decimal) decimal.Decimal {
	sum := decimal.Zero
	if kind != "invoice" {
		return sum
	}
	for _, h := range r.holds {
		if h.InvoiceID == id && h.At.Before(end) {
			sum = sum.Add(h.Amount).Sub(h.AmountBefore)
		}
	}
	return decimal.Min(sum, open)
}

func scopes() []reports.Scope {
	var list []reports.Scope
	for on := day("2025-12-30"); !on.After(day("2026-07-05")); on = on.AddDate(0, 0, 7) {
		for _, basis := range []reports.Basis{reports.KnownNow, reports.KnownThen} {
			list = append(list,
				reports.Scope{By: controller(), On: on, Basis: basis}, reports.Scope{By: controller(), On: on, Basis: basis, Base: true},
				reports.Scope{By: controller(), On: on, Basis: basis, Entity: "JP"}, reports.Scope{By: controller(), On: on, Basis: basis, Currency: "USD", Base: true})
		}
	}
	return list
}

func say(a figures.Ageing) string {
	text := fmt.Sprintf("%s %s", a.Currency, a.On.Format(time.DateOnly))
	for _, list := range [][]figures.Aged{{a.Receivable}, a.Owed, a.Unapplied.Cash, a.Unapplied.Credits} {
		for _, part := range list {
			text += fmt.Sprintf(" %s:%d:%s:%s", part.Bucket, part.Count, part.Open.StringFixed(2), part.Disputed.StringFixed(2))
		}
		text += " |"
	}
	return text
}

// Any day, on both bases, in documents' and base currency: what is read is what the journal adds up to.
func TestAgingIsWhatTheJournalAddsUpTo(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.live(11)
	r := h.recount()
	differ := 0
	for _, s := range scopes() {
		aging, err := h.reports.Aging(t.Context(), s, nil)
		h.must(err)
		var want []string
		for cur, items := range r.items(s) {
			a, err := figures.Age(cur, s.On, figures.StandardBuckets(), items)
			h.must(err)
			want = append(want, say(a))
		}
		slices.Sort(want)
		var got []string
		for _, section := range aging.Sections {
			got = append(got, say(section))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v:\ngot  %v\nwant %v", s, got, want)
		}
		other := s
		other.Basis = reports.KnownThen
		if s.Basis == reports.KnownNow && fmt.Sprint(r.items(s)) != fmt.Sprint(r.items(other)) {
			differ++
		}
		h.rowsAddUp(s, aging)
	}
	if differ == 0 {
		t.Error("nothing was posted late, so that the two bases were never told apart")
	}
}

// A hold that was lowered, ended and placed again: each day is told with what was held at its end.
func TestDisputedOfAPastDay(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-03-02")
	i := h.issue(h.customers[0], "1000", "2026-03-02")
	for _, step := range []struct{ on, amount string }{{"2026-03-05", "400"}, {"2026-03-10", "150"}, {"2026-03-15", ""}, {"2026-03-20", "90"}} {
		h.at(step.on)
		h.disputes = 0 // the same dispute each time
		if step.amount == "" {
			h.release(1)
		} else {
			h.dispute(i, step.amount)
		}
	}
	h.at("2026-04-01")
	for _, c := range []struct{ on, disputed string }{
		{"2026-03-04", "0"},
		{"2026-03-05", "400"},
		{"2026-03-09", "400"},
		{"2026-03-10", "150"},
		{"2026-03-14", "150"},
		{"2026-03-15", "0"},
		{"2026-03-19", "0"},
		{"2026-03-20", "90"},
		{"2026-04-01", "90"},
	} {
		for _, basis := range []reports.Basis{reports.KnownNow, reports.KnownThen} {
			aging, err := h.reports.Aging(t.Context(), reports.Scope{By: controller(), On: day(c.on), Basis: basis}, nil)
			h.must(err)
			if got := aging.Sections[0].Receivable.Disputed; !got.Equal(d(c.disputed)) {
				t.Errorf("%s, %s: %s in dispute, want %s", c.on, basis, got, c.disputed)
			}
		}
	}
}

// rowsAddUp reads the rows behind an aging page by page: they are the figures.
func (h *house) rowsAddUp(s reports.Scope, aging reports.Aging) {
	h.t.Helper()
	for _, section := range aging.Sections {
		back := figures.NewAgeing(section.Currency, s.On, aging.Buckets)
		for f := (reports.ItemRows{Section: section.Currency, Limit: 3}); ; {
			page, err := h.reports.AgingItems(h.t.Context(), s, nil, f)
			h.must(err)
			for _, row := range page.Rows {
				back.Put(row.Side, row.Bucket, figures.Aged{Count: 1, Open: row.Open, Disputed: row.Disputed})
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if say(back) != say(section) {
			h.t.Errorf("%+v: the rows make\n%s, not\n%s", s, say(back), say(section))
		}
		owed, unapplied := decimal.Zero, decimal.Zero
		for f := (reports.CustomerRows{Section: section.Currency, Limit: 1}); ; {
			page, err := h.reports.AgingCustomers(h.t.Context(), s, nil, f)
			h.must(err)
			for _, row := range page.Rows {
				owed, unapplied = owed.Add(row.Open), unapplied.Add(row.Unapplied)
				if !decimal.Sum(decimal.Zero, row.ByAge...).Equal(row.Open) {
					h.t.Errorf("%+v: the ranges of %s make not %s", s, row.Account, row.Open)
				}
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		apart := decimal.Zero
		for _, part := range slices.Concat(section.Unapplied.Cash, section.Unapplied.Credits) {
			apart = apart.Add(part.Open)
		}
		if !owed.Equal(section.Receivable.Open) || !unapplied.Equal(apart) {
			h.t.Errorf("%+v: customers owe %s and have %s, the aging says %s and %s", s, owed, unapplied, section.Receivable.Open, apart)
		}
	}
}

func TestAgingRowsCanBeNarrowed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-01-05")
	old, fresh := h.issue(h.customers[0], "1000", "2026-01-05"), h.issue(h.customers[1], "500", "2026-01-05")
	h.at("2026-02-20")
	h.issue(h.customers[0], "300", "2026-02-20")
	h.dispute(old, "110")
	h.pay(fresh, "200", "2026-02-20", "0")
	h.at("2026-03-01")
	s := reports.Scope{By: controller()}
	for _, c := range []struct {
		name string
		f    reports.ItemRows
		want []string
	}{
		{"all", reports.ItemRows{}, []string{old.Number, fresh.Number, "PAY-DE-2026-00001", "DE-2026-00003"}},
		{"one range", reports.ItemRows{Bucket: "1-30", Side: figures.OwedItem}, []string{old.Number, fresh.Number}},
		{"disputed", reports.ItemRows{Disputed: true}, []string{old.Number}},
		{"one customer", reports.ItemRows{Account: "C-2"}, []string{fresh.Number, "PAY-DE-2026-00001"}},
		{"unapplied", reports.ItemRows{Side: figures.CashItem}, []string{"PAY-DE-2026-00001"}},
		{"another currency", reports.ItemRows{Section: "USD"}, nil},
	} {
		page, err := h.reports.AgingItems(t.Context(), s, nil, c.f)
		h.must(err)
		var got []string
		for _, row := range page.Rows {
			got = append(got, row.Number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReportsRefuse(t *testing.T) {
	t.Parallel()
	h := setup(t)
	field := func(err error) string {
		if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) == 1 {
			return e.Fields[0].Name
		}
		return fmt.Sprint(err)
	}
	by := controller()
	for want, s := range map[string]reports.Scope{"basis": {By: by, Basis: "guess"}, "currency": {By: by, Currency: "EURO"}} {
		if _, err := h.reports.Aging(t.Context(), s, nil); field(err) != want {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for want, f := range map[string]reports.ItemRows{"bucket": {Bucket: "91+"}, "cursor": {After: "x"}} {
		if _, err := h.reports.AgingItems(t.Context(), reports.Scope{By: by}, nil, f); field(err) != want {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := h.reports.AgingCustomers(t.Context(), reports.Scope{By: by}, nil, reports.CustomerRows{After: "EUR~much~1"}); field(err) != "cursor" {
		t.Errorf("bad cursor: %v", err)
	}
	if _, err := h.reports.DSO(t.Context(), reports.Scope{By: by}, 4000); field(err) != "days" {
		t.Errorf("eleven years: %v", err)
	}
	agent := access.Actor{Kind: access.Person, UserID: 8, Roles: []access.Role{access.Agent}}
	if _, err := h.reports.Aging(t.Context(), reports.Scope{By: agent}, nil); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent reads the aging: %v", err)
	}
	only := by
	only.EntityIDs = []int64{int64(h.entities[0].ID)}
	if _, err := h.reports.Aging(t.Context(), reports.Scope{By: only, Entity: "JP"}, nil); !errors.Is(err, reports.ErrNoEntity) {
		t.Errorf("another entity's aging: %v", err)
	}
	h.issue(h.customers[3], "5000", "2026-01-02")
	aging, err := h.reports.Aging(t.Context(), reports.Scope{By: only}, nil)
	if h.must(err); len(aging.Sections) != 0 {
		t.Errorf("another entity's receivable is shown: %v", aging.Sections)
	}
}
