package board

import (
	"context"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// ageRow is one level's waiting steps by age.
type ageRow struct {
	reports.StepAge
	Name string
	Sum  string
}

func (s *Screen) readApprovals(ctx context.Context, r reader, v *view) error {
	ages, err := s.reports.ApprovalsByAge(ctx, r.by)
	if err != nil {
		return err
	}
	for _, a := range ages {
		v.Ages = append(v.Ages, ageRow{StepAge: a, Name: a.LevelName, Sum: r.number(money.Of(a.Base, billing.AuthorityCurrency))})
	}
	return nil
}

// heat is the class of a cell by how many wait there.
func heat(n int, tone string) string {
	class := fmt.Sprintf("n%d", min(n, 4))
	if n > 0 && tone != "" {
		class += " " + tone
	}
	return class
}

func heatText(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

// flow is the day's chart, laid out in the units of its drawing.
type flow struct {
	In, Out int
	Lines   []gridLine
	Bars    []bar
	Labels  []label
	Now     string
}

type gridLine struct{ Y, TextY, Text string }

type bar struct{ X, Y, Width, Height, Class string }

type label struct{ X, Text string }

const (
	flowLeft, flowWidth = 30, 530
	flowTop, flowHeight = 14, 140
	hoursShown          = 12
)

func (s *Screen) readFlow(ctx context.Context, r reader, v *view) error {
	hours, err := s.reports.FlowToday(ctx, r.by, r.dayBegins())
	if err != nil {
		return err
	}
	for _, h := range hours {
		v.Flow.In += h.Opened
		v.Flow.Out += h.Resolved
	}
	if len(hours) > hoursShown {
		hours = hours[len(hours)-hoursShown:]
	}
	v.Flow.draw(hours, r.zone)
	return nil
}

// draw lays out the bars: integers throughout, so that equal figures look equal.
func (f *flow) draw(hours []reports.HourFlow, zone *time.Location) {
	top := 3
	for _, h := range hours {
		top = max(top, h.Opened, h.Resolved)
	}
	step := (top + 2) / 3
	for i := range 4 {
		y := flowTop + flowHeight - i*flowHeight/3
		f.Lines = append(f.Lines, gridLine{Y: fmt.Sprint(y), TextY: fmt.Sprint(y + 4), Text: fmt.Sprint(i * step)})
	}
	slot := flowWidth / max(1, len(hours))
	width := min(20, slot/3)
	for i, h := range hours {
		dim := ""
		if i == len(hours)-1 {
			dim, f.Now = " dim", h.Hour.In(zone).Format("15:04")
		}
		x := flowLeft + i*slot + slot/2
		f.add(x-width-1, width, h.Opened, 3*step, "f1"+dim)
		f.add(x+1, width, h.Resolved, 3*step, "f4"+dim)
		f.Labels = append(f.Labels, label{X: fmt.Sprint(x), Text: h.Hour.In(zone).Format("15")})
	}
}

func (f *flow) add(x, width, n, top int, class string) {
	height := n * flowHeight / top
	f.Bars = append(f.Bars, bar{
		X: fmt.Sprint(x), Y: fmt.Sprint(flowTop + flowHeight - height), Width: fmt.Sprint(width), Height: fmt.Sprint(height), Class: class,
	})
}

// mailRow is one mailbox's health.
type mailRow struct {
	Address, Dot, Lag, LagTone, Backlog, Held, State string
}

// lateAfter and deadAfter are how long a mailbox may be silent before it is marked.
const (
	lateAfter = 2 * time.Minute
	deadAfter = 10 * time.Minute
)

func (s *Screen) readMail(ctx context.Context, r reader, v *view) error {
	boxes, err := s.inbox.Mailboxes(ctx)
	if err != nil {
		return err
	}
	held, err := s.reports.HeldMail(ctx)
	if err != nil {
		return err
	}
	day, err := s.inbox.OutgoingDay(ctx, inbox.Scope(r.by))
	if err != nil {
		return err
	}
	health, err := s.inbox.OutgoingHealth(ctx, inbox.Scope(r.by))
	if err != nil {
		return err
	}
	for _, m := range boxes {
		if m.EntityID != nil && !r.by.SeesEntity(*m.EntityID) {
			continue
		}
		v.Mail = append(v.Mail, r.mailbox(m, held[int64(m.ID)]))
		if m.LastError != "" && m.LastErrorAt != nil && (m.LastSuccessAt == nil || m.LastErrorAt.After(*m.LastSuccessAt)) {
			v.Trouble = append(v.Trouble, fmt.Sprintf("%s: %s (%s)", m.Address, m.LastError, kit.FormatShort(*m.LastErrorAt, r.now, r.zone, r.lang)))
		}
		if m.Alarm != "" {
			v.Trouble = append(v.Trouble, m.Address+": "+m.Alarm)
		}
		if m.Missing > 0 {
			v.Trouble = append(v.Trouble, i18n.F("{address}: {count} on the server are not stored", "address", m.Address, "count", r.count(m.Missing)))
		}
	}
	v.Outgoing = []outRow{
		{Name: i18n.T("Sent"), Count: r.count(day.Sent)},
		{Name: i18n.T("Queued"), Count: r.count(health.Queued), Tone: toneIf(r.stuck(health), "t-soon")},
		{Name: i18n.T("Bounced"), Count: r.count(day.Bounced), Tone: toneIf(day.Bounced > 0, "t-soon")},
		{Name: i18n.T("Unknown"), Count: r.count(health.Unknown), Tone: toneIf(health.Unknown > 0, "t-due")},
		{Name: i18n.T("Failed"), Count: r.count(health.Failed), Tone: toneIf(health.Failed > 0, "t-breach")},
	}
	return nil
}

// stuck tells that a mail could have left a while ago.
func (r reader) stuck(h inbox.OutgoingHealth) bool {
	return h.OldestQueued != nil && r.now.Sub(*h.OldestQueued) > lateAfter
}

func (r reader) mailbox(m inbox.Mailbox, held int) mailRow {
	row := mailRow{Address: m.Address, Dot: "ok", Lag: "–", Backlog: r.count(m.Backlog), Held: r.count(held), State: i18n.T("is read")}
	if !m.Active {
		row.Dot, row.State = "soon", i18n.T("is switched off")
		return row
	}
	if m.LastSuccessAt == nil {
		row.Dot, row.LagTone, row.State = "bad", "t-breach", i18n.T("was never read")
		return row
	}
	lag := r.now.Sub(*m.LastSuccessAt)
	row.Lag = lagText(lag)
	switch {
	case lag > deadAfter:
		row.Dot, row.LagTone, row.State = "bad", "t-breach", i18n.T("is not read")
	case m.Missing > 0:
		row.Dot, row.LagTone, row.State = "bad", "t-breach", i18n.T("has lost mail")
	case m.Alarm != "":
		row.Dot, row.State = "soon", i18n.T("will fail soon")
	case lag > lateAfter || m.Backlog > 0:
		row.Dot, row.LagTone, row.State = "soon", "t-soon", i18n.T("is behind")
	}
	return row
}

func lagText(lag time.Duration) string {
	switch {
	case lag < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(lag/time.Second)))
	case lag < time.Hour:
		return i18n.F("{int} min", "int", int(lag/time.Minute))
	}
	return kit.ClockText(lag)
}

type outRow struct{ Name, Count, Tone string }

func toneIf(is bool, tone string) string {
	if is {
		return tone
	}
	return ""
}
