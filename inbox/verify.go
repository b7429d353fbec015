package inbox

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// Fault is a row about mail that cannot be right.
type Fault struct {
	Check  string
	Row    string
	Detail string
}

// Verify looks for mail that was lost, doubled or forged after it was stored: every message has its raw bytes and they
// have the hash they came with (blob.Verify proves those that are kept as files); no message is the origin of two cases; no case was acknowledged twice; no mail of ours
// waits to be sent without a job that will.
func (s *Service) Verify(ctx context.Context) ([]Fault, error) {
	var faults []Fault
	for _, c := range []struct{ name, query string }{
		{"raw_bytes_kept", `select 'message ' || m.id as "row", 'its raw bytes are missing or altered' as detail
			from inbound_messages m left join inbound_raw r on r.inbound_message_id = m.id
			where m.refusal = '' and coalesce(r.blob, sha256(r.content)) is distinct from m.sha256
				and not exists (select from erased_rows e where e.kind = 'inbound' and e.row_id = m.id)`},
		{"erased_mail_is_gone", `select 'message ' || m.id as "row", 'it was erased and something of it is there' as detail
			from erased_rows e join inbound_messages m on m.id = e.row_id left join inbound_raw r on r.inbound_message_id = m.id
			where e.kind = 'inbound' and (r.inbound_message_id is not null or m.subject <> '' or m.sender_name <> '' or not exists (select from erased_mails h where h.hash = m.sha256))`},
		{"one_case_per_message", `select 'case ' || case_id as "row", 'opened by messages ' || string_agg(id::text, ', ') as detail
			from inbound_messages where fate = 'new_case' group by case_id having count(*) > 1`},
		{"one_acknowledgement_per_case", `select 'case ' || case_id as "row", count(*) || ' acknowledgements' as detail
			from outgoing_messages where kind = 'acknowledgement' and case_id is not null group by case_id having count(*) > 1`},
		{"fated_in_time", `select 'message ' || id as "row", 'stored at ' || stored_at || ' and not understood yet' as detail
			from inbound_messages where fate = 'pending' and stored_at < now() - interval '1 hour'`},
	} {
		list, err := db.List[Fault](ctx, s.db, `select '`+c.name+`' as "check", f."row", f.detail from (`+c.query+` limit 100) f`)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", c.name, err)
		}
		faults = append(faults, list...)
	}
	missed, err := s.missed(ctx)
	return append(faults, missed...), err
}
