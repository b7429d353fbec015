package people

import (
	"context"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// RosterPage is how many people a page of the roster shows.
const RosterPage = 50

// Row is a person as the roster shows one.
type Row struct {
	User
	TeamName string
	TOTP     bool `db:"totp"`
	Passkeys int
	SeenAt   *time.Time // of the sessions there are
	Invited  bool       // has not chosen a password yet
}

// Roster lists people by name, also those who are not active, from the place after; text narrows it to names and addresses with it.
// One more row than RosterPage tells that there are more.
func (s *Service) Roster(ctx context.Context, by access.Actor, text string, after int64) ([]Row, error) {
	if err := access.Can(by, access.ReadPeople, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[Row](ctx, s.db, `select u.*, coalesce(t.name, '') as team_name, u.password_hash = '' as invited,
			exists (select 1 from totp_factors f where f.user_id = u.id and f.confirmed_at is not null) as totp,
			(select count(*) from passkeys p where p.user_id = u.id)::int as passkeys,
			(select max(x.seen_at) from sessions x where x.user_id = u.id) as seen_at
		from users u left join teams t on t.id = u.team_id
		where ($1 = '' or position(lower($1) in lower(u.name)) > 0 or position(lower($1) in u.email) > 0)
			and ($2 = 0 or (u.name, u.id) > (select a.name, a.id from users a where a.id = $2))
		order by u.name, u.id limit $3`, text, after, RosterPage+1)
}

// ChangeRow is a change with the names of whom it concerns.
type ChangeRow struct {
	Change
	Proposer, Decider, Subject string
}

// Changes lists proposed changes, the oldest first, and then the decided ones, the latest first; at most 100.
func (s *Service) Changes(ctx context.Context, by access.Actor) ([]ChangeRow, error) {
	if err := access.Can(by, access.ReadPeople, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[ChangeRow](ctx, s.db, `select c.*, p.name as proposer, coalesce(d.name, '') as decider, coalesce(u.name, '') as subject
		from (select * from (select * from person_changes where state = 'proposed' order by id limit 50) open
			union all select * from (select * from person_changes where state <> 'proposed' order by id desc limit 50) done) c
		join users p on p.id = c.proposed_by left join users d on d.id = c.decided_by left join users u on u.id = c.user_id
		order by c.state <> 'proposed', case when c.state = 'proposed' then c.id else -c.id end`)
}

// ChangeWith reads one change with its names, for the letter that tells of a broken glass.
func (s *Service) ChangeWith(ctx context.Context, id int64) (ChangeRow, error) {
	return db.One[ChangeRow](ctx, s.db, `select c.*, p.name as proposer, coalesce(d.name, '') as decider, coalesce(u.name, '') as subject
		from person_changes c join users p on p.id = c.proposed_by left join users d on d.id = c.decided_by left join users u on u.id = c.user_id where c.id = $1`, id)
}

// TellOfGlass has a letter written to every active controller and director that somebody has changed rights alone.
func (s *Service) TellOfGlass(ctx context.Context, change int64) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		watchers, err := db.Values[int64](ctx, tx, `select id from users where active and roles && array['controller','director'] order by id`)
		if err != nil {
			return err
		}
		for _, id := range watchers {
			if err := tx.Enqueue(ctx, WriteOfGlass{Change: change, Watcher: id}); err != nil {
				return err
			}
		}
		return nil
	})
}
