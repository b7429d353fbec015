package cases

import (
	"context"

	"makegood/internal/db"
)

// answerable are the messages of a case by people who take part in it: whoever wrote last among them is answered, and their words are
// quoted below the answer, never those of somebody who takes no part.
const answerable = ` from case_messages m where m.case_id = $1 and m.kind = 'inbound' and not m.machine
	and exists (select from case_participants p where p.case_id = m.case_id and p.accepted and p.address = lower(m.author_address))
	order by m.at desc, m.id desc limit 1`

// RecipientQuery reads the address that a reply in the case $1 goes to unless it names another: of whoever wrote last of those who take part,
// or else of the first of them; no row when nobody does. Reply goes by the same.
const RecipientQuery = `select address from (
	(select 1 as n, lower(m.author_address) as address` + answerable + `)
	union all
	(select 2, address from case_participants where case_id = $1 and accepted order by added_at, address limit 1)) r order by n limit 1`

// lastWriter is the latest message a person on the customer's side wrote, whether they take part or not; nil when there is none.
func lastWriter(ctx context.Context, r db.Reader, id ID) (*Message, error) {
	list, err := db.List[Message](ctx, r, `select `+messageColumns+` from case_messages where case_id = $1 and kind = 'inbound' and not machine
		order by at desc, id desc limit 1`, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
