package statements

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"makegood/cases/statements"
	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// leftOut narrows a round to those who got nothing.
const leftOut = "left_out"

// reader is how things are written for whoever looks.
type reader struct {
	lang string
	now  time.Time
	zone *time.Location
}

func (r reader) when(t time.Time) string { return kit.FormatShort(t, r.now, r.zone, r.lang) }

func (r reader) fill(v *letterView, p statements.Preview, mailed []statements.Row, in statements.Input) {
	v.Account, v.Name, v.Here = p.Customer.Account, p.Customer.Name, home(p.Customer.Account)
	v.From, v.To, v.Currency = p.From.Format(time.DateOnly), p.Until.Format(time.DateOnly), string(in.Currency)
	v.Statement = strings.TrimSuffix(v.Here, "/mail") + "?" + url.Values{"from": {v.From}, "to": {v.To}, "currency": {v.Currency}}.Encode()
	v.ReaderURL = strings.TrimSuffix(v.Here, "/mail") + "/reader"
	v.Rule = roundURL(p.Entity.Code, "", "", 0)
	v.Wanted, v.Version = p.Reader.Wanted, strconv.Itoa(p.Reader.Version)
	v.Reader = []kit.Option{{Value: "0", Text: i18n.T("The first whose mail arrives"), Selected: p.Reader.ContactID == nil}}
	for _, who := range p.People {
		option := kit.Option{Value: strconv.FormatInt(int64(who.ID), 10), Text: who.Name + " <" + who.Email + ">", Selected: who.ID == p.To.ID}
		if who.Dead {
			option.Text += " – " + i18n.T("bounces")
		}
		v.People = append(v.People, option)
		option.Selected = p.Reader.ContactID != nil && *p.Reader.ContactID == who.ID
		v.Reader = append(v.Reader, option)
	}
	switch p.LeftOut {
	case statements.NoContact:
		v.Blocked = i18n.T("Nobody of this customer’s people is known. Add a person on the customer’s page first.")
	case statements.DeadAddress:
		v.Blocked = i18n.T("Mail to this person came back. Choose somebody else, or correct the address.")
	case statements.NotDrawn:
	}
	v.Sender, v.Recipient = address(p.Entity.SupportName, p.Entity.SupportAddress), address(p.To.Name, p.To.Email)
	v.Subject, v.Text, v.Lang = p.Letter.Subject, p.Letter.Text, p.Letter.Lang
	for _, st := range p.Open {
		v.Papers = append(v.Papers, string(st.Currency)+", "+kit.FormatDate(st.From, time.UTC, r.lang)+" – "+kit.FormatDate(st.To, time.UTC, r.lang))
	}
	for _, row := range mailed {
		v.Mailed = append(v.Mailed, r.mailed(*v, row))
	}
}

func address(name, mail string) string {
	if name == "" || mail == "" {
		return mail
	}
	return name + " <" + mail + ">"
}

func (r reader) mailed(v letterView, row statements.Row) mailedView {
	m := mailedView{When: r.when(row.MadeAt), What: row.UserName, To: row.ToAddress, Tag: tag(row), Problem: row.Error}
	if row.Month != nil {
		m.What = i18n.F("Round of {month}", "month", row.Month.Format("2006-01"))
	}
	if row.Waits() {
		m.TakeBack = strings.TrimSuffix(v.Here, "/mail") + "/mails/" + strconv.FormatInt(int64(*row.OutgoingMessageID), 10) + "/take-back"
	}
	return m
}

// tag says how a statement fared, or why there was none.
func tag(row statements.Row) kit.TagView {
	switch row.LeftOut {
	case statements.NoContact:
		return kit.TagView{Text: i18n.T("Nobody is known"), Tone: "due"}
	case statements.DeadAddress:
		return kit.TagView{Text: i18n.T("Their mail comes back"), Tone: "due"}
	case statements.NotDrawn:
		return kit.TagView{Text: i18n.T("Could not be made"), Tone: "bad"}
	}
	switch row.State {
	case inbox.Queued, inbox.Sending:
		return kit.TagView{Text: i18n.T("About to leave"), Tone: "line", Icon: "hourglass"}
	case inbox.Sent:
		return kit.TagView{Text: i18n.T("Sent"), Tone: "ok", Icon: "mail-check"}
	case inbox.Bounced:
		return kit.TagView{Text: i18n.T("Came back"), Tone: "soon", Icon: "mail-x"}
	case inbox.Failed:
		return kit.TagView{Text: i18n.T("Failed"), Tone: "bad", Icon: "mail-off"}
	case inbox.Unknown:
		return kit.TagView{Text: i18n.T("Sent or not?"), Tone: "due", Icon: "mail-question"}
	case inbox.Stopped:
		return kit.TagView{Text: i18n.T("Stopped"), Tone: "due", Icon: "hand-stop"}
	case inbox.Cancelled:
		return kit.TagView{Text: i18n.T("Taken back"), Tone: "line", Icon: "arrow-back-up"}
	}
	return kit.TagView{Text: string(row.State)}
}

// roundURL is the page of a round.
func roundURL(entity, month, show string, after int64) string {
	values := url.Values{"entity": {entity}}
	if month != "" {
		values.Set("month", month)
	}
	if show != "" {
		values.Set("show", show)
	}
	if after != 0 {
		values.Set("after", strconv.FormatInt(after, 10))
	}
	return "/collections/statements?" + values.Encode()
}

func (r reader) month(rules []statements.Rule, code string, q statements.Query, m statements.Month) monthView {
	month, show := m.Month.Format("2006-01"), ""
	if q.LeftOut {
		show = leftOut
	}
	v := monthView{Code: code, Month: month, Prev: roundURL(code, m.Month.AddDate(0, -1, 0).Format("2006-01"), show, 0), Next: roundURL(code, m.Month.AddDate(0, 1, 0).Format("2006-01"), show, 0)}
	for _, rule := range rules {
		v.Entities = append(v.Entities, kit.Segment{Text: rule.Entity, Href: roundURL(rule.Entity, month, show, 0), Current: rule.Entity == code})
		if rule.Entity == code {
			v.Title, v.Active, v.OnDay, v.Version = rule.EntityName, rule.Active, strconv.Itoa(rule.OnDay), strconv.Itoa(rule.Version)
			v.Wanted = i18n.N(rule.Wanted, "{n} customer wants statements.", "{n} customers want statements.", "n", rule.Wanted)
		}
	}
	all := m.Sent
	for _, n := range m.LeftOut {
		all += n
	}
	v.Shows = []kit.Segment{
		{Text: i18n.F("All {n}", "n", strconv.Itoa(all)), Href: roundURL(code, month, "", 0), Current: show == ""},
		{Text: i18n.F("Left out {n}", "n", strconv.Itoa(all-m.Sent)), Href: roundURL(code, month, leftOut, 0), Current: show != ""},
	}
	switch {
	case m.BeganAt == nil:
		v.Said = i18n.T("Nothing was sent in this month’s round yet.")
	case m.EndedAt == nil:
		v.Said = i18n.F("The round began {when} and goes on.", "when", r.when(*m.BeganAt))
	default:
		v.Said = i18n.F("The round ended {when}.", "when", r.when(*m.EndedAt))
	}
	for _, row := range m.Rows {
		v.Rows = append(v.Rows, rowView{
			Account: row.Account, Name: row.Name, Href: "/customers/" + url.PathEscape(row.Account), To: row.ToAddress, When: r.when(row.MadeAt), Tag: tag(row), Problem: row.Error,
		})
	}
	if m.Next != 0 {
		v.NextURL = roundURL(code, month, show, m.Next)
	}
	return v
}
