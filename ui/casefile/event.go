package casefile

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/cases/helpdesk"
	"makegood/cases/sorting"
	"makegood/internal/audit"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// told is an event as a line of the timeline.
type told struct {
	icon, tone, text, figure string
	kind                     show
}

// event says a recorded event in one line. What the messages themselves show is left out.
func (r reader) event(f reports.CaseFile, row audit.Row) (eventView, show, bool) {
	noun, verb, _ := strings.Cut(row.What, ".")
	e := data{reader: r, file: f, row: row}
	var t told
	switch noun {
	case "message", "reply", "note", "letter":
		if row.What != "reply.undone" {
			return eventView{}, "", false
		}
		t = told{icon: "arrow-back-up", text: i18n.F("{who} took a reply back before it left", "who", e.who()), kind: showSystem}
	case "credit", "step", "dispute", "invoice":
		t = e.money(row.What, verb)
	case "clock":
		t = e.clock(verb)
	case "status", "priority", "policy":
		t = e.course(row.What)
	case "follow_up":
		t = e.followUp(verb)
	case "watcher":
		t = e.watcher(verb)
	case "fields":
		t = e.fieldsSet()
	case "checklist":
		t = e.checked(verb)
	case "survey":
		t = e.survey(verb)
	default:
		if t = e.linked(row.What); t.text == "" {
			t = e.system(row.What)
		}
	}
	if t.text == "" && t.figure == "" {
		return eventView{}, "", false
	}
	v := eventView{EventView: kit.EventView{Icon: t.icon, Tone: t.tone, At: row.At}, Text: t.text, Figure: t.figure}
	return v, t.kind, true
}

// data reads the values of one event.
type data struct {
	reader
	file reports.CaseFile
	row  audit.Row
}

func (e data) text(name string) string {
	s, _ := e.row.Data[name].(string)
	return s
}

func (e data) id(name string) int64 {
	n, _ := e.row.Data[name].(float64)
	return int64(n)
}

func (e data) who() string {
	switch {
	case e.row.ActorKind == "customer":
		return e.customer()
	case e.row.ActorKind == "system", e.row.ActorName == "":
		return "Makegood"
	case e.row.ActorID == e.by.UserID:
		return i18n.T("You")
	}
	return e.row.ActorName
}

// customer is who wrote the message that the event is of, or nobody by name: the trail itself names no customer.
func (e data) customer() string {
	id := e.id("message")
	for _, m := range e.file.Messages {
		if id != 0 && int64(m.ID) == id && m.AuthorName != "" {
			return m.AuthorName
		}
	}
	if e.row.ActorName != "" { // of before the trail left names out
		return e.row.ActorName
	}
	return i18n.T("The customer")
}

// moment is a time of the event in the reader's zone.
func (e data) moment(name string) string {
	at, err := time.Parse(time.RFC3339, e.text(name))
	if err != nil {
		return ""
	}
	return e.short(at)
}

// noted is what somebody wrote beside it.
func (e data) noted() string {
	if note := e.text("note"); note != "" {
		return ": " + note
	}
	return ""
}

func (e data) amount(name string) string {
	value, err := decimal.NewFromString(e.text(name))
	if err != nil {
		return ""
	}
	return e.reader.money(value, money.Currency(e.text("currency")))
}

func (e data) colleague(name string) string {
	wanted := e.id(name)
	if wanted == e.by.UserID {
		return i18n.T("you")
	}
	return e.named(wanted)
}

// named is a colleague by name.
func (e data) named(wanted int64) string {
	for _, c := range e.file.Colleagues {
		if c.ID == wanted {
			return c.Name
		}
	}
	return i18n.T("somebody else")
}

func (e data) request() string {
	for _, c := range e.file.Credits {
		if c.ID == e.id("request") {
			return c.Number
		}
	}
	return i18n.T("a credit request")
}

func (e data) invoice() string {
	for _, i := range e.file.Invoices {
		if int64(i.ID) == e.id("invoice") {
			return i.Number
		}
	}
	return i18n.T("an invoice")
}

func (e data) cause() string {
	for _, cause := range e.file.RootCauses {
		if cause.ID == e.id("root_cause") {
			return cause.Name
		}
	}
	return i18n.T("not known")
}

// together makes one event of amounts that were put on hold in one go.
func together(rows []audit.Row) []audit.Row {
	var list []audit.Row
	for _, row := range rows {
		n := len(list) - 1
		same := n >= 0 && row.What == "dispute.opened" && list[n].What == row.What && list[n].At.Equal(row.At) &&
			list[n].Data["currency"] == row.Data["currency"] && list[n].Data["invoice"] == row.Data["invoice"]
		if !same {
			list = append(list, row)
			continue
		}
		sum := maps.Clone(list[n].Data)
		count, _ := sum["lines"].(float64)
		sum["lines"] = max(count, 1) + 1
		sum["contested"] = plus(sum["contested"], row.Data["contested"])
		list[n].Data = sum
	}
	return list
}

func plus(a, b any) string {
	x, _ := a.(string)
	y, _ := b.(string)
	one, errOne := decimal.NewFromString(x)
	two, errTwo := decimal.NewFromString(y)
	if errOne != nil || errTwo != nil {
		return ""
	}
	return one.Add(two).String()
}

func (e data) money(what, verb string) told {
	t := told{icon: "receipt-refund", tone: "money", kind: showMoney, figure: e.amount("total")}
	switch what {
	case "credit.pending":
		t.text = i18n.F("{who} proposed {request}", "who", e.who(), "request", e.request())
		if answer := e.text("answer"); answer != "" {
			t.icon, t.text = "message", i18n.F("{who} answered about {request}: “{answer}”", "who", e.who(), "request", e.request(), "answer", answer)
		} else if e.id("version") > 1 {
			t.icon, t.text = "git-compare", i18n.F("{who} changed {request}; its chain starts again", "who", e.who(), "request", e.request())
		}
	case "credit.approved":
		t.icon, t.text = "rubber-stamp", i18n.F("{request} is approved and being posted", "request", e.request())
	case "credit.posted":
		t.icon, t.text = "circle-check", i18n.F("{request} is posted", "request", e.request())
	case "credit.rejected":
		t.icon, t.text = "circle-x", i18n.F("{who} rejected {request}", "who", e.who(), "request", e.request())
	case "credit.returned":
		t.icon, t.text = "message", i18n.F("{who} asked back about {request}: “{text}”", "who", e.who(), "request", e.request(), "text", e.text("question"))
	case "credit.expired":
		t.icon, t.text = "clock", i18n.F("{request} expired; nothing was posted", "request", e.request())
	case "credit.withdrawn":
		t.icon, t.text = "arrow-back-up", i18n.F("{who} withdrew {request}", "who", e.who(), "request", e.request())
	case "credit.reversed":
		t.icon, t.text = "arrow-back-up", i18n.F("{request} is taken back by {text}", "request", e.request(), "text", e.text("taken_back_by"))
	case "credit.failed":
		t.icon, t.text = "alert-triangle", i18n.F("{request} could not be posted", "request", e.request())
	case "step.decided":
		t.icon, t.tone, t.text = "check", "", i18n.F("{who} decided a step of the approval", "who", e.who())
	case "dispute.opened":
		t.icon, t.text, t.figure = "hand-stop", i18n.F("A disputed amount of {invoice} is on hold", "invoice", e.invoice()), e.amount("contested")
		if n := e.id("lines"); n > 1 {
			t.text = i18n.F("{n} disputed amounts of {invoice} are on hold", "n", strconv.FormatInt(n, 10), "invoice", e.invoice())
		}
	case "dispute.decided":
		t.icon, t.figure = "gavel", e.amount("accepted")
		t.text = i18n.F("{who} decided a dispute line of {invoice}: {text}", "who", e.who(), "invoice", e.invoice(), "text", i18n.Lower(disputeTag(cases.DisputeStatus(e.text("status"))).Text))
	case "dispute.reopened":
		t.icon, t.text, t.figure = "hand-stop", i18n.F("A dispute line of {invoice} is open again and on hold, as its credit was taken back", "invoice", e.invoice()), e.amount("contested")
	case "invoice.linked":
		t.icon, t.tone, t.text = "link", "", i18n.F("{who} linked {invoice}", "who", e.who(), "invoice", e.invoice())
	case "invoice.unlinked":
		t.icon, t.tone, t.text = "link", "", i18n.F("{invoice} is linked no more, as it does not concern the customer", "invoice", e.text("number"))
		if e.text("by") == "agent" {
			t.text = i18n.F("{who} took the link to {invoice} off", "who", e.who(), "invoice", e.text("number"))
		}
	default:
		return told{} // steps opened and voided show in the chain
	}
	if verb == "" {
		return told{}
	}
	return t
}

// course is how the case moves: status, priority, policy.
func (e data) course(what string) told {
	switch what {
	case "priority.changed":
		t := told{icon: "adjustments", text: i18n.F("{who} set the priority from {text} to {text_2}", "who", e.who(), "text", e.text("from"), "text_2", e.text("priority")), kind: showClocks}
		if reason := e.text("reason"); reason != "" {
			t.text += ": " + reason
		}
		return t
	case "policy.changed":
		return told{icon: "adjustments", text: i18n.T("Another service level policy holds from here on"), kind: showClocks}
	}
	if e.text("why") == "unanswered" {
		return told{icon: "mail-question", text: i18n.F("Resolved, because the customer has not answered what they were asked {asked}", "asked", e.moment("asked_at")), kind: showClocks}
	}
	if e.text("why") == "customer" {
		return told{icon: "player-play", text: i18n.F("{who} opened it again by the link in our letter", "who", e.who()), kind: showSystem}
	}
	to, on := cases.Status(e.text("to")), cases.WaitingOn(e.text("waiting_on"))
	t := told{icon: "arrow-right", kind: showSystem}
	switch to {
	case cases.StatusWaiting:
		t = told{icon: "player-pause", tone: "clock", text: i18n.F("Waiting on the {on_word} from here on", "on_word", onWord(on)), kind: showClocks}
	case cases.StatusOpen:
		t.icon, t.text = "player-play", i18n.T("Open again")
		if cases.Status(e.text("from")) == cases.StatusNew {
			return told{} // a claim or a reply says the same
		}
	case cases.StatusResolved:
		t.icon, t.text = "circle-check", i18n.F("{who} resolved the case", "who", e.who())
	case cases.StatusClosed:
		t.icon, t.text = "archive", i18n.F("{who} closed the case", "who", e.who())
	case cases.StatusNew:
	}
	if comment := e.text("comment"); comment != "" {
		t.text += ": " + comment
	}
	return t
}

func (e data) system(what string) told {
	t := told{icon: "bolt", kind: showSystem}
	switch what {
	case "case.merged":
		t.icon, t.text = "git-merge", i18n.F("{who} joined the case to {text}", "who", e.who(), "text", e.text("number"))
	case "case.unmerged":
		t.icon, t.text = "git-merge", i18n.F("{who} took the case out of {text} again", "who", e.who(), "text", e.text("number"))
	case "evidence.exported":
		t.icon, t.text = "shield-check", i18n.F("{who} took the evidence of the case", "who", e.who())
	case "case.erased":
		t.icon, t.text = "user-off", i18n.F("What was kept here about a person was erased on their request (erasure {id})", "id", strconv.FormatInt(e.id("erasure"), 10))
	case "case.joined":
		t.icon, t.text = "git-merge", i18n.F("{who} joined {text} to this case", "who", e.who(), "text", e.text("number"))
	case "case.unjoined":
		t.icon, t.text = "git-merge", i18n.F("{who} took {text} out of this case again", "who", e.who(), "text", e.text("number"))
	case "case.split":
		t.icon, t.text = "scissors", i18n.F("{who} split messages off as {text}", "who", e.who(), "text", e.text("number"))
	case "case.split_off":
		t.icon, t.text = "scissors", i18n.F("{who} split this case off {text}", "who", e.who(), "text", e.text("number"))
	case "case.opened":
		t.text = i18n.F("Case opened as {type_word}, {text}", "type_word", i18n.Lower(typeWord(cases.Type(e.text("type")))), "text", e.text("priority"))
		if figure := e.amount("disputed"); figure != "" && e.text("disputed") != "0" {
			t.text, t.figure = i18n.F("{text}, in dispute", "text", t.text), figure
		}
	case "case.brought":
		t.icon, t.text = "file-import", i18n.F("{who} brought the case from {system}, where it was {text}", "who", e.who(), "system", helpdesk.Format(e.text("system")).Name(), "text", e.text("number"))
	case "case.assigned":
		t.icon, t.text = e.assigned()
	case "case.sorted":
		t.icon, t.text = "tag", i18n.F("{who} said what it is about: {name_of}", "who", e.who(), "name_of", sorting.NameOf(sorting.TopicsOf(e.file.Reasons), e.text("topic")))
	case "case.retitled", "case.language_set", "tag.added", "tag.removed":
		t.icon, t.text = e.amended(what)
	case "root_cause.set":
		t.icon, t.text = "git-merge", i18n.F("{who} said what was really wrong: {cause}", "who", e.who(), "cause", e.cause())
	case "customer.unanswered":
		return e.unanswered()
	case "customer.linked":
		t.icon, t.text = "link", i18n.F("{who} tied the case to its customer", "who", e.who())
	case "participant.added", "participant.accepted", "participant.ended", "participant.retired", "participant.moved":
		t.icon, t.text = e.participant(what)
	case "mail.resent", "mail.released", "mail.cancelled":
		t.icon, t.text = e.mail(what)
	case "promise.broken":
		t = told{icon: "hourglass", text: i18n.F("A promise to pay {amount} by {text} was broken: {amount_2} came in", "amount", e.amount("amount"), "text", e.text("on"), "amount_2", e.amount("paid")), kind: showMoney}
	case "warning.added":
		t.icon, t.text = "alert-circle", i18n.T("A warning was noted")
	}
	return t
}

// mail says what was done about a mail that was on its way.
func (e data) mail(what string) (icon, text string) {
	switch what {
	case "mail.resent":
		return "mail-fast", i18n.F("{who} had a mail sent once more: {text}", "who", e.who(), "text", e.text("reason"))
	case "mail.released":
		return "mail-fast", i18n.F("{who} let mail to {text} go again: {text_2}", "who", e.who(), "text", e.text("address"), "text_2", e.text("reason"))
	case "mail.cancelled":
		return "arrow-back-up", i18n.F("{who} took a letter back before it left", "who", e.who())
	}
	return "mail-fast", ""
}

// followUp says what became of a case that was put off.
func (e data) followUp(verb string) told {
	switch verb {
	case "set":
		return told{icon: "calendar-time", kind: showSystem, text: i18n.F("{who} put the case off until {moment}{noted}", "who", e.who(), "moment", e.moment("at"), "noted", e.noted())}
	case "due":
		return told{icon: "bell", kind: showSystem, text: i18n.F("The case is back for its follow-up{noted}", "noted", e.noted())}
	}
	return told{icon: "calendar-off", kind: showSystem, text: i18n.T("The follow-up is over")}
}
