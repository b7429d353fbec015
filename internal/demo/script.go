package demo

import (
	"context"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/inbox"
	"makegood/internal/db"
)

// script puts on the agenda what happens after the first mail.
func (s *story) script() {
	switch s.scene.plot {
	case fresh:
	case credited, turnedDown, refused, takenBack, answered, comingBack:
		s.past()
	case taken, working, onCustomer, onApprover, onUpstream, onBilling, onThird, drafted:
		s.present()
	}
}

// past goes at the pace of the desk.
func (s *story) past() {
	first := s.target(clock.FirstResponse)
	percent := s.percent()
	claimed := s.later(s.opened, first, percent/2)
	replied := s.later(s.opened, first, percent)
	s.takeUp(claimed)
	if s.rng.IntN(3) == 0 {
		s.agenda.at(claimed.Add(replied.Sub(claimed)/2), s.note)
	}
	switch s.scene.plot {
	case answered, comingBack:
		s.agenda.at(replied, s.answer)
		return
	case refused:
		s.agenda.at(replied, s.look)
		s.agenda.at(s.later(replied, time.Duration(4+s.rng.IntN(10))*time.Hour, 100), s.refuse)
		return
	case takenBack:
		s.agenda.at(replied, s.ask)
		s.agenda.at(replied.Add(time.Duration(3+s.rng.IntN(30))*time.Hour), s.takeBack)
		return
	}
	if s.rng.IntN(3) > 0 {
		s.agenda.at(replied, s.look)
		s.agenda.at(s.later(replied, time.Duration(2+s.rng.IntN(7))*time.Hour, 100), s.propose)
		return
	}
	s.agenda.at(replied, s.ask)
	said := replied.Add(time.Duration(2+s.rng.IntN(20))*time.Hour + time.Duration(s.rng.IntN(60))*time.Minute)
	s.agenda.at(said, s.explain)
	s.agenda.at(s.later(said, s.target(clock.NextResponse), 10+s.rng.IntN(70)), s.look)
	s.agenda.at(s.later(said, s.target(clock.NextResponse), 85).Add(time.Hour), s.propose)
}

// present fits what has happened so far between the first mail and now, whatever day it is.
func (s *story) present() {
	age := s.now.Sub(s.opened)
	at := func(percent int) time.Time { return s.opened.Add(age * time.Duration(percent) / 100) }
	claimed, replied := at(25), at(40)
	if soon := s.later(s.opened, s.target(clock.FirstResponse), 60); soon.Before(replied) {
		claimed, replied = s.opened.Add(soon.Sub(s.opened)/2), soon
	}
	s.takeUp(claimed)
	switch s.scene.plot {
	case taken:
		return
	case onCustomer:
		s.agenda.at(replied, s.ask)
	case onUpstream:
		s.agenda.at(replied, s.wait(cases.OnUpstream))
	case onBilling:
		s.agenda.at(replied, s.wait(cases.OnBilling))
	case onThird:
		s.agenda.at(replied, s.wait(cases.OnThirdParty))
	case drafted:
		s.agenda.at(replied, s.look)
		s.agenda.at(at(80), s.draft)
	case onApprover:
		s.agenda.at(replied, s.look)
		s.agenda.at(s.now.Add(-time.Duration(25*(s.scene.signed+1)+s.rng.IntN(20))*time.Minute), s.propose)
	default:
		s.agenda.at(replied, s.look)
		if s.number%3 == 0 {
			s.agenda.at(s.now.Add(-time.Duration(10+s.rng.IntN(45))*time.Minute), s.chase)
		}
	}
	if s.number%4 == 0 {
		s.agenda.at(at(60), s.note)
	}
}

// on reads the case as it is and names it for a command.
func (s *story) on(ctx context.Context) (cases.On, cases.Case, error) {
	c, err := s.Cases.CaseByID(ctx, s.DB, s.id, s.agent.actor)
	return cases.On{By: s.agent.actor, ID: s.id, Version: c.Version}, c, err
}

func (s *story) claim(ctx context.Context) error {
	_, err := s.Cases.Claim(ctx, cases.On{By: s.agent.actor, ID: s.id})
	return err
}

// takeUp lets the agent take the case, unless it was handed to them.
func (s *story) takeUp(at time.Time) {
	if !s.handedOut() {
		s.agenda.at(at, s.claim)
	}
}

func (s *story) note(ctx context.Context) error {
	notes := []string{
		"Called " + s.contact.Name + ", very friendly, wants it sorted before month end.",
		"Checked the order in the contract record: the line was added at the last renewal, price list version 7. Need to see the signed form before I decide.",
		"Same line was discussed with this customer in spring, see the earlier case. Pattern looks like the metering export.",
		"Finance confirms that nothing was paid against this line yet, so a correction would just reduce what is open.",
		"Asked the owner upstream for the activation date. If it is after the 15th we owe them half a month.",
	}
	_, err := s.Cases.AddNote(ctx, cases.NoteInput{On: cases.On{By: s.agent.actor, ID: s.id}, Body: s.any(notes)})
	return err
}

// reply answers the customer and moves the case on.
func (s *story) reply(ctx context.Context, text string, then cases.ReplyInput) error {
	on, c, err := s.on(ctx)
	if err != nil || !c.Status.Active() {
		return err
	}
	then.On, then.Body = on, s.matter.fill(s.voice.hello+"\n\n"+text)
	_, err = s.Cases.Reply(ctx, then)
	return err
}

func (s *story) any(list []string) string { return list[s.rng.IntN(len(list))] }

func (s *story) look(ctx context.Context) error {
	return s.reply(ctx, s.any(s.voice.looking), cases.ReplyInput{Then: cases.StatusOpen})
}

func (s *story) ask(ctx context.Context) error {
	return s.reply(ctx, s.any(s.voice.ask), cases.ReplyInput{Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
}

func (s *story) wait(on cases.WaitingOn) func(context.Context) error {
	return func(ctx context.Context) error {
		return s.reply(ctx, s.any(s.voice.upstream), cases.ReplyInput{Then: cases.StatusWaiting, WaitingOn: on})
	}
}

// explain, chase and takeBack are further mails of the customer.
func (s *story) explain(ctx context.Context) error { return s.write(ctx, s.any(s.voice.more)) }
func (s *story) chase(ctx context.Context) error   { return s.write(ctx, s.any(s.voice.chase)) }

func (s *story) write(ctx context.Context, text string) error {
	before := s.lastID
	l := s.mail(s.matter.fill(text))
	l.subject, l.inReplyTo = "Re: "+s.subject, before
	l.quote = s.matter.fill(s.any(s.voice.looking))
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		inbound, err := s.store(ctx, tx, l)
		if err != nil {
			return err
		}
		if _, err := s.Cases.ReceiveTx(ctx, tx, s.id, l.message(int64(inbound), s.customer.Language)); err != nil {
			return err
		}
		return s.fate(ctx, tx, inbound, l, fateOf(inbox.Attached, "intake.joined", s.id))
	})
}

// leave frees the customer for another case, and lets some pay what is left.
func (s *story) leave() {
	s.customer.inCase = false
	if s.invoice == nil || s.invoice.paid || s.rng.IntN(10) < 6 {
		return
	}
	c := s.byCustomer(s.invoice.CustomerID)
	at := s.bankDay(s.Clock.Now().AddDate(0, 0, 2+s.rng.IntN(5))).Add(15 * time.Hour)
	s.agenda.at(at, func(ctx context.Context) error { return s.payRest(ctx, c, s.invoice) })
}
