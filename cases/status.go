package cases

import (
	"slices"

	"makegood/internal/errs"
)

// Status is where a case stands.
type Status string

// The statuses.
const (
	StatusNew      Status = "new"
	StatusOpen     Status = "open"
	StatusWaiting  Status = "waiting"
	StatusResolved Status = "resolved"
	StatusClosed   Status = "closed"
)

// Active tells whether there is still work to do.
func (s Status) Active() bool { return s == StatusNew || s == StatusOpen || s == StatusWaiting }

// Moves lists where a case may go from here. Waiting may follow waiting: it is then on somebody else.
func (s Status) Moves() []Status {
	switch s {
	case StatusNew:
		return []Status{StatusOpen, StatusWaiting, StatusResolved}
	case StatusOpen:
		return []Status{StatusWaiting, StatusResolved}
	case StatusWaiting:
		return []Status{StatusOpen, StatusWaiting, StatusResolved}
	case StatusResolved:
		return []Status{StatusOpen, StatusClosed}
	case StatusClosed:
		return []Status{StatusOpen}
	}
	return nil
}

// checkMove refuses a move the table does not know, any of a case that is joined to another, and waiting without saying on whom.
func checkMove(from Case, to Status, on WaitingOn) error {
	if from.MergedInto != nil || !slices.Contains(from.Status.Moves(), to) {
		return errs.New(ErrBadMove.Kind, ErrBadMove.Key, "number", from.Number, "from", string(from.Status), "to", string(to))
	}
	if to == StatusWaiting && !slices.Contains(waitingOns(), on) {
		return errs.InvalidField("waiting_on", "case.waiting_on_whom")
	}
	if to == StatusWaiting && from.Status == StatusWaiting && from.WaitingOn == on {
		return errs.New(ErrBadMove.Kind, ErrBadMove.Key, "number", from.Number, "from", string(from.Status), "to", string(to))
	}
	return nil
}

func waitingOns() []WaitingOn {
	return []WaitingOn{OnCustomer, OnApprover, OnBilling, OnUpstream, OnThirdParty}
}
