package document_test

import (
	"math"
	"strings"
	"testing"

	"makegood/billing/document"
	"makegood/internal/money"
)

// paper is any document of the package.
type paper interface{ Validate() error }

// papers are every kind of document in every language.
func papers() map[string]paper {
	out := map[string]paper{}
	for language, m := range samples() {
		for kind, p := range papersOf(m) {
			out[kind+" "+language] = p
		}
	}
	return out
}

func papersOf(m document.CreditMemo) map[string]paper {
	return map[string]paper{
		"credit memo": m, "credit on account": onAccount(m), "discount given back": creditedDiscount(m),
		"debit memo": debitMemo(m), "invoice": plain(m), "rebill": discounted(m), "prices with tax": inclusive(m),
		"reversal": reversal(m), "reversal on account": reversal(onAccount(m)), "refund": refund(m),
		"statement": statement(m), "long statement": longStatement(m, 90),
	}
}

// stressed are documents with amounts in thousands of millions, long numbers, names and texts.
func stressed() map[string]paper {
	out := map[string]paper{}
	for language, m := range samples() {
		m.Currency = money.Currency("VND")
		m.Number = "CM-HAMBURG-2026-0000040312"
		m.Entity.Name = "Nordlicht Cloud und Rechenzentrumsbetriebsgesellschaft mbH & Co. Kommanditgesellschaft auf Aktien"
		m.Customer.Name = "Brücke & Söhne Maschinenbau- und Anlagenvertriebsgesellschaft für Mittel- und Osteuropa mbH"
		m.Customer.Account = "CUSTOMER-ACCOUNT-10482-EMEA"
		m.Lines[0].Description = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft 無限のサービスと保守とサポート"
		m.Lines[0].Unit = "packs of twelve"
		rebill := discounted(m)
		rebill.Discounts[0].Label = "Volume discount for all sites in the framework agreement of 2024, level three"
		rebill.Settled[0].Number = "PAY-HAMBURG-2026-000000791-B"
		s := statement(m)
		s.Accounts[0].Entries[3].Concerns = "INV-HAMBURG-2026-00000001500"
		s.Accounts[0].Entries[3].Number = "CM-HAMBURG-NORTH-2026-0000040312-CORRECTED"
		for kind, p := range map[string]paper{"rebill": rebill, "prices with tax": inclusive(m), "discount given back": creditedDiscount(m), "refund": refund(m), "statement": s, "reversal": reversal(creditedDiscount(m))} {
			out["stressed "+kind+" "+language] = p
		}
	}
	return out
}

// Nothing runs out of the page, into the foot, over its neighbour, or is cut short.
func TestEveryTextHasItsPlace(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	all := papers()
	for name, p := range stressed() {
		all[name] = p
	}
	for name, p := range all {
		marks, err := place(r, p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, m := range marks {
			checkPlace(t, name, m)
			for _, other := range marks[i+1:] {
				if other.Page != m.Page {
					break
				}
				if math.Abs(other.Y-m.Y) < 2.2 && min(m.X+m.W, other.X+other.W)-max(m.X, other.X) > 0.2 {
					t.Errorf("%s: %q and %q overlap on page %d at %.0f", name, m.Text, other.Text, m.Page, m.Y)
				}
			}
		}
	}
}

func checkPlace(t *testing.T, name string, m document.Mark) {
	t.Helper()
	if m.X < document.TextLeft-0.01 || m.X+m.W > document.TextRight+0.01 {
		t.Errorf("%s: %q runs out of page %d: %.1f to %.1f", name, m.Text, m.Page, m.X, m.X+m.W)
	}
	if m.Y > document.BodyBottom+0.1 && m.Y < document.PageNumber-0.1 {
		t.Errorf("%s: %q runs into the foot of page %d", name, m.Text, m.Page)
	}
	running := m.Y == document.RunningHead || m.Y == document.SenderLine // the seller's name, which stands in full elsewhere
	if strings.HasSuffix(m.Text, "…") && !running {
		t.Errorf("%s: %q is cut on page %d", name, m.Text, m.Page)
	}
}

// place hands a paper over as the kind it is.
func place(r *document.Renderer, p paper) ([]document.Mark, error) {
	switch p := p.(type) {
	case document.CreditMemo:
		return r.Placed(p)
	case document.DebitMemo:
		return r.Placed(p)
	case document.Invoice:
		return r.Placed(p)
	case document.Reversal:
		return r.Placed(p)
	case document.RefundAdvice:
		return r.Placed(p)
	}
	return r.Placed(p.(document.Statement))
}
