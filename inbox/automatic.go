package inbox

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Automatic is what an address got automatically of late, as far as a bound on it matters.
type Automatic struct {
	Address string
	InHour  int // automatic mails within the hour; counted up to the bound
	Bound   int // how many there may be
}

// Full tells whether the address has got as much as it may.
func (a Automatic) Full() bool { return a.InHour >= a.Bound }

// AutomaticTo counts what addresses got automatically within the hour.
func (s *Service) AutomaticTo(ctx context.Context, r db.Reader, now time.Time, addresses []string) (map[string]Automatic, error) {
	list, err := db.List[Automatic](ctx, r, `select a as address, b.acks_per_hour as bound, (select count(*) from (select 1 from outgoing_messages
			where to_address = a and automatic and created_at > $2 limit b.acks_per_hour) m) as in_hour
		from (select distinct unnest($1::text[]) as a) u, mail_bounds b`, addresses, now.Add(-time.Hour))
	if err != nil {
		return nil, fmt.Errorf("count automatic mails: %w", err)
	}
	byAddress := map[string]Automatic{}
	for _, one := range list {
		byAddress[one.Address] = one
	}
	return byAddress, nil
}

// Echo is an automatic mail that an address got within the day.
type Echo struct {
	Address string
	Key     string
	Subject string
}

// mostEchoes bounds how many of a day's automatic mails to one address are looked at, the latest first.
const mostEchoes = 200

// AutomaticOfDay gives the automatic mails that addresses got within the day, and how many acknowledgements of echoes an address may
// get in that time.
func (s *Service) AutomaticOfDay(ctx context.Context, r db.Reader, now time.Time, addresses []string) (mails []Echo, most int, err error) {
	mails, err = db.List[Echo](ctx, r, `select m.* from (select distinct unnest($1::text[]) as a) u, lateral (select to_address as address, key, subject
			from outgoing_messages where to_address = a and automatic and created_at > $2 order by created_at desc limit $3) m`,
		addresses, now.AddDate(0, 0, -1), mostEchoes)
	if err != nil {
		return nil, 0, fmt.Errorf("read automatic mails of the day: %w", err)
	}
	b, err := s.Bounds(ctx, r)
	return mails, b.EchoesPerDay, err
}
