package inbox

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"makegood/internal/db"
)

// messageID is stable for a key: <c12.ack-case-12.TAG@domain>. TAG signs the case and the recipient, so that a reply shows
// that our mail was seen. It does not prove who writes.
func (s *Service) messageID(o Outgoing) string {
	key := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, o.Key)
	c := caseText(o.CaseID)
	return "<c" + c + "." + key + "." + s.tag(c, key, o.ToAddress) + "@" + s.domain + ">"
}

// A tag over the recipient would have to be tried against each possible recipient, so it carries the key instead, which
// exists once per recipient; the recipient is looked up from the row.
func (s *Service) tag(caseID, key, recipient string) string {
	return s.keys.Sign("message-id", caseID, key, strings.ToLower(recipient))
}

// ThreadHit is a message of ours, or one we stored, that a new one refers to.
type ThreadHit struct {
	CaseID     int64
	MessageID  string
	Recipient  string // whom ours was sent to; empty for one that came
	OutgoingID *OutgoingID
	InboundID  *InboundID
	Ours       bool
	Signed     bool // ours, and its token is genuine
	Bare       bool // ours, without a case of its own: an answer to it opened the case
}

// Thread finds the messages a new one refers to by Message-ID, the latest reference first. Only those that
// belong to a case are given, or to none where an answer opened one.
func (s *Service) Thread(ctx context.Context, r db.Reader, messageIDs []string) ([]ThreadHit, error) {
	if len(messageIDs) == 0 {
		return nil, nil
	}
	bracketed := make([]string, len(messageIDs))
	for i, id := range messageIDs {
		bracketed[i] = "<" + strings.Trim(id, "<> ") + ">"
	}
	hits, err := db.List[ThreadHit](ctx, r, `select h.* from (
			select coalesce(case_id, answered_case_id) as case_id, message_id, to_address as recipient, id as outgoing_id, null::bigint as inbound_id,
				true as ours, false as signed, case_id is null as bare
			from outgoing_messages where message_id = any($1) and coalesce(case_id, answered_case_id) is not null
			union all
			select case_id, message_id, '', null, id, false, false, false from inbound_messages
			where message_id = any($1) and case_id is not null and fate in ('new_case', 'attached')
		) h order by array_position($1, h.message_id), h.ours desc`, bracketed)
	if err != nil {
		return nil, err
	}
	for i := range hits {
		hits[i].Signed = hits[i].Ours && s.genuine(hits[i])
	}
	return hits, nil
}

func (s *Service) genuine(h ThreadHit) bool {
	left, _, _ := strings.Cut(strings.Trim(h.MessageID, "<>"), "@")
	parts := strings.Split(left, ".")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "c") {
		return false
	}
	c, of := parts[0][1:], h.CaseID
	if h.Bare {
		of = 0
	}
	return c == strconv.FormatInt(of, 10) && s.keys.Verify(parts[2], "message-id", c, parts[1], strings.ToLower(h.Recipient))
}

// Caseless finds the mail of ours without a case that a report encloses, such as a code for the portal or a notice: nil when there is
// none, or when the token of its Message-ID is not genuine.
func (s *Service) Caseless(ctx context.Context, r db.Reader, messageID string) (*ThreadHit, error) {
	hits, err := db.List[ThreadHit](ctx, r, `select 0 as case_id, message_id, to_address as recipient, id as outgoing_id, null::bigint as inbound_id,
			true as ours, true as signed, true as bare
		from outgoing_messages where message_id = $1 and case_id is null`, Bracketed(messageID))
	if err != nil {
		return nil, fmt.Errorf("find mail without a case: %w", err)
	}
	if len(hits) != 1 || !s.genuine(hits[0]) {
		return nil, nil //nolint:nilnil // most reports are of mail of cases, or of others' mail
	}
	return &hits[0], nil
}

// UnaskedTo finds the mail of ours that nobody asked for and that an answer names by its Message-ID; nil when there is none, or when an
// answer to it has opened a case. Only whom the mail went to answers it: what anybody else who saw it writes leads nobody anywhere.
func (s *Service) UnaskedTo(ctx context.Context, r db.Reader, messageIDs []string, from string) (*OutgoingMessage, error) {
	bracketed := make([]string, len(messageIDs))
	for i, id := range messageIDs {
		bracketed[i] = Bracketed(id)
	}
	list, err := db.List[OutgoingMessage](ctx, r, `select * from outgoing_messages
		where message_id = any ($1) and case_id is null and unasked and answered_case_id is null and lower(to_address) = lower($2) order by array_position($1, message_id) limit 1`, bracketed, from)
	if err != nil {
		return nil, fmt.Errorf("find answered mail: %w", err)
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // most mail answers none
	}
	return &list[0], nil
}

// AnswerTx notes that an answer to mail of ours that nobody asked for opened a case, so that further ones join it.
func (s *Service) AnswerTx(ctx context.Context, tx *db.Tx, id OutgoingID, caseID int64) error {
	if _, err := tx.Exec(ctx, `update outgoing_messages set answered_case_id = $2, version = version + 1 where id = $1 and answered_case_id is null`, id, caseID); err != nil {
		return fmt.Errorf("note answered mail: %w", err)
	}
	return nil
}
