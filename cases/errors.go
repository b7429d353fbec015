package cases

import "makegood/internal/errs"

// What cases refuse, beside what a field of the input is refused for.
var (
	ErrNoCase              = errs.New(errs.NotFound, "case.no_case")
	ErrNoDispute           = errs.New(errs.NotFound, "case.no_dispute")
	ErrNoMessage           = errs.New(errs.NotFound, "case.no_message")
	ErrNoNotice            = errs.New(errs.NotFound, "case.no_notice")
	ErrNoFile              = errs.New(errs.NotFound, "case.no_file") // not among those that somebody added to what they write in this case
	ErrStaleVersion        = errs.New(errs.Conflict, "case.stale_version")
	ErrBadMove             = errs.New(errs.Conflict, "case.bad_move")
	ErrClosed              = errs.New(errs.Conflict, "case.closed")
	ErrTaken               = errs.New(errs.Conflict, "case.already_assigned")
	ErrUndecidedDispute    = errs.New(errs.Conflict, "case.undecided_dispute")
	ErrNoRootCause         = errs.New(errs.Conflict, "case.no_root_cause")
	ErrUnpostedCredit      = errs.New(errs.Conflict, "case.unposted_credit")
	ErrUnbackedPromise     = errs.New(errs.Conflict, "case.unbacked_promise")
	ErrUndoTooLate         = errs.New(errs.Conflict, "case.undo_too_late")
	ErrNobodyToAnswer      = errs.New(errs.Conflict, "case.nobody_to_answer")
	ErrOverContestable     = errs.New(errs.Conflict, "case.over_contestable")
	ErrDisputeDecided      = errs.New(errs.Conflict, "case.dispute_decided")
	ErrCreditOnDispute     = errs.New(errs.Conflict, "case.credit_on_dispute")
	ErrInvoiceNotCustomers = errs.New(errs.Conflict, "case.invoice_of_another_customer")
)
