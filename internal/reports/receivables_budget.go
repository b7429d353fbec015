package reports

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/money"
)

const authorityCurrency = string(billing.AuthorityCurrency)

// budgetUses are the concessions x that count in a budget of the months that began in the period: posted as credit memo m by
// request r, of a team t that has a budget b. A budget is a team's, over all legal entities.
const budgetUses = ` concession_budgets_between($7::date, $1::date) b join teams t on t.id = b.team_id
	join concession_budget_uses x on x.team_id = b.team_id and x.month = b.month join credit_requests r on r.id = x.credit_request_id
	join credit_memos m on r.document_kind = 'credit_memo' and m.id = r.document_id join legal_entities e on e.id = m.entity_id
	where ($4 = '' or $4 = '` + authorityCurrency + `') and` + standingMemo

// readBudget adds up the concession budgets of the months that began in the period and what of them was given.
func (r *Receivables) readBudget(ctx context.Context, s *kpiSets) error {
	type row struct{ Budget, Given decimal.Decimal }
	return read(ctx, r, s, `select coalesce((select sum(amount) from concession_budgets_between($7::date, $1::date) where ($4 = '' or $4 = '`+authorityCurrency+`')), 0) as budget,
			coalesce((select sum(x.amount) from`+budgetUses+`), 0) as given
		where $3::boolean is not null and cardinality($5::bigint[]) >= 0 and cardinality($6::int[]) >= 0`,
		func(t row) {
			if !t.Budget.IsZero() {
				k := s.at(money.Currency(authorityCurrency))
				k.Budget, k.BudgetGiven = t.Budget, t.Given
			}
		})
}
