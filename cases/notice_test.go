package cases_test

import (
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// tell gives somebody so many notices of a case, each a minute after the one before.
func (k *desk) tell(who access.Actor, c cases.Case, times int) {
	k.t.Helper()
	for range times {
		k.clock.Add(time.Minute)
		k.do(func(tx *db.Tx) error {
			return k.cases.NotifyTx(k.t.Context(), tx, cases.Notice{UserID: who.UserID, CaseID: &c.ID, Key: "notice.mentioned", Params: map[string]string{"number": c.Number, "by": "Bo"}})
		})
	}
}

func (k *desk) page(who access.Actor, after string, limit int) cases.NoticePage {
	k.t.Helper()
	page, err := k.cases.NoticesOf(k.t.Context(), who, after, limit)
	k.must(err)
	return page
}

func idsOf(list []cases.ToldNotice) []int64 {
	var ids []int64
	for _, n := range list {
		ids = append(ids, n.ID)
	}
	return ids
}

func TestToldIsReadUnreadFirstAndPageByPage(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.tell(k.agent, c, 7)
	k.tell(k.second, c, 1)
	all := idsOf(k.page(k.agent, "", 50).Notices)
	if len(all) != 7 || !slices.IsSortedFunc(all, func(a, b int64) int { return int(b - a) }) {
		t.Fatalf("%v", all)
	}
	k.must(k.cases.ReadNotices(t.Context(), k.agent, all[1], all[2])) // of the latest three the middle ones
	k.clock.Add(time.Minute)
	want := []int64{all[0], all[3], all[4], all[5], all[6], all[1], all[2]}

	first := k.page(k.agent, "", 3)
	if got := idsOf(first.Notices); !slices.Equal(got, want[:3]) || first.Next == "" {
		t.Fatalf("%v, want %v", got, want[:3])
	}
	if n := first.Notices[0]; n.Number != c.Number || n.Subject != c.Subject || n.Asks {
		t.Errorf("%+v", n)
	}
	k.clock.Add(time.Minute)
	k.must(k.cases.ReadNotices(t.Context(), k.agent, idsOf(first.Notices)...)) // as the page does once it is open
	second := k.page(k.agent, first.Next, 3)
	last := k.page(k.agent, second.Next, 3)
	if got := slices.Concat(idsOf(second.Notices), idsOf(last.Notices)); !slices.Equal(got, want[3:]) || last.Next != "" {
		t.Errorf("%v, want %v: nothing twice, nothing left out", got, want[3:])
	}
	if n, err := k.cases.UnreadNotices(t.Context(), k.agent, 0); err != nil || n != 2 {
		t.Errorf("%d unread (%v), want the two that no page has shown as read", n, err)
	}
	if n, err := k.cases.UnreadNotices(t.Context(), k.agent, all[0]); err != nil || n != 0 {
		t.Errorf("%d newer than the latest (%v)", n, err)
	}
	k.must(k.cases.ReadNotices(t.Context(), k.agent))
	if n, err := k.cases.UnreadNotices(t.Context(), k.second, 0); err != nil || n != 1 {
		t.Errorf("what another was told: %d (%v)", n, err)
	}
	_, err := k.cases.NoticesOf(t.Context(), k.agent, "bm90aGluZw", 3)
	k.refused(err, errs.InvalidField("cursor", "case.bad_cursor"))
	_, err = k.cases.NoticesOf(t.Context(), access.Actor{}, "", 3)
	k.refused(err, access.ErrSignIn)
}

func TestOfACaseThatOneMayNotSeeAnyMoreTheSubjectIsNotTold(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.tell(k.agent, c, 1)
	elsewhere := k.agent
	elsewhere.EntityIDs = []int64{int64(*c.EntityID) + 1000}
	if n := k.page(elsewhere, "", 5).Notices[0]; n.Subject != "" || n.Number != c.Number {
		t.Errorf("%+v", n)
	}
}

func TestAnEscalationAsksUntilSomebodyTakesNotice(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	c, err := k.cases.Claim(t.Context(), k.on(k.open(k.mail())))
	k.must(err)
	asking := func(who access.Actor) []cases.ToldNotice {
		list, err := k.cases.AskingNotices(t.Context(), who, 10)
		k.must(err)
		return list
	}
	k.tell(k.agent, c, 1)
	k.drain("2026-05-12 12:31")
	list := asking(k.agent)
	if len(list) != 1 || list[0].Params["threshold"] != "warn75" || !list[0].Asks {
		t.Fatalf("%+v", list)
	}
	id := list[0].ID
	byHand := k.agent
	byHand.Assistant = true
	k.refused(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: byHand, ID: id}), access.ErrForbidden)
	k.must(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.agent, ID: id}))
	k.must(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.agent, ID: id}))
	if list := asking(k.agent); len(list) != 0 || k.events(c.ID, "clock.acknowledged") != 1 {
		t.Errorf("%+v, kept %d times", list, k.events(c.ID, "clock.acknowledged"))
	}
	n, err := k.cases.ToldNotice(t.Context(), k.agent, id)
	if err != nil || n.AcknowledgedAt == nil || n.ReadAt == nil || n.Asks {
		t.Errorf("%+v %v", n, err)
	}
	_, err = k.cases.ToldNotice(t.Context(), k.second, id)
	k.refused(err, cases.ErrNoNotice)

	k.drain("2026-05-12 13:31") // the breach comes all the same, and asks the supervisor
	if list := asking(k.supervisor); len(list) != 1 || list[0].Params["threshold"] != "breach" {
		t.Fatalf("%+v", list)
	}
	k.reply(k.reload(c.ID))
	k.drain("2026-05-12 13:32")
	if list := asking(k.supervisor); len(list) != 0 || k.theClock(c.ID, clock.FirstResponse).Outcome.Open() {
		t.Errorf("the clock has ended, and yet %+v", list)
	}
	k.sound()
}

// The usual ladder raises the priority at the breach, so that the clock the notice names ends in the transaction that tells of it.
func TestAnEscalationAsksWhateverTheTermsOfItsClockBecome(t *testing.T) {
	t.Parallel()
	k := setup(t)
	claimed := func() cases.Case {
		c, err := k.cases.Claim(t.Context(), k.on(k.open(k.mail())))
		k.must(err)
		return c
	}
	c, eased := claimed(), claimed()
	asking := func(who access.Actor) map[cases.ID]string {
		list, err := k.cases.AskingNotices(t.Context(), who, 10)
		k.must(err)
		of := map[cases.ID]string{}
		for _, n := range list {
			of[*n.CaseID] += n.Params["threshold"] + " "
		}
		return of
	}
	k.drain("2026-05-12 12:31")
	if got := asking(k.agent); got[c.ID] != "warn75 " || got[eased.ID] != "warn75 " {
		t.Fatalf("%v", got)
	}
	_, err := k.cases.SetPriority(t.Context(), cases.PriorityInput{On: k.on(k.reload(eased.ID)), Priority: cases.P4, Reason: "They can wait"})
	k.must(err)
	if got := asking(k.agent); got[eased.ID] != "warn75 " {
		t.Errorf("with more time nobody is asked any more: %v", got)
	}
	k.drain("2026-05-12 13:31")
	if now := k.reload(c.ID); now.Priority != cases.P2 || k.theClock(c.ID, clock.FirstResponse).Revision != 2 {
		t.Fatalf("%+v", now)
	}
	if got := asking(k.agent); got[c.ID] != "" {
		t.Errorf("the warning it has climbed on from asks: %v", got)
	}
	if got := asking(k.supervisor); len(got) != 1 || got[c.ID] != "breach " {
		t.Fatalf("the breach asks %v", got)
	}
	page := k.page(k.supervisor, "", 5)
	if n := page.Notices[0]; !n.Asks || n.Params["threshold"] != "breach" {
		t.Errorf("%+v", n)
	}
	k.must(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.supervisor, ID: page.Notices[0].ID}))
	if got := asking(k.supervisor); len(got) != 0 {
		t.Errorf("acknowledged, and yet %v", got)
	}
	k.reply(k.reload(eased.ID))
	if got := asking(k.agent); got[eased.ID] != "" {
		t.Errorf("the clock has ended, and yet %v", got)
	}
	k.sound()
}
