package credits

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/db"
)

// readFurther sums what the policy's windows count together with a proposal, pending included, without the request itself
// and what it takes back: one read for all of them. What was given before counts with tax, whatever the policy compares.
func (p *proposal) readFurther(ctx context.Context, r db.Reader, except ID) error {
	q := windowQuery{p: p, args: []any{p.without(except), p.authorityKind() == billing.Debit}}
	for _, w := range p.roster.rules[p.version].Policy().Windows {
		if w.Per != policy.ByApprover {
			q.add(w, w.Over.Since(r.Now()))
		}
	}
	if len(q.parts) == 0 {
		return nil
	}
	list, err := db.List[authority.Together](ctx, r, strings.Join(q.parts, " union all "), q.args...)
	if err != nil {
		return fmt.Errorf("sum the policy's windows: %w", err)
	}
	p.further = list
	return nil
}

// windowQuery puts one read together: a line for each window.
type windowQuery struct {
	p     *proposal
	parts []string
	args  []any
}

func (q *windowQuery) arg(value any) string {
	q.args = append(q.args, value)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *windowQuery) add(w policy.Window, since any) {
	counting := strings.NewReplacer("$4", "$1", "$5", "$2").Replace(counts)
	q.parts = append(q.parts, fmt.Sprintf(`select %s::text as window, %s::bigint as times, coalesce((select max(s.sum) from (
			select sum(g.amount) as sum from (%s) g group by g.subject) s), 0) as total`,
		q.arg(w.Name), q.arg(w.Times), q.given(w.Per, q.arg(since), counting)))
}

// given selects amounts by what a window counts by. A write-off over several families counts in each with its part.
func (q *windowQuery) given(per policy.Per, since, counting string) string {
	whole := func(subject, where string) string {
		return `select ` + subject + ` as subject, r.authority_amount as amount from credit_requests r
			where ` + where + ` and ` + countedSince + ` > ` + since + ` and ` + counting
	}
	parts := func(subject, where string) string {
		return ` union all select x.` + subject + `, x.authority_amount from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
			where ` + where + ` and r.` + subject + ` is null and ` + countedSince + ` > ` + since + ` and ` + counting
	}
	switch per {
	case policy.ByInvoice:
		ids := make([]billing.InvoiceID, len(q.p.concerned.Invoices))
		for i, invoice := range q.p.concerned.Invoices {
			ids[i] = invoice.ID
		}
		invoices := q.arg(ids)
		return whole("r.invoice_id", "r.invoice_id = any ("+invoices+")") + parts("invoice_id", "x.invoice_id = any ("+invoices+")")
	case policy.ByContract:
		contracts := q.arg(orNone(q.p.contracts))
		return `select c.id as subject, r.authority_amount as amount from unnest(` + contracts + `::bigint[]) c (id)
			join credit_request_facts f on f.contract_ids @> array[c.id] join credit_requests r on r.id = f.credit_request_id
			where ` + countedSince + ` > ` + since + ` and ` + counting
	case policy.ByRequester:
		return whole("r.requester_id", "r.requester_id = "+q.arg(q.p.requester()))
	case policy.ByFamily, policy.ByReason, policy.ByApprover:
	}
	families := q.arg(q.p.concerned.Families())
	if per == policy.ByReason {
		reason := " and r.reason_code = " + q.arg(q.p.in.ReasonCode)
		return whole("r.family_id", "r.family_id = any ("+families+")"+reason) + parts("family_id", "x.family_id = any ("+families+")"+reason)
	}
	return whole("r.family_id", "r.family_id = any ("+families+")") + parts("family_id", "x.family_id = any ("+families+")")
}

// readSigned sums what holders signed, for themselves and for whoever they stood in for, in each window that counts by
// approver.
func (ro *roster) readSigned(ctx context.Context, r db.Reader, version int) error {
	for _, w := range ro.rules[version].Policy().Windows {
		if w.Per != policy.ByApprover {
			continue
		}
		type sum struct {
			UserID int64
			Total  decimal.Decimal
		}
		sums, err := db.List[sum](ctx, r, `select s.user_id, sum(s.amount) as total from (
				select d.user_id, r.authority_amount as amount from credit_decisions d join credit_requests r on r.id = d.credit_request_id and r.content_version = d.content_version
					where d.user_id = any ($1) and d.decision = 'approve' and d.decided_at > $2 and r.state in `+countingStates+`
				union all select d.on_behalf_of, r.authority_amount from credit_decisions d join credit_requests r on r.id = d.credit_request_id and r.content_version = d.content_version
					where d.on_behalf_of = any ($1) and d.decision = 'approve' and d.decided_at > $2 and r.state in `+countingStates+`) s
			group by s.user_id`, ro.users(), w.Over.Since(r.Now()))
		if err != nil {
			return fmt.Errorf("sum what approvers signed: %w", err)
		}
		signed := authority.Signed{Window: w.Name, Times: w.Times, By: map[int64]decimal.Decimal{}}
		for _, s := range sums {
			signed.By[s.UserID] = s.Total
		}
		ro.signed[version] = append(ro.signed[version], signed)
	}
	return nil
}

// users are all who could sign.
func (ro *roster) users() []int64 {
	var ids []int64
	for _, h := range ro.holders {
		ids = append(ids, h.UserID)
	}
	for _, d := range ro.delegations {
		ids = append(ids, d.ToID)
	}
	return orNone(ids)
}
