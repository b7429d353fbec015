package reconciling

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/reconcile"
	"makegood/internal/money"
)

// Proof is the roll-forward of one currency as it is kept. Here is what the ledger and all our documents say; There what the
// file says. Stated tells whether the other side said what its receivable was at both ends; where it did not, its opening is
// taken to be ours and its closing what its documents add up to.
type Proof struct {
	ReconciliationID ID
	Currency         money.Currency
	Here             reconcile.Movement
	There            reconcile.Movement
	Stated           bool
	Gap              decimal.Decimal
	OpeningGap       decimal.Decimal
	Explained        map[reconcile.Class]decimal.Decimal
	Unexplained      decimal.Decimal
	Proven           bool
}

// prove rolls both receivables forward over everything of ours, compared or not, so that our documents are proved against our
// ledger as well. What the file does not give is set apart as not compared.
func prove(o ours, t theirs, settings Settings, result reconcile.Result) []Proof {
	here := reconcile.Books{Documents: slices.Clone(o.documents), Opening: o.opening, Closing: o.closing}
	for _, moved := range asideOf(o, result.Period) {
		here.Documents = append(here.Documents, reconcile.Document{Kind: reconcile.Other, Date: result.Period.From, Amount: moved})
		result.Differences = append(result.Differences, notCompared(moved))
	}
	for i := range o.documents {
		if d := &o.documents[i]; !slices.Contains(t.covers, d.Kind) {
			result.Differences = append(result.Differences, notCompared(d.Effect(result.Period)))
		}
	}
	stated := len(settings.TheirOpening)+len(settings.TheirClosing) > 0
	there := reconcile.Books{Documents: compared(t.documents, t.covers), Opening: o.opening}
	if stated {
		there.Opening, there.Closing = moneys(settings.TheirOpening), moneys(settings.TheirClosing)
	}
	list := reconcile.RollForward(here, there, result)
	out := make([]Proof, len(list))
	for i, p := range list {
		if !stated {
			p.There.Stated = p.There.Closing
		}
		maps.DeleteFunc(p.Explained, func(_ reconcile.Class, amount decimal.Decimal) bool { return amount.IsZero() })
		out[i] = Proof{
			Currency: p.Currency, Here: p.Here, There: p.There, Stated: stated, Gap: p.Gap, OpeningGap: p.OpeningGap, Explained: p.Explained,
			Unexplained: p.Unexplained(), Proven: p.Proven(),
		}
	}
	return out
}

// asideOf is what moved the ledger's receivable beside documents that count. One that was taken back within the period counts
// for nothing as a document; the ledger has both it and its reversal, which stands among the other movements.
func asideOf(o ours, p reconcile.Period) []money.Amount {
	moved := slices.Clone(o.other)
	for _, d := range o.documents {
		if d.Status == reconcile.Void {
			d.Status = ""
			moved = append(moved, d.Effect(p))
		}
	}
	return moved
}

func notCompared(moved money.Amount) reconcile.Difference {
	return reconcile.Difference{Class: reconcile.NotCompared, Gap: []money.Amount{moved}}
}

func moneys(list []Sum) []money.Amount {
	out := make([]money.Amount, len(list))
	for i, sum := range list {
		out[i] = sum.Money()
	}
	return out
}
