package reconciling

import "makegood/internal/errs"

// What reconciliations refuse, beside what a field of the input is refused for.
var (
	ErrNoRun        = errs.New(errs.NotFound, "reconciling.no_run")
	ErrNoFinding    = errs.New(errs.NotFound, "reconciling.no_finding")
	ErrNotFinished  = errs.New(errs.Conflict, "reconciling.not_finished")
	ErrResolved     = errs.New(errs.Conflict, "reconciling.resolved")
	ErrFileTooLarge = errs.New(errs.TooLarge, "reconciling.file_too_large")
	ErrNoDocuments  = errs.New(errs.Invalid, "reconciling.no_documents")
)
