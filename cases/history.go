package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/cases/clock"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// The events that move clocks. They are rows of the case's stream; nothing else is needed to derive its clocks again.
const (
	evOpened          = "case.opened"
	evReceived        = "message.received"
	evReplied         = "reply.sent"
	evUndone          = "reply.undone"
	evStatus          = "status.changed"
	evPriority        = "priority.changed"
	evPolicy          = "policy.changed"
	evStepOpened      = "step.opened"
	evStepDecided     = "step.decided"
	evStepVoided      = "step.voided"
	evCreditApproved  = "credit.approved"
	evCreditPosted    = "credit.posted"
	evCreditRejected  = "credit.rejected"
	evCreditWithdrawn = "credit.withdrawn"
	evCreditExpired   = "credit.expired"
	evMerged          = "case.merged"
	evUnmerged        = "case.unmerged"
	evUnjoined        = "case.unjoined" // another case was taken out again, with messages that were never this one's
	evSplit           = "case.split"    // messages went to a case of their own
)

func clockEvents() []string {
	return []string{
		evOpened, evReceived, evReplied, evUndone, evStatus, evPriority, evPolicy, evStepOpened, evStepDecided, evStepVoided,
		evCreditApproved, evCreditPosted, evCreditRejected, evCreditWithdrawn, evCreditExpired, evMerged, evUnmerged,
		evUnjoined, evSplit,
	}
}

// clockRow is such an event as stored, with the parts of its data that clocks are derived from.
type clockRow struct {
	Stream string
	At     time.Time
	What   string
	Data   clockData
}

type clockData struct {
	From      Status    `json:"from"` // of a change of status
	To        Status    `json:"to"`
	WaitingOn WaitingOn `json:"waiting_on"`
	Priority  Priority  `json:"priority"` // the one that holds from now on
	Policy    int64     `json:"policy"`
	Calendar  int64     `json:"calendar"`
	Message   int64     `json:"message"`
	With      int64     `json:"with"` // the reply this change of status came with
	Machine   bool      `json:"machine"`
	Step      int64     `json:"step"`
	Request   int64     `json:"request"`
	For       ID        `json:"for"`      // the joined case that a message was written to
	Voided    []int64   `json:"voided"`   // messages that went away, and never counted here
	Undoes    bool      `json:"undoes"`   // this change of status takes back that the case was resolved
	Answered  bool      `json:"answered"` // it was brought from another helpdesk, which had answered it
}

const clockRowsQuery = `select stream, at, what, data from audit_log where stream = any($1) and what = any($2) order by stream, seq`

// movesClocks tells whether a row is one of those.
func (row clockRow) movesClocks() bool { return slices.Contains(clockEvents(), row.What) }

func clockRows(ctx context.Context, r db.Reader, ids ...ID) ([]clockRow, error) {
	rows, err := db.List[clockRow](ctx, r, clockRowsQuery, streams(ids), clockEvents())
	if err != nil {
		return nil, fmt.Errorf("read clock events: %w", err)
	}
	return rows, nil
}

func streams(ids []ID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(audit.Case(int64(id)))
	}
	return list
}

// history makes what clocks are derived from out of the rows of one case. A reply that was taken back, and what came
// with it, never happened; nor did a message arrive that went to another case since. A case that was joined and taken out again keeps
// the deadlines that its customer was told.
func (s *Service) history(ctx context.Context, r db.Reader, rows []clockRow, now time.Time) (clock.History, error) {
	for _, row := range rows {
		if row.At.After(now) {
			now = row.At // a machine's clock may be set back; what has happened stays
		}
	}
	// Looked at in the very moment a wait begins, it has no length and stands no clock still; just after, it does.
	h := clock.History{Pin: noPin(), Now: now.Add(time.Microsecond)}
	st := stand{status: StatusNew}
	for _, row := range happened(rows) {
		e, ok := row.event()
		if row.What == evOpened || row.What == evPolicy {
			pin, err := s.pin(ctx, r, row.Data.Policy)
			if err != nil {
				return h, err
			}
			e.Pin = &pin
		}
		if row.What == evOpened {
			h.Pin, h.Priority = *e.Pin, row.Data.Priority
			e.Pin = nil
		}
		if ok {
			h.Events = append(h.Events, e)
		}
		next := st.after(row)
		h.Events, st = append(h.Events, st.moves(next, row.At)...), next
	}
	return h, nil
}

// takenBack are the replies that never happened.
func takenBack(rows []clockRow) map[int64]bool {
	undone := map[int64]bool{}
	for _, row := range rows {
		if row.What == evUndone {
			undone[row.Data.Message] = true
		}
	}
	return undone
}

// happened are the rows that count: without what was taken back, went away, or was undone. Of a case resolved and that undone, both never were.
func happened(rows []clockRow) []clockRow {
	undone, gone, apart := takenBack(rows), map[int64]int{}, -1
	for n, row := range rows {
		if row.What == evUnmerged {
			apart = n
		}
		for _, message := range row.Data.Voided {
			gone[message] = n
		}
	}
	var list []clockRow
	for n, row := range rows {
		if row.Data.With != 0 && undone[row.Data.With] {
			continue
		}
		never := false
		switch row.What {
		case evReplied:
			never = undone[row.Data.Message]
		case evReceived, evStatus:
			never = n < gone[row.Data.Message]
		case evMerged, evUnmerged:
			never = n <= apart
		}
		if !never {
			list = append(list, row)
		}
	}
	return withoutUnresolved(list)
}

// withoutUnresolved leaves out that a case was resolved where that was taken back, and the taking back: the case stood all the time where it
// stood before. One that was new is open since.
func withoutUnresolved(rows []clockRow) []clockRow {
	list := make([]clockRow, 0, len(rows))
	resolved := -1 // in list: how the case was resolved last
	for _, row := range rows {
		switch {
		case row.What != evStatus || !row.Data.Undoes:
			if row.What == evStatus && row.Data.To == StatusResolved {
				resolved = len(list)
			}
			list = append(list, row)
		case row.Data.To == StatusOpen && resolved >= 0:
			was := list[resolved].Data.From
			list = slices.Delete(list, resolved, resolved+1)
			resolved = -1
			if was == StatusNew {
				list = append(list, row)
			}
		}
	}
	return list
}

// event is what a row means to clocks by itself, if anything; what it does to where the case stands comes on top.
func (row clockRow) event() (clock.Event, bool) {
	e := clock.Event{At: row.At}
	switch row.What {
	case evOpened:
		e.Kind, e.Answered = clock.Received, row.Data.Answered
	case evReceived:
		e.Kind = clock.CustomerMessage
		return e, !row.Data.Machine
	case evReplied:
		e.Kind = clock.PublicReply
	case evPriority:
		e.Kind, e.Priority = clock.PriorityChanged, row.Data.Priority
	case evPolicy:
		e.Kind = clock.PolicyChanged
	case evStepOpened:
		e.Kind, e.Ref = clock.StepOpened, stepRef(row.Data.Step)
	case evStepDecided:
		e.Kind, e.Ref = clock.StepDecided, stepRef(row.Data.Step)
	case evStepVoided:
		e.Kind, e.Ref = clock.Withdrawn, stepRef(row.Data.Step)
	case evCreditApproved:
		e.Kind, e.Ref = clock.Approved, requestRef(row.Data.Request)
	case evCreditPosted:
		e.Kind, e.Ref = clock.Posted, requestRef(row.Data.Request)
	case evCreditRejected, evCreditWithdrawn, evCreditExpired:
		e.Kind, e.Ref = clock.Withdrawn, requestRef(row.Data.Request)
	case evMerged:
		e.Kind = clock.Merged
	case evUnmerged:
		e.Kind = clock.Unmerged
	default:
		return e, false
	}
	return e, true
}

// Steps and requests are numbered apart, so their references say which they are.
func stepRef(id int64) string    { return "step:" + strconv.FormatInt(id, 10) }
func requestRef(id int64) string { return "request:" + strconv.FormatInt(id, 10) }

// subjectOf is the number in a reference; 0 for a clock of the case itself.
func subjectOf(ref string) int64 {
	for i := range ref {
		if ref[i] == ':' {
			id, err := strconv.ParseInt(ref[i+1:], 10, 64)
			if err != nil {
				return 0
			}
			return id
		}
	}
	return 0
}
