package billing

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
	"makegood/internal/db"
)

// creditedPart is a credit memo on an invoice with its place in the journal, and that of its reversal, 0 for none.
type creditedPart struct {
	ID       MemoID
	Net      decimal.Decimal
	Total    decimal.Decimal
	Entry    int64
	Reversed int64
}

// withheldBack is the part of an invoice's noted withholding that a credit memo on it takes back. It is not stored but follows
// from what was posted before, so it never changes.
func withheldBack(ctx context.Context, r db.Reader, i Invoice, memo MemoID) (decimal.Decimal, error) {
	if !i.Withholding.IsPositive() {
		return decimal.Zero, nil
	}
	parts, err := db.List[creditedPart](ctx, r, `select m.id, m.net, m.total,
			(select min(e.id) from journal_entries e where e.document_kind = 'credit_memo' and e.document_id = m.id) as entry,
			coalesce((select min(e.id) from reversals v join journal_entries e on e.document_kind = 'reversal' and e.document_id = v.id
				where v.document_kind = 'credit_memo' and v.document_id = m.id), 0) as reversed
		from credit_memos m where m.invoice_id = $1 order by entry`, i.ID)
	if err != nil {
		return decimal.Zero, fmt.Errorf("read credits on invoice: %w", err)
	}
	return shareWithheld(i, parts, memo), nil
}

// shareWithheld goes by the cumulative rule: of what was noted, the part of all that is credited so far including this memo,
// less what the memos before it took back. Those that had been reversed by then do not count. So the memos over a whole
// invoice take back exactly what was noted. It goes by net, which is what tax is withheld on; never more than the memo's total.
func shareWithheld(i Invoice, parts []creditedPart, memo MemoID) decimal.Decimal {
	shares := make([]decimal.Decimal, len(parts))
	for k, this := range parts {
		in := tax.DiscountInput{LineDiscount: i.Withholding, LineList: i.Net, ThisList: this.Net, Digits: i.Currency.Digits()}
		for j, before := range parts[:k] {
			if before.Reversed == 0 || before.Reversed > this.Entry {
				in.CreditedDiscount = in.CreditedDiscount.Add(shares[j])
				in.CreditedList = in.CreditedList.Add(before.Net)
			}
		}
		shares[k] = decimal.Min(tax.CreditDiscount(in), this.Total)
		if this.ID == memo {
			return shares[k]
		}
	}
	return decimal.Zero
}
