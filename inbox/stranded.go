package inbox

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// SweepOutgoing looks for mail that could leave and that nothing will send: its job was lost, or given up.
type SweepOutgoing struct{}

// Kind names the job.
func (SweepOutgoing) Kind() string { return "inbox.sweep_outgoing" }

const (
	strandedAfter = 10 * time.Minute // longer than an attempt takes, and than the next one is waited for
	strandedLimit = 500
)

// SendStranded has mail sent that could have left a while ago and that no job will send. A mail in the state sending was cut off; it is
// judged as such. It gives how many there were.
func (s *Service) SendStranded(ctx context.Context) (int, error) {
	ids, err := db.Values[OutgoingID](ctx, s.db, `select m.id `+stranded+` order by m.not_before limit $2`, s.db.Now().Add(-strandedAfter), strandedLimit)
	if err != nil {
		return 0, fmt.Errorf("find stranded mail: %w", err)
	}
	return len(ids), s.SendEach(ctx, ids)
}

// stranded are the mails m that could have left before $1 and that no job will send.
const stranded = `from outgoing_messages m where m.state in ('queued', 'sending') and not m.awaits_attachment and m.not_before < $1
	and (m.claimed_at is null or m.claimed_at < $1) and m.id not in (
		select (args->>'id')::bigint from river_job where kind = 'inbox.send_message' and ` + alive + `
		union select e::bigint from river_job, jsonb_array_elements_text(args->'ids') e where kind = 'inbox.send_messages' and ` + alive + `)`

const alive = `state in ('available', 'pending', 'retryable', 'running', 'scheduled')`

// missedAfter is when the sweep has failed, too.
const missedAfter = 3 * strandedAfter

// missed are the mails that wait without a job for longer than the sweep takes to find them.
func (s *Service) missed(ctx context.Context) ([]Fault, error) {
	list, err := db.List[Fault](ctx, s.db, `select 'mail_has_its_job' as "check", 'mail ' || m.id as "row",
		m.state || ' since ' || coalesce(m.claimed_at, m.not_before) || ' and no job sends it' as detail `+stranded+` order by m.not_before limit 100`, s.db.Now().Add(-missedAfter))
	if err != nil {
		return nil, fmt.Errorf("verify mail_has_its_job: %w", err)
	}
	return list, nil
}
