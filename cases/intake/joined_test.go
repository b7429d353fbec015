package intake_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/inbox"
	"makegood/internal/errs"
)

// standing is everything about a case that joining and taking apart must leave as it was.
type standing struct {
	case_    cases.Case
	messages []string
	clocks   []string
	disputes []string
}

func (d *desk) standing(id cases.ID) standing {
	d.t.Helper()
	c, err := d.cases.CaseByID(d.t.Context(), d.db, id, agent())
	d.must(err)
	c.Version = 0
	s := standing{case_: c}
	messages, err := d.cases.Messages(d.t.Context(), d.db, id)
	d.must(err)
	for _, m := range messages {
		s.messages = append(s.messages, m.Body)
	}
	clocks, err := d.cases.Clocks(d.t.Context(), d.db, id)
	d.must(err)
	for _, v := range clocks {
		if v.Outcome != clock.Superseded {
			s.clocks = append(s.clocks, fmt.Sprint(v.Kind, v.Instance, " ", v.Outcome, " ", v.DueAt))
		}
	}
	lines, err := d.cases.Disputes(d.t.Context(), d.db, id)
	d.must(err)
	for _, l := range lines {
		s.disputes = append(s.disputes, fmt.Sprint(l.ID, " ", l.Contested, " ", l.Status))
	}
	return s
}

func (s standing) String() string {
	c := s.case_
	text := func(at *time.Time) string {
		if at == nil {
			return "never"
		}
		return at.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s %s %s %s %q %s, disputed %s %s risk %s, asked %s unanswered %s, next %s %s\n messages %q\n clocks %q\n disputes %q", c.Number, c.Type, c.Status, c.WaitingOn,
		c.Snippet, c.Priority, c.Disputed, c.DisputedCurrency, c.RiskBase, text(c.LastCustomerAt), text(c.UnansweredSince), c.NextClock, text(c.NextDueAt), s.messages, s.clocks, s.disputes)
}

// A dispute is joined to an older question with its contested amount, the customer answers to its number, and it is taken out again: what
// was said, where mail goes, the clocks and what is in dispute are as before, in both.
func TestJoinReplyToTheOldNumberUnjoin(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.promise()
	first := d.caseOf(d.deliver(post{from: anna, subject: "A question", id: "1@aster.example", headers: []string{dmarc("pass")}, text: "What are your bank details?"}))
	d.clock.Add(time.Hour)
	second := d.caseOf(d.deliver(post{
		from: anna, subject: "Rechnung " + d.astersInvoice.Number, id: "2@aster.example", headers: []string{dmarc("pass")},
		text: "Die Position ist doppelt berechnet, bitte schreiben Sie uns 595,00 EUR gut.",
	}))
	d.clock.Add(time.Hour)
	person := agent()
	person.UserID = value[int64](t, d.db, `insert into users (email, name, password_hash, roles, created_at) values ('jana@nordlicht.example', 'Jana Reuter', 'x', array['agent'], now()) returning id`)
	on := func(id cases.ID) cases.On {
		return cases.On{By: person, ID: id, Version: value[int](t, d.db, `select version from cases where id = $1`, id)}
	}
	_, err := d.cases.Reply(t.Context(), cases.ReplyInput{On: on(first.ID), Body: "They stand on the invoice. Is that enough?", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	d.must(err)
	d.clock.Add(30 * time.Minute)
	disputed := func() decimal.Decimal {
		p, err := d.billing.Position(t.Context(), d.db, d.aster)
		d.must(err)
		return p.Disputed
	}
	one, two, held := d.standing(first.ID), d.standing(second.ID), disputed()
	if len(two.disputes) != 1 || len(two.clocks) == 0 || len(one.clocks) == 0 || !held.Equal(decimal.NewFromInt(595)) {
		t.Fatalf("nothing to lose: %v %v %s", one, two, held)
	}

	joined, err := d.cases.Join(t.Context(), cases.JoinInput{On: on(second.ID), Into: first.ID})
	if err == nil {
		t.Fatalf("dispute lines went along unasked: %+v", joined)
	}
	_, err = d.cases.Join(t.Context(), cases.JoinInput{On: on(second.ID), Into: first.ID, WithDisputes: true})
	d.must(err)
	both := d.standing(first.ID)
	if len(both.disputes) != 1 || !both.case_.Disputed.Equal(held) || both.case_.Type != cases.Dispute || both.case_.Status != cases.StatusOpen || len(both.messages) < 3 || !disputed().Equal(held) {
		t.Errorf("joined: %v", both)
	}
	if left := d.standing(second.ID); len(left.disputes) != 0 || !left.case_.Disputed.IsZero() || left.case_.Status != cases.StatusClosed {
		t.Errorf("left behind: %v", left)
	}
	answer := func(id, text string) inbox.Inbound {
		return d.deliver(post{from: anna, subject: "Re: Rechnung", id: id, headers: []string{dmarc("pass"), "In-Reply-To: " + d.acknowledgements(second)[0]}, text: text})
	}
	d.clock.Add(30 * time.Minute)
	meanwhile := answer("3@aster.example", "It is position 1.")
	if d.caseOf(meanwhile).ID != first.ID {
		t.Errorf("mail to the old number went to %s", d.caseOf(meanwhile).Number)
	}
	d.clock.Add(30 * time.Minute)

	_, err = d.cases.Unjoin(t.Context(), on(second.ID))
	d.must(err)
	if got := d.standing(first.ID); got.String() != one.String() {
		t.Errorf("the other case is\n%v, was\n%v", got, one)
	}
	two.messages, two.case_.Snippet, two.case_.LastCustomerAt = append(two.messages, "It is position 1."), "It is position 1.", new(d.clock.Now())
	if got := d.standing(second.ID); got.String() != two.String() {
		t.Errorf("the case is\n%v, was\n%v", got, two)
	}
	if !disputed().Equal(held) {
		t.Errorf("%s is on hold, was %s", disputed(), held)
	}
	for id, follows := range map[string]string{"4@aster.example": d.acknowledgements(second)[0], "5@aster.example": "<3@aster.example>"} {
		m := d.deliver(post{from: anna, subject: "Re: Rechnung", id: id, headers: []string{dmarc("pass"), "In-Reply-To: " + follows}, text: "And position 2."})
		if d.caseOf(m).ID != second.ID {
			t.Errorf("mail to the number goes to %s", d.caseOf(m).Number)
		}
	}
	faults, err := d.cases.Verify(t.Context())
	d.must(err)
	if len(faults) > 0 {
		t.Error(faults)
	}
}

// A joined case is joined onward, the customer writes to all three numbers, and messages are split off and brought back: taken apart in
// the reverse order everything is as before, with each answer where it was written to.
func TestJoinOnwardSplitUnjoin(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.promise()
	number := 0
	write := func(subject, follows, text string) cases.Case {
		t.Helper()
		number++
		headers := []string{dmarc("pass")}
		if follows != "" {
			headers = append(headers, "In-Reply-To: "+follows)
		}
		d.clock.Add(20 * time.Minute)
		return d.caseOf(d.deliver(post{from: anna, subject: subject, id: fmt.Sprintf("%d@aster.example", number), headers: headers, text: text}))
	}
	one := write("A question", "", "What are your bank details?")
	two := write("Rechnung "+d.astersInvoice.Number, "", "Die Position ist doppelt berechnet, bitte schreiben Sie uns 595,00 EUR gut.")
	three := write("Another question", "", "Who signs your invoices?")
	ours := map[cases.ID]string{}
	for _, c := range []cases.Case{one, two, three} {
		ours[c.ID] = d.acknowledgements(c)[0]
	}
	person := agent()
	person.UserID = value[int64](t, d.db, `insert into users (email, name, password_hash, roles, created_at) values ('jana@nordlicht.example', 'Jana Reuter', 'x', array['agent'], now()) returning id`)
	on := func(id cases.ID) cases.On {
		return cases.On{By: person, ID: id, Version: value[int](t, d.db, `select version from cases where id = $1`, id)}
	}
	_, err := d.cases.Reply(t.Context(), cases.ReplyInput{On: on(three.ID), Body: "Ms Kroll does.", Then: cases.StatusResolved, Resolution: "answered"})
	d.must(err)
	join := func(from, into cases.ID) {
		t.Helper()
		_, err := d.cases.Join(t.Context(), cases.JoinInput{On: on(from), Into: into, WithDisputes: true})
		d.must(err)
	}
	unjoin := func(id cases.ID) {
		t.Helper()
		_, err := d.cases.Unjoin(t.Context(), on(id))
		d.must(err)
	}
	is := func(name string, id cases.ID, want standing) {
		t.Helper()
		if got := d.standing(id); got.String() != want.String() {
			t.Errorf("%s: the case is\n%v, was\n%v", name, got, want)
		}
	}
	wasOne, wasTwo, wasThree := d.standing(one.ID), d.standing(two.ID), d.standing(three.ID)
	reached := func(c cases.Case, want cases.ID) {
		t.Helper()
		if c.ID != want {
			t.Errorf("the mail went to %s", c.Number)
		}
	}

	join(two.ID, one.ID)
	reached(write("Re: Rechnung", ours[two.ID], "It is position 1."), one.ID)
	joined := d.standing(one.ID)
	join(one.ID, three.ID)
	reached(write("Re: Rechnung", ours[two.ID], "And position 2."), three.ID)
	reached(write("Re: A question", ours[one.ID], "For the transfer, I mean."), three.ID)

	messages, err := d.cases.Messages(t.Context(), d.db, three.ID)
	d.must(err)
	aside, err := d.cases.Split(t.Context(), cases.SplitInput{On: on(three.ID), Messages: []cases.MessageID{messages[len(messages)-1].ID}, Type: cases.Inquiry})
	d.must(err)
	last := fmt.Sprintf("<%d@aster.example>", number)
	reached(write("Re: A question", last, "And the BIC, please."), aside.ID) // the mail that was split off took its thread along
	join(aside.ID, three.ID)

	if _, err := d.cases.Unjoin(t.Context(), on(two.ID)); errs.KeyOf(err) != "case.unjoin_in_order" {
		t.Errorf("torn out of the middle: %v", err)
	}
	d.clock.Add(20 * time.Minute)
	unjoin(aside.ID)
	unjoin(one.ID)
	now := d.clock.Now()
	joined.messages, joined.case_.Snippet, joined.case_.LastCustomerAt = append(joined.messages, "And position 2."), "And position 2.", &now
	is("the middle one", one.ID, joined)
	is("the last", three.ID, wasThree)
	unjoin(two.ID)
	is("the first", one.ID, wasOne)
	wasTwo.messages = append(wasTwo.messages, "It is position 1.", "And position 2.")
	wasTwo.case_.Snippet, wasTwo.case_.LastCustomerAt = "And position 2.", &now
	is("the second", two.ID, wasTwo)
	for _, c := range []cases.Case{one, two} {
		reached(write("Re: it", ours[c.ID], "Thank you."), c.ID)
	}
	thanks := fmt.Sprintf("<%d@aster.example>", number)
	join(two.ID, one.ID)
	messages, err = d.cases.Messages(t.Context(), d.db, one.ID)
	d.must(err)
	aside, err = d.cases.Split(t.Context(), cases.SplitInput{On: on(one.ID), Messages: []cases.MessageID{messages[len(messages)-1].ID}, Type: cases.Inquiry})
	d.must(err)
	join(aside.ID, one.ID)
	unjoin(two.ID)
	reached(write("Re: it", thanks, "And goodbye."), two.ID) // the thread is where its message is
	faults, err := d.cases.Verify(t.Context())
	d.must(err)
	if len(faults) > 0 {
		t.Error(faults)
	}
}
