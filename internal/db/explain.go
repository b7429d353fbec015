package db

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"makegood/internal/errs"
)

// Explain turns an error of PostgreSQL into one of ours, by constraint name and code, never by text; so it does with a connection
// that broke. An error it does not know stays as it is, and so stays internal.
func Explain(err error) error {
	var pg *pgconn.PgError
	if err == nil || !errors.As(err, &pg) {
		if errs.KindOf(err) == errs.Internal && brokeOff(err) {
			return errs.Wrap(err, errs.Unavailable, "error.database_away")
		}
		return err
	}
	if e, ok := byConstraint(pg.ConstraintName); ok {
		return errs.Wrap(err, e.Kind, e.Key)
	}
	if saidByPooler(err) {
		return errs.Wrap(err, errs.Unavailable, "error.database_away")
	}
	switch pg.Code {
	case "57014": // query_canceled: statement timeout
		return errs.Wrap(err, errs.Unavailable, "error.too_slow")
	// shutting down, starting up, too many connections; only to be read, because another one leads now
	case "57P01", "57P02", "57P03", "53300", readOnly:
		return errs.Wrap(err, errs.Unavailable, "error.database_away")
	}
	return err
}

// readOnly is what a server says to a write that follows another one.
const readOnly = "25006"

// demoted tells the error of a write on a connection to a server that no longer leads.
func demoted(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == readOnly
}

// brokeOff tells that the connection to the database ended while it was asked, was found ended, or could not be made: while nobody
// leads, every server can be reached and none is the one that is looked for.
func brokeOff(err error) bool {
	var line *net.OpError
	var none *pgconn.ConnectError
	return errors.As(err, &line) || errors.As(err, &none) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
}

// Violates tells whether err comes from the named constraint, index or trigger.
func Violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

// GaveUpWaiting tells whether err is that somebody else kept a lock for longer than lock_timeout.
func GaveUpWaiting(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}

// Unfit tells whether err is that of a value that its column cannot hold, or that the rule of a column refuses.
func Unfit(err error) bool {
	var pg *pgconn.PgError
	return errs.KindOf(err) == errs.Internal && errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || pg.Code == "23514")
}

func byConstraint(name string) (*errs.Error, bool) {
	switch name {
	case "withheld_as_noted":
		return errs.New(errs.Invalid, "billing.withheld_as_noted"), true
	case "credit_within_line", "credit_within_group_net", "credit_within_group_tax", "rounding_within_invoice":
		return errs.New(errs.Conflict, "billing.over_headroom"), true
	case "adjustment_needs_approval", "approved_by_others", "approval_is_decided", "opening_credit_is_approved":
		return errs.New(errs.Forbidden, "billing.adjustment_needs_approval"), true
	case "given_up_once":
		return errs.New(errs.Conflict, "billing.given_up_once"), true
	case "memo_adds_up", "memo_buckets_add_up":
		return errs.New(errs.Invalid, "billing.memo_does_not_add_up"), true
	case "journal_entry_balances":
		return errs.New(errs.Invalid, "ledger.entry_does_not_balance"), true
	case "entry_has_its_document", "journal_entries_one_for_a_document":
		return errs.New(errs.Forbidden, "ledger.entry_without_document"), true
	case "posted_rows_are_immutable":
		return errs.New(errs.Forbidden, "billing.posted_is_immutable"), true
	case "period_is_closed":
		return errs.New(errs.Conflict, "billing.period_closed"), true
	case "reopened_by_two_persons", "reopening_needs_two_persons":
		return errs.New(errs.Forbidden, "billing.reopen_needs_second_person"), true
	case "period_moves_legally":
		return errs.New(errs.Conflict, "billing.period_moves_legally"), true
	case "refund_within_cash":
		return errs.New(errs.Conflict, "billing.over_cash"), true
	case "open_within_original", "reserved_within_open":
		return errs.New(errs.Conflict, "billing.over_open"), true
	case "one_decision_per_person":
		return errs.New(errs.Conflict, "authority.already_decided"), true
	case "no_decision_on_own_request":
		return errs.New(errs.Forbidden, "authority.own_request"), true
	}
	return nil, false
}

// PassesByItself tells an error that the database answers to what came at a bad moment: the same again may well succeed.
func PassesByItself(err error) bool { return retryable(err) }

// errNotBegun is of a transaction that found its connection ended before it asked anything.
var errNotBegun = errors.New("the connection had ended")

func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errNotBegun) || errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
