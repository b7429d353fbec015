package credits

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// moved is something that an approval rests on, and that is another by now.
type moved struct {
	What  string // a customer's account and what of them, case, or rate
	Was   string
	Now   string
	Rated string // the day of the rate
}

// movedOf is what has moved of what the approval of a request r rests on. What was missing and has been filled in since, such as a tax
// number that a document needs, has not moved. It is part of another statement, since each counts where many are posted.
const movedOf = `(select coalesce(jsonb_agg(jsonb_build_object('What', w.what, 'Was', w.was, 'Now', coalesce(n.now ->> w.what, ''),
		'Rated', coalesce(g.grounds ->> 'rated', '')) order by w.what), '[]')
	from credit_request_grounds g cross join lateral (select credit_request_grounds_of(r, (g.grounds ->> 'rated')::date) as now offset 0) n
	cross join lateral jsonb_each_text(g.grounds) w(what, was)
	where g.credit_request_id = r.id and w.was <> '' and w.was is distinct from n.now ->> w.what)`

// groundTx keeps what an approval rests on, as the last to sign had it before them.
func groundTx(ctx context.Context, tx *db.Tx, id ID) error {
	if _, err := tx.Exec(ctx, `insert into credit_request_grounds (credit_request_id, grounds, taken_at)
		select r.id, credit_request_grounds_of(r, null), $2 from credit_requests r where r.id = $1 on conflict do nothing`, id, tx.Now()); err != nil {
		return fmt.Errorf("keep what the approval rests on: %w", err)
	}
	return nil
}

// stillRest refuses an approval of which something it rests on has moved since, and says what.
func stillRest(list []moved) error {
	if len(list) == 0 {
		return nil
	}
	return list[0].refusal()
}

func (m moved) refusal() error {
	account, field, customer := strings.Cut(m.What, "|")
	switch {
	case customer:
		return errs.New(ErrCustomerMoved.Kind, ErrCustomerMoved.Key, "account", account, "field", field, "was", m.Was, "now", m.Now)
	case m.What == "case":
		return errs.New(ErrCaseMoved.Kind, ErrCaseMoved.Key, "was", m.Was, "now", m.Now)
	}
	return errs.New(ErrRateMoved.Kind, ErrRateMoved.Key, "day", m.Rated, "was", m.Was, "now", m.Now)
}

// sheetsStandTx refuses a service credit whose computation would propose less by now: an incident is shorter or excused, or a time is
// left out that counted.
func (s *Service) sheetsStandTx(ctx context.Context, tx *db.Tx, req Request) error {
	if req.Kind != billing.SLACredit {
		return nil
	}
	claims, err := db.List[billing.SheetClaim](ctx, tx, `select sheet_id, credit_request_id, amount from incident_credits
		where credit_request_id = $1 and sheet_id is not null and released_at is null order by id`, req.ID)
	if err != nil {
		return fmt.Errorf("read what the service credit is given for: %w", err)
	}
	for _, claim := range claims {
		if err := s.billing.SheetStands(ctx, tx, claim); err != nil {
			return err
		}
	}
	return nil
}
