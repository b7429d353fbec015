package document_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/billing/document"
	"makegood/internal/money"
)

func TestStatementTellsWhatIsToBePaidNow(t *testing.T) {
	t.Parallel()
	r, all := renderer(t), papers()
	for name, want := range map[string][]string{
		"en": {
			"Statement of account", "Opening balance", "–120.00", "11,955.50", "In dispute, need not be paid until decided", "USD\u00a0–2,400.50",
			"Not yet due", "USD\u00a0–4,130.00", "Less credits not yet used", "USD\u00a0–2,900.00", "Please pay now", "USD\u00a05,425.00", "GBP\u00a0310.00",
			"Refund · for CM-2025-00017", "Closing balance", "Over 120", "7,400.00", "Payment reference: C-20917", "59", "139", "A balance with a minus sign is in your favour.",
		},
		"de": {"Kontoauszug", "Offene Posten in EUR", "Strittig", "Unstrittig", "5.425,00\u00a0EUR", "Abzüglich noch nicht verrechneten Guthabens", "Buchungen in GBP", "In diesem Zeitraum wurde nichts gebucht."},
		"zh": {"对账单", "期初余额", "账户明细（", "现应支付", "争议金额"}, "ja": {"取引明細書", "期首残高", "今回お支払いいただく金額", "異議申立中"},
		"pt": {"Extrato de conta", "Saldo final", "A pagar agora", "Em reclamação"},
	} {
		pages := textsBy(t, r, all["statement "+name])
		for _, text := range want {
			if !shows(pages, text) {
				t.Errorf("%s does not show %q", name, text)
			}
		}
	}
}

// The link to pay stands with the amount of its currency, however long it is, and only where something is to be paid now.
func TestTheLinkToPayStandsOnTheStatement(t *testing.T) {
	t.Parallel()
	long := "https://pay.nordwall.example/" + strings.Repeat("abcdefghij", 40)
	s := statement(english())
	s.Accounts[0].PayLink, s.Accounts[1].PayLink = "https://pay.nordwall.example/?a=5425.00", long
	pages := texts(t, s)
	for _, text := range []string{"Or pay USD\u00a05,425.00 online:", "https://pay.nordwall.example/?a=5425.00", "Or pay GBP\u00a0310.00 online:"} {
		if !shows(pages, text) {
			t.Errorf("the statement does not show %q", text)
		}
	}
	s.Accounts = s.Accounts[:1]
	s.Accounts[0].Open[1].Disputed, s.Accounts[0].Open = s.Accounts[0].Open[1].Open, s.Accounts[0].Open[1:2]
	s.Accounts[0].Credits, s.Accounts[0].Entries = nil, nil
	s.Accounts[0].Opening, s.Accounts[0].Closing = s.Accounts[0].Open[0].Open, s.Accounts[0].Open[0].Open
	if pages := texts(t, s); shows(pages, "online:") || shows(pages, "https://pay") {
		t.Error("a wholly disputed account has a link to pay")
	}
}

func TestNothingDueAsksForNothing(t *testing.T) {
	t.Parallel()
	s := statement(english())
	s.Accounts = s.Accounts[1:]
	s.Accounts[0].Open[0].Disputed = s.Accounts[0].Open[0].Open
	pages := texts(t, s)
	if shows(pages, "Please pay now") || shows(pages, "How to pay") || !shows(pages, "Nothing is due at present") {
		t.Error("a wholly disputed account is asked to pay")
	}
}

// The aging has its edges where the trade has them, and an item due on the last day is to be paid but not overdue.
func TestItemsFallIntoTheirAge(t *testing.T) {
	t.Parallel()
	for due, want := range map[string]int{
		"2026-11-01": 0, "2026-10-31": 0, "2026-10-30": 1, "2026-10-01": 1, "2026-09-30": 2, "2026-09-01": 2, "2026-08-31": 3,
		"2026-08-02": 3, "2026-08-01": 4, "2026-07-03": 4, "2026-07-02": 5, "2020-01-01": 5,
	} {
		if got := document.AgeGroup(day(due), day("2026-10-31")); got != want {
			t.Errorf("due %s is in group %d, not %d", due, want, got)
		}
	}
}

func TestLongStatementCarriesItsBalanceFromPageToPage(t *testing.T) {
	t.Parallel()
	pages := texts(t, longStatement(german(), 500))
	if len(pages) < 15 || len(pages) > 30 {
		t.Errorf("500 documents on %d pages", len(pages))
	}
	if n := count(pages, "Zahlung · zu INV-2026-"); n != 250 {
		t.Errorf("%d of 250 payments", n)
	}
	carries := 0
	for i, page := range pages {
		if !shows([]string{page}, "Seite "+strconv.Itoa(i+1)+" von "+strconv.Itoa(len(pages))) {
			t.Errorf("page %d is not numbered", i+1)
		}
		carries += count([]string{page}, "Übertrag")
		if movements := shows([]string{page}, "Zahlung · zu"); movements != shows([]string{page}, "Saldo") {
			t.Errorf("page %d has movements without their head, or a head without movements", i+1)
		}
	}
	breaks := 0
	for i := 1; i < len(pages); i++ {
		if shows(pages[i-1:i], "Zahlung · zu") && shows(pages[i:i+1], "Zahlung · zu") {
			breaks++
			if count(pages[i-1:i], "Übertrag") == 0 || count(pages[i:i+1], "Übertrag") == 0 {
				t.Errorf("nothing is carried from page %d to the next", i)
			}
		}
	}
	if carries != 2*breaks {
		t.Errorf("%d carried and brought lines for %d page breaks", carries, breaks)
	}
	if !shows(pages, "154.312,50") {
		t.Error("the closing balance is not shown")
	}
}

func TestStatementsThatCannotBeRightAreRefused(t *testing.T) {
	t.Parallel()
	with := func(change func(*document.Statement, *document.Account)) paper {
		s := statement(german())
		change(&s, &s.Accounts[0])
		return s
	}
	expectRefusals(t, map[string]refused{
		"language":       {with(func(s *document.Statement, _ *document.Account) { s.Language = "tlh" }), document.ErrLanguage, "tlh"},
		"no period":      {with(func(s *document.Statement, _ *document.Account) { s.From = s.To.AddDate(0, 0, 1) }), document.ErrContradiction, "to"},
		"no account":     {with(func(s *document.Statement, _ *document.Account) { s.Accounts = nil }), document.ErrIncomplete, "accounts"},
		"currency twice": {with(func(s *document.Statement, a *document.Account) { s.Accounts[1] = *a }), document.ErrContradiction, "accounts[1].currency"},
		"order":          {with(func(_ *document.Statement, a *document.Account) { a.Entries[1].Date = day("2026-08-01") }), document.ErrContradiction, "accounts[0].entries[1].date"},
		"after period":   {with(func(_ *document.Statement, a *document.Account) { a.Entries[7].Date = day("2026-11-01") }), document.ErrContradiction, "accounts[0].entries[7].date"},
		"debit, credit":  {with(func(_ *document.Statement, a *document.Account) { a.Entries[0].Credit = a.Entries[0].Debit }), document.ErrContradiction, "accounts[0].entries[0].debit"},
		"no amount":      {with(func(_ *document.Statement, a *document.Account) { a.Entries[0].Debit = money.Amount{} }), document.ErrIncomplete, "accounts[0].entries[0].debit"},
		"unknown kind":   {with(func(_ *document.Statement, a *document.Account) { a.Entries[0].Kind = "gift" }), document.ErrIncomplete, "accounts[0].entries[0].kind"},
		"closing":        {with(func(_ *document.Statement, a *document.Account) { a.Closing = a.Opening }), document.ErrSums, "accounts[0].closing"},
		"open items":     {with(func(_ *document.Statement, a *document.Account) { a.Credits = nil }), document.ErrSums, "accounts[0].open"},
		"overdisputed":   {with(func(_ *document.Statement, a *document.Account) { a.Open[0].Disputed = a.Open[1].Open }), document.ErrContradiction, "accounts[0].open[0].disputed"},
		"no due date":    {with(func(_ *document.Statement, a *document.Account) { a.Open[0].Due = time.Time{} }), document.ErrIncomplete, "accounts[0].open[0].due"},
		"overspent":      {with(func(_ *document.Statement, a *document.Account) { a.Credits[0].Amount = money.MustParse("1.00", "EUR") }), document.ErrContradiction, "accounts[0].credits[0].available"},
		"mixed": {with(func(_ *document.Statement, a *document.Account) {
			a.Entries[0].Debit = money.MustParse("4100.00", "USD")
		}), money.ErrMixed, "accounts[0].closing"},
	})
}

func BenchmarkStatementOf500(b *testing.B) {
	r := document.New()
	s := longStatement(german(), 500)
	for b.Loop() {
		if _, err := r.Statement(s); err != nil {
			b.Fatal(err)
		}
	}
}
