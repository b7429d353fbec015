package cases

import (
	"strings"
	"time"

	"makegood/internal/access"
)

// Who is away for a single day keeps their cases: they come back to what they know, and nobody learns it for a day. Meanwhile the team sees
// which of them fall due.

// awayForADay finds, at the moment $1, the absence a of a single day that no other one of the person's touches: days off in a row are no
// single day, however they were entered.
const awayForADay = `a.ended_at is null and a.from_at <= $1 and a.until_at > $1 and a.first_day = a.last_day and not exists (select from absences b
	where b.user_id = a.user_id and b.id <> a.id and b.ended_at is null and b.from_at <= a.until_at and b.until_at >= a.from_at)`

// backToday tells, of the person u at the moment $1, that they are away for a single day.
const backToday = `exists (select from absences a where a.user_id = u.id and ` + awayForADay + `)`

// covering narrows to what falls due, or was put off to a moment, before a colleague of the actor's team is back who is away for the day.
func (q *query) covering(by access.Actor, now time.Time) {
	gone := strings.ReplaceAll(`select a.user_id, a.until_at from users u join absences a on a.user_id = u.id
		where u.team_id = ? and u.id <> ? and u.active and `+awayForADay, `$1`, `?`)
	q.add(`c.id in (select k.id from (`+gone+`) gone join cases k on k.assignee_id = gone.user_id and k.status in ('new', 'open', 'waiting')
		where least(k.next_due_at, k.follow_up_at) < gone.until_at)`, by.TeamID, by.UserID, now, now)
}
