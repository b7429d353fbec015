package erasure

import (
	"context"
	"fmt"

	"makegood/internal/audit"
	"makegood/internal/db"
)

// Verify proves that what was erased is gone and was agreed to by two people, and that what stands beside the audit trail is what its rows were
// hashed with. It gives the first fault, or nothing.
func (s *Service) Verify(ctx context.Context) (string, error) {
	faults, err := db.Values[string](ctx, s.DB, `select fault from (
			select 1 as place, 'erasure ' || id || ' was agreed to by who asked for it' as fault from erasures where state in ('agreed', 'done') and (decided_by is null or decided_by = asked_by)
			union all select 2, 'erasure ' || id || ' is over and still names somebody' from erasures where state in ('done', 'refused', 'withdrawn') and addresses || names <> '{}'
			union all select 3, 'outgoing mail ' || o.id || ' was erased and has words' from erased_rows e join outgoing_messages o on o.id = e.row_id
				where e.kind = 'outgoing' and (o.text_body <> '[erased]' or o.html_body <> '' or o.to_address not like 'erased-%@erased.invalid')
			union all select 4, 'message ' || m.id || ' was erased and has words' from erased_rows x join case_messages m on m.id = x.row_id
				where x.kind = 'message' and (m.subject, m.body, m.full_body) <> ('[erased]', '[erased]', '')
					and (m.kind = 'inbound' and m.author_address like 'erased-%@erased.invalid' and exists (select from erased_rows i where i.kind = 'inbound' and i.row_id = m.inbound_message_id)
						or exists (select from erased_rows w where w.kind = 'outgoing' and w.row_id = m.outgoing_message_id))
			union all select 5, 'mail ' || r.inbound_message_id || ' was erased and has its bytes' from erased_rows e join inbound_raw r on r.inbound_message_id = e.row_id where e.kind = 'inbound'
			union all select 6, 'why erasure ' || x.id || ' was asked for or decided was erased and has its words' from erased_rows e join erasures x on x.id = e.row_id
				where e.kind = 'erasure' and position('[erased]' in x.reason || ' ' || x.decision_note) = 0) f order by place limit 1`)
	if err != nil {
		return "", fmt.Errorf("prove erasures: %w", err)
	}
	if len(faults) > 0 {
		return faults[0], nil
	}
	beside, err := audit.FaultsBeside(ctx, s.DB)
	if err != nil || len(beside) == 0 {
		return "", err
	}
	return "what the audit trail says of somebody is not what was hashed: " + beside[0], nil
}
