package cases

import (
	"context"
	"slices"
	"time"

	"makegood/cases/clock"
)

// stand is where a case stands by what happened to it. Its clocks and, once messages went away or a reply was taken back, its row
// follow from it, so that they cannot contradict each other.
type stand struct {
	status          Status
	waitingOn       WaitingOn
	resolvedAt      *time.Time
	closedAt        *time.Time
	unansweredSince *time.Time
	lastReplyAt     *time.Time
	lastCustomerAt  *time.Time
	lastMessage     MessageID // what the customer wrote last; 0 without
}

// standOf is where a case stands after the rows that happened.
func standOf(rows []clockRow) stand {
	st := stand{status: StatusNew}
	for _, row := range happened(rows) {
		st = st.after(row)
	}
	return st
}

// after is where the case stands once a row happened.
func (st stand) after(row clockRow) stand {
	switch row.What {
	case evReceived:
		if !row.Data.Machine {
			st.heard(row)
		}
	case evReplied:
		st.lastReplyAt, st.unansweredSince = &row.At, nil
		if st.status == StatusNew {
			st.status = StatusOpen
		}
	case evStatus:
		st.moved(row)
	case evMerged:
		st.status, st.waitingOn, st.closedAt, st.unansweredSince = StatusClosed, OnNobody, &row.At, nil
	}
	return st
}

// heard is what a message of the customer does, whatever it did when it came: then the case may have stood elsewhere, for the sake of
// something that went away since.
func (st *stand) heard(row clockRow) {
	st.lastCustomerAt, st.lastMessage = &row.At, MessageID(row.Data.Message)
	if st.unansweredSince == nil {
		st.unansweredSince = &row.At
	}
	if st.awaitsCustomer() {
		st.status, st.waitingOn, st.resolvedAt = StatusOpen, OnNobody, nil
	}
}

func (st stand) awaitsCustomer() bool {
	return st.status == StatusResolved || st.status == StatusWaiting && st.waitingOn == OnCustomer
}

// moved is what a change of status does. One that a message brought about is part of the message.
func (st *stand) moved(row clockRow) {
	if row.Data.Message != 0 {
		return
	}
	switch st.status, st.waitingOn = row.Data.To, row.Data.WaitingOn; st.status {
	case StatusResolved:
		st.resolvedAt, st.unansweredSince = &row.At, nil
	case StatusClosed:
		st.closedAt = &row.At
	case StatusNew, StatusOpen, StatusWaiting:
		st.resolvedAt, st.closedAt = nil, nil
	}
}

// moves are what clocks are told of a step from one stand to the next.
func (st stand) moves(next stand, at time.Time) []clock.Event {
	e := clock.Event{At: at}
	switch {
	case st.status == next.status && st.waitingOn == next.waitingOn, next.status == StatusClosed:
		return nil
	case next.status == StatusWaiting:
		e.Kind, e.On = clock.Waiting, next.waitingOn
		if !st.status.Active() {
			return []clock.Event{{At: at, Kind: clock.Reopened}, e}
		}
	case next.status == StatusResolved:
		e.Kind = clock.Resolved
	case !st.status.Active():
		e.Kind = clock.Reopened
	case st.status == StatusWaiting:
		e.Kind = clock.Resumed
	default:
		return nil
	}
	return []clock.Event{e}
}

// stands brings the case to where it stands by what happened, this change included. It cannot rest with work left that
// came up meanwhile: then it is opened again, now.
func (w *work) stands(ctx context.Context) error {
	rows, err := clockRows(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	mine, err := w.clockRows()
	if err != nil {
		return err
	}
	st := standOf(slices.Concat(rows, mine))
	w.c.Status, w.c.WaitingOn, w.c.ResolvedAt, w.c.ClosedAt = st.status, st.waitingOn, st.resolvedAt, st.closedAt
	w.c.UnansweredSince, w.c.LastReplyAt = st.unansweredSince, st.lastReplyAt
	if err := w.heardLast(ctx, st); err != nil || st.status.Active() {
		return err
	}
	lines, err := disputesOf(ctx, w.tx, w.c.ID)
	if err != nil || mayResolve(w.c, lines, "") == nil {
		return err
	}
	return w.move(StatusOpen, OnNobody, nil)
}
