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
	ids, err := db.Values[OutgoingID](ctx, s.db, `with live as materialized (
			select args, kind from river_job where kind in ('inbox.send_message', 'inbox.send_messages')
				and state in ('available', 'pending', 'retryable', 'running', 'scheduled')),
		sent as (select (args->>'id')::bigint as id from live where kind = 'inbox.send_message'
			union select e::bigint from live, jsonb_array_elements_text(args->'ids') e where kind = 'inbox.send_messages')
		select m.id from outgoing_messages m where m.state in ('queued', 'sending') and not m.awaits_attachment and m.not_before < $1
			and (m.claimed_at is null or m.claimed_at < $1) and m.id not in (select id from sent) order by m.not_before limit $2`,
		s.db.Now().Add(-strandedAfter), strandedLimit)
	if err != nil {
		return 0, fmt.Errorf("find stranded mail: %w", err)
	}
	return len(ids), s.SendEach(ctx, ids)
}
