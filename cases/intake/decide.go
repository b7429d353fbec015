package intake

import (
	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/parse"
)

// Earlier is a delivery of the same mail that has its fate already.
type Earlier struct {
	ID          inbox.InboundID
	CaseID      *int64
	SameBytes   bool
	SameMailbox bool
}

// Thread is the case a message refers to by naming one of its mails.
type Thread struct {
	CaseID   cases.ID
	Number   string
	Ours     bool // the mail it names is one of ours, so the writer has seen it
	Accepted bool // the sender takes part in the case
	Told     bool // somebody whom the mail went to takes part in it
}

// Facts are what the fate of a message rests on.
type Facts struct {
	Kind     parse.Kind
	Sender   string // "" when From names nobody
	Several  bool   // From names more than one
	Own      bool   // it is our own mail come back
	Copy     bool   // of the past, and a copy of what we sent, as mail programs keep one
	Oversize bool   // only its headers are here
	Infected bool   // the virus scanner found something in it
	Refused  bool   // the server would not give it
	Erased   bool   // it was erased on request, and came again
	Quiet    bool   // of the past: nobody is answered automatically
	// Unscannable: the virus scanner refuses to look at so much
	Unscannable bool
	Unproven    bool // a form whose sender has not shown that the mailbox is theirs
	DMARC       Verdict
	Partner     bool // a machine whose mail opens cases
	Duplicate   *Earlier
	Thread      *Thread
	// Unvouched: Sender is whom a group names that passed the mail on under its own address, and no receiver we trust has seen them write.
	Unvouched bool
	// Believable: a report that looks as if a mail server had sent it about a mail of ours that it was given.
	Believable bool
}

// Decision is what to do with a message.
type Decision struct {
	Fate   inbox.FateKind
	Reason string // a message key
	// CaseID is the case it joins, or whose matter it is when it is only filed there as a machine's message.
	CaseID cases.ID
	// Acknowledge and TellOversize allow the one automatic answer.
	Acknowledge  bool
	TellOversize bool
	// Trusted allows the sender's address to lead to a customer.
	Trusted bool
	// InConversation puts the words of a machine among those of the case; else its fate only names the case.
	InConversation bool
	// OurAnswer puts it among our replies.
	OurAnswer bool
}

// The reasons a fate is explained by.
const (
	ReasonOwnMail         = "intake.own_mail"
	ReasonSameBytes       = "intake.duplicate_bytes"
	ReasonSameMessage     = "intake.duplicate_message"
	ReasonOtherMailbox    = "intake.duplicate_other_mailbox"
	ReasonBounce          = "intake.bounce"
	ReasonOversize        = "intake.oversize"
	ReasonAutoReply       = "intake.auto_reply"
	ReasonList            = "intake.list"
	ReasonNotification    = "intake.notification"
	ReasonCalendar        = "intake.calendar"
	ReasonUnverified      = "intake.unverified_sender"
	ReasonNoSender        = "intake.no_sender"
	ReasonUnproven        = "intake.unproven_mailbox"
	ReasonOpened          = "intake.opened"
	ReasonJoined          = "intake.joined"
	ReasonPassedOn        = "intake.passed_on_answer"  // by a group, which says who answers in a case
	ReasonUnnamed         = "intake.passed_on_unnamed" // by a group, which does not say who wrote
	ReasonOurAnswer       = "intake.our_answer"
	ReasonFollows         = "intake.opened_after_closed"
	ReasonRefused         = "intake.refused_by_server"
	ReasonInfected        = "intake.infected"
	ReasonUnscannable     = "intake.unscannable"
	ReasonScannerAway     = "intake.scanner_away" // of a message that has no fate yet
	ReasonFailed          = "intake.failed"
	ReasonDiscarded       = inbox.ReasonDiscarded
	ReasonReleasedToCase  = "intake.released_to_case"
	ReasonReleasedNewCase = "intake.released_as_new_case"
)

// Decide gives a message its fate. It is a function of the facts alone.
func Decide(f Facts) Decision {
	switch {
	case f.Refused:
		return Decision{Fate: inbox.Quarantined, Reason: ReasonRefused}
	case f.Infected:
		return Decision{Fate: inbox.Held, Reason: ReasonInfected}
	case f.Erased:
		return Decision{Fate: inbox.Duplicate, Reason: inbox.ReasonErased}
	case f.Duplicate != nil:
		return duplicate(*f.Duplicate)
	case f.Own:
		return own(f)
	case f.Unproven:
		return Decision{Fate: inbox.Held, Reason: ReasonUnproven}
	case f.Unscannable:
		return Decision{Fate: inbox.Held, Reason: ReasonUnscannable}
	case f.Kind == parse.Bounced:
		return report(f)
	case f.Oversize:
		return Decision{Fate: inbox.Held, Reason: ReasonOversize, TellOversize: f.answerable()}
	case f.machine():
		return machine(f)
	case f.Unvouched && f.Sender == "":
		return Decision{Fate: inbox.Held, Reason: ReasonUnnamed}
	case f.Thread != nil:
		return thread(f)
	case f.Sender == "":
		return Decision{Fate: inbox.Held, Reason: ReasonNoSender}
	}
	return Decision{Fate: inbox.NewCase, Reason: ReasonOpened, Acknowledge: f.answerable(), Trusted: f.trusted()}
}

// own: what we sent answers the customer when it went to somebody who takes part; what went to others about the case does not.
func own(f Facts) Decision {
	if f.Copy && f.Thread != nil && f.Thread.Told {
		return Decision{Fate: inbox.Attached, Reason: ReasonOurAnswer, CaseID: f.Thread.CaseID, OurAnswer: true}
	}
	return Decision{Fate: inbox.Ignored, Reason: ReasonOwnMail}
}

func (f Facts) machine() bool { return f.Kind != parse.Person && !f.Partner }

// trusted: nothing speaks against the sender being who From says.
func (f Facts) trusted() bool { return f.DMARC != Fail && !f.Several && !f.Unvouched }

// answerable: an automatic answer would reach a person who really wrote.
func (f Facts) answerable() bool {
	return f.Kind == parse.Person && f.Sender != "" && f.trusted() && !f.Quiet
}

func duplicate(e Earlier) Decision {
	d := Decision{Fate: inbox.Duplicate, Reason: ReasonSameMessage}
	switch {
	case !e.SameMailbox:
		d.Reason = ReasonOtherMailbox
	case e.SameBytes:
		d.Reason = ReasonSameBytes
	}
	if e.CaseID != nil {
		d.CaseID = cases.ID(*e.CaseID)
	}
	return d
}

// filed ties a machine's message to the case it refers to. A stranger who names only mail of others gets no case that way. Its
// words get into the conversation only under the rule for persons: a header that any writer can set opens no side door.
func filed(fate inbox.FateKind, reason string, f Facts) Decision {
	d := Decision{Fate: fate, Reason: reason}
	if t := f.Thread; t != nil && (t.Ours || t.Accepted) {
		d.CaseID, d.InConversation = t.CaseID, t.Accepted && f.trusted()
	}
	return d
}

// report: a mail server takes part in no case, so its words are let in when it shows that it was given our mail. One whose
// sender was found to be forged waits for a person.
func report(f Facts) Decision {
	d := filed(inbox.Bounce, ReasonBounce, f)
	if d.CaseID != 0 && f.DMARC == Fail {
		return Decision{Fate: inbox.Held, Reason: ReasonUnverified, CaseID: d.CaseID}
	}
	d.InConversation = d.CaseID != 0 && f.Believable
	return d
}

func machine(f Facts) Decision {
	d := filed(inbox.AutoReply, ReasonNotification, f)
	switch f.Kind {
	case parse.AutoReply:
		d.Reason = ReasonAutoReply
	case parse.Calendar:
		d.Reason = ReasonCalendar
	case parse.List:
		d.Reason = ReasonList
		if d.CaseID == 0 {
			d.Fate = inbox.Ignored
		}
	case parse.Notification, parse.Person, parse.Bounced:
	}
	return d
}

// thread: to know a mail of a case proves that somebody saw it, not who writes.
func thread(f Facts) Decision {
	if f.Unvouched {
		return Decision{Fate: inbox.Held, Reason: ReasonPassedOn, CaseID: f.Thread.CaseID}
	}
	if !f.Thread.Accepted || !f.trusted() {
		return Decision{Fate: inbox.Held, Reason: ReasonUnverified, CaseID: f.Thread.CaseID}
	}
	return Decision{Fate: inbox.Attached, Reason: ReasonJoined, CaseID: f.Thread.CaseID, Trusted: true}
}
