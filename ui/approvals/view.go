package approvals

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"makegood/credits"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// pageView is the room: the list and the open request. Picked means that somebody chose it: a phone shows it alone.
type pageView struct {
	List    listView
	Request *requestView
	Picked  bool
}

// listView is the column of requests.
type listView struct {
	Tab      string
	Sub      string
	Selected credits.ID
	Groups   []groupView
	Several  string // up to which amount several can be approved at once; "" when fewer than two can
	Board    bool   // may see what is open at the whole desk
}

func (v *listView) add(group groupView) {
	if len(group.Items) > 0 {
		v.Groups = append(v.Groups, group)
	}
}

func (v listView) first() credits.ID {
	for _, group := range v.Groups {
		for _, item := range group.Items {
			return item.ID
		}
	}
	return 0
}

func (v listView) tabs() []kit.Segment {
	tabs := []kit.Segment{
		{Text: i18n.T("For you"), Href: "/approvals", Current: v.Tab == waiting},
		{Text: i18n.T("Asked"), Href: "/approvals?tab=mine", Current: v.Tab == mine},
		{Text: i18n.T("Decided"), Href: "/approvals?tab=decided", Current: v.Tab == decided},
	}
	if v.Board {
		tabs = append(tabs, kit.Segment{Text: i18n.T("All open"), Href: "/approvals?tab=open", Current: v.Tab == open})
	}
	return tabs
}

func (v listView) rowsURL() string {
	return fmt.Sprintf("/approvals/rows?tab=%s&selected=%d", v.Tab, v.Selected)
}

// groupView is a stretch of the list under one heading.
type groupView struct {
	Title, Note string
	Items       []itemView
}

type itemView struct {
	ID       credits.ID
	Href     string
	Customer string
	Detail   string
	Amount   money.Amount
	Clock    *kit.ClockView
	Tag      *kit.TagView
	Small    bool // it can be approved with others
}

func (r reader) waitingSum(items []credits.WaitingItem) string {
	late := 0
	for _, item := range items {
		if item.StepBreached || item.StepDueAt != nil && item.StepDueAt.Before(r.Now) {
			late++
		}
	}
	text := i18n.T("nothing waits for you")
	if len(items) > 0 {
		text = i18n.F("{items} wait for you", "items", len(items))
	}
	if len(items) == 1 {
		text = i18n.T("1 waits for you")
	}
	if late > 0 {
		text += " " + i18n.F("· {late} late", "late", late)
	}
	return text
}

// waiting groups what waits: in one's own right first, then for each person one stands in for.
func (r reader) waiting(items []credits.WaitingItem, small func(credits.WaitingItem) bool) []groupView {
	groups := []groupView{{Title: i18n.T("For you")}}
	at := map[string]int{"": 0}
	for _, item := range items {
		place, known := at[item.StandsInFor]
		if !known {
			place = len(groups)
			at[item.StandsInFor] = place
			groups = append(groups, groupView{Title: i18n.F("For {stands_in_for}", "stands_in_for", item.StandsInFor), Note: i18n.T("you stand in")})
		}
		row := r.waitingItem(item)
		row.Small = small(item)
		groups[place].Items = append(groups[place].Items, row)
	}
	if len(groups[0].Items) == 0 {
		groups = groups[1:]
	}
	return groups
}

func (r reader) waitingItem(item credits.WaitingItem) itemView {
	v := r.row(item.Row)
	v.Tag = nil
	v.Detail = creditview.KindName(item.Kind) + ", " + item.RequesterName
	if item.StepDueAt != nil {
		v.Clock = r.StepClock(item.StepID, item.OpenedAt, *item.StepDueAt)
	}
	if item.Needed > 1 {
		v.Detail += " " + i18n.F("· {signed} of {needed} signed", "signed", item.Signed, "needed", item.Needed)
	}
	return v
}

func (r reader) row(row credits.Row) itemView {
	tag := creditview.StateTag(row.State)
	return itemView{
		ID: row.ID, Href: href(row.ID), Customer: creditview.Customer(row.CustomerName), Detail: row.Number + " · " + creditview.KindName(row.Kind),
		Amount: row.Amount(row.Total), Tag: &tag,
	}
}

func (r reader) decidedRow(row reports.DecidedRow) itemView {
	tag := creditview.StateTag(row.State)
	word := i18n.T("approved")
	if row.Decision == credits.Reject {
		word = i18n.T("rejected")
	}
	return itemView{
		ID: row.ID, Href: href(row.ID), Customer: creditview.Customer(row.CustomerName), Amount: row.Amount(), Tag: &tag,
		Detail: i18n.F("You {word} it, {decided_at}", "word", word, "decided_at", kit.FormatShort(row.DecidedAt, r.Now, r.zone, r.Lang)),
	}
}

func href(id credits.ID) string { return "/approvals/" + strconv.FormatInt(int64(id), 10) }

// requestView is one request as its approver sees it.
type requestView struct {
	reports.RequestFile
	Lang         string
	Href         string
	Kind         string
	Tag          kit.TagView
	Asked        string
	Deed         string // what is to be done, with its amount
	To           string // to whom
	Amount       money.Amount
	Tables       []tableView
	After        []kit.SumRow
	Chain        []kit.ChainStep
	Notices      []kit.NoticeView
	Warned       []creditview.WarnedView
	Pieces       []pieceView
	Past         []pastView
	PastSum      string
	Clock        *kit.ClockView
	Step         credits.StepID
	MayDecide    bool
	MayWithdraw  bool
	MayRetry     bool
	MayTakeBack  bool
	MayChange    bool
	MaySubmit    bool // a draft
	MayAnswer    bool
	MayAdd       bool       // evidence that came later
	Less         []lessView // what an approver may give less of
	AskedBack    []askedView
	Changed      *changedView
	PaperHref    string // the PDF of what it became, where that has no page of its own
	PaperXML     bool   // it has an electronic form, too
	PaperText    string
	Last         bool // the step whose signature posts
	Why          string
	Digest       string // whole, as the form sends it back
	ShortDigest  string
	Refusal      string
	Comment      string
	CommentError string
}

// lessView is a line an approver may lower.
type lessView struct {
	Name, Text, Asked, Value string
}

// askedView is what an approver asked the requester, with the answer.
type askedView struct {
	Who, When, Question, Answer string
	Open                        bool
}

// changedView is how a request differs from the version before.
type changedView struct {
	Title, Why, Before, After string
	Lines                     []changedLine
	Words                     []changedWords
	WasTotal, Total           string
}

// changedWords is what is different beside the amounts.
type changedWords struct {
	Text, Was, Now string
}

type changedLine struct {
	Text, Was, Now string
	Added, Changed bool
}

// tableView is what is given back, charged, taken or given up, line by line.
type tableView struct {
	Head, Number, Href string // "Line of", the document
	Before, Amount     string // heads of the columns; Before "" has none
	Lines              []lineView
	Taxes              []kit.KV
	Foot, Sum, Tone    string
}

type lineView struct {
	Text, Href, Quantity, Invoiced, Credit string
	Disputed                               bool
}

// pieceView is one piece of evidence, open beside the request.
type pieceView struct {
	ID, Title, Icon string
	From, Meta      string
	Trust           *kit.TrustView
	Subject, Body   string
	Lang            string
	Files           []kit.FileView
	LinkText, Href  string
	Later           bool // it came after the submission and is not what is signed
}

type pastView struct {
	Day, Number, Href, Invoice, Amount string
}

// approveText names what pressing the button does.
func (v requestView) approveText() string {
	amount := kit.FormatMoney(v.Amount, v.Lang)
	switch {
	case !v.Last:
		return i18n.F("Approve {amount}", "amount", amount)
	case v.Detail.Kind.Credits() && v.Invoice.Number != "":
		return i18n.F("Approve {amount} and post to {number}", "amount", amount, "number", v.Invoice.Number)
	}
	return i18n.F("Approve {amount} and post", "amount", amount)
}

// postText says that the signature posts, and to what.
func (v requestView) postText() string {
	switch {
	case !v.Last:
		return ""
	case v.Detail.Kind.Credits() && v.Invoice.Number != "":
		return " " + i18n.F("and post to {number}", "number", v.Invoice.Number)
	}
	return " " + i18n.T("and post")
}

func (v requestView) approveAttrs() templ.Attributes {
	attrs := v.post("approve")
	if v.Last {
		kind, amount := i18n.Lower(creditview.DocumentName(v.Detail.Kind)), strings.ReplaceAll(kit.FormatMoney(v.Amount, v.Lang), "\u00a0", " ")
		attrs["hx-confirm"] = i18n.F("Post a {kind} of {amount}? What is posted is never changed.", "kind", kind, "amount", amount)
		if v.Detail.Kind.Credits() && v.Invoice.Number != "" {
			attrs["hx-confirm"] = i18n.F("Post a {kind} of {amount} to {number}? What is posted is never changed.", "kind", kind, "amount", amount, "number", v.Invoice.Number)
		}
		attrs["data-confirm-yes"] = i18n.T("Approve and post")
	}
	return attrs
}

// post makes a button send the form to an action, with htmx or without.
func (v requestView) post(action string) templ.Attributes {
	to := v.Href + "/" + action
	return templ.Attributes{"formaction": to, "hx-post": to, "hx-target": "#ap-main", "hx-swap": "innerHTML"}
}
