package cases_test

import (
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// write opens a case by a mail with a subject, acknowledged as intake does, and tells its number and what it is warned of.
func (k *desk) write(subject string) (number, warning string) {
	k.t.Helper()
	in := k.mail()
	in.Subject, in.Acknowledge = subject, &cases.AcknowledgeInput{}
	c := k.open(in)
	warnings, err := k.cases.Warnings(k.t.Context(), k.db, c.ID)
	k.must(err)
	letters := value[int](k.t, k.db, `select count(*) from outgoing_messages where case_id = $1`, c.ID)
	at := slices.IndexFunc(warnings, func(w cases.Warning) bool {
		return w.Key == "case.echo_held" || w.Key == "case.acknowledgement_held"
	})
	if (at >= 0) != (letters == 0) {
		k.t.Fatalf("%q: %d letters, warnings %+v", subject, letters, warnings)
	}
	if at >= 0 {
		warning = warnings[at].Key
	}
	return c.Number, warning
}

// TestEchoesAreAcknowledgedOnceADay: each case has its acknowledgement, however many one address opens; only for mail that answers automatic
// mail of ours there is one a day.
func TestEchoesAreAcknowledgedOnceADay(t *testing.T) {
	t.Parallel()
	k := setup(t)
	const held = "case.echo_held"
	first, _ := k.write("Invoice 4711")
	for _, step := range []struct{ subject, want string }{
		{"Invoice 4712", ""},
		{"Invoice 4711", ""},                              // written anew
		{"Re: Invoice 4713", ""},                          // answers somebody else's mail about another matter
		{"Re: Invoice 4711 [" + first + "]", ""},          // the one a day
		{"AW: [Ticket 8] Invoice 4711", ""},               // words a machine put before it: its own matter, as far as one can tell
		{"AW: [Ticket 9] Anything [" + first + "]", held}, // but not with our number
		{"Re: Re: invoice 4711", held},
		{"回复：Invoice 4712", held}, // another of the sender's cases
		{"Re: Invoice 4799", ""},
		{"Invoice 4711", ""},
	} {
		if _, got := k.write(step.subject); got != step.want {
			t.Errorf("%q: warned of %q, want %q", step.subject, got, step.want)
		}
	}
	k.clock.Add(25 * time.Hour)
	if _, got := k.write("Re: Invoice 4711 [" + first + "]"); got != "" {
		t.Errorf("the next day: %q", got)
	}
}

// TestBoundsOfAcknowledgements: both numbers are settings.
func TestBoundsOfAcknowledgements(t *testing.T) {
	t.Parallel()
	k := setup(t)
	admin := access.Actor{Kind: access.Person, UserID: 1, Roles: []access.Role{access.Admin}}
	set := func(hour, day int) {
		b, err := k.inbox.Bounds(t.Context(), k.db)
		k.must(err)
		b.AcksPerHour, b.EchoesPerDay = hour, day
		_, err = k.inbox.SetBounds(t.Context(), admin, b)
		k.must(err)
	}
	set(3, 0)
	want := []string{"", "case.echo_held", "", "", "case.acknowledgement_held"}
	for n, subject := range []string{"One", "Re: One", "Two", "Three", "Four"} {
		if _, got := k.write(subject); got != want[n] {
			t.Errorf("%q: %q", subject, got)
		}
	}
	set(500, 2)
	for n, want := range []string{"", "", "case.echo_held"} {
		if _, got := k.write("Re: One"); got != want {
			t.Errorf("echo %d: %q", n+1, got)
		}
	}
	for range 60 {
		if _, got := k.write("One more"); got != "" {
			t.Fatalf("a case without its acknowledgement: %q", got)
		}
	}
	// several cases that open in one go count for each other
	set(500, 3)
	inputs := make([]cases.OpenInput, 3)
	for n := range inputs {
		inputs[n] = k.mail()
		inputs[n].Subject, inputs[n].Acknowledge = "Re: One", &cases.AcknowledgeInput{}
	}
	before := value[int](t, k.db, `select count(*) from outgoing_messages`)
	k.do(func(tx *db.Tx) error {
		_, err := k.cases.OpenAllTx(t.Context(), tx, inputs)
		return err
	})
	if n := value[int](t, k.db, `select count(*) from outgoing_messages`) - before; n != 1 {
		t.Errorf("%d acknowledgements of echoes beyond the two of the day, want the third", n)
	}
	if n := value[int](t, k.db, `select count(*) from outgoing_messages where state <> $1`, string(inbox.Queued)); n != 0 {
		t.Errorf("%d mails are not queued", n)
	}
}
