package billing

import "makegood/internal/errs"

// What billing refuses, beside what a field of the input is refused for.
var (
	ErrNoContact          = errs.New(errs.NotFound, "billing.no_contact")
	ErrNoCustomer         = errs.New(errs.NotFound, "billing.no_customer")
	ErrNoEntity           = errs.New(errs.NotFound, "billing.no_entity")
	ErrNoInvoice          = errs.New(errs.NotFound, "billing.no_invoice")
	ErrNoPayment          = errs.New(errs.NotFound, "billing.no_payment")
	ErrNoMemo             = errs.New(errs.NotFound, "billing.no_memo")
	ErrNoAdjustment       = errs.New(errs.NotFound, "billing.no_adjustment")
	ErrReversedBefore     = errs.New(errs.Conflict, "billing.reversed_before")
	ErrReversalBlocked    = errs.New(errs.Conflict, "billing.reversal_blocked")
	ErrNoItem             = errs.New(errs.NotFound, "billing.no_such_item")
	ErrNoChargeback       = errs.New(errs.NotFound, "billing.no_chargeback")
	ErrNotApplied         = errs.New(errs.Conflict, "billing.not_applied")
	ErrNoDocument         = errs.New(errs.NotFound, "billing.no_document")
	ErrNoRate             = errs.New(errs.Invalid, "billing.no_rate")
	ErrOverHeadroom       = errs.New(errs.Conflict, "billing.over_headroom")
	ErrOverOpen           = errs.New(errs.Conflict, "billing.over_open")
	ErrAdjustmentChanged  = errs.New(errs.Conflict, "billing.adjustment_changed")
	ErrAlreadyReserved    = errs.New(errs.Conflict, "billing.already_reserved")
	ErrNotReserved        = errs.New(errs.Conflict, "billing.not_reserved")
	ErrNeedsApproval      = errs.New(errs.Forbidden, "billing.adjustment_needs_approval")
	ErrOtherApproval      = errs.New(errs.Conflict, "billing.other_approval")
	ErrPostedDifferently  = errs.New(errs.Conflict, "billing.posted_differently")
	ErrKeyUsedDifferently = errs.New(errs.Conflict, "billing.key_used_differently")
)
