package inbox

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Whose a message is, as a legal entity: its case's, or that of the case it is held for; without a case, that of the mailbox or form it
// came to, and for one of ours that of the address it is sent from. What is nobody's is seen by all, as cases are.
const (
	// InboundEntity is that entity of an inbound message m, as SQL; null is nobody's.
	InboundEntity = `(case when coalesce(m.case_id, (m.fate_params->>'case_id')::bigint) is not null
			then (select c.entity_id from cases c where c.id = coalesce(m.case_id, (m.fate_params->>'case_id')::bigint))
		else coalesce((select b.entity_id from mailboxes b where b.id = m.mailbox_id),
			(select w.entity_id from web_messages w where w.inbound_message_id = m.id)) end)`
	inboundScope  = `(select e.id is null or e.id = any (?) from (select ` + InboundEntity + ` as id) e)`
	outgoingScope = `(case when m.case_id is not null then coalesce((select c.entity_id is null or c.entity_id = any (?) from cases c where c.id = m.case_id), true)
		else coalesce((select bool_or(l.id = any (?)) from legal_entities l where lower(l.support_address) = lower(m.from_address)), true) end)`
)

// Scope is the legal entities whose mail somebody sees; empty means all.
func Scope(by access.Actor) []int64 {
	if by.Kind == access.System {
		return nil
	}
	return by.EntityIDs
}

// Readable reads one message that came, for somebody who may see the mail of its legal entity; else it is not there: ErrNoMessage.
func (s *Service) Readable(ctx context.Context, r db.Reader, id InboundID, by access.Actor) (Inbound, error) {
	c := conditions{}
	c.add("m.id = ?", id)
	c.within(inboundScope, Scope(by))
	m, err := db.One[Inbound](ctx, r, `select m.* from inbound_messages m`+c.where(), c.args...)
	if errors.Is(err, db.ErrNoRow) {
		return Inbound{}, ErrNoMessage
	}
	if err != nil {
		return Inbound{}, fmt.Errorf("read message: %w", err)
	}
	return m, nil
}

// within narrows to the legal entities of a scope.
func (c *conditions) within(condition string, scope []int64) {
	if len(scope) > 0 {
		c.add(condition, scope)
	}
}
