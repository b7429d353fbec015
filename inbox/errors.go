package inbox

import "makegood/internal/errs"

// Errors of this package.
var (
	ErrNoMessage     = errs.New(errs.NotFound, "inbox.no_such_message")
	ErrFated         = errs.New(errs.Conflict, "inbox.already_fated")
	ErrNoMailbox     = errs.New(errs.NotFound, "inbox.no_such_mailbox")
	ErrNoGrant       = errs.New(errs.NotFound, "inbox.no_grant")
	ErrStale         = errs.New(errs.Conflict, "inbox.mailbox_changed")
	ErrSent          = errs.New(errs.Conflict, "inbox.already_sent")
	ErrNotInDoubt    = errs.New(errs.Conflict, "inbox.not_in_doubt")
	ErrNotStopped    = errs.New(errs.Conflict, "inbox.not_stopped")
	ErrNoAddress     = errs.New(errs.Invalid, "inbox.no_recipient")
	ErrKeyChanged    = errs.New(errs.Conflict, "inbox.signing_key_changed")
	ErrBoundsChanged = errs.New(errs.Conflict, "inbox.bounds_changed")
)
