package casefile

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/kit"
)

func (s *Screen) reader(c echo.Context) reader {
	return reader{Locale: kit.LocaleOf(s.desk.Context(c)), by: web.Actor(c)}
}

// build makes the screen of a case as read.
func (s *Screen) build(c echo.Context, f reports.CaseFile) view {
	r := s.reader(c)
	r.Now = f.ReadAt
	chosen := show(c.QueryParam("show"))
	switch chosen {
	case showMessages, showMoney, showClocks, showSystem:
	default:
		chosen = showAll
	}
	return view{
		Number: f.Number, Version: f.Version, Topic: f.ID.Topic(), Show: chosen, MayWork: access.May(r.by, access.WorkCases),
		Head: r.head(f), Thread: r.thread(f, chosen), Money: r.moneyOf(f), Frame: r.frame(f),
		Compose: r.compose(f), Dialogs: r.dialogs(f),
	}
}

func (r reader) compose(f reports.CaseFile) composeView {
	base := "/cases/" + f.Number
	v := composeView{ComposerView: kit.ComposerView{
		ID: "composer", Action: base + "/messages", Target: "#case", Kind: "reply", Version: int64(f.Version), DraftURL: base + "/draft",
		PreviewURL: base + "/draft/preview", FilesURL: base + "/draft/files", Files: chips(f.Number, f.DraftFiles),
	}}
	to, address, accepted := recipient(f)
	v.NoReply = to == ""
	r.begun(&v, f.Drafts)
	if v.NoReply {
		v.To = i18n.T("nobody to answer: this case has no mail address yet")
		return v
	}
	v.Others, v.Address = accepted-1, address
	v.Dead = r.dead(f, address)
	v.To = i18n.F("to {to}", "to", to)
	if f.FromAddress != "" {
		v.To += " " + i18n.F("· from {from_address}", "from_address", f.FromAddress)
	}
	return v
}

// begun is what somebody has begun to write: the last of it that can be gone on with is open, and the other kind stays by itself.
func (r reader) begun(v *composeView, drafts []cases.Draft) {
	for _, d := range slices.Backward(drafts) { // the last one last
		if d.Kind == cases.Note {
			v.Note = d.Body
		} else {
			v.Reply = d.Body
		}
		if d.Kind == cases.Note || !v.NoReply {
			v.Kind, v.Body, v.Saved = string(d.Kind), d.Body, i18n.F("Draft saved {short}", "short", r.short(d.UpdatedAt))
		}
	}
}

// recipient is whom a reply goes to, and how many take part.
func recipient(f reports.CaseFile) (name, address string, accepted int) {
	if len(f.Recipient) > 0 {
		address = f.Recipient[0].Address
	}
	for _, p := range f.Participants {
		if !p.Accepted {
			continue
		}
		accepted++
		if p.Address == address {
			name = p.Name
		}
	}
	return cmp.Or(name, address), address, accepted
}

func (r reader) dialogs(f reports.CaseFile) dialogsView {
	v := dialogsView{Seen: strconv.Itoa(f.Version), Resolution: f.Resolution, Disputed: f.Type == cases.Dispute || len(f.Disputes) > 0}
	if f.AssigneeID != nil {
		v.Assignee = strconv.FormatInt(*f.AssigneeID, 10)
	}
	v.People = append(v.People, kit.Option{Value: "", Text: i18n.T("Nobody, back to the team"), Selected: v.Assignee == ""})
	for _, c := range f.Colleagues {
		if c.ID != r.by.UserID && !access.May(r.by, access.AssignOthers) {
			continue
		}
		v.People = append(v.People, kit.Option{Value: strconv.FormatInt(c.ID, 10), Text: colleague(c)})
	}
	for _, on := range []cases.WaitingOn{cases.OnCustomer, cases.OnUpstream, cases.OnBilling, cases.OnThirdParty, cases.OnApprover} {
		v.Waiting = append(v.Waiting, kit.Option{
			Value: string(on), Text: i18n.Upper(onWord(on)), Hint: waitingHint(on), Selected: on == cases.OnCustomer && f.WaitingOn != cases.OnCustomer,
			Disabled: f.Status == cases.StatusWaiting && f.WaitingOn == on,
		})
	}
	v.Causes = []kit.Option{{Value: "", Text: i18n.T("Choose what was really wrong")}}
	for _, cause := range f.RootCauses {
		chosen := f.RootCauseID != nil && *f.RootCauseID == cause.ID
		v.Causes = append(v.Causes, kit.Option{Value: strconv.FormatInt(cause.ID, 10), Text: cause.Name + " (" + cause.UpstreamOwner + ")", Selected: chosen})
	}
	for _, p := range []cases.Priority{cases.P1, cases.P2, cases.P3, cases.P4} {
		v.Priorities = append(v.Priorities, kit.Option{Value: string(p), Text: string(p), Selected: p == f.Priority})
	}
	for _, d := range f.Disputes {
		if !d.Status.Decided() {
			v.Disputes = append(v.Disputes, r.dispute(d))
		}
	}
	r.apart(f, &v)
	v.putRight(f)
	return v
}

// apart is what can be joined and what can be split.
func (r reader) apart(f reports.CaseFile, v *dialogsView) {
	v.Others = f.Others
	if n := len(f.Disputes); n > 0 {
		along := kit.FormatCount(n, r.Lang)
		v.Along = i18n.N(n, "{n} dispute line goes along", "{n} dispute lines go along", "n", along)
		if f.Disputed.IsPositive() {
			v.Along = i18n.N(n, "{n} dispute line goes along, {money} in dispute", "{n} dispute lines go along, {money} in dispute", "n", along, "money", r.money(f.Disputed, f.DisputedCurrency))
		}
	}
	for _, m := range f.Messages {
		if m.Kind == cases.Inbound && !m.Machine {
			v.Asides = append(v.Asides, kit.Option{Value: id(m.ID), Text: m.AuthorName + ", " + r.short(m.At), Hint: beginning(m.Body, 90)})
		}
	}
	v.Watchers = r.mayWatch(f)
	for _, k := range cases.LinkKinds() {
		v.Links = append(v.Links, kit.Option{Value: string(k), Text: i18n.Upper(linkWord(k))})
	}
	for _, t := range cases.Types() {
		v.Types = append(v.Types, kit.Option{Value: string(t), Text: typeWord(t), Selected: t == f.Type})
	}
}

func colleague(c reports.Colleague) string {
	text := c.Name
	if c.Team != "" {
		text += ", " + c.Team
	}
	open := strconv.Itoa(c.Open)
	if c.Open >= reports.ManyOpen {
		open = strconv.Itoa(reports.ManyOpen-1) + "+"
	}
	text += i18n.F(", {open} open", "open", open)
	if c.Away {
		text += i18n.T(", away")
	}
	return text
}

func waitingHint(on cases.WaitingOn) string {
	switch on {
	case cases.OnCustomer:
		return i18n.T("Their answer opens the case again; the resolution clock stands still.")
	case cases.OnUpstream:
		return i18n.T("Metering, provisioning, contracts: somebody in the house must answer first.")
	case cases.OnBilling:
		return i18n.T("The billing run or a correction has to happen first.")
	case cases.OnThirdParty:
		return i18n.T("A bank, a carrier, an auditor.")
	case cases.OnApprover:
		return i18n.T("Set by itself while a credit request waits for a decision.")
	}
	return ""
}
