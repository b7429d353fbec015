package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	mostConns    = 24
	sessionConns = 8 // the job runner's: what it fetches, what it has done, its housekeeping; one listens
	longest      = 30 * time.Second
)

// openPool connects by URL, and tells whether the database answers.
func openPool(ctx context.Context, o Options) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	cfg.MaxConns = mostConns
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	cfg.PingTimeout = pingTakes
	c := cfg.ConnConfig
	c.DialFunc = dial()
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["application_name"] = "makegood"
	c.Tracer = o.Tracer
	if o.SessionURL != "" {
		lendable(c, o.URL)
	} else {
		timeout := longest
		if o.Timeout > 0 {
			timeout = o.Timeout
		}
		c.RuntimeParams["statement_timeout"] = fmt.Sprint(timeout.Milliseconds())
	}
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxdecimal.Register(conn.TypeMap()) // amounts go over the wire as they are, not by way of text
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		if o.SessionURL == "" && saidByPooler(err) {
			return nil, fmt.Errorf("reach database: a pooler that takes no settings of sessions stands before it: name the way without it in MAKEGOOD_SESSION_DATABASE_URL: %w", err)
		}
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return pool, nil
}

// lendable has connections that are PostgreSQL's for one transaction only keep nothing there: statements are not prepared under
// a name, unless the URL says by default_query_exec_mode that the pooler knows of such. The limit of a statement is the pooler's to set.
func lendable(c *pgx.ConnConfig, url string) {
	if !strings.Contains(url, "default_query_exec_mode") {
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
}

// openSessions connects by SessionURL beside a pool that leads through a pooler, once that has proved to have a limit of a statement.
func openSessions(ctx context.Context, o Options, lent *pgxpool.Pool) (*pgxpool.Pool, error) {
	var limit string
	if err := lent.QueryRow(ctx, `select current_setting('statement_timeout')`).Scan(&limit); err != nil {
		return nil, fmt.Errorf("ask for the limit of a statement: %w", err)
	}
	if limit == "0" {
		return nil, errors.New(`the pooler of MAKEGOOD_DATABASE_URL sets no statement_timeout, so that one slow statement could hold everybody up: ` +
			`in PgBouncer add connect_query='set statement_timeout = 30000' to the database`)
	}
	o.URL, o.SessionURL, o.MaxConns = o.SessionURL, "", sessionConns
	sessions, err := openPool(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open the way without a pooler (MAKEGOOD_SESSION_DATABASE_URL): %w", err)
	}
	return sessions, nil
}

// saidByPooler tells an error that a pooler makes, not PostgreSQL: all of its own have this code.
func saidByPooler(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == protocolViolation && pg.Routine == ""
}

const protocolViolation = "08P01"
