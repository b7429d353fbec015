package cases_test

import (
	"slices"
	"strconv"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (k *desk) watch(c cases.Case, by access.Actor, user int64) {
	k.t.Helper()
	_, err := k.cases.Watch(k.t.Context(), cases.WatchInput{On: cases.On{By: by, ID: c.ID}, UserID: user})
	k.must(err)
}

// unread are the keys of what somebody has not read yet, the earliest first; they are read by it.
func (k *desk) unread(who access.Actor) []string {
	k.t.Helper()
	list, err := k.cases.Notices(k.t.Context(), who.UserID, true, 100)
	k.must(err)
	k.must(k.cases.ReadNotices(k.t.Context(), who))
	var keys []string
	for _, n := range list {
		keys = append(keys, n.Key)
	}
	slices.Reverse(keys)
	return keys
}

func (k *desk) isTold(who access.Actor, want ...string) {
	k.t.Helper()
	if got := k.unread(who); !slices.Equal(got, want) {
		k.t.Errorf("%s was told %q, want %q", who.Name, got, want)
	}
}

func TestWatchersAreToldWhatHappens(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	k.watch(c, k.second, 0)
	k.watch(c, k.second, 0)
	k.watch(c, k.agent, k.controller.UserID)
	k.isTold(k.second)
	k.isTold(k.controller, "notice.asked_to_watch")
	if now := k.reload(c.ID); now.Version != c.Version || k.events(c.ID, "watcher.added") != 2 {
		t.Errorf("%+v", now)
	}

	claimed, err := k.cases.Claim(t.Context(), k.on(c))
	k.must(err)
	k.isTold(k.second, "notice.watched_given")
	k.reply(claimed)
	k.isTold(k.second, "notice.watched_answered")
	k.receive(c.ID, cases.InboundMessage{AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Body: "Thank you!"})
	k.receive(c.ID, cases.InboundMessage{AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Body: "I am away.", Machine: true})
	k.isTold(k.second, "notice.watched_wrote")
	// Who did it is not told of it, nor is anybody told twice of one change.
	_, err = k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: k.second, ID: c.ID}, Body: "@Ines Kroll, look at this."})
	k.must(err)
	k.isTold(k.second)
	k.isTold(k.controller, "notice.watched_given", "notice.watched_answered", "notice.watched_wrote", "notice.mentioned")
	done := k.set(k.reload(c.ID), cases.StatusResolved, "")
	k.isTold(k.second, "notice.watched_resolved")
	k.set(done, cases.StatusOpen, "")
	k.isTold(k.second, "notice.watched_open")

	// Who no longer may see the case is told nothing, and who stopped neither.
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set entity_ids = array[$2::bigint] where id = $1`, k.second.UserID, k.other)
		return err
	})
	_, err = k.cases.Unwatch(t.Context(), cases.WatchInput{On: cases.On{By: k.agent, ID: c.ID}, UserID: k.controller.UserID})
	k.must(err)
	k.unread(k.controller)
	k.reply(k.reload(c.ID))
	k.isTold(k.second)
	k.isTold(k.controller)
	left, err := k.cases.Watchers(t.Context(), k.db, c.ID)
	k.must(err)
	if len(left) != 1 || left[0].Name != "Tom Adler" {
		t.Errorf("%+v", left)
	}
	k.sound()
}

func TestWatchersAreToldOfABreachOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	k.watch(c, k.second, 0)
	k.drain("2026-05-12 13:00")
	k.isTold(k.second)
	k.drain("2026-05-12 18:00")
	k.isTold(k.second, "notice.watched_breached")
	k.sound()
}

// TestWatchersGoAlong: who watched a case that is joined hears of the one it went to.
func TestWatchersGoAlong(t *testing.T) {
	t.Parallel()
	k := setup(t)
	into, c := k.asked(), k.asked()
	k.watch(c, k.second, 0)
	_, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(c), Into: into.ID})
	k.must(err)
	k.isTold(k.second, "notice.watched_joined")
	k.receive(into.ID, cases.InboundMessage{AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Body: "And another thing."})
	k.isTold(k.second, "notice.watched_wrote")
}

// TestWatchersAreToldOnceInABulkRun: a run works each case in a part of a transaction; who is mentioned by it is not told of the note too.
func TestWatchersAreToldOnceInABulkRun(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	k.watch(c, k.second, 0)
	k.watch(c, k.controller, 0)
	m := k.macro(cases.SaveMacroInput{Name: "Ask finance", Kind: cases.Note, Body: "@Ines Kroll, look at this."})
	k.bulk(cases.BulkInput{By: k.supervisor, Numbers: []string{c.Number}, Action: cases.BulkMacro, Value: strconv.FormatInt(int64(m.ID), 10)})
	k.isTold(k.controller, "notice.mentioned")
	k.isTold(k.second, "notice.watched_note")
}

func TestWhoMayWatch(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	auditor := access.Actor{Kind: access.Person, UserID: k.supervisor.UserID, Name: "Sven Brandt", Roles: []access.Role{access.Auditor}}
	k.watch(c, auditor, 0) // who only reads may watch
	_, err := k.cases.Watch(t.Context(), cases.WatchInput{On: cases.On{By: auditor, ID: c.ID}, UserID: k.agent.UserID})
	if errs.KindOf(err) != errs.Forbidden {
		t.Errorf("%v", err)
	}
	_, err = k.cases.Watch(t.Context(), cases.WatchInput{On: cases.On{By: access.SystemActor("test"), ID: c.ID}})
	if errs.KeyOf(err) != "case.only_people_watch" {
		t.Errorf("%v", err)
	}
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set entity_ids = array[$2::bigint] where id = $1`, k.lead.UserID, k.other)
		return err
	})
	_, err = k.cases.Watch(t.Context(), cases.WatchInput{On: cases.On{By: k.agent, ID: c.ID}, UserID: k.lead.UserID})
	k.field(err, "user", "case.watcher_cannot_see_it")
	elsewhere := k.agent
	elsewhere.EntityIDs = []int64{int64(k.other)}
	_, err = k.cases.Watch(t.Context(), cases.WatchInput{On: cases.On{By: elsewhere, ID: c.ID}})
	k.refused(err, cases.ErrNoCase)
}
