package authority

import (
	"makegood/internal/errs"
)

// What MayDecide answers, all of kind Forbidden.
var (
	ErrOwnRequest     = errs.New(errs.Forbidden, "authority.own_request")
	ErrTookPart       = errs.New(errs.Forbidden, "authority.took_part")
	ErrAlreadyDecided = errs.New(errs.Forbidden, "authority.already_decided")
	ErrNotCandidate   = errs.New(errs.Forbidden, "authority.not_a_candidate")
)

// MayDecide refuses a person who asked for the credit or took part in it, who already decided another step
// (decided holds users and those they stood in for), or who is no candidate of the step.
func MayDecide(step Step, userID int64, decided map[int64]bool, r Request) error {
	switch {
	case userID == r.RequesterID:
		return ErrOwnRequest
	case r.barred(userID):
		return ErrTookPart
	case decided[userID]:
		return ErrAlreadyDecided
	}
	_, err := Acting(step, userID, decided, r)
	return err
}

// Acting tells in whose right a person decides the step: their own, or the first one they stand in for who
// has not been used. The caller adds both to the decided people.
func Acting(step Step, userID int64, decided map[int64]bool, r Request) (Candidate, error) {
	refusal := ErrNotCandidate
	for _, c := range step.Candidates {
		switch {
		case c.UserID != userID:
		case c.OnBehalfOf != 0 && c.OnBehalfOf == r.RequesterID:
			refusal = ErrOwnRequest
		case c.OnBehalfOf != 0 && r.barred(c.OnBehalfOf):
			refusal = ErrTookPart
		case !c.free(decided):
			refusal = ErrAlreadyDecided
		default:
			return c, nil
		}
	}
	return Candidate{}, refusal
}
