package credits

import "makegood/internal/errs"

// What credits refuse, beside what a field of the input is refused for.
var (
	ErrNoRequest       = errs.New(errs.NotFound, "credits.no_request")
	ErrNobodyDecides   = errs.New(errs.Invalid, "credits.nobody_can_decide")
	ErrKeyUsed         = errs.New(errs.Conflict, "credits.key_used_differently")
	ErrAlreadyDecided  = errs.New(errs.Conflict, "credits.already_decided")
	ErrChanged         = errs.New(errs.Conflict, "credits.changed")
	ErrDigestMismatch  = errs.New(errs.Conflict, "credits.digest_mismatch")
	ErrEvidenceChanged = errs.New(errs.Conflict, "credits.evidence_changed")
	ErrNotADraft       = errs.New(errs.Conflict, "credits.not_a_draft")
	ErrNotFailed       = errs.New(errs.Conflict, "credits.not_failed")
	ErrNotWithdrawable = errs.New(errs.Conflict, "credits.not_withdrawable")
	ErrNotYours        = errs.New(errs.Forbidden, "credits.not_yours")
	ErrNoDelegation    = errs.New(errs.NotFound, "credits.no_delegation")
	ErrNotReturned     = errs.New(errs.Conflict, "credits.not_returned")
	ErrNotChangeable   = errs.New(errs.Conflict, "credits.not_changeable")
	ErrShownInPart     = errs.New(errs.Conflict, "credits.shown_in_part")
	ErrNothingChanged  = errs.New(errs.Invalid, "credits.nothing_changed")
	ErrNotInPart       = errs.New(errs.Invalid, "credits.not_in_part")
	ErrApprovalLapsed  = errs.New(errs.Conflict, "credits.approval_lapsed")
	ErrNotHeld         = errs.New(errs.Conflict, "credits.decider_had_no_authority")
	ErrCustomerMoved   = errs.New(errs.Conflict, "credits.customer_moved")
	ErrCaseMoved       = errs.New(errs.Conflict, "credits.case_moved")
	ErrRateMoved       = errs.New(errs.Conflict, "credits.rate_moved")
	ErrLevelsLowered   = errs.New(errs.Conflict, "credits.levels_lowered")
	ErrOwnLimitGone    = errs.New(errs.Conflict, "credits.own_limit_gone")
	ErrBillNotCounted  = errs.New(errs.Conflict, "credits.bill_not_counted")
	ErrEnded           = errs.New(errs.Conflict, "credits.ended")
)
