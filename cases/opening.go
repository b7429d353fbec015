package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// opening is a case on its way: everything about it is worked out before anything is written.
type opening struct {
	*work

	in       OpenInput
	customer billing.Customer // the zero Customer while nobody knows whose it is
	lines    []DisputeLine
	why      string // of the priority: a message key
	messages []Message
	clocks   clockChanges
	answer   *answer  // the acknowledgement, nil when there is none
	held     *Warning // why it was held back
}

// openings are cases opened in one go. Each step does what one step of opening is for all of them.
type openings struct {
	service *Service
	tx      *db.Tx
	list    []*opening
}

// begin checks what is asked and fills the columns that do not depend on what is in dispute.
func (all openings) begin(ctx context.Context) error {
	for _, o := range all.list {
		o.in.Subject = strings.TrimSpace(o.in.Subject)
		if o.in.Brought != nil {
			o.in.Past = o.in.Brought.Status == StatusClosed
		}
		if err := o.in.check(); err != nil {
			return err
		}
		if o.in.ReceivedAt.IsZero() || o.in.ReceivedAt.After(all.tx.Now()) {
			o.in.ReceivedAt = all.tx.Now()
		}
		var err error
		if o.c, o.customer, err = all.service.newCase(ctx, all.tx, &o.in); err != nil {
			return err
		}
	}
	return nil
}

// contest turns what is claimed into dispute lines.
func (all openings) contest(ctx context.Context) error {
	var claims []NewDispute
	for _, o := range all.list {
		if o.by.Kind == access.Person {
			if err := refuseReasons(ctx, all.tx, o.in.Disputes); err != nil {
				return err
			}
		}
		claims = append(claims, o.in.Disputes...)
	}
	open, err := all.service.contestables(ctx, all.tx, claims)
	if err != nil {
		return err
	}
	taken := claimed{}
	for _, o := range all.list {
		n := len(o.in.Disputes)
		lines, warnings, err := contest(o.in.Disputes, open[:n], &taken, o.by.Kind != access.Person)
		if err != nil {
			return err
		}
		open = open[n:]
		o.lines, o.in.Warnings = lines, append(o.in.Warnings, warnings...)
	}
	return nil
}

// rank says how much is at risk and how urgent the case is.
func (all openings) rank(ctx context.Context) error {
	for _, o := range all.list {
		w, err := all.service.weigh(ctx, all.tx, &o.c, o.lines)
		if err != nil {
			return err
		}
		if w != nil {
			o.in.Warnings = append(o.in.Warnings, *w)
		}
		o.c.Priority, o.why = ComputePriority(o.c.Type, o.customer.Tier, o.c.RiskBase)
		if o.in.Priority != "" {
			o.c.Priority, o.c.PriorityReason, o.why = o.in.Priority, o.in.PriorityReason, "case.priority_by_rule"
			if o.in.Brought != nil {
				o.why = "case.priority_brought"
			}
		}
	}
	return nil
}

// promise finds the policy of each case.
func (all openings) promise(ctx context.Context) error {
	policies, err := activePolicies(ctx, all.tx)
	if err != nil {
		return err
	}
	for _, o := range all.list {
		if o.in.Past {
			continue
		}
		if o.c.PolicyID = policies.match(o.c, o.customer); o.c.PolicyID == nil {
			o.in.Warnings = append(o.in.Warnings, Warning{Key: "case.no_policy"})
		}
	}
	return nil
}

// number takes the ids of all that will be written but clocks.
func (all openings) number(ctx context.Context) error {
	var messages, disputes int
	for _, o := range all.list {
		o.messages = o.firstMessages()
		messages, disputes = messages+len(o.messages), disputes+len(o.lines)
	}
	ids, err := takeIDs(ctx, all.tx, len(all.list), messages, disputes)
	if err != nil {
		return err
	}
	for n, o := range all.list {
		o.c.ID, o.c.Version, o.c.CreditState = ids.Cases[n], 1, CreditNone
		o.c.Number = o.c.ID.number()
		for n := range o.messages {
			o.messages[n].ID, o.messages[n].CaseID, ids.Messages = ids.Messages[0], o.c.ID, ids.Messages[1:]
		}
		for n := range o.lines {
			d := &o.lines[n]
			d.ID, d.Version, ids.Disputes = ids.Disputes[0], 1, ids.Disputes[1:]
			d.CaseID, d.OpenedAt, d.OpenedBy = o.c.ID, all.tx.Now(), userID(o.by)
		}
	}
	return nil
}

// firstMessages are those the case begins with: the customer's, a note, and the acknowledgement, which is written later.
func (o *opening) firstMessages() []Message {
	var list []Message
	if o.in.Message != nil {
		if o.in.Message.At.IsZero() {
			o.in.Message.At = o.in.ReceivedAt
		}
		list = append(list, o.in.Message.row(0))
	}
	if body := strings.TrimSpace(o.in.Note); body != "" {
		author := ByPerson
		if o.by.Kind != access.Person {
			author = BySystem
		}
		list = append(list, Message{Kind: Note, AuthorKind: author, AuthorID: userID(o.by), AuthorName: o.by.Name, Body: body, At: o.tx.Now()})
	}
	if o.in.Brought != nil {
		list = append(list, o.in.Brought.Messages...)
	}
	if o.answer != nil {
		list = append(list, Message{Kind: Letter})
	}
	return list
}

// tell notes what happened, in the order in which people read it.
func (all openings) tell(ctx context.Context) error {
	for _, o := range all.list {
		calendar, err := all.service.calendarOf(ctx, all.tx, o.c.PolicyID)
		if err != nil {
			return err
		}
		if o.in.Brought != nil {
			o.tellBrought(calendar)
			continue
		}
		o.noteAt(o.in.ReceivedAt, evOpened, o.eventData(calendar))
		for _, m := range o.messages {
			switch m.Kind {
			case Inbound:
				o.noteAt(o.in.ReceivedAt, evReceived, o.in.Message.eventData(m.ID))
			case Note:
				o.note("note.added", map[string]any{"message": m.ID})
			case PublicReply, Letter:
			}
		}
		for _, d := range o.lines {
			o.opened(d)
		}
		if o.in.Past {
			o.noteAt(o.in.ReceivedAt, evStatus, map[string]any{"from": StatusNew, "to": StatusClosed, "past": true})
		}
	}
	return nil
}

func (o *opening) eventData(calendar int64) map[string]any {
	data := map[string]any{
		"number": o.c.Number, "type": o.c.Type, "priority": o.c.Priority, "why": o.why, "source": o.in.Source, "calendar": calendar,
		"disputed": o.c.Disputed, "currency": o.c.DisputedCurrency, "risk": o.c.RiskBase,
	}
	if o.c.PolicyID != nil {
		data["policy"] = *o.c.PolicyID
	}
	if o.c.CustomerID != nil {
		data["customer"] = *o.c.CustomerID
	}
	if o.in.Follows != nil {
		data["follows"] = *o.in.Follows
	}
	return data
}

// time starts the clocks and their timers. What they follow from is all in hand, so nothing is read back.
func (all openings) time(ctx context.Context) error {
	running := 0
	for _, o := range all.list {
		rows, err := o.clockRows()
		if err != nil {
			return err
		}
		t, err := all.service.timingOf(ctx, all.tx, o.c, rows, nil)
		if err != nil {
			return err
		}
		o.clocks = t.changes(o.work)
		o.c.cacheClocks(t.derived)
		o.events = append(o.events, o.clocks.events...)
		running += len(o.clocks.clocks)
	}
	ids, err := takeClockIDs(ctx, all.tx, running)
	if err != nil {
		return err
	}
	for _, o := range all.list {
		for n := range o.clocks.clocks {
			o.clocks.clocks[n].ID, ids = ids[0], ids[1:]
		}
		if err := o.clocks.start(ctx, all.tx); err != nil {
			return err
		}
	}
	return nil
}

// clockRows are the events of this change that move clocks, as they will read once they are recorded.
func (w *work) clockRows() ([]clockRow, error) {
	var rows []clockRow
	for _, e := range w.events {
		row := clockRow{Stream: string(e.Stream), At: e.At.UTC().Truncate(time.Microsecond), What: e.What}
		if !row.movesClocks() {
			continue
		}
		raw, err := json.Marshal(e.Data)
		if err == nil {
			err = json.Unmarshal(raw, &row.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("read event %s: %w", e.What, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// hold keeps what is disputed from collection. It comes last: it locks the books of the legal entities for all others.
func (all openings) hold(ctx context.Context) error {
	var holds []billing.HoldInput
	for _, o := range all.list {
		all.tx.Publish(append(o.topics, o.c.ID.Topic())...)
		holds = append(holds, o.holds...)
	}
	all.tx.Publish("queue", "board")
	if len(holds) == 0 {
		return nil
	}
	if err := all.service.billing.PlaceHoldsTx(ctx, all.tx, holds); err != nil {
		return fmt.Errorf("place holds: %w", err)
	}
	return nil
}
