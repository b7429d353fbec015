package cases

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Brought is a case as another helpdesk had it. What was said there comes with it and sets nothing going: nobody is answered, told or dealt
// the case, and a closed one has no clock. Clocks of one that is still to be worked run from the moment it is brought; that it was answered
// there counts as its first response.
type Brought struct {
	System     string // the name of the installation it was in; a number is unique within
	Number     string
	ExternalID string
	Import     *int64
	Status     Status // new, open, waiting or closed
	WaitingOn  WaitingOn
	ClosedAt   time.Time // of a closed one
	Messages   []Message // first to last; without ids
}

// Reference is what a case was called in another system.
type Reference struct {
	CaseID     ID
	System     string
	Number     string
	ExternalID string
	ImportID   *int64
	BroughtAt  time.Time
}

// stands puts a new case where it stood in the other system.
func (b *Brought) stands(c *Case, now time.Time) {
	c.Status, c.WaitingOn = b.Status, b.WaitingOn
	for _, m := range b.Messages {
		at := m.At
		switch m.Kind {
		case Inbound:
			c.LastCustomerAt, c.Snippet = &at, snippet(m.Body)
		case PublicReply:
			c.LastReplyAt = &at
		case Note, Letter:
		}
	}
	if c.Snippet == "" && len(b.Messages) > 0 {
		c.Snippet = snippet(b.Messages[0].Body)
	}
	switch {
	case b.Status == StatusClosed:
		c.ResolvedAt, c.ClosedAt = &b.ClosedAt, &b.ClosedAt
	case b.awaited(b.Messages) != nil:
		c.UnansweredSince = &now
	}
}

// answered tells whether somebody of the other desk had answered.
func (b *Brought) answered() bool {
	for _, m := range b.Messages {
		if m.Kind == PublicReply && m.AuthorKind == ByPerson {
			return true
		}
	}
	return false
}

// awaited is the customer's message that nobody has answered; nil when the last word was ours.
func (*Brought) awaited(list []Message) *Message {
	var last *Message
	for n := range list {
		switch m := &list[n]; {
		case m.Kind == Inbound && !m.Machine:
			last = m
		case m.Kind == PublicReply && m.AuthorKind == ByPerson:
			last = nil
		}
	}
	return last
}

// tellBrought notes that the case came from elsewhere. One that was over is of its own time; one to be worked begins now.
func (o *opening) tellBrought(calendar int64) {
	b := o.in.Brought
	opened := o.eventData(calendar)
	opened["brought"] = true
	if b.answered() {
		opened["answered"] = true
	}
	moved := map[string]any{"from": StatusNew, "to": b.Status, "brought": true}
	if b.Status == StatusClosed {
		moved["past"] = true
		o.noteAt(o.in.ReceivedAt, evOpened, opened)
		o.noteAt(b.ClosedAt, evStatus, moved)
	} else {
		o.note(evOpened, opened)
		if m := b.awaited(o.messages); m != nil {
			o.note(evReceived, map[string]any{"message": m.ID, "machine": false, "received_at": m.At, "trust": m.Trust, "brought": true})
		}
		if b.Status != StatusNew {
			moved["waiting_on"] = b.WaitingOn
			o.note(evStatus, moved)
		}
	}
	data := map[string]any{"brought": true, "system": b.System, "number": b.Number, "messages": len(b.Messages), "opened_at": o.in.ReceivedAt}
	if b.Import != nil {
		data["import"] = *b.Import
	}
	o.note("case.brought", data)
}

// References are what a case was called elsewhere.
func (s *Service) References(ctx context.Context, r db.Reader, id ID) ([]Reference, error) {
	list, err := db.List[Reference](ctx, r, `select case_id, system, number, external_id, import_id, brought_at from case_references where case_id = $1
		order by system, number`, id)
	if err != nil {
		return nil, fmt.Errorf("read references: %w", err)
	}
	return list, nil
}

// BroughtAs finds which numbers of another system have a case here.
func (s *Service) BroughtAs(ctx context.Context, r db.Reader, system string, numbers []string) ([]Reference, error) {
	list, err := db.List[Reference](ctx, r, `select case_id, system, number, external_id, import_id, brought_at from case_references
		where number = any ($1) and system = $2`, numbers, system)
	if err != nil {
		return nil, fmt.Errorf("look for cases brought before: %w", err)
	}
	return list, nil
}

// BroughtBy counts the cases that an import has brought.
func (s *Service) BroughtBy(ctx context.Context, r db.Reader, id int64) (int, error) {
	n, err := db.Value[int](ctx, r, `select count(*) from case_references where import_id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("count cases brought: %w", err)
	}
	return n, nil
}
