package imports

import (
	"strconv"

	"makegood/billing"
	"makegood/cases/helpdesk"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// pastView is the room of what came from other helpdesks.
type pastView struct {
	Refusal string
	Errors  map[string]string
	Form    pastFormView
	Rows    []rowOfList
}

type pastFormView struct {
	Formats, Entities, Orders []kit.Option
	System                    string
	Whole                     bool
}

// pastBatchView is one import of cases as it stands.
type pastBatchView struct {
	ID                     helpdesk.ImportID
	File, Sub              string
	Tag                    kit.TagView
	Refusal, Failure       string
	Planned, Moving, Whole bool
	Percent                int
	Progress               string
	Fresh, Bad             int
	Facts                  []factView
	Rows                   []recordView
	More                   int
}

// factView is one figure of what was read, and what it means.
type factView struct{ Name, Value, Note string }

func (v pastBatchView) base() string { return pastAddress(v.ID) }

func (r reader) past(imp helpdesk.Import, brought int, refused []helpdesk.Refused) pastBatchView {
	c := imp.Counts
	v := pastBatchView{
		ID: imp.ID, File: imp.Filename, Tag: stateTag(billing.ImportState(imp.State)), Planned: imp.State == helpdesk.Planned, Moving: imp.State == helpdesk.Running,
		Whole: imp.AllOrNothing, Fresh: c.Closed + c.Open, Bad: c.Refused,
	}
	who := imp.CreatedName
	if who == "" {
		who = i18n.T("the command line")
	}
	v.Sub = i18n.F("Cases of {system} · given by {who}, {when}", "system", systemName(imp), "who", who, "when", r.when(imp.CreatedAt))
	if imp.Failure != nil {
		v.Failure = r.say(imp.Failure.Key, imp.Failure.Params)
	}
	if v.Fresh > 0 {
		v.Percent = min(brought*100/v.Fresh, 100)
	}
	v.Progress = i18n.F("{in} of {all} cases", "in", strconv.Itoa(brought), "all", strconv.Itoa(v.Fresh))
	v.Facts = r.pastFacts(imp, brought)
	for _, no := range refused {
		v.Rows = append(v.Rows, recordView{Row: strconv.Itoa(no.Row), Kind: no.File, Name: no.Number, Reasons: []string{r.say(no.Key, no.Params)}})
	}
	v.More = max(c.Refused-len(refused), 0)
	return v
}

// pastFacts are the figures of an import, those alone that are not nought.
func (r reader) pastFacts(imp helpdesk.Import, brought int) []factView {
	c := imp.Counts
	var list []factView
	add := func(n int, name, note string) {
		if n > 0 {
			list = append(list, factView{Name: name, Value: strconv.Itoa(n), Note: note})
		}
	}
	if imp.State != helpdesk.Planned {
		add(brought, i18n.T("Came in"), "")
	}
	add(c.Closed, i18n.T("Closed there"), i18n.T("Kept closed, at their own times; no clock runs for them."))
	add(c.Open, i18n.T("Open there"), i18n.T("To be worked on here. Their clocks run from the moment they are brought; nobody is answered or told."))
	add(c.Messages, i18n.T("Messages"), i18n.T("Files stay where they are; their names stand below what was written."))
	add(c.Untied, i18n.T("Of no known customer"), i18n.T("Open ones stand in triage; each says what was known of its customer."))
	add(c.Known, i18n.T("Here already"), i18n.T("Left as they are."))
	add(c.Refused, i18n.T("Cannot come in"), "")
	add(c.Deleted, i18n.T("Deleted there"), i18n.T("Left out."))
	add(c.Orphans, i18n.T("Messages without a case"), i18n.T("The files do not hold their cases."))
	add(c.Bare, i18n.T("Without what was said"), i18n.T("A list of conversations lacks it; export each conversation by itself."))
	if c.From != nil && c.To != nil {
		list = append(list, factView{Name: i18n.T("From, to"), Value: kit.FormatDate(*c.From, r.zone, r.lang) + " – " + kit.FormatDate(*c.To, r.zone, r.lang)})
	}
	return list
}
