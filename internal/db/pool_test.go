package db_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// pooled opens a database as through a pooler, which sets the limit of a statement itself.
func pooled(t *testing.T, conns int32) *db.DB {
	t.Helper()
	direct := dbtest.New(t)
	url := direct.Pool().Config().ConnString()
	dbtest.AsOwner(t, direct, `alter database "`+direct.Pool().Config().ConnConfig.Database+`" set statement_timeout = '30s'`)
	d, err := db.Open(t.Context(), db.Options{URL: url, SessionURL: url, MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// Nothing is left on a connection that the pooler may lend to somebody else next, and what needs a session has one.
func TestPoolerKeepsNothing(t *testing.T) {
	t.Parallel()
	d := pooled(t, 1)
	if _, err := db.Value[int](t.Context(), d, `select count(*) from teams where name = $1`, "first"); err != nil {
		t.Fatal(err)
	}
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		var names []string
		batch := &pgx.Batch{}
		db.QueueValues(batch, &names, `select name from teams where name = any ($1)`, []string{"first"})
		if err := tx.Batch(t.Context(), batch); err != nil {
			return err
		}
		return tx.Gorm(t.Context()).Exec(`insert into teams (name) values (?)`, "first").Error
	}); err != nil {
		t.Fatal(err)
	}
	if kept, err := db.Value[int](t.Context(), d, `select count(*) from pg_prepared_statements`); err != nil || kept != 0 {
		t.Errorf("%d statements are kept on the connection: %v", kept, err)
	}
	if d.Sessions() == d.Pool() {
		t.Error("there is no way without the pooler")
	}
	if own := dbtest.New(t); own.Sessions() != own.Pool() {
		t.Error("without a pooler there are two ways")
	}
}

// A URL may say that the pooler knows of prepared statements.
func TestURLDecidesHowStatementsAreSent(t *testing.T) {
	t.Parallel()
	direct := dbtest.New(t)
	url := direct.Pool().Config().ConnString()
	dbtest.AsOwner(t, direct, `alter database "`+direct.Pool().Config().ConnConfig.Database+`" set statement_timeout = '30s'`)
	d, err := db.Open(t.Context(), db.Options{URL: url + "&default_query_exec_mode=cache_statement", SessionURL: url, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if mode := d.Pool().Config().ConnConfig.DefaultQueryExecMode; mode != pgx.QueryExecModeCacheStatement {
		t.Errorf("statements are sent by %s", mode)
	}
}

func TestPoolerMustLimitStatements(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t).Pool().Config().ConnString()
	_, err := db.Open(t.Context(), db.Options{URL: url, SessionURL: url})
	if err == nil || !strings.Contains(err.Error(), "statement_timeout") {
		t.Errorf("a pooler without a limit: %v", err)
	}
}

// A transaction that finds itself on a server that follows another one runs again where it may write. What only reads and writes all
// the same is refused at once.
func TestServerThatLeadsNoMore(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	follow := func() {
		t.Helper()
		if _, err := d.Pool().Exec(t.Context(), `set default_transaction_read_only = on`); err != nil {
			t.Fatal(err)
		}
	}
	insert := `insert into teams (name) values ($1)`
	follow()
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), insert, "by a transaction")
		return err
	}); err != nil {
		t.Errorf("a transaction: %v", err)
	}
	follow()
	batch := &pgx.Batch{}
	batch.Queue(insert, "by a batch")
	if err := d.Batch(t.Context(), batch); err != nil {
		t.Errorf("a batch: %v", err)
	}
	if n, err := db.Value[int](t.Context(), d, `select count(*) from teams`); n != 2 || err != nil {
		t.Errorf("%d teams: %v", n, err)
	}
	err = d.Snapshot(t.Context(), func(r db.Reader) error {
		_, err := db.Value[int](t.Context(), r, `insert into teams (name) values ('by a read') returning 1`)
		return err
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a read that writes: %v", err)
	}
}

// While servers change places the database is away, whichever way that is said; what is wrong for good is not.
func TestNobodyLeads(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	cfg := d.Pool().Config().ConnConfig.Copy()
	cfg.ValidateConnect = func(context.Context, *pgconn.PgConn) error { return pgconn.ErrReadOnlyConnection }
	_, err := pgx.ConnectConfig(t.Context(), cfg)
	for what, err := range map[string]error{
		"every server follows":            err,
		"a pooler whose server is away":   &pgconn.PgError{Severity: "FATAL", Code: "08P01", Message: "server login has been failing"},
		"a server that leads no more":     &pgconn.PgError{Severity: "ERROR", Code: "25006"},
		"a line that is cut":              &net.OpError{Op: "read", Err: net.ErrClosed},
		"a server that is still starting": &pgconn.PgError{Severity: "FATAL", Code: "57P03"},
	} {
		if errs.KindOf(db.Explain(err)) != errs.Unavailable {
			t.Errorf("%s: %v", what, db.Explain(err))
		}
	}
	for what, err := range map[string]error{
		"a statement against the protocol": &pgconn.PgError{Severity: "ERROR", Code: "08P01", Routine: "exec_bind_message"},
		"a wrong password":                 &pgconn.PgError{Severity: "FATAL", Code: "28P01", Routine: "auth_failed"},
		"something else":                   errors.New("something else"),
	} {
		if errs.KindOf(db.Explain(err)) != errs.Internal {
			t.Errorf("%s: %v", what, db.Explain(err))
		}
	}
}
