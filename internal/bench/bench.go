// Package bench measures the program the way it really runs: on a PostgreSQL of its own with durable settings, through
// the services that the program's jobs and screens call, beside a baseline that PostgreSQL's own pgbench reaches in the
// same minutes on the same machine. Bare times move with the machine; the ratio to the baseline is what counts.
package bench

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/people"
)

// Options say how to measure.
type Options struct {
	// Dir is where the database lives; "" is a temporary folder that is removed afterwards. What has been prepared in a
	// folder is used again by the next run.
	Dir      string
	Requests int          // approved requests of each sort; 0 means 1,000 times the scale
	Scale    int          // 0 means 1
	Invoices int          // for the reports; 0 means 1,000,000
	Plans    bool         // of the reports' statements, in the server's log
	Seconds  int          // of each measurement at most; 0 means 5
	Rounds   int          // of all measurements, one after the other; 0 means 3
	Clients  []int        // nil means 1, 4 and 16
	Logger   *slog.Logger // nil means silent
	Say      func(string) // is told how far it has come; nil means nobody
	Cases    int          // to find work among; 0 means 10,000 times the scale
	Mails    int          // in the mailbox, of each sort; 0 means 2,000 times the scale
	Memos    int          // posted, to preview another among; 0 means 1,000,000 times the scale
	Timers   int          // due within ten seconds, a multiple of four; 0 means 20,000 times the scale
	Open     Opener
	Work     Worker // for intake: the program as it works
	Now      func() time.Time
}

// Services are the doors that are measured.
type Services struct {
	DB      *db.DB
	People  *people.Service
	Billing *billing.Service
	Cases   *cases.Service
	Credits *credits.Service
	Inbox   *inbox.Service

	Pages http.Handler                                              // every page, as the server answers it
	Job   func(ctx context.Context, kind string, args []byte) error // works a job at once
}

// Opener builds the services on a database, without the jobs that commands enqueue when asked to leave them out.
type Opener func(ctx context.Context, url string, dropJobs bool) (Services, error)

// Working is the program in its worker role, ready to be started.
type Working struct {
	Services

	Start  func(ctx context.Context) error
	Stop   func(ctx context.Context) error
	Verify func(ctx context.Context) error // the first fault there is in cases, books and chains
}

// Worker builds the program on a database; it sends by the SMTP server, and the tracer sees what it asks the database.
type Worker func(ctx context.Context, url, smtp string, tracer pgx.QueryTracer) (Working, error)

func (o Options) filled() Options {
	o.Scale, o.Seconds, o.Rounds = or(o.Scale, 1), or(o.Seconds, 5), or(o.Rounds, 3)
	o.Requests, o.Invoices, o.Mails = or(o.Requests, 1000*o.Scale), or(o.Invoices, 1_000_000*o.Scale), or(o.Mails, 2000*o.Scale)
	o.Memos = or(o.Memos, 1_000_000*o.Scale)
	o.Cases, o.Timers = or(o.Cases, 10_000*o.Scale), (or(o.Timers, 20_000*o.Scale)+3)/4*4
	if len(o.Clients) == 0 {
		o.Clients = []int{1, 4, 16}
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func or(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}
