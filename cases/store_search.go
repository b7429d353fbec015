package cases

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
)

// How much of each is looked through at most when words could be a name or a number as well; without one, words are
// looked for in everything.
const (
	likeCustomers  = 200
	likeReferences = 50
	newestWords    = 2000
	newestCases    = 1000
	newestMessages = 20000
)

// Words are common when each stands in one of commonFrom messages or more, by PostgreSQL's statistics, and when of the newest sampled messages
// at least commonHits have them all: words that are common apart may never meet.
const (
	commonFrom = 1000
	sampled    = 2000
	commonHits = 4
)

// found is what words turned out to name.
type found struct {
	words     string
	common    bool   // many messages share the words
	number    string // the case of this number, and nothing else
	alike     string // a case whose number bare digits are, among what else they name
	elsewhere []ID   // what another system called by it
	customers []billing.CustomerID
	invoices  []billing.InvoiceID
	said      []ID // cases of which a field of the company's own says just this
	address   string
	amount    *decimal.Decimal
}

func (f found) named() bool {
	return f.alike != "" || len(f.elsewhere) > 0 || len(f.customers) > 0 || len(f.invoices) > 0 || len(f.said) > 0 || f.address != "" || f.amount != nil
}

// bounded tells whether not all that the words are in is looked through: where they name something besides.
func (a asked) bounded() bool {
	return a.found.words != "" && a.found.number == "" && a.found.named()
}

// lookUp tells what words name: a case by its number, customers by account or part of a name, invoices by number or the
// customer's purchase order, somebody's address, an amount. Each is a look-up in an index.
func (s *Service) lookUp(ctx context.Context, words string) (found, error) {
	f := found{words: words}
	if words == "" {
		return f, nil
	}
	number, err := db.Values[string](ctx, s.db, `select number from cases where number = $1`, caseNumber(words))
	if err != nil {
		return f, fmt.Errorf("look for case number: %w", err)
	}
	if len(number) == 1 && number[0] == strings.ToUpper(words) {
		f.number = number[0]
		return f, nil
	}
	f.alike = strings.Join(number, "")
	if f.elsewhere, err = db.Values[ID](ctx, s.db, `select case_id from case_references where number = $1 limit $2`, words, likeReferences); err != nil {
		return f, fmt.Errorf("look for numbers of other systems: %w", err)
	}
	if f.common, err = s.areCommon(ctx, words); err != nil {
		return f, err
	}
	if f.customers, err = db.Values[billing.CustomerID](ctx, s.db, `(select id from customers where account = $1)
		union (select id from customers where name ilike $2 limit $3)`, strings.ToUpper(words), contains(words), likeCustomers); err != nil {
		return f, fmt.Errorf("look for customers: %w", err)
	}
	if strings.ContainsAny(words, "0123456789") {
		invoices, err := s.billing.InvoicesByReference(ctx, s.db, []string{words})
		if err != nil {
			return f, err
		}
		for _, i := range invoices {
			f.invoices = append(f.invoices, i.ID)
		}
	}
	if f.said, err = db.Values[ID](ctx, s.db, `select case_id from case_field_values where lower(text_value) = lower($1) and kind = 'text'
		order by case_id desc limit $2`, words, newestCases); err != nil {
		return f, fmt.Errorf("look for fields: %w", err)
	}
	if strings.Contains(words, "@") && !strings.Contains(words, " ") {
		f.address = strings.ToLower(words)
	}
	f.amount = amountIn(words)
	return f, nil
}

// areCommon tells whether many messages share the words, the last of which may be the beginning of one.
func (s *Service) areCommon(ctx context.Context, words string) (bool, error) {
	apart, err := db.Value[bool](ctx, s.db.Keyed(), `select coalesce(bool_and((select sum(f) from unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) m (e, f)
			where starts_with(e, l)) >= 1.0 / $2::int), false)
		from pg_stats s, unnest(search_lexemes($1, true)) l where s.schemaname = 'public' and s.tablename = 'case_words' and s.attname = 'words'`, words, commonFrom)
	if err != nil {
		return false, fmt.Errorf("look for common words: %w", err)
	}
	if !apart {
		return false, nil
	}
	hits, err := db.Value[int](ctx, s.db.Keyed(), `select count(*) from (select words from case_words order by source desc limit $2) newest where words @@ (select search_query($1))`, words, sampled)
	if err != nil {
		return false, fmt.Errorf("look for words among the newest: %w", err)
	}
	return hits >= commonHits, nil
}

// caseNumber is what somebody may mean by a number alone.
func caseNumber(text string) string {
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		return fmt.Sprintf("MG-%06d", n)
	}
	return strings.ToUpper(text)
}

// writtenAmount is an amount as people write it, before or after its currency: 1240.00, 1,240.00 EUR, € 1.240,00.
var writtenAmount = regexp.MustCompile(`^(?:[A-Z]{3}|[€$£¥])? ?(\d{1,3}(?:([., ' ])\d{3})*|\d+)(?:([.,])(\d{1,3}))? ?(?:[A-Z]{3}|[€$£¥])?$`)

// amountIn reads an amount with decimals, or with a currency; a bare whole number is more likely a number of something.
func amountIn(words string) *decimal.Decimal {
	m := writtenAmount.FindStringSubmatch(strings.ToUpper(words))
	if m == nil || m[2] != "" && m[2] == m[3] || m[4] == "" && strings.Trim(words, "0123456789") == "" {
		return nil
	}
	whole := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m[1])
	if len(whole) > 15 {
		return nil
	}
	amount, err := decimal.NewFromString(whole + "." + m[4] + "0")
	if err != nil {
		return nil
	}
	return &amount
}

// words adds what was looked for. Rare words are read from their index, whole. For words that many messages share each case on the way is
// asked, in the order of the list, which soon fills a page. With something that the words name besides, all ways are bounded and taken
// together. Each way is fixed here: left to the planner, which knows nothing of a rare word and takes the parts of a Chinese one for
// independent, it is now and then a walk through everything.
func (q *query) words(a asked) {
	switch {
	case a.found.words == "":
	case a.found.number != "":
		q.add(`c.number = ?`, a.found.number)
	case a.found.named():
		newest, among := `select case_id from case_words where words @@ search_query(?) order by case_id desc limit ?`, newestWords
		if a.found.common {
			newest, among = `select case_id from (select case_id, words from case_words order by case_id desc limit ?) newest where words @@ (select search_query(?))`, newestMessages
		}
		q.add(`c.id in (
			(select id from cases where number = ?)
			union all (select unnest(?::bigint[]))
			union all (select id from cases where customer_id = any (?) order by opened_at desc limit ?)
			union all (select case_id from case_invoices where invoice_id = any (?) limit ?)
			union all select unnest(?::bigint[])
			union all (select case_id from case_participants where address = ? limit ?)
			union all (select case_id from dispute_lines where contested = ? order by id desc limit ?)
			union all (`+newest+`))`,
			slices.Concat([]any{
				a.found.alike, a.found.elsewhere, a.found.customers, newestCases, a.found.invoices, newestCases, a.found.said, a.found.address, newestCases, a.found.amount, newestCases,
			}, a.found.sought(among))...)
	case a.found.common:
		q.add(`(select true from case_words w where w.case_id = c.id and w.words @@ (select search_query(?)) limit 1)`, a.found.words)
	default:
		q.add(`c.id = any (array(select distinct case_id from case_words where words @@ search_query(?)))`, a.found.words)
	}
}

// sought are the arguments of the way to the newest messages with the words.
func (f found) sought(among int) []any {
	if f.common {
		return []any{among, f.words}
	}
	return []any{f.words, among}
}
