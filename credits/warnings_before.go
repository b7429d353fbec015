package credits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/internal/db"
	"makegood/internal/money"
)

// earlierRow is an earlier request that a rule counts, with how many it counts in all and what they add up to in
// billing.AuthorityCurrency. Of a pair, Text is the approver, Sum how many were signed at all.
type earlierRow struct {
	Rule     WarningRule
	ID       int64
	Subject  int64 // the invoice line, where the rule is about one
	Number   string
	Document string
	Text     string
	At       time.Time
	Who      string
	Amount   decimal.Decimal
	Currency money.Currency
	EntityID billing.EntityID
	Count    int
	Sum      decimal.Decimal
}

func (e earlierRow) behind() Behind {
	return Behind{
		Kind: BehindRequest, ID: e.ID, Number: e.Number, Document: e.Document, Text: e.Text, At: e.At, Who: e.Who, Amount: e.Amount, Currency: e.Currency, EntityID: e.EntityID,
	}
}

// readBefore reads what the rules count: one statement, whose parts each go by an index to what lies in their window.
func (n noticing) readBefore(ctx context.Context, r db.Reader, id ID) (map[WarningRule][]earlierRow, error) {
	q := beforeQuery{noticing: n, without: n.without(id)}
	q.creditedLines()
	q.sameAmount()
	q.justBelow()
	q.muchToOne()
	q.samePair()
	found := map[WarningRule][]earlierRow{}
	if len(q.parts) == 0 {
		return found, nil
	}
	list, err := db.List[earlierRow](ctx, r, strings.Join(q.parts, " union all "), q.args...)
	if err != nil {
		return nil, fmt.Errorf("read what came before: %w", err)
	}
	for _, row := range list {
		found[row.Rule] = append(found[row.Rule], row)
	}
	return found, nil
}

// beforeQuery puts that statement together.
type beforeQuery struct {
	noticing

	without []int64
	parts   []string
	args    []any
}

func (q *beforeQuery) arg(value any) string {
	q.args = append(q.args, value)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *beforeQuery) since(days int) string { return q.arg(q.now.AddDate(0, 0, -days)) }

// counting are requests r that count: promised or given, not this one, and not taken back.
func (q *beforeQuery) counting() string {
	return `r.state in ` + countingStates + ` and r.id <> all (` + q.arg(q.without) + `)
		and not exists (select from reversals v where v.document_kind = r.document_kind and v.document_id = r.document_id)`
}

// add selects the requests r of a rule.
func (q *beforeQuery) add(rule WarningRule, where string) {
	q.parts = append(q.parts, `(select `+q.arg(string(rule))+`::text as rule, r.id, 0::bigint as subject, r.number, r.document_number as document, r.explanation as text,
			r.submitted_at as at, u.name as who, r.total as amount, r.currency::text as currency, r.entity_id, count(*) over ()::int as count, sum(r.authority_amount) over () as sum
		from credit_requests r join users u on u.id = r.requester_id where `+where+fmt.Sprintf(` order by r.submitted_at desc, r.id desc limit %d)`, rowsBehind))
}

func (q *beforeQuery) creditedLines() {
	var lines []int64
	for _, l := range q.adjustment.Lines {
		if l.InvoiceLineID != 0 {
			lines = append(lines, int64(l.InvoiceLineID))
		}
	}
	if len(lines) == 0 {
		return
	}
	q.parts = append(q.parts, `(select `+q.arg(string(LineCreditedBefore))+`::text as rule, r.id, l.invoice_line_id as subject, r.number, r.document_number as document,
			l.description as text, r.submitted_at as at, u.name as who, l.net + l.tax_share as amount, r.currency::text as currency, r.entity_id, count(*) over ()::int as count,
			sum(r.authority_amount) over () as sum
		from credit_requests r join credit_request_lines l on l.credit_request_id = r.id join users u on u.id = r.requester_id
		where r.invoice_id = `+q.arg(q.in.InvoiceID)+` and r.state = 'posted' and l.invoice_line_id = any (`+q.arg(lines)+`) and `+q.counting()+
		fmt.Sprintf(` order by r.submitted_at desc, r.id desc limit %d)`, rowsBehind*len(lines)))
}

// sameCounted is up to how many requests of the same amount are counted: that many are a pattern whatever their number, and reading more
// would cost the more the longer a customer is one.
const sameCounted = 1000

func (q *beforeQuery) sameAmount() {
	q.add(SameAmount, `r.id in (select f.id from credit_requests f where f.customer_id = `+q.arg(q.adjustment.CustomerID)+
		` and f.currency = `+q.arg(q.adjustment.Currency)+` and f.total = `+q.arg(q.adjustment.Total)+` and f.submitted_at > `+q.since(q.limits.SameAmountDays)+
		` and f.state in `+countingStates+` order by f.submitted_at desc limit `+fmt.Sprint(sameCounted)+`) and `+q.counting())
}

// justBelow counts what one family got and what one person asked for; a request of both once.
func (q *beforeQuery) justBelow() {
	limit, from, ok := q.limitBelow()
	if !ok {
		return
	}
	since := q.since(q.limits.BelowDays)
	within := ` and f.submitted_at > ` + since + ` and f.state in ` + countingStates
	q.add(JustBelowLimit, `r.id in (select f.id from credit_requests f where f.family_id = any (`+q.arg(q.concerned.Families())+`)`+within+`
			union select f.id from credit_requests f where f.requester_id = `+q.arg(q.requester())+within+`)
		and r.authority_kind = `+q.arg(q.authorityKind())+` and r.authority_amount between `+q.arg(from)+` and `+q.arg(limit)+` and `+q.counting())
}

func (q *beforeQuery) muchToOne() {
	q.add(MuchToOneCustomer, `r.requester_id = `+q.arg(q.requester())+` and r.customer_id = `+q.arg(q.adjustment.CustomerID)+
		` and r.authority_kind <> 'debit' and r.kind <> 'reversal' and r.submitted_at > `+q.since(q.limits.CustomerDays)+` and `+q.counting())
}

// samePair looks among those who may sign for who signed nearly all that the requester had signed.
func (q *beforeQuery) samePair() {
	who := signersOf(q.chain)
	if len(who) == 0 {
		return
	}
	q.parts = append(q.parts, `(with signed as materialized (select d.user_id, r.id from credit_requests r
			join credit_decisions d on d.credit_request_id = r.id and d.content_version = r.content_version and d.decision = 'approve'
			where r.requester_id = `+q.arg(q.requester())+` and r.submitted_at > `+q.since(q.limits.PairDays)+` and r.state in `+countingStates+`),
		pair as (select user_id, count(*) as n, (select count(distinct id) from signed) as all_signed from signed where user_id = any (`+q.arg(who)+`)
			group by user_id order by n desc, user_id limit 1)
		select `+q.arg(string(SamePair))+`::text as rule, r.id, 0::bigint as subject, r.number, r.document_number as document, a.name as text, r.submitted_at as at,
			u.name as who, r.total as amount, r.currency::text as currency, r.entity_id, pair.n::int as count, pair.all_signed::numeric as sum
		from pair join signed on signed.user_id = pair.user_id join credit_requests r on r.id = signed.id join users u on u.id = r.requester_id join users a on a.id = pair.user_id
		where pair.n >= `+q.arg(q.limits.PairCount)+` and pair.n * 100 >= pair.all_signed * `+q.arg(q.limits.PairPercent)+
		fmt.Sprintf(` order by r.submitted_at desc, r.id desc limit %d)`, rowsBehind))
}

func signersOf(chain authority.Result) []int64 {
	var list []int64
	for _, step := range chain.Steps {
		for _, c := range step.Candidates {
			list = append(list, c.UserID)
		}
	}
	return list
}
