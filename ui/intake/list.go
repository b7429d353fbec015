package intake

import (
	"context"
	"time"

	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// listed is a list with the id of its first row, 0 when it is empty.
type listed struct {
	view  listView
	first int64
}

func (s *Screen) list(ctx context.Context, r reader, q selection) (listed, error) {
	counts, err := s.Inbox.FateCounts(ctx, inbox.Scope(r.by))
	if err != nil {
		return listed{}, err
	}
	health, err := s.Inbox.OutgoingHealth(ctx, inbox.Scope(r.by))
	if err != nil {
		return listed{}, err
	}
	l := listed{view: listView{RefreshURL: q.at("/intake/list"), Empty: empty(q)}}
	l.view.Work, l.view.Log = r.tabs(q, counts, health)
	if q.tab == tabOutgoing {
		err = s.listOutgoing(ctx, r, q, &l)
	} else {
		err = s.listMessages(ctx, r, q, &l)
	}
	l.view.choose(q.id)
	return l, err
}

func (s *Screen) listMessages(ctx context.Context, r reader, q selection, l *listed) error {
	rows, err := s.Inbox.Messages(ctx, inbox.Filter{Fates: q.fates(), Scope: inbox.Scope(r.by), After: inbox.InboundID(q.after), Limit: pageSize})
	if err != nil {
		return err
	}
	boxes, err := s.Inbox.Mailboxes(ctx)
	if err != nil {
		return err
	}
	addresses := make(map[inbox.MailboxID]string, len(boxes))
	for _, b := range boxes {
		addresses[b.ID] = b.Address
	}
	for _, m := range rows {
		l.view.Rows = append(l.view.Rows, r.row(q, m, addresses))
	}
	if len(rows) > 0 {
		l.first = int64(rows[0].ID)
	}
	if len(rows) == pageSize {
		next := q
		next.after = int64(rows[len(rows)-1].ID)
		l.view.NextURL = next.at("/intake")
	}
	return nil
}

func (r reader) row(q selection, m inbox.Inbound, addresses map[inbox.MailboxID]string) rowView {
	path := "/intake/" + text(int64(m.ID))
	row := rowView{
		ID: text(int64(m.ID)), Href: q.at(path), PreviewURL: q.at(path + "/preview"), Who: sender(m.SenderName, m.Sender), Subject: m.Subject,
		Age: age(r.now.Sub(receivedAt(m))), Since: r.when(receivedAt(m)), Tag: tag(m), To: string(m.Source),
	}
	if m.MailboxID != nil {
		row.To = local(addresses[*m.MailboxID])
	}
	return row
}

// outgoingStates are the states of mails of ours as the list is narrowed by them; those a person has to act on come first.
func outgoingStates() []inbox.OutgoingState {
	return []inbox.OutgoingState{inbox.Unknown, inbox.Failed, inbox.Stopped, inbox.Bounced, inbox.Queued, inbox.Sending, inbox.Sent, inbox.Cancelled}
}

// listOutgoing shows what a person has to act on first, then all other mails of ours, each part the latest first.
func (s *Screen) listOutgoing(ctx context.Context, r reader, q selection, l *listed) error {
	trouble, calm := outgoingStates()[:3], outgoingStates()[3:]
	if q.state != "" {
		trouble, calm = []inbox.OutgoingState{q.state}, nil
	}
	var rows []inbox.OutgoingMessage
	next := q
	for _, part := range []struct {
		states []inbox.OutgoingState
		calm   bool
	}{{trouble, false}, {calm, true}} {
		if len(part.states) == 0 || q.calm && !part.calm || len(rows) == pageSize {
			continue
		}
		f := inbox.OutgoingFilter{States: part.states, Scope: inbox.Scope(r.by), Limit: pageSize - len(rows)}
		if q.calm == part.calm {
			f.After = inbox.OutgoingID(q.after)
		}
		more, err := s.Inbox.Outgoing(ctx, f)
		if err != nil {
			return err
		}
		if rows = append(rows, more...); len(more) > 0 {
			next.after, next.calm = int64(more[len(more)-1].ID), part.calm
		}
	}
	for _, m := range rows {
		l.view.Rows = append(l.view.Rows, r.sentRow(q, m))
	}
	if len(rows) > 0 {
		l.first = int64(rows[0].ID)
	}
	if len(rows) == pageSize {
		l.view.NextURL = next.at("/intake")
	}
	l.view.States = stateTabs(q)
	return nil
}

func (r reader) sentRow(q selection, m inbox.OutgoingMessage) rowView {
	path := "/intake/out/" + text(int64(m.ID))
	return rowView{
		ID: text(int64(m.ID)), Href: q.at(path), PreviewURL: q.at(path + "/preview"), Who: sender(m.ToName, m.ToAddress), Subject: m.Subject,
		Age: age(r.now.Sub(m.CreatedAt)), Since: r.when(m.CreatedAt), Tag: outgoingTag(m.State), To: local(m.FromAddress),
	}
}

// stateTabs narrow the list of our mails to one state.
func stateTabs(q selection) []kit.Option {
	tabs := []kit.Option{{Value: "", Text: i18n.T("All, what needs somebody first"), Selected: q.state == ""}}
	for _, state := range outgoingStates() {
		tabs = append(tabs, kit.Option{Value: string(state), Text: outgoingTag(state).Text, Selected: q.state == state})
	}
	return tabs
}

// choose marks the row that is open.
func (l *listView) choose(id int64) {
	for i := range l.Rows {
		l.Rows[i].Current = l.Rows[i].ID == text(id)
	}
}

func (r reader) tabs(q selection, counts map[inbox.FateKind]int, health inbox.OutgoingHealth) (work, log []kit.Segment) {
	segment := func(tab, name string, n int) kit.Segment {
		s := kit.Segment{Text: name, Href: selection{tab: tab}.at("/intake"), Current: q.tab == tab}
		if n > 0 {
			s.Count = r.count(n)
		}
		return s
	}
	held, quarantined := counts[inbox.Held], counts[inbox.Quarantined]
	work = []kit.Segment{
		segment(tabWaiting, i18n.T("All"), held+quarantined), segment(tabHeld, i18n.T("Held"), held), segment(tabQuarantined, i18n.T("Quarantined"), quarantined),
	}
	recent := segment(tabRecent, i18n.T("Recent"), 0)
	if q.fate != "" {
		recent.Text = i18n.F("Recent: {fate_name}", "fate_name", fateName(q.fate))
	}
	return work, []kit.Segment{recent, segment(tabOutgoing, i18n.T("Outgoing"), health.Failed+health.Unknown)}
}

func empty(q selection) kit.EmptyView {
	switch q.tab {
	case tabRecent:
		return kit.EmptyView{Icon: "mail-opened", Title: i18n.T("No mail here"), Text: i18n.T("Nothing that came has this fate.")}
	case tabOutgoing:
		return kit.EmptyView{Icon: "send", Title: i18n.T("No mail has left"), Text: i18n.T("Answers, acknowledgements and letters show here.")}
	}
	return kit.EmptyView{Icon: "circle-check", Title: i18n.T("Nothing waits"), Text: i18n.T("Every mail that came has found its case.")}
}

func sender(name, address string) string {
	switch {
	case address == "":
		return i18n.T("No sender")
	case name == "":
		return address
	}
	return name + " <" + address + ">"
}

// local is the part of an address before the @, which is enough to tell our mailboxes apart.
func local(address string) string {
	for i, b := range address {
		if b == '@' {
			return address[:i+1]
		}
	}
	return address
}

// receivedAt is when the mail reached its server, if that says so believably.
func receivedAt(m inbox.Inbound) time.Time {
	if m.InternalDate != nil && m.InternalDate.Before(m.StoredAt) {
		return *m.InternalDate
	}
	return m.StoredAt
}
