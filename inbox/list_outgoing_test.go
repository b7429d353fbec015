package inbox_test

import (
	"slices"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/db"
)

// What a person has to act on is found without reading what was sent in all the years.
func TestMailsInTroubleAreFoundAmongMany(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	b.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into outgoing_messages (key, kind, automatic, message_id, from_address, to_address, subject, text_body, state, not_before, created_at)
			select n, 'reply', false, n, 'us@us.example', 'you@you.example', 's', 't', (array['failed', 'unknown', 'stopped', 'bounced', 'cancelled', 'sent'])[least(1 + n % 4001, 6)], now(), now()
			from generate_series(0, 20000) n`)
		return err
	})
	_, err := b.db.Pool().Exec(t.Context(), `analyze outgoing_messages`)
	b.must(err)
	trouble := []inbox.OutgoingState{inbox.Unknown, inbox.Failed, inbox.Stopped}
	for name, f := range map[string]inbox.OutgoingFilter{
		"trouble":   {States: trouble},
		"the next":  {States: trouble, After: 4003},
		"the scope": {States: trouble, Scope: []int64{1}},
		"bounced":   {States: []inbox.OutgoingState{inbox.Bounced}},
		"cancelled": {States: []inbox.OutgoingState{inbox.Cancelled}},
	} {
		plan, err := b.inbox.OutgoingPlan(t.Context(), f)
		b.must(err)
		if strings.Contains(plan, "outgoing_messages_pkey") || strings.Contains(plan, "Seq Scan on outgoing_messages") || !strings.Contains(plan, "outgoing_messages_few") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
	all, err := b.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{States: trouble, Limit: 500})
	b.must(err)
	if !slices.IsSortedFunc(all, func(a, b inbox.OutgoingMessage) int { return int(b.ID - a.ID) }) || len(all) != 15 {
		t.Errorf("%d mails in trouble", len(all))
	}
	first, err := b.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{States: trouble, Limit: 7})
	b.must(err)
	rest, err := b.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{States: trouble, After: first[6].ID})
	b.must(err)
	if got := slices.Concat(first, rest); !slices.EqualFunc(got, all, func(a, b inbox.OutgoingMessage) bool { return a.ID == b.ID }) {
		t.Errorf("pages give %d mails, together there are %d", len(got), len(all))
	}
	sent, err := b.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{States: []inbox.OutgoingState{inbox.Sent, inbox.Failed}, Limit: 3})
	b.must(err)
	if len(sent) != 3 || sent[0].State != inbox.Sent {
		t.Errorf("%+v", sent)
	}
}
