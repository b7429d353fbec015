package queue

import (
	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// words are how a view is called and drawn, and what it means when it is empty.
type words struct {
	title, icon, tone, empty string
}

func wordsOf(v cases.View) words {
	switch v {
	case cases.ViewMine:
		return words{i18n.T("My queue"), "user", "", i18n.T("Nothing is yours. Claim a case from Unassigned.")}
	case cases.ViewWatched:
		return words{i18n.T("Watched by me"), "eye", "", i18n.T("You watch no open case. Open one and press Watch.")}
	case cases.ViewCovering:
		return words{i18n.T("Due, away today"), "user-off", "t-due", i18n.T("Nobody of your team who is away today has anything due before they are back.")}
	case cases.ViewClosing:
		return words{i18n.T("Holds up the close"), "calendar-due", "t-due", i18n.T("Nothing holds up the close of a month at the moment.")}
	case cases.ViewAllOpen:
		return words{i18n.T("All open"), "inbox", "", i18n.T("No case is open. New mail becomes a case by itself.")}
	case cases.ViewUnassigned:
		return words{i18n.T("Unassigned"), "user-question", "", i18n.T("Every open case has somebody who works on it.")}
	case cases.ViewTriage:
		return words{i18n.T("Unknown senders"), "zoom-question", "", i18n.T("Every open case is tied to its customer.")}
	case cases.ViewBreached:
		return words{i18n.T("Breached"), "flame", "t-breach", i18n.T("Every promise is kept at the moment.")}
	case cases.ViewDue60:
		return words{i18n.T("Due in 60 min"), "alarm", "t-due", i18n.T("Nothing falls due within the hour.")}
	case cases.ViewWaitingCustomer:
		return words{i18n.T("Waiting on customer"), "hourglass", "", i18n.T("No case waits for a customer.")}
	case cases.ViewWaitingApprover:
		return words{i18n.T("Waiting on approver"), "rubber-stamp", "", i18n.T("No credit request waits for a decision.")}
	case cases.ViewAtRisk:
		return words{i18n.T("Money at risk"), "coins", "", i18n.T("No large amount is in dispute.")}
	case cases.ViewFollowUps:
		return words{i18n.T("Follow-ups due"), "bell", "t-due", i18n.T("Nothing that was put off is due.")}
	case cases.ViewSnoozed:
		return words{i18n.T("Put off"), "calendar-time", "", i18n.T("Nothing is put off to a later day.")}
	case cases.ViewResolved:
		return words{i18n.T("Resolved"), "circle-check", "", i18n.T("Nothing was resolved yet.")}
	case cases.ViewAll:
		return words{i18n.T("Every case"), "archive", "", i18n.T("There is no case.")}
	}
	return words{string(v), "inbox", "", ""}
}

// waitingTag says whose turn it is.
func waitingTag(r cases.QueueRow) kit.TagView {
	switch r.Status {
	case cases.StatusResolved:
		return kit.TagView{Text: i18n.T("Resolved"), Tone: "ok"}
	case cases.StatusClosed:
		return kit.TagView{Text: i18n.In("case", "Closed"), Tone: "line"}
	case cases.StatusNew, cases.StatusOpen:
		return kit.TagView{Text: i18n.T("Us"), Tone: "acc"}
	case cases.StatusWaiting:
	}
	switch r.WaitingOn {
	case cases.OnThirdParty:
		return kit.TagView{Text: i18n.T("Third"), Tone: "line", Title: i18n.T("Waiting on a third party")}
	case cases.OnNobody:
		return kit.TagView{Text: i18n.T("Us"), Tone: "acc"}
	case cases.OnCustomer, cases.OnApprover, cases.OnBilling, cases.OnUpstream:
	}
	return kit.TagView{Text: i18n.Upper(desk.WaitingWord(r.WaitingOn)), Tone: "line"}
}

func rank(p cases.Priority) int {
	switch p {
	case cases.P1:
		return 1
	case cases.P2:
		return 2
	case cases.P3:
		return 3
	case cases.P4:
		return 4
	}
	return 4
}
