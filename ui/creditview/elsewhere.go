package creditview

import (
	"net/url"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
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
		v.Text += " " + i18n.F("Its total there differs by {difference}.", "difference", kit.FormatMoney(money.Of(*p.Difference, currency), r.Lang))
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
	what := i18n.T("Issuing")
	if p.Action == billing.VoidThere {
		what = i18n.T("Voiding")
	}
	tried := " " + i18n.T("after 1 attempt")
	if p.Attempts != 1 {
		tried = " " + i18n.F("after {attempts} attempts", "attempts", strconv.Itoa(p.Attempts))
	}
	when := func(t *time.Time) string { return kit.FormatShort(*t, r.Now, zone, r.Lang) }
	switch p.State {
	case billing.ThereIssued:
		return i18n.F("Issued as {external_number} ({external_id}), {when}.", "external_number", p.ExternalNumber, "external_id", p.ExternalID, "when", when(p.SettledAt))
	case billing.ThereVoided:
		return i18n.F("Voided {when}.", "when", when(p.SettledAt))
	case billing.ThereNeedless:
		return i18n.T("It was never there, so nothing was voided.")
	case billing.ThereByHand:
		there := i18n.T("nothing is there")
		if p.ExternalID != "" {
			there = i18n.F("it is {external_id} there", "external_id", p.ExternalID)
		}
		return i18n.F("Settled by {settled_by}, {when}: {settled_how} ({there}).", "settled_by", p.SettledBy, "when", when(p.SettledAt), "settled_how", p.SettledHow, "there", there)
	case billing.ThereRefused:
		return i18n.F("{what} was refused{tried}.", "what", what, "tried", tried)
	case billing.ThereUnknown:
		return i18n.F("{what} was not answered; it is tried again (attempt {attempts}).", "what", what, "attempts", strconv.Itoa(p.Attempts))
	case billing.ThereWaiting:
	}
	if p.Attempts == 0 {
		return i18n.F("{what} is under way.", "what", what)
	}
	return i18n.F("{what} waits{tried}.", "what", what, "tried", tried)
}
