package intake

import (
	"time"

	"makegood/internal/money"
	"makegood/ui/kit"
)

// view is the room: the list, what is open of it, and how mail flows.
type view struct {
	List     listView
	Message  *messageView
	Outgoing *outgoingView
	Side     sideView
	Sub      string
	Asked    bool // a message was asked for: where there is room for one thing only, it is shown
}

type listView struct {
	Work, Log  []kit.Segment
	States     []kit.Option // what mails of ours are narrowed by
	Rows       []rowView
	RefreshURL string
	NextURL    string
	Empty      kit.EmptyView
}

type rowView struct {
	ID, Href, PreviewURL string
	Who, Subject         string
	Age, Since, To       string
	Tag                  kit.TagView
	Current              bool
}

type messageView struct {
	ID, Tab, Subject   string
	BackURL            string
	Name, Address, To  string
	At                 time.Time
	Notice             noticeView
	Checks             []checkView
	Text, WholeText    string // WholeText only when it says more
	Cut                bool   // the text is longer than what is shown
	Files              []kit.FileView
	References         []string
	Marks              []kit.TagView
	RawURL, Raw        string
	LookURL            string     // the mail as it was sent, when that is more than its text
	Going              *caseView  // the case it would go, or went, to
	Others             []caseView // open cases of the sender's customer
	Waiting, May       bool
	Forged             bool // DMARC failed
	Infected           bool // the virus scanner found something: its files are not handed out, and it goes nowhere
	Wordless           bool // its bytes are not here: nobody can let it in
	AcknowledgeNewCase bool
	About              *aboutView
	Form               formView
}

// aboutView is what the mail is about, and what decided that.
type aboutView struct {
	Topic, By string
	Guess     string // what the model would say instead
	Words     []string
}

// noticeView says first why a message waits, or what became of it.
type noticeView struct {
	ID, Tone, Icon, Lead, Text string
}

// checkView is something that was checked: State is ok, miss or opt.
type checkView struct{ State, Title, Text string }

type caseView struct {
	Number, Href, Subject string
	Customer, Tier        string
	TierName              string
	Disputed              *money.Amount
	Takes                 []string // who takes part
	Done                  bool     // it is there already
}

// formView is what was typed into the forms, and what was wrong with it.
type formView struct {
	Case, CaseError     string
	Reason, ReasonError string
}

type outgoingView struct {
	ID, Subject, From, To string
	At                    time.Time
	Tag                   kit.TagView
	Tone, Lead, Error     string
	Facts                 []kit.KV
	CaseNumber            string
	Text                  string
	Endings               []kit.Option // how it may be settled; none when there is nothing to settle
	Resend                bool         // it may be sent once more from here
	Form                  settleView
}

// settleView is what was typed about a mail of ours, and what was wrong with it.
type settleView struct{ Action, Reason, ReasonError string }

type sideView struct {
	Scanner   string // how many messages wait for the virus scanner; empty when none does
	Mailboxes []mailboxView
	Outgoing  []figureView
	Fates     []fateView
	Total     string
	MaySet    bool // may change the mailboxes' settings
}

type mailboxView struct {
	Address, Dot, State, Lag, LagTone string
	Trouble                           string
}

type figureView struct{ Name, Count, Tone, Text string }

type fateView struct {
	Name, Href, Count string
	Percent           int
	Tone              string
}
