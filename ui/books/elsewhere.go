package books

import (
	"net/url"
	"strconv"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/reports"
)

// thereView is what became of a memo in another system.
type thereView struct {
	Text, Retry string // Retry: where to ask once more, for those who may
	Bad         bool
}

// elsewhere tells what became of a memo in the other system, and which that is.
func (r reader) elsewhere(f reports.MemoFile, may bool) (name string, rows []thereView) {
	for _, p := range f.Elsewhere {
		name = sentenceCase(string(p.Gateway))
		row := thereView{Text: r.thereWords(p), Bad: p.State == billing.ThereRefused || p.Difference != nil && !p.Difference.IsZero()}
		if p.Difference != nil && !p.Difference.IsZero() {
			row.Text += " Its total there differs by " + r.money(f.Amount(*p.Difference)) + "."
		}
		if p.Answer != "" {
			row.Text += " " + r.Catalogue.Fill(r.Lang, p.Answer, errs.Params(p.AnswerParams))
		}
		if may && (p.State == billing.ThereRefused || p.State == billing.ThereUnknown || p.State == billing.ThereWaiting && p.Attempts > 0) {
			row.Retry = "/credit-memos/" + url.PathEscape(f.Number) + "/elsewhere/" + string(p.Action)
		}
		rows = append(rows, row)
	}
	return name, rows
}

func (r reader) thereWords(p billing.GatewayPosting) string {
	what := "Issuing"
	if p.Action == billing.VoidThere {
		what = "Voiding"
	}
	tried := " after " + many(p.Attempts, "attempt")
	switch p.State {
	case billing.ThereIssued:
		return "Issued as " + p.ExternalNumber + " (" + p.ExternalID + "), " + r.when(*p.SettledAt) + "."
	case billing.ThereVoided:
		return "Voided " + r.when(*p.SettledAt) + "."
	case billing.ThereNeedless:
		return "It was never there, so nothing was voided."
	case billing.ThereRefused:
		return what + " was refused" + tried + "."
	case billing.ThereUnknown:
		return what + " was not answered; it is tried again (attempt " + strconv.Itoa(p.Attempts) + ")."
	case billing.ThereWaiting:
	}
	if p.Attempts == 0 {
		return what + " is under way."
	}
	return what + " waits" + tried + "."
}
