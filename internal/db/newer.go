package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// The schema may be newer than the program: a migration of the next version runs while copies of this one still serve. It only
// adds; what it adds must not disturb this version. Two things would: a column that no field waits for (see fieldsOf), and a plan
// that PostgreSQL made before the column was there.

// outdated tells the error of a statement whose plan is older than a table it reads, or of one that is not prepared under a name
// and for which another number of columns is expected.
func outdated(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery" ||
		pg.Code == protocolViolation && pg.Routine == "PortalSetResultFormat")
}

// renews tells whether something should be asked again because plans were outdated, or because the server no longer leads. It lets
// go of the connections of before. Inside a transaction it is the transaction that has to be run again.
func renews(r Reader, err error) bool {
	d, ok := r.(*DB)
	if !ok || !outdated(err) && !demoted(err) {
		return false
	}
	d.pool.Reset()
	return true
}

// renewing asks until the answer comes neither from an outdated plan nor from a server that does not lead.
func renewing(r Reader, ask func() error) error {
	for range attempts {
		if err := ask(); !renews(r, err) {
			return err
		}
	}
	return ask()
}
