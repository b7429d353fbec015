package intake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

// held is a case, and a reply to it by somebody who does not take part.
func (d *desk) held() (cases.Case, inbox.Inbound) {
	d.t.Helper()
	c := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	m := d.deliver(post{
		from: "Carl <carl@aster.example>", subject: "Re: Question", id: "2@aster.example", text: "I would like to know too.",
		headers: []string{"In-Reply-To: <1@aster.example>"},
	})
	d.want(m, inbox.Held, intake.ReasonUnverified)
	return c, m
}

func (d *desk) recorded(what string) bool {
	d.t.Helper()
	return d.count(`audit_log where stream = $1 and what = $2 and actor_id = 5`, string(audit.Inbox), what) == 1
}

func TestRelease(t *testing.T) {
	t.Parallel()

	t.Run("to its case, whose sender takes part from now on", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		d.must(d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID}))
		m = d.message(m.ID)
		d.want(m, inbox.Attached, intake.ReasonReleasedToCase)
		if !d.recorded("message.released") || d.caseOf(m).ID != c.ID || m.Sender != "carl@aster.example" {
			t.Errorf("released %+v", m)
		}
		d.want(d.deliver(post{
			from: "carl@aster.example", subject: "Re: Question", id: "3@aster.example", text: "Thanks.",
			headers: []string{"In-Reply-To: <1@aster.example>"},
		}), inbox.Attached, intake.ReasonJoined)
		if err := d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID}); !errors.Is(err, inbox.ErrFated) {
			t.Errorf("released twice: %v", err)
		}
	})

	t.Run("to a case that was closed meanwhile: it goes on in another", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		d.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update cases set status = 'closed', closed_at = $2, resolved_at = $2 where id = $1`, c.ID, d.clock.Now())
			return err
		})
		d.must(d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID}))
		m = d.message(m.ID)
		d.want(m, inbox.NewCase, intake.ReasonReleasedNewCase)
		if next := d.caseOf(m); next.ID == c.ID || next.FollowsID == nil || *next.FollowsID != c.ID {
			t.Errorf("%+v", next)
		}
		if n := d.count(`case_participants where case_id = $1 and address = $2 and accepted`, c.ID, m.Sender); n != 0 {
			t.Error("the sender takes part in the case that was closed")
		}
	})

	t.Run("beside a case that was closed meanwhile: whoever is kept apart opens none", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		d.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update cases set status = 'closed', closed_at = $2, resolved_at = $2 where id = $1`, c.ID, d.clock.Now())
			return err
		})
		err := d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID, Apart: true})
		if !errors.Is(err, cases.ErrClosed) {
			t.Errorf("%v", err)
		}
		d.want(d.message(m.ID), inbox.Held, intake.ReasonUnverified)
	})

	t.Run("to its case, whose sender reads nothing that was said before", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		d.clock.Add(time.Hour)
		d.must(d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID}))
		carl := cases.Reader{Address: "carl@aster.example"}
		told := func(who cases.Reader) (said []string) {
			t.Helper()
			list, _, err := d.cases.Told(t.Context(), d.db, who, c.ID)
			d.must(err)
			for _, m := range list {
				said = append(said, m.Body)
			}
			return said
		}
		if said := told(carl); len(said) != 1 || said[0] != "I would like to know too." {
			t.Errorf("they read %q", said)
		}
		d.clock.Add(time.Hour)
		d.deliver(post{from: anna, subject: "Re: Question", id: "3@aster.example", text: "Well?", headers: []string{"In-Reply-To: <1@aster.example>"}})
		if said := told(carl); len(said) != 2 || said[1] != "Well?" {
			t.Errorf("later they read %q", said)
		}
		for _, who := range []cases.Reader{{Address: anna}, {Address: anna, Customer: d.aster}, {Address: carl.Address, Customer: d.aster}} {
			if said := told(who); len(said) != 4 {
				t.Errorf("%+v reads %q", who, said)
			}
		}
	})

	t.Run("to its case, without letting its sender take part", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		d.must(d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID, CaseID: c.ID, Apart: true}))
		d.want(d.message(m.ID), inbox.Attached, intake.ReasonReleasedToCase)
		people, err := d.cases.Participants(t.Context(), d.db, c.ID)
		d.must(err)
		if len(people) != 1 || d.count(`case_messages where inbound_message_id = $1 and trust = 'unverified' and apart`, m.ID) != 1 {
			t.Errorf("filed with %+v", people)
		}
		told, _, err := d.cases.Told(t.Context(), d.db, cases.Reader{Address: anna, Customer: d.aster}, c.ID)
		d.must(err)
		for _, m := range told {
			if m.AuthorAddress == "carl@aster.example" {
				t.Errorf("the customer is shown %q", m.Body)
			}
		}
		c = d.caseOf(d.message(m.ID))
		sent, err := d.cases.Reply(t.Context(), cases.ReplyInput{On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, Body: "It is due on Friday."})
		d.must(err)
		if d.count(`outgoing_messages where id = $1 and to_address = $2 and in_reply_to = '<1@aster.example>' and position('I would like to know too' in text_body) = 0`, sent.OutgoingID, anna) != 1 {
			t.Error("the answer is about what was filed")
		}
		d.want(d.deliver(post{
			from: "carl@aster.example", subject: "Re: Question", id: "3@aster.example", text: "And?", headers: []string{"In-Reply-To: <1@aster.example>"},
		}), inbox.Held, intake.ReasonUnverified)
	})

	t.Run("as a new case, acknowledged once", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		opened, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID})
		d.must(err)
		m = d.message(m.ID)
		d.want(m, inbox.NewCase, intake.ReasonReleasedNewCase)
		if opened.ID == c.ID || d.caseOf(m).ID != opened.ID || len(d.acknowledgements(opened)) != 1 || !d.recorded("message.released") {
			t.Errorf("opened %+v", opened)
		}
		if _, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID}); !errors.Is(err, inbox.ErrFated) {
			t.Errorf("released twice: %v", err)
		}
	})

	t.Run("discarded with a reason, and only with one", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		_, m := d.held()
		if err := d.intake.Discard(t.Context(), intake.DiscardInput{By: agent(), ID: m.ID, Reason: "  "}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("discarded without a reason: %v", err)
		}
		d.must(d.intake.Discard(t.Context(), intake.DiscardInput{By: agent(), ID: m.ID, Reason: "Sent by mistake"}))
		m = d.message(m.ID)
		d.want(m, inbox.Ignored, intake.ReasonDiscarded)
		if m.FateParams["reason"] != "Sent by mistake" || m.Subject != "Re: Question" || !d.recorded("message.discarded") {
			t.Errorf("discarded %+v", m)
		}
	})

	t.Run("handled again once its sender was accepted", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		again, err := d.intake.Retry(t.Context(), m.ID, agent())
		d.must(err)
		d.want(again, inbox.Held, intake.ReasonUnverified)
		d.deliver(post{
			from: anna, subject: "Re: Question", id: "3@aster.example", text: "Carl may read along.",
			headers: []string{"In-Reply-To: <1@aster.example>", "Cc: carl@aster.example"},
		})
		c, err = d.cases.CaseByID(t.Context(), d.db, c.ID, agent())
		d.must(err)
		_, err = d.cases.AcceptParticipant(t.Context(), cases.ParticipantInput{
			On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, Address: "carl@aster.example",
		})
		d.must(err)
		again, err = d.intake.Retry(t.Context(), m.ID, agent())
		d.must(err)
		d.want(again, inbox.Attached, intake.ReasonJoined)
		if n := d.count(`audit_log where stream = $1 and what = 'message.retried'`, string(audit.Inbox)); n != 2 {
			t.Errorf("%d retries on record", n)
		}
	})

	t.Run("not by somebody without the right", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c, m := d.held()
		auditor := access.Actor{Kind: access.Person, UserID: 6, Name: "Ole Brandt", Roles: []access.Role{access.Auditor}}
		_, retried := d.intake.Retry(t.Context(), m.ID, auditor)
		_, opened := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: auditor, ID: m.ID})
		for _, err := range []error{
			retried, opened,
			d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: auditor, ID: m.ID, CaseID: c.ID}),
			d.intake.Discard(t.Context(), intake.DiscardInput{By: auditor, ID: m.ID, Reason: "x"}),
		} {
			if !errors.Is(err, access.ErrForbidden) {
				t.Errorf("allowed: %v", err)
			}
		}
	})
}

func TestJobs(t *testing.T) {
	t.Parallel()
	d := setup(t)
	registry := jobs.NewRegistry()
	d.intake.Register(registry)

	m, err := d.intake.Ingest(t.Context(), post{from: anna, subject: "From a file", id: "1@aster.example", text: "Hello."}.raw(), inbox.SourceFile)
	d.must(err)
	d.want(m, inbox.NewCase, intake.ReasonOpened)

	lost := d.store(d.box, post{from: anna, subject: "Lost", id: "2@aster.example", text: "Its job is gone."}.raw())
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from river_job`)
		return err
	})
	d.must(registry.Work(t.Context(), intake.SweepPending{}.Kind(), []byte(`{}`)))
	d.want(d.message(lost), inbox.Pending, "")
	d.clock.Add(11 * time.Minute)
	d.must(registry.Work(t.Context(), intake.SweepPending{}.Kind(), []byte(`{}`)))
	d.want(d.message(lost), inbox.NewCase, intake.ReasonOpened)

	queued := d.store(d.box, post{from: anna, subject: "By job", id: "3@aster.example", text: "Hello."}.raw())
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from river_job where kind <> 'inbox.message_arrived'`)
		return err
	})
	d.cases.Register(registry)
	jobs.Handle(registry, func(context.Context, inbox.SendMessage) error { return nil })
	jobstest.DrainNow(t, d.db, registry, d.clock)
	d.want(d.message(queued), inbox.NewCase, intake.ReasonOpened)
}
