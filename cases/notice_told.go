package cases

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// UnreadMost is how far unread notices are counted.
const UnreadMost = 100

// askedAmong is how many of somebody's escalations are looked at for those that still wait: the older ones are of clocks long ended.
const askedAmong = 200

// ToldNotice is a notice as its reader sees it.
type ToldNotice struct {
	Notice

	Number  string // of its case; "" without one
	Subject string // of its case; "" when the reader may not see it any more
	Asks    bool   // an escalation that climbs unless somebody takes notice of it
}

// NoticePage is a page of what a person was told. Next is where the page after it begins, "" at the end.
type NoticePage struct {
	Notices []ToldNotice
	Next    string
}

const toldColumns = `select n.id, n.user_id, n.case_id, n.key, n.params, n.urgent, n.created_at, n.read_at, n.acknowledged_at,
		coalesce(k.number, '') as number,
		case when cardinality($2::bigint[]) = 0 or k.entity_id is null or k.entity_id = any ($2) then coalesce(k.subject, '') else '' end as subject,
		n.acknowledged_at is null and ` + asking + ` as asks
	from notices n left join cases k on k.id = n.case_id `

// asking is an escalation that still climbs: its clock runs, in whichever revision, and stands on the rung that the notice is of. The breach
// that raises the priority ends the revision it names, in the transaction that tells of it.
const asking = `exists (select from case_clocks told join case_clocks c on c.case_id = told.case_id and c.kind = told.kind and c.instance = told.instance
			and c.subject_id = told.subject_id
		where n.params ? 'rung' and told.case_id = n.case_id and told.id::text = n.params->>'clock_id'
			and c.rung::text = n.params->>'rung' and c.outcome in ('running', 'breached_open'))`

// Notices lists what a person was told, the latest first.
func (s *Service) Notices(ctx context.Context, userID int64, unreadOnly bool, limit int) ([]Notice, error) {
	read := ``
	if unreadOnly {
		read = ` and read_at is null`
	}
	return db.List[Notice](ctx, s.db, `select id, user_id, case_id, key, params, urgent, created_at, read_at, acknowledged_at from notices
		where user_id = $1`+read+` order by id desc limit $2`, userID, limit)
}

// NoticesOf lists what the actor was told: first what they have not read, then the rest, each the latest first, from where a page before it
// ended. What is read while they page on does not come a second time.
func (s *Service) NoticesOf(ctx context.Context, by access.Actor, after string, limit int) (NoticePage, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return NoticePage{}, err
	}
	at, err := s.toldFrom(after)
	if err != nil {
		return NoticePage{}, err
	}
	var page NoticePage
	if at.unread {
		page.Notices, err = db.List[ToldNotice](ctx, s.db, toldColumns+`where n.user_id = $1 and n.read_at is null and n.id < $3 order by n.id desc limit $4`,
			by.UserID, by.SeenEntities(), at.id, limit+1)
		if err != nil {
			return NoticePage{}, fmt.Errorf("list unread notices: %w", err)
		}
		at.id = math.MaxInt64
	}
	if left := limit + 1 - len(page.Notices); left > 0 {
		read, err := db.List[ToldNotice](ctx, s.db, toldColumns+`where n.user_id = $1 and n.read_at <= $3 and n.id < $4 order by n.id desc limit $5`,
			by.UserID, by.SeenEntities(), at.opened, at.id, left)
		if err != nil {
			return NoticePage{}, fmt.Errorf("list notices: %w", err)
		}
		page.Notices = append(page.Notices, read...)
	}
	if len(page.Notices) > limit {
		page.Notices = page.Notices[:limit]
		last := page.Notices[limit-1]
		page.Next = toldPlace{unread: last.ReadAt == nil, id: last.ID, opened: at.opened}.text()
	}
	return page, nil
}

// ToldNotice is one of them, of the actor's own.
func (s *Service) ToldNotice(ctx context.Context, by access.Actor, id int64) (ToldNotice, error) {
	n, err := db.One[ToldNotice](ctx, s.db, toldColumns+`where n.user_id = $1 and n.id = $3`, by.UserID, by.SeenEntities(), id)
	if errors.Is(err, db.ErrNoRow) {
		return n, ErrNoNotice
	}
	if err != nil {
		return n, fmt.Errorf("read notice: %w", err)
	}
	return n, nil
}

// AskingNotices lists the escalations that wait for the actor to take notice of them, the latest first.
func (s *Service) AskingNotices(ctx context.Context, by access.Actor, limit int) ([]ToldNotice, error) {
	list, err := db.List[ToldNotice](ctx, s.db, `with latest as materialized (select id from notices where user_id = $1 and acknowledged_at is null and params ? 'rung'
			order by id desc limit $3) `+toldColumns+`where n.id in (select id from latest) and `+asking+` order by n.id desc limit $4`,
		by.UserID, by.SeenEntities(), askedAmong, limit)
	if err != nil {
		return nil, fmt.Errorf("list escalations: %w", err)
	}
	return list, nil
}

// UnreadNotices counts what the actor was told and has not read, up to UnreadMost; with after, of what came after that notice.
func (s *Service) UnreadNotices(ctx context.Context, by access.Actor, after int64) (int, error) {
	n, err := db.Value[int](ctx, s.db, `select count(*) from (select from notices where user_id = $1 and read_at is null and id > $2 limit $3) unread`, by.UserID, after, UnreadMost)
	if err != nil {
		return 0, fmt.Errorf("count unread notices: %w", err)
	}
	return n, nil
}

// toldPlace is where a page of notices begins: among the unread or the rest, below an id, and when the first page was opened.
type toldPlace struct {
	unread bool
	id     int64
	opened time.Time
}

func (p toldPlace) text() string {
	part := "read"
	if p.unread {
		part = "unread"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(part + "|" + strconv.FormatInt(p.id, 10) + "|" + p.opened.UTC().Format(time.RFC3339Nano)))
}

func (s *Service) toldFrom(text string) (toldPlace, error) {
	p := toldPlace{unread: true, id: math.MaxInt64, opened: s.db.Now()}
	if text == "" {
		return p, nil
	}
	bad := errs.InvalidField("cursor", "case.bad_cursor")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), "|")
	if err != nil || len(parts) != 3 {
		return p, bad
	}
	p.unread = parts[0] == "unread"
	if p.id, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return p, bad
	}
	if p.opened, err = time.Parse(time.RFC3339Nano, parts[2]); err != nil {
		return p, bad
	}
	return p, nil
}
