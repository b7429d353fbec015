package jobs

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"makegood/internal/db"
)

// A runner holds an advisory lock for as long as it lives; PostgreSQL lets go of it when the process dies, however it
// dies. A job marked as running by a runner whose lock is free was cut off and may be worked again at once, instead
// of after River's hour.

// lockSpace keeps our advisory locks apart from others'.
const lockSpace = 0x6d67 // "mg"

func lockKey(clientID string) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(clientID))
	return int32(h.Sum32())
}

// holdLife takes the lock that says this runner lives, on a connection of its own.
func holdLife(ctx context.Context, d *db.DB, clientID string) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, d.Sessions().Config().ConnConfig.Copy())
	if err != nil {
		return nil, fmt.Errorf("connect for the sign of life: %w", err)
	}
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1, $2)`, lockSpace, lockKey(clientID)); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("take the sign of life: %w", err)
	}
	return conn, nil
}

// Rescue makes the jobs of dead runners available again and tells how many there were. Jobs are written to be
// run twice, so rescuing one too many does no harm.
func Rescue(ctx context.Context, d *db.DB) (int64, error) {
	owners, err := db.Values[string](ctx, d, `select distinct attempted_by[array_upper(attempted_by, 1)] from river_job
		where state = 'running' and array_length(attempted_by, 1) > 0`)
	if err != nil {
		return 0, fmt.Errorf("look for cut-off jobs: %w", err)
	}
	var rescued int64
	for _, owner := range owners {
		err := d.Do(ctx, func(tx *db.Tx) error {
			dead, err := db.Value[bool](ctx, tx, `select pg_try_advisory_xact_lock($1, $2)`, lockSpace, lockKey(owner))
			if err != nil || !dead {
				return err
			}
			n, err := tx.Exec(ctx, `update river_job set state = 'available', scheduled_at = now()
				where state = 'running' and attempted_by[array_upper(attempted_by, 1)] = $1`, owner)
			rescued += n
			return err
		})
		if err != nil {
			return rescued, fmt.Errorf("rescue jobs of %s: %w", owner, err)
		}
	}
	return rescued, nil
}

// settles is how long after its work a job may still be marked as running: what was done is written in batches, and again when that
// failed at first.
const settles = 15 * time.Second

// hands knows which jobs this runner works on, or has only just finished. While the database is away for longer than River tries,
// what was done is never written, nor does what was fetched arrive: such jobs are marked as running by a runner that lives and that
// nobody works on.
type hands struct {
	river.MiddlewareDefaults

	now func() time.Time

	mu   sync.Mutex
	jobs map[int64]time.Time // when the work ended; zero while it goes on
}

// Work does the job.
func (h *hands) Work(ctx context.Context, job *rivertype.JobRow, work func(ctx context.Context) error) error {
	h.note(job.ID, time.Time{})
	defer func() { h.note(job.ID, h.now()) }()
	return work(ctx)
}

func (h *hands) note(id int64, ended time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[id] = ended
}

// full are the jobs in these hands; what left them long ago is forgotten.
func (h *hands) full() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make([]int64, 0, len(h.jobs))
	for id, ended := range h.jobs {
		if !ended.IsZero() && h.now().Sub(ended) > settles {
			delete(h.jobs, id)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// takeBack makes those jobs available again that are marked as running by this runner and are not in its hands.
func (h *hands) takeBack(ctx context.Context, d *db.DB, clientID string) (int64, error) {
	var n int64
	err := d.Do(ctx, func(tx *db.Tx) error {
		var err error
		n, err = tx.Exec(ctx, `update river_job set state = 'available', scheduled_at = now()
			where state = 'running' and attempted_by[array_upper(attempted_by, 1)] = $1 and id <> all ($2)
				and attempted_at < now() - $3::float8 * interval '1 second'`, clientID, h.full(), settles.Seconds())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("take back jobs: %w", err)
	}
	return n, nil
}
