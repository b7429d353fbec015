package cases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// finds lists the subjects a filter finds, in the order of the queue.
func (k *desk) finds(f cases.Filter, by access.Actor) []string {
	k.t.Helper()
	page, err := k.cases.Queue(k.t.Context(), f, by)
	k.must(err)
	subjects := []string{}
	for _, row := range page.Rows {
		subjects = append(subjects, row.Subject)
	}
	slices.Sort(subjects)
	return subjects
}

func (k *desk) wrote(subject, body string) cases.Case {
	k.t.Helper()
	in := k.mail()
	in.Subject = subject
	in.Message.Subject, in.Message.Body = subject, body
	return k.open(in)
}

func TestSearchInWhatWasWritten(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.wrote("Crane", "The Müller crane was charged twice, see order 77-A/12.")
	k.wrote("Lager", "Wir haben die Kräne am 3. Mai zurückgegeben.")
	k.wrote("請求書", "請求書の消費税の端数が合いません。ご確認ください。")
	k.wrote("发票", "发票重复扣款，请尽快核实。")
	k.wrote("ｶﾞｿﾘﾝ", "ｶﾞｿﾘﾝ代が二重です")
	_, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: k.agent, ID: first.ID}, Body: "Asked the warehouse about the pallets"})
	k.must(err)
	for words, want := range map[string][]string{
		"crane":          {"Crane"},
		"CRANE Muller":   {"Crane"},
		"müller":         {"Crane"},
		"crane 77-a":     {"Crane"},
		"crane lager":    {},
		"krane":          {"Lager"},
		"zurückgegeben":  {"Lager"},
		"zuruck":         {"Lager"},
		"zuruck lager":   {},        // only the last word is still being typed
		"charg":          {"Crane"}, // the beginning of the word still being typed
		"warehouse":      {"Crane"}, // a note
		"消費税":            {"請求書"},
		"税":              {"請求書"},
		"消費者":            {},
		"請求書 確認":         {"請求書"},
		"重复扣款":           {"发票"},
		"核实 发票":          {"发票"},
		"ガソリン":           {"ｶﾞｿﾘﾝ"},
		"":               {"Crane", "Lager", "ｶﾞｿﾘﾝ", "发票", "請求書"},
		"' | !x & \\ :*": {},
		"no-such-word":   {},
	} {
		slices.Sort(want)
		for _, view := range []cases.View{cases.ViewAll, cases.ViewAllOpen} {
			if got := k.finds(cases.Filter{View: view, Query: words}, k.agent); !slices.Equal(got, want) {
				t.Errorf("%q in %q finds %q, want %q", words, view, got, want)
			}
		}
	}

	t.Run("and the same once the statistics know which words are common", func(t *testing.T) {
		for n := range 120 {
			k.wrote(fmt.Sprintf("Filler %03d", n), "vivid invoices everywhere")
		}
		dbtest.AsOwner(t, k.db, `analyze case_words`)
		for words, want := range map[string]int{"vivid": 120, "vivid invoices": 120, "invo": 120, "ivid": 0, "crane": 1, "vivid crane": 0, "消費税": 1} {
			for _, view := range []cases.View{cases.ViewAll, cases.ViewAllOpen} {
				if got := k.finds(cases.Filter{View: view, Query: words, Limit: 200}, k.agent); len(got) != want {
					t.Errorf("%q in %q finds %d, want %d", words, view, len(got), want)
				}
			}
		}
	})
	t.Run("a case of a legal entity that one does not see is not found", func(t *testing.T) {
		elsewhere := k.agent
		elsewhere.EntityIDs = []int64{int64(k.other)}
		for _, words := range []string{"crane", first.Number, "brandung", "消費税"} {
			if got := k.finds(cases.Filter{Query: words}, elsewhere); len(got) != 0 {
				t.Errorf("%q finds %q", words, got)
			}
		}
	})
	t.Run("what was joined is found where it went, and back again", func(t *testing.T) {
		second := k.wrote("Second", "About the tarpaulin as well")
		joined, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(second), Into: first.ID})
		k.must(err)
		if got := k.finds(cases.Filter{Query: "tarpaulin"}, k.agent); !slices.Equal(got, []string{"Crane"}) {
			t.Errorf("joined: %q", got)
		}
		_, err = k.cases.Unjoin(t.Context(), k.on(joined))
		k.must(err)
		if got := k.finds(cases.Filter{Query: "tarpaulin"}, k.agent); !slices.Equal(got, []string{"Second"}) {
			t.Errorf("taken out again: %q", got)
		}
	})
	t.Run("what was taken back is found no more", func(t *testing.T) {
		sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(k.reload(first.ID)), Body: "The hoarding comes off."})
		k.must(err)
		if got := k.finds(cases.Filter{Query: "hoarding"}, k.agent); len(got) != 1 {
			t.Errorf("sent: %q", got)
		}
		_, err = k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: first.ID, MessageID: sent.MessageID})
		k.must(err)
		if got := k.finds(cases.Filter{Query: "hoarding"}, k.agent); len(got) != 0 {
			t.Errorf("taken back: %q", got)
		}
	})
}

func TestSearchByWhatItNames(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("50")
	invoice, err := k.billing.InvoiceByID(t.Context(), k.db, line.InvoiceID)
	k.must(err)
	other := k.wrote("Other", "50 questions")
	people, err := k.cases.Participants(t.Context(), k.db, other.ID)
	k.must(err)
	for words, want := range map[string][]string{
		c.Number:          {c.Subject},
		invoice.Number:    {c.Subject},
		"50.00":           {c.Subject},
		"50.00 EUR":       {c.Subject},
		"€ 50,00":         {c.Subject},
		"50,00":           {c.Subject},
		"51.00":           {},
		"C-1":             {"Other", c.Subject},
		"andung med":      {"Other", c.Subject},
		people[0].Address: {"Other", c.Subject},
	} {
		slices.Sort(want)
		if got := k.finds(cases.Filter{Query: words}, k.agent); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", words, got, want)
		}
	}
	k.wrote("About "+c.Number[3:], "Bare digits may be the number of a case, and of something else besides.")
	if got := k.finds(cases.Filter{Query: c.Number[3:]}, k.agent); len(got) != 2 {
		t.Errorf("digits find %q", got)
	}
}

// Every field is tried from both sides: what it finds, and that its opposite finds all the rest.
func TestFilterFields(t *testing.T) {
	t.Parallel()
	k := setup(t)
	disputed, line := k.disputed("119")
	invoice, err := k.billing.InvoiceByID(t.Context(), k.db, line.InvoiceID)
	k.must(err)
	k.clock.Add(48 * time.Hour)
	in := k.mail()
	in.Subject, in.Tags, in.Topic, in.Language = "Plain", []string{"audit"}, "tax_wrong", "ja"
	plain := k.open(in)
	_, err = k.cases.Claim(t.Context(), cases.On{By: k.agent, ID: plain.ID})
	k.must(err)
	stranger := k.open(cases.OpenInput{Type: cases.Refund, Subject: "Stranger", By: access.SystemActor("intake")})
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(stranger), To: cases.StatusResolved})
	k.must(err)
	d, p, s := disputed.Subject, "Plain", "Stranger"
	for query, want := range map[string][]string{
		"is:open": {d, p}, "is:done": {s}, "is:unassigned": {d, s}, "is:mine": {p}, "is:merged": {}, "is:unanswered": {d, p},
		"is:mine,done": {p, s}, "has:customer": {d, p}, "has:invoice": {d}, "has:dispute": {d}, "has:tag": {p}, "has:credit,cause": {},
		"status:new": {d}, "status:new,resolved": {d, s}, "waiting:customer": {}, "type:refund": {s}, "priority:p1,p2,p3,p4": {d, p, s},
		"assignee:me": {p}, "assignee:none": {d, s}, "assignee:lindt": {p}, "assignee:lindt,none": {d, p, s}, "team:billing": {},
		"customer:brandung": {d, p}, "customer:BRAND": {d, p}, "customer:100%": {}, "account:c-1": {d, p}, "tier:gold": {d, p}, "tier:silver": {},
		"country:de": {d, p}, "entity:de": {d, p}, "entity:sg": {}, "invoice:" + invoice.Number: {d}, "reason:wrong_price": {d}, "cause:price_list": {},
		"credit:none": {d, p, s}, "currency:eur": {d}, "disputed:119": {d}, "disputed:>118.99": {d}, "disputed:>=119": {d}, "disputed:<119": {p, s},
		"disputed:100..200": {d}, "disputed:..1": {p, s}, "risk:>0": {d}, "topic:tax_wrong": {p}, "tag:audit": {p}, "tag:AUDIT,x": {p}, "language:ja": {p},
		"subject:lain": {p}, "subject:lain,100%": {p}, "contact:nobody@,anna": {d, p}, "number:" + plain.Number: {p}, "opened:<1d": {p, s}, "opened:>1d": {d}, "opened:2026-05-14": {p, s},
		"opened:2026-05-12..2026-05-13": {d}, "resolved:<1h": {s}, "closed:<1d": {}, "heard:<1h": {p}, "silent:>1d": {d}, "answered:<9w": {},
		"due:>0m": {p}, "is:breached": {}, "is:paused": {}, "is:running": {d, p}, "-is:running": {s},
		"opened:<1d is:mine": {p}, "-has:customer -status:new": {s}, "-is:open": {s}, "contact:anna": {d, p}, "contact:nobody@": {},
	} {
		slices.Sort(want)
		if got := k.finds(cases.Filter{Query: query, Zone: time.UTC}, k.agent); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
		if query[0] == '-' || slices.Contains([]string{"opened:<1d is:mine"}, query) {
			continue
		}
		rest := slices.DeleteFunc([]string{d, p, s}, func(subject string) bool { return slices.Contains(want, subject) })
		slices.Sort(rest)
		if got := k.finds(cases.Filter{Query: "-" + query, Zone: time.UTC}, k.agent); !slices.Equal(got, rest) {
			t.Errorf("-%s finds %q, want %q", query, got, rest)
		}
	}
	_, err = k.cases.Queue(t.Context(), cases.Filter{Query: "status:gone"}, k.agent)
	k.field(err, "q", "filter.no_such_choice")
	for _, hostile := range []string{`subject:"'; drop table cases; --"`, `customer:"x') or true --"`, `tag:"a','b"`, `number:"$1"`, `contact:"?"`, `invoice:"\"`} {
		if got := k.finds(cases.Filter{Query: hostile}, k.agent); len(got) != 0 {
			t.Errorf("%s finds %q", hostile, got)
		}
	}
}

// A page of search results ends where the next begins.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.crowd(60)
	for _, query := range []string{"case", "case is:open", "brandung", "status:waiting"} {
		whole := k.finds(cases.Filter{Query: query, Limit: 200}, k.agent)
		var paged []string
		f := cases.Filter{Query: query, Limit: 7}
		for {
			page, err := k.cases.Queue(t.Context(), f, k.agent)
			k.must(err)
			for _, row := range page.Rows {
				paged = append(paged, row.Subject)
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if slices.Sort(paged); !slices.Equal(paged, whole) || len(whole) == 0 {
			t.Errorf("%q: %d in pages, %d in one", query, len(paged), len(whole))
		}
	}
}

// What is kept for the search follows the records alone: built anew it is the same.
func TestWordsFollowTheRecords(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.wrote("Crane", "Charged twice")
	k.wrote("請求書", "消費税")
	differ, err := db.Value[int](t.Context(), k.db, `select count(*) from (
		(select source, case_id, words from case_words except all select * from (
			select -id, id, search_words(subject) from cases where subject <> '' union all
			select id, case_id, search_words(concat_ws(' ', subject, author_name, author_address, body)) from case_messages where kind <> 'letter') x)) y`)
	k.must(err)
	kept, err := db.Value[int](t.Context(), k.db, `select count(*) from case_words`)
	k.must(err)
	if differ != 0 || kept != 4 {
		t.Errorf("%d differ of %d", differ, kept)
	}
}

// Words that many messages share are found in the past as well: what else is asked for narrows the cases before a page of them is full.
func TestCommonWordsAreFoundInThePast(t *testing.T) {
	t.Parallel()
	k := setup(t)
	old := k.wrote("Last spring", "vivid invoices everywhere")
	dbtest.AsOwner(t, k.db, fmt.Sprintf(`update cases set opened_at = '2020-02-02' where id = %d`, old.ID))
	for n := range 120 {
		k.wrote(fmt.Sprintf("Filler %03d", n), "vivid invoices everywhere")
	}
	dbtest.AsOwner(t, k.db, `insert into case_words (source, case_id, words) select 1000000 + n, (select max(id) from cases), search_words('vivid invoices everywhere') from generate_series(1, 2100) n`)
	dbtest.AsOwner(t, k.db, `analyze case_words`)
	for query, want := range map[string][]string{"vivid opened:2020-01-01..2020-03-01": {"Last spring"}, "vivid opened:2020-03-01..2020-04-01": {}} {
		if got := k.finds(cases.Filter{View: cases.ViewAll, Query: query}, k.agent); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}
