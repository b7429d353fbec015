package intake

import (
	"context"
	"time"

	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/i18n"
)

const (
	lateAfter = 5 * time.Minute
	deadAfter = 30 * time.Minute
)

// flow is how mail flows, with the figure of the heading.
type flow struct {
	view  sideView
	total int
}

func (s *Screen) side(ctx context.Context, r reader) (flow, error) {
	boxes, err := s.Inbox.Mailboxes(ctx)
	if err != nil {
		return flow{}, err
	}
	counts, err := s.Inbox.FateCounts(ctx, inbox.Scope(r.by))
	if err != nil {
		return flow{}, err
	}
	health, err := s.Inbox.OutgoingHealth(ctx, inbox.Scope(r.by))
	if err != nil {
		return flow{}, err
	}
	waiting, err := s.Inbox.WaitingFor(ctx, mailroom.ReasonScannerAway)
	if err != nil {
		return flow{}, err
	}
	f := flow{view: sideView{Scanner: r.waiting(waiting), MaySet: access.May(r.by, access.Administer)}}
	for _, m := range boxes {
		if m.EntityID != nil && !r.by.SeesEntity(*m.EntityID) {
			continue
		}
		f.view.Mailboxes = append(f.view.Mailboxes, r.mailbox(m))
	}
	f.view.Outgoing = r.outbox(health)
	most := 1
	for _, n := range counts {
		f.total += n
		most = max(most, n)
	}
	for _, fate := range fates() {
		n := counts[fate.kind]
		if n == 0 && fate.kind == inbox.Pending {
			continue
		}
		f.view.Fates = append(f.view.Fates, fateView{
			Name: fate.name, Href: selection{tab: tabRecent, fate: fate.kind}.at("/intake"), Count: r.count(n),
			Percent: (n*100 + most - 1) / most, Tone: fate.tone,
		})
	}
	f.view.Total = r.count(f.total)
	return f, nil
}

// waiting says that the virus scanner does not answer.
func (r reader) waiting(w inbox.Waiting) string {
	if w.Count == 0 || w.Since == nil {
		return ""
	}
	if w.Count == 1 {
		return i18n.F("It does not answer. A message waits for it since {when}.", "when", r.when(*w.Since))
	}
	return i18n.F("It does not answer. {count} messages wait for it, the oldest since {when}.", "count", r.count(w.Count), "when", r.when(*w.Since))
}

func (r reader) mailbox(m inbox.Mailbox) mailboxView {
	v := mailboxView{Address: m.Address, Dot: "ok", State: i18n.F("read up to UID {count}", "count", r.count(int(m.LastUID)))}
	if m.Backlog > 0 {
		v.State = i18n.F("{count} to fetch", "count", r.count(m.Backlog))
	}
	if m.LastError != "" && m.LastErrorAt != nil && (m.LastSuccessAt == nil || m.LastErrorAt.After(*m.LastSuccessAt)) {
		v.Dot, v.Trouble = "soon", m.LastError+", "+r.when(*m.LastErrorAt)
	}
	switch {
	case v.Trouble != "":
	case m.Missing > 0:
		v.Dot, v.Trouble = "bad", i18n.F("{count} on the server are not stored", "count", r.count(m.Missing))
	case m.Alarm != "":
		v.Dot, v.Trouble = "soon", m.Alarm
	}
	switch {
	case !m.Active:
		v.Dot, v.State = "soon", i18n.T("switched off")
	case m.LastSuccessAt == nil:
		v.Dot, v.State, v.Lag, v.LagTone = "bad", i18n.T("never read so far"), "–", "t-breach b"
	default:
		r.lag(&v, r.now.Sub(*m.LastSuccessAt))
	}
	return v
}

func (r reader) lag(v *mailboxView, lag time.Duration) {
	v.Lag, v.LagTone = i18n.F("{max} s ago", "max", max(0, int(lag/time.Second))), "qq"
	if lag >= time.Minute {
		v.Lag = i18n.F("{age} ago", "age", age(lag))
	}
	switch {
	case lag > deadAfter:
		v.Dot, v.Lag, v.LagTone = "bad", i18n.F("{age} lag", "age", age(lag)), "t-breach b"
	case lag > lateAfter:
		v.Dot, v.Lag, v.LagTone = "soon", i18n.F("{age} lag", "age", age(lag)), "t-soon b"
	}
}

func (r reader) outbox(h inbox.OutgoingHealth) []figureView {
	queued := figureView{Name: i18n.T("Queued"), Count: r.count(h.Queued), Text: i18n.T("leave within seconds")}
	if h.OldestQueued != nil && r.now.Sub(*h.OldestQueued) > lateAfter {
		queued.Tone, queued.Text = "t-soon", i18n.F("the oldest waits since {when}", "when", r.when(*h.OldestQueued))
	}
	list := []figureView{
		queued,
		{Name: i18n.T("Wait their turn"), Count: r.count(h.Delayed), Text: i18n.T("as many as may leave at once have left")},
		{Name: i18n.T("Failed"), Count: r.count(h.Failed), Text: i18n.T("refused by the server")},
		{Name: i18n.T("Sent or not?"), Count: r.count(h.Unknown), Text: i18n.T("cut off; never repeated by itself")},
	}
	if h.Failed > 0 {
		list[2].Tone = "t-breach"
	}
	if h.Unknown > 0 {
		list[3].Tone = "t-due"
	}
	return list
}
