package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// mostWatchers is how many people watch one case at most: each change tells all of them.
const mostWatchers = 50

// Watcher is somebody who is told what happens to a case without working on it.
type Watcher struct {
	UserID int64
	Name   string
	Since  time.Time
}

// WatchInput names who is to watch a case, or to stop; UserID 0 is who acts.
type WatchInput struct {
	On
	UserID int64
}

// WatchersQuery reads who watches the case $1, in the order they began.
const WatchersQuery = `select w.user_id, u.name, w.since from case_watchers w join users u on u.id = w.user_id
	where w.case_id = $1 order by w.since, w.user_id`

// Watchers reads who watches a case. The caller has asked for the case.
func (s *Service) Watchers(ctx context.Context, r db.Reader, id ID) ([]Watcher, error) {
	return db.List[Watcher](ctx, r, WatchersQuery, id)
}

// Watch has somebody told of what happens to a case from now on. Oneself everybody may who reads the case; others whoever works on
// it, and they are told that they were asked. Who may not see the case is refused. Doing it again changes nothing.
func (s *Service) Watch(ctx context.Context, in WatchInput) (Case, error) {
	return s.watching(ctx, in, func(w *work, user int64) error {
		who, err := colleagueByID(ctx, w.tx, user)
		if err != nil {
			return err
		}
		actor := access.Actor{Kind: access.Person, UserID: who.ID, Roles: who.roles(), EntityIDs: who.EntityIDs}
		if !who.Active || access.Can(actor, access.ReadCases, access.Object{EntityID: w.c.entity()}) != nil {
			return errs.InvalidField("user", "case.watcher_cannot_see_it", "name", who.Name)
		}
		there, err := db.Values[int64](ctx, w.tx, `select user_id from case_watchers where case_id = $1`, w.c.ID)
		if err != nil {
			return fmt.Errorf("read watchers: %w", err)
		}
		if slices.Contains(there, user) {
			return nil
		}
		if len(there) >= mostWatchers {
			return errs.InvalidField("user", "case.many_watchers")
		}
		if _, err := w.tx.Exec(ctx, `insert into case_watchers (case_id, user_id, since) values ($1, $2, $3)`, w.c.ID, user, w.tx.Now()); err != nil {
			return fmt.Errorf("add watcher: %w", err)
		}
		w.note("watcher.added", map[string]any{"user": user})
		if user == in.By.UserID {
			return nil
		}
		return insertNotice(ctx, w.tx, Notice{
			UserID: user, CaseID: &w.c.ID, Key: "notice.asked_to_watch", Params: map[string]string{"number": w.c.Number, "by": w.by.Name},
		})
	})
}

// Unwatch ends it, for oneself or, as with Watch, for others.
func (s *Service) Unwatch(ctx context.Context, in WatchInput) (Case, error) {
	return s.watching(ctx, in, func(w *work, user int64) error {
		n, err := w.tx.Exec(ctx, `delete from case_watchers where case_id = $1 and user_id = $2`, w.c.ID, user)
		if err != nil {
			return fmt.Errorf("remove watcher: %w", err)
		}
		if n > 0 {
			w.note("watcher.removed", map[string]any{"user": user})
		}
		return nil
	})
}

// watching is a change of who watches. It contradicts nothing, so that no version is asked for and none counted.
func (s *Service) watching(ctx context.Context, in WatchInput, verb func(w *work, user int64) error) (Case, error) {
	user, right := in.UserID, access.WorkCases
	if user == 0 {
		user = in.By.UserID
	}
	if user == 0 {
		return Case{}, errs.New(errs.Forbidden, "case.only_people_watch")
	}
	if user == in.By.UserID {
		right = access.ReadCases
	}
	if err := access.Can(in.By, right, access.Object{}); err != nil {
		return Case{}, err
	}
	var c Case
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = s.changeTx(ctx, tx, in.ID, in.By, func(w *work) error {
			if access.Can(in.By, right, access.Object{EntityID: w.c.entity()}) != nil {
				return ErrNoCase
			}
			w.quiet = true
			return verb(w, user)
		})
		return err
	})
	return c, err
}

// news is what the watchers of a case are told of one change of it.
type news struct {
	caseID  ID
	entity  int64
	by      int64
	key     string
	params  map[string]string
	gravity int
}

// newsOf picks the gravest of what happened to a case; false when it is nothing to tell.
func newsOf(c Case, by access.Actor, events []audit.Event) (news, bool) {
	told := news{caseID: c.ID, entity: c.entity(), by: by.UserID}
	for _, e := range events {
		key := newsKey(e)
		if at := slices.Index(newsKeys(), key); key != "" && at >= told.gravity {
			told.key, told.gravity = key, at
			told.params = map[string]string{"number": c.Number, "by": e.By.Name}
			if e.By.Kind == access.System {
				told.params["by"] = "Makegood"
			}
			if into, ok := e.Data["number"].(string); ok && e.What == evMerged {
				told.params["into"] = into
			}
		}
	}
	return told, told.key != ""
}

// newsKeys are the sentences watchers are told, the least grave first.
func newsKeys() []string {
	return []string{
		"notice.watched_note", "notice.watched_given", "notice.watched_wrote", "notice.watched_undone", "notice.watched_answered", "notice.watched_decided",
		"notice.watched_credit", "notice.watched_breached", "notice.watched_open", "notice.watched_closed", "notice.watched_resolved", "notice.watched_joined",
	}
}

// newsKey is what an event means to a watcher; "" when nothing.
func newsKey(e audit.Event) string {
	switch e.What {
	case "note.added":
		return "notice.watched_note"
	case "case.assigned":
		return "notice.watched_given"
	case evReceived:
		if machine, _ := e.Data["machine"].(bool); machine {
			return ""
		}
		return "notice.watched_wrote"
	case evUndone:
		return "notice.watched_undone"
	case evReplied:
		return "notice.watched_answered"
	case "dispute.decided":
		return "notice.watched_decided"
	case evCreditPosted:
		return "notice.watched_credit"
	case "clock.breached":
		return "notice.watched_breached"
	case evMerged:
		return "notice.watched_joined"
	case evStatus:
		return newsOfStatus(e.Data)
	}
	return ""
}

func newsOfStatus(data map[string]any) string {
	from, _ := data["from"].(Status)
	switch data["to"] {
	case StatusResolved:
		return "notice.watched_resolved"
	case StatusClosed:
		return "notice.watched_closed"
	case StatusOpen:
		if !from.Active() {
			return "notice.watched_open"
		}
	}
	return ""
}

// queueNews tells watchers: not who did it, nor who may not see the case any more, nor who is told of it by this very transaction
// already, nor who began to watch with it. Who was told is in the list once the batch has been sent.
func queueNews(b *batch, now time.Time, list []news, told *[]int64) {
	if len(list) == 0 {
		return
	}
	rows := make([][]any, len(list))
	for i, n := range list {
		rows[i] = []any{n.caseID, n.entity, n.by, n.key, n.params, now}
	}
	u := db.Table{Columns: []string{"case_id bigint", "entity bigint", "by_id bigint", "key text", "params jsonb", "now timestamptz"}}.Unnest(rows)
	db.QueueValues(b, told, `insert into notices (user_id, case_id, key, params, created_at)
		select w.user_id, u.case_id, u.key, u.params, u.now from `+u.From+`
		join case_watchers w on w.case_id = u.case_id join users p on p.id = w.user_id
		where p.active and p.id <> u.by_id and (cardinality(p.entity_ids) = 0 or u.entity = 0 or u.entity = any (p.entity_ids))
			and not exists (select from notices n where n.user_id = p.id and n.read_at is null and n.case_id = u.case_id
				and age(n.xmin) <= age(pg_current_xact_id()::xid)) -- of this transaction, or a part of it
			and age(w.xmin) > age(pg_current_xact_id()::xid)
		returning user_id`, u.Args...)
}

func publishNews(tx *db.Tx, told []int64) {
	for _, id := range told {
		tx.Publish(userTopic(id))
	}
}
