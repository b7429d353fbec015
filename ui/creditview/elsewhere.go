package creditview

import (
	"net/url"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// There is what became of a memo in another system. Retry is where to ask once more, for those who may; "" when there is no need.
type There struct {
	Text, Retry string
	Bad         bool
}

// There tells what became of the memo with that number and currency; zone is of the reader.
func (r Reader) There(p billing.GatewayPosting, number string, currency money.Currency, zone *time.Location) There {
	v := There{Text: r.thereWords(p, zone), Bad: p.State == billing.ThereRefused}
	if p.Difference != nil && !p.Difference.IsZero() {
		v.Text += " Its total there differs by " + kit.FormatMoney(money.Of(*p.Difference, currency), r.Lang) + "."
		v.Bad = true
	}
	if p.Answer != "" {
		v.Text += " " + r.Catalogue.Fill(r.Lang, p.Answer, errs.Params(p.AnswerParams))
	}
	if p.State == billing.ThereRefused || p.State == billing.ThereUnknown || p.State == billing.ThereWaiting && p.Attempts > 0 {
		v.Retry = "/credit-memos/" + url.PathEscape(number) + "/elsewhere/" + string(p.Action)
	}
	return v
}

func (r Reader) thereWords(p billing.GatewayPosting, zone *time.Location) string {
	what := "Issuing"
	if p.Action == billing.VoidThere {
		what = "Voiding"
	}
	tried := " after 1 attempt"
	if p.Attempts != 1 {
		tried = " after " + strconv.Itoa(p.Attempts) + " attempts"
	}
	when := func(t *time.Time) string { return kit.FormatShort(*t, r.Now, zone, r.Lang) }
	switch p.State {
	case billing.ThereIssued:
		return "Issued as " + p.ExternalNumber + " (" + p.ExternalID + "), " + when(p.SettledAt) + "."
	case billing.ThereVoided:
		return "Voided " + when(p.SettledAt) + "."
	case billing.ThereNeedless:
		return "It was never there, so nothing was voided."
	case billing.ThereByHand:
		there := "nothing is there"
		if p.ExternalID != "" {
			there = "it is " + p.ExternalID + " there"
		}
		return "Settled by " + p.SettledBy + ", " + when(p.SettledAt) + ": " + p.SettledHow + " (" + there + ")."
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
