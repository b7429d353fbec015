package casefile

import (
	"time"

	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// view is the whole screen.
type view struct {
	Number  string
	Version int
	Topic   string
	Show    show
	Head    headView
	Thread  threadView
	Money   moneyView
	Frame   frameView
	Compose composeView
	Dialogs dialogsView
	MayWork bool
	Missed  []string // what others changed since a refused form was shown
}

func (v view) path(rest string) string { return "/cases/" + v.Number + rest }

func (v view) self() string {
	if v.Show == showAll {
		return v.path("")
	}
	return v.path("?show=" + string(v.Show))
}

type headView struct {
	Subject, Status, Type         string
	Priority                      int
	PriorityWhy                   string
	Assignee, Team, Entity        string
	Follows, Merged               string
	Clocks                        []namedClock
	Active, Mine, Free, MayCredit bool
	FollowUp                      followUpView
	NoResolve                     string // why it cannot be resolved now
}

type namedClock struct {
	Name  string
	Clock kit.ClockView
	Tight bool // the one that is due first
}

// show is the part of the timeline to see.
type show string

const (
	showAll      show = ""
	showMessages show = "messages"
	showMoney    show = "money"
	showClocks   show = "clocks"
	showSystem   show = "system"
)

type threadView struct {
	Segments []kit.Segment
	Trust    *kit.TrustView
	Language string
	Earlier  string // where what is older is read; "" when there is nothing
	Items    []item
}

// item is one thing in the timeline.
type item struct {
	Day     string
	Message *messageView
	Event   *eventView
	kind    show
	at      time.Time
}

type messageView struct {
	kit.MessageView
	Paragraphs []string
	Marked     string // safe HTML, instead of Paragraphs
	Subject    string
	Outgoing   string // what became of it on its way
	OutTone    string
	FullURL    string // the text with nothing folded away
	RawURL     string
	Told       string // whom a note told by naming them
	LookURL    string // the mail as its sender saw it; empty for one without HTML
	Look       lookView
}

// lookView is a mail as its sender saw it, in a frame.
type lookView struct {
	Frame    string // address; empty while the text is shown
	TextURL  string // back to the text
	Pictures int    // from elsewhere and not shown
	ShowURL  string // with these pictures
}

type eventView struct {
	kit.EventView
	Text, Figure string
}

type moneyView struct {
	Invoices []invoiceView
	Credits  []creditView
	Reasons  []kit.Option
}

type invoiceView struct {
	ID                        string
	Number, Href, Sub, BillTo string
	Currency                  string
	Lines                     []lineView
	Whole                     []disputeView // disputes of the whole invoice
	Loose                     bool          // nothing hangs on the link, so it can be taken off
	Left, Right               []kit.SumRow
}

type lineView struct {
	ID, Position, Text, Detail, Net string
	Disputes                        []disputeView
	Contested                       string
	Headroom                        *kit.HeadroomView
	Spent                           bool // nothing left to contest or credit
}

type disputeView struct {
	ID                                               string
	Status                                           kit.TagView
	Reason, Claim, Contested, Plain, Currency, Where string
	Explanation, Request                             string
	Became                                           string // of what is contested, once a part is no longer in dispute
	Open, Decidable                                  bool
}

type creditView struct {
	Number, Href, Version, Sub string
	State                      kit.TagView
	Total                      money.Amount
	Evidence                   []kit.Link
	Chain                      []kit.ChainStep
	Failure                    string
	Memo, MemoHref             string
}

type frameView struct {
	Customer     *customerView
	Clocks       []clockLine
	Calendar     string
	Cause, Owner string
	Participants []participantView
	Warnings     []warningView
	About        aboutView
	Mails        []mailView
	Check        checkView
	Playbooks    []playbookView
	Survey       *surveyView // nil while nobody looked whether to ask
	Others       []reports.OtherCase
	ClosedBefore int
	Links        []linkView
	Watchers     []watcherView
	Fields       []fieldView // the company's own
	Watching     bool        // the reader does
}

// linkView is a case this one has to do with.
type linkView struct {
	Kind, Number, Subject, Status string
	Join                          bool // it goes on, and this one duplicates it
}

type watcherView struct {
	ID, Name string
	Own      bool
}

// warningView is what an agent should know, with what can be done about it at once.
type warningView struct {
	Text    string
	Join    string // the number of a case to join this one to
	Account string // of a customer to tie this case to
}

// mailView is a mail of the case on its way out, and what a person can do about it.
type mailView struct {
	ID, To, Title, Meta, Subject string
	State                        kit.TagView
	Lead                         string // what its state means, when that is not plain
	Steps                        []mailStep
	Doubtful, Cancellable        bool
	Stopped                      bool
}

type mailStep struct {
	At, Text, Answer string
}

// aboutView is what the case is about, who or what decided that, and what the model would say instead.
type aboutView struct {
	Topic, By   string
	Words, Tags []string
	Guess       *guessView
	Confirmed   bool // a person has said it
	Options     []kit.Option
}

// guessView is what the model says, below the threshold or against a rule.
type guessView struct {
	Code, Name, Percent, Others string
	Words                       []string
}

type customerView struct {
	Name, Href, Tier, TierText, Sub string
	Ages                            []ageRow
	Sums                            []kit.SumRow
	Foot, Credits, CreditsHref      string
}

type ageRow struct {
	Label, Value string
	Parts        []kit.BarPart
	Zero         bool
}

type clockLine struct {
	namedClock
	Due   string
	Why   string // the question: "Why Fri 14:22?"
	Steps []stepLine
	Foot  string
}

type stepLine struct {
	Text, Note, Length string
	Class              string // "", not, fut
}

type participantView struct {
	Name, Address string
	Accepted      bool
	Dead          string // since when and why mail to it comes back
}

type composeView struct {
	kit.ComposerView
	Address string // whom the reply goes to; it is sent along, so that it goes to nobody else
	Dead    string // mail to the reader comes back
	Stop    string // what the text promises and nobody approved
	Others  int    // further people who take part and could be put in copy
	Macro   macroChosen
}

type dialogsView struct {
	Teams      []kit.Option
	Languages  []kit.Option
	Seen       string
	People     []kit.Option
	Waiting    []kit.Option
	Causes     []kit.Option
	Priorities []kit.Option
	Disputes   []disputeView
	Resolution string
	Disputed   bool // a root cause is asked for
	Assignee   string
	Others     []reports.OtherCase // that this one may be joined to
	Along      string              // the dispute lines that would go along, in words
	Asides     []kit.Option        // messages that could get a case of their own
	Types      []kit.Option
	Links      []kit.Option // what it may be to another case
	Watchers   []kit.Option // who may be asked to watch
}

// claimView is the form that contests chosen lines of one invoice.
type claimView struct {
	Action, Back, Empty          string
	Version                      int
	Invoice, InvoiceID, Currency string
	Rows                         []claimRow
	Reasons                      []kit.Option
	Reason, Claim                string
	Refused                      []string
}

// claimRow is one line to contest; ID "" stands for the whole invoice.
type claimRow struct {
	ID, Text, Contested string
}
