package letters

import (
	"strings"
	"time"

	"makegood/internal/money"
)

// StatementVars go with a statement of account: what is open on the last day, what of it is in dispute, and what is to be paid now. There
// is no case, and an answer opens one.
type StatementVars struct {
	Frame
	Name     string
	Account  string          `need:"yes"`
	From     time.Time       `need:"yes"`
	To       time.Time       `need:"yes"`
	Parts    []StatementPart `need:"yes"` // one per currency
	Attached bool
}

// StatementPart is what stands on a statement in one currency. PayNow is due and not in dispute, less what is not used; with PayLink it
// is above zero.
type StatementPart struct {
	Balance  money.Amount `need:"yes"`
	Disputed money.Amount `need:"yes"`
	Later    money.Amount `need:"yes"` // not in dispute, and due on a later day
	Unused   money.Amount `need:"yes"`
	PayNow   money.Amount `need:"yes"`
	PayLink  string
}

func (StatementVars) title() string { return "statement.subject" }
func (StatementVars) kind() Kind    { return Statement }

func (v StatementVars) name() string { return v.Name }

// missing are the links that are none, or ask for nothing.
func (v StatementVars) missing() []string {
	for _, part := range v.Parts {
		if part.PayLink != "" && (!strings.HasPrefix(part.PayLink, "https://") || !part.PayNow.IsPositive()) {
			return []string{"Parts.PayLink"}
		}
	}
	return nil
}

func (v StatementVars) values(p *page) (map[string]string, error) {
	figures, err := p.Figures(v)
	m := map[string]string{
		"account": v.Account, "from": p.Day(v.From), "to": p.Day(v.To), "figures": figures, "attached": only(v.Attached, v.Account), "pay_now": "", "link": "",
	}
	if len(v.Parts) == 1 {
		m["pay_now"], m["link"] = p.Money(v.Parts[0].PayNow), v.Parts[0].PayLink
	}
	return m, err
}

// Figures are those of a statement, currency by currency, as text.
func (p *page) Figures(v StatementVars) (string, error) {
	parts := make([]string, 0, len(v.Parts))
	for _, part := range v.Parts {
		lines, err := p.FigureLines(part, v.To)
		if err != nil {
			return "", err
		}
		if part.PayLink != "" {
			online, err := p.T("statement.online", "amount", p.Money(part.PayNow), "link", part.PayLink)
			if err != nil {
				return "", err
			}
			lines = append(lines, online)
		}
		parts = append(parts, "- "+strings.Join(lines, "\n  "))
	}
	return strings.Join(parts, "\n\n"), nil
}

// FigureLines are those of one currency, a line each. What is nothing is left out, but for what is to be paid.
func (p *page) FigureLines(part StatementPart, to time.Time) ([]string, error) {
	first, err := p.T("statement.balance", "date", p.Day(to), "amount", p.Money(part.Balance))
	if err != nil {
		return nil, err
	}
	lines := []string{first}
	for _, figure := range []struct {
		sentence string
		amount   money.Amount
	}{{"statement.disputed", part.Disputed}, {"statement.later", part.Later}, {"statement.unused", part.Unused}, {"statement.now", part.PayNow}} {
		sentence := figure.sentence
		if !figure.amount.IsPositive() {
			if sentence != "statement.now" {
				continue
			}
			sentence = "statement.nothing"
		}
		line, err := p.T(sentence, "amount", p.Money(figure.amount))
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}
