package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Likeness is what two cases share.
type Likeness string

// What cases share, the most telling first.
const (
	SameInvoice  Likeness = "invoice"
	SameCustomer Likeness = "customer"
	SameFamily   Likeness = "family" // another customer of the same family
	SameReason   Likeness = "reason"
	SameTopic    Likeness = "topic"
)

// SimilarCase is a case that was settled, why it is like the one asked about, and how it ended.
type SimilarCase struct {
	ID           ID
	Number       string
	Subject      string
	CustomerName string
	Resolution   string
	RootCause    string
	ResolvedAt   time.Time

	Accepted, Partly, Rejected, Withdrawn int            // dispute lines
	Credited                              []money.Amount // posted and not taken back, each currency by itself
	Why                                   []Likeness
	Words                                 []string // that both customers used
}

// How much is looked through for what is similar, and how much of it is shown. None of it grows with the history.
const (
	similarShown  = 5
	similarEach   = 40 // of each invoice, customer, reason and topic, the latest
	familyLooked  = 25 // customers of a family
	similarWords  = 60 // of the case asked about
	similarWrites = 3  // its subject and the first two things written in it
	likeEnough    = 36
)

// Similar finds settled cases that are like a case, as far as the actor may see them: of the same invoice, the same customer or their family,
// or about the same claim, where what the customers wrote has words in common; the most similar first. The caller has asked for the case.
func (s *Service) Similar(ctx context.Context, r db.Reader, c Case, by access.Actor) ([]SimilarCase, error) {
	q, err := s.sought(ctx, r, c)
	if err != nil {
		return nil, err
	}
	rows, err := db.List[candidate](ctx, r, similarQuery, c.ID, c.CustomerID, q.Invoices, q.Reasons, c.Topic, q.Words, by.SeenEntities(),
		similarEach, familyLooked, similarWrites)
	if err != nil {
		return nil, fmt.Errorf("find similar cases: %w", err)
	}
	list := mostSimilar(rows)
	for n := range list {
		list[n].Words = asWritten(list[n].Words, q.Said)
	}
	return list, s.outcomes(ctx, r, list)
}

// sought is what a case is compared by.
type sought struct {
	Invoices []billing.InvoiceID
	Reasons  []string
	Words    []string
	Said     string // where the words come from
}

// sought reads it. Words are those of the subject and of what the customer wrote first, without the names and addresses of those who take
// part, short ones, and those that many cases share.
func (s *Service) sought(ctx context.Context, r db.Reader, c Case) (sought, error) {
	q, err := db.One[sought](ctx, r, `select array(select invoice_id from case_invoices where case_id = $1 order by confidence desc, invoice_id limit 10) as invoices,
			array(select distinct reason_code from dispute_lines where case_id = $1 limit 10) as reasons,
			array(select w from (select distinct unnest(search_lexemes(said, true)) as w from (select $2::text as said
					union all (select left(body, 4000) from case_messages where case_id = $1 and kind = 'inbound' and not machine order by at, id limit 2)) said) x
				where not w = any (array(select unnest(search_lexemes(concat_ws(' ', name, address), true)) from case_participants where case_id = $1))
					and not w = any (array(select e from pg_stats p, unnest(p.most_common_elems::text::text[], p.most_common_elem_freqs) u (e, share)
						where p.schemaname = 'public' and p.tablename = 'case_words' and p.attname = 'words' and u.share > 0.05 and e is not null))
				order by length(w) desc, w limit 400) as words,
			concat_ws(' ', $2::text, (select string_agg(left(body, 4000), ' ') from (select body from case_messages where case_id = $1 and kind = 'inbound' and not machine
				order by at, id limit 2) m)) as said`, c.ID, c.Subject)
	if err != nil {
		return q, fmt.Errorf("read what a case is compared by: %w", err)
	}
	q.Words = slices.DeleteFunc(q.Words, func(w string) bool { return !telling(w) })
	q.Words = q.Words[:min(len(q.Words), similarWords)]
	return q, nil
}

// asWritten tells words, which are searched without their accents, as a text has them. One that it does not have, such as a pair of signs of
// a longer word, stays as it is.
func asWritten(words []string, text string) []string {
	written := map[string]string{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		written[norm.NFKC.String(strings.Map(withoutMarks, norm.NFKD.String(w)))] = norm.NFC.String(w)
	}
	out := make([]string, len(words))
	for n, word := range words {
		out[n] = cmp.Or(written[word], word)
	}
	return out
}

func withoutMarks(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

// telling words say what something is about: four letters at least, or script that is cut in pairs, and not a number of few digits.
func telling(word string) bool {
	if utf8.RuneCountInString(word) < len(word) {
		return utf8.RuneCountInString(word) >= 2
	}
	return len(word) >= 4 && (len(word) >= 6 || strings.Trim(word, "0123456789") != "")
}

// candidate is a settled case beside the one asked about.
type candidate struct {
	ID           ID
	Number       string
	Subject      string
	CustomerName string
	Resolution   string
	RootCause    string
	ResolvedAt   time.Time
	Invoice      bool
	Customer     bool
	Family       bool
	Reason       bool
	Topic        bool
	Words        []string
}

// similarQuery takes the latest along each way by an index, and compares only those. What each shares is asked of it alone: as exists(), it is
// now and then a walk through everything. So would be a rare reason or topic by any other order than that of its own index, -id.
const similarQuery = `with family as materialized (select id from customers where family_id = (select family_id from customers where id = $2)
			order by id = $2 desc, id limit $9),
		near as materialized (
			(select i.case_id from unnest($3::bigint[]) u (invoice) cross join lateral
				(select case_id from case_invoices where invoice_id = u.invoice order by case_id desc limit $8) i)
			union (select c.id from family f cross join lateral
				(select id from cases where customer_id = f.id and status in ('resolved', 'closed') order by opened_at desc limit $8) c limit $8 * 2)
			union (select d.case_id from unnest($4::text[]) u (reason) cross join lateral
				(select case_id from dispute_lines where reason_code = u.reason and decided_at is not null order by -id limit $8) d)
			union (select id from cases where topic = $5 and topic <> '' and status in ('resolved', 'closed') order by -id limit $8))
	select c.id, c.number, c.subject, coalesce(cu.name, '') as customer_name, c.resolution, coalesce(rc.name, '') as root_cause,
		coalesce(c.resolved_at, c.closed_at, c.opened_at) as resolved_at,
		coalesce((select true from case_invoices i where i.case_id = c.id and i.invoice_id = any ($3) limit 1), false) as invoice,
		coalesce(c.customer_id = $2, false) as customer, coalesce(c.customer_id in (select id from family), false) as family,
		coalesce((select true from dispute_lines d where d.case_id = c.id and d.reason_code = any ($4) limit 1), false) as reason, c.topic <> '' and c.topic = $5 as topic,
		array(select w from (select words from case_words where case_id = c.id order by source limit $10) x, unnest(tsvector_to_array(x.words)) w
			intersect select unnest($6::text[])) as words
	from near n join cases c on c.id = n.case_id left join customers cu on cu.id = c.customer_id left join root_causes rc on rc.id = c.root_cause_id
	where c.id <> $1 and c.status in ('resolved', 'closed') and c.merged_into is null
		and (cardinality($7::bigint[]) = 0 or c.entity_id is null or c.entity_id = any ($7))`

// mostSimilar ranks candidates and keeps those that are like enough. A word that most of them have tells nothing.
func mostSimilar(rows []candidate) []SimilarCase {
	used := map[string]int{}
	for _, c := range rows {
		for _, w := range c.Words {
			used[w]++
		}
	}
	type ranked struct {
		SimilarCase

		score int
	}
	var list []ranked
	for _, c := range rows {
		c.Words = slices.DeleteFunc(c.Words, func(w string) bool { return len(rows) >= 8 && used[w]*2 > len(rows) })
		if why, score := c.likeness(); score >= likeEnough {
			slices.SortFunc(c.Words, func(a, b string) int { return cmp.Or(used[a]-used[b], len(b)-len(a), strings.Compare(a, b)) })
			list = append(list, ranked{SimilarCase{
				ID: c.ID, Number: c.Number, Subject: c.Subject, CustomerName: c.CustomerName, Resolution: c.Resolution, RootCause: c.RootCause,
				ResolvedAt: c.ResolvedAt, Why: why, Words: c.Words,
			}, score})
		}
	}
	slices.SortFunc(list, func(a, b ranked) int {
		return cmp.Or(b.score-a.score, b.ResolvedAt.Compare(a.ResolvedAt), cmp.Compare(b.ID, a.ID))
	})
	out := make([]SimilarCase, 0, similarShown)
	for _, one := range list[:min(len(list), similarShown)] {
		out = append(out, one.SimilarCase)
	}
	return out
}

// likeness is what a candidate shares, and how much that is: an invoice is enough by itself, the claim takes three words, the topic or the
// family four, the customer two.
func (c candidate) likeness() (why []Likeness, score int) {
	for _, one := range []struct {
		is    bool
		of    Likeness
		score int
	}{
		{c.Invoice, SameInvoice, 100},
		{c.Customer, SameCustomer, 30},
		{c.Family && !c.Customer, SameFamily, 20},
		{c.Reason, SameReason, 25},
		{c.Topic && !c.Reason, SameTopic, 20},
	} {
		if one.is {
			why, score = append(why, one.of), score+one.score
		}
	}
	return why, score + 4*min(len(c.Words), 10)
}

// outcomes tells how cases ended: what became of their dispute lines, and what was credited.
func (s *Service) outcomes(ctx context.Context, r db.Reader, list []SimilarCase) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	lines, err := db.List[struct {
		CaseID ID
		Status DisputeStatus
	}](ctx, r, `select case_id, status from dispute_lines where case_id = any ($1)`, ids)
	if err != nil {
		return fmt.Errorf("read what became of dispute lines: %w", err)
	}
	rows, err := db.List[creditRow](ctx, r, creditRowsQuery, streams(ids))
	if err != nil {
		return fmt.Errorf("read what was credited: %w", err)
	}
	for i := range list {
		c := &list[i]
		for _, d := range lines {
			if d.CaseID == c.ID {
				c.count(d.Status)
			}
		}
		stream := streams([]ID{c.ID})[0]
		c.Credited = given(lastWords(slices.DeleteFunc(slices.Clone(rows), func(row creditRow) bool { return row.Stream != stream })))
	}
	return nil
}

func (c *SimilarCase) count(status DisputeStatus) {
	switch status {
	case DisputeAccepted:
		c.Accepted++
	case DisputePartlyAccepted:
		c.Partly++
	case DisputeRejected:
		c.Rejected++
	case DisputeWithdrawn:
		c.Withdrawn++
	case DisputeOpen, DisputeUnderReview:
	}
}

// given is what credits that stand posted gave, by currency.
func given(credits map[int64]credit) []money.Amount {
	sums := map[money.Currency]decimal.Decimal{}
	for _, c := range credits {
		total, err := decimal.NewFromString(c.Total)
		if err == nil && c.State == CreditPosted && c.gives() {
			sums[money.Currency(c.Currency)] = sums[money.Currency(c.Currency)].Add(total)
		}
	}
	list := make([]money.Amount, 0, len(sums))
	for currency, sum := range sums {
		list = append(list, money.Of(sum, currency))
	}
	slices.SortFunc(list, func(a, b money.Amount) int { return strings.Compare(string(a.Currency()), string(b.Currency())) })
	return list
}
