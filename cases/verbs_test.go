package cases_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	_, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: k.second, ID: c.ID, Version: c.Version}, Body: "Mine."})
	k.must(err)
	_, err = k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Hello"})
	k.refused(err, cases.ErrStaleVersion)
	var e *errs.Error
	if !errors.As(err, &e) || e.Params["by"] != "Tom Adler" || e.Params["what"] != "note.added" {
		t.Fatalf("does not show the other change: %v", err)
	}
	if n := value[int](t, k.db, `select count(*) from outgoing_messages`); n != 0 {
		t.Fatalf("%d mails", n)
	}
}

func TestClaimIsAtomic(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	var won, lost atomic.Int32
	var wait sync.WaitGroup
	for n := range 20 {
		wait.Go(func() {
			by := k.agent
			if n%2 == 1 {
				by = k.second
			}
			_, err := k.cases.Claim(t.Context(), cases.On{By: by, ID: c.ID})
			switch {
			case err == nil:
				won.Add(1)
			case errs.KeyOf(err) == cases.ErrTaken.Key:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if won.Load() != 10 || lost.Load() != 10 || k.events(c.ID, "case.assigned") != 1 {
		t.Fatalf("%d won, %d lost, %d assignments", won.Load(), lost.Load(), k.events(c.ID, "case.assigned"))
	}
	if now := k.reload(c.ID); now.Status != cases.StatusOpen {
		t.Fatal(now.Status)
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	to := k.second.UserID
	_, err := k.cases.Assign(t.Context(), cases.AssignInput{On: k.on(c), AssigneeID: &to})
	k.refused(err, access.ErrForbidden)
	lead := cases.On{By: k.lead, ID: c.ID, Version: c.Version}
	c, err = k.cases.Assign(t.Context(), cases.AssignInput{On: lead, AssigneeID: &to})
	k.must(err)
	if k.told(to) != 1 {
		t.Fatal("the assignee was not told")
	}
	lead.Version = c.Version
	nobody := int64(999)
	_, err = k.cases.Assign(t.Context(), cases.AssignInput{On: lead, AssigneeID: &nobody})
	k.field(err, "assignee", "case.no_such_person")
}

func TestStatusTable(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusWaiting})
	k.field(err, "waiting_on", "case.waiting_on_whom")
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusClosed})
	k.refused(err, cases.ErrBadMove)
	c = k.set(c, cases.StatusWaiting, cases.OnUpstream)
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusWaiting, WaitingOn: cases.OnUpstream})
	k.refused(err, cases.ErrBadMove)
	c = k.set(c, cases.StatusWaiting, cases.OnThirdParty)
	c = k.set(c, cases.StatusOpen, "")
	if c.WaitingOn != "" {
		t.Fatal(c.WaitingOn)
	}
}

func TestDisputes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("190.40")
	held := func() string {
		return value[string](t, k.db, `select coalesce(sum(amount), 0)::text from holds where released_at is null`)
	}
	t.Run("opening one puts a hold on it and weighs the case", func(t *testing.T) {
		if held() != "190.4000" || !c.Disputed.Equal(d("190.40")) || c.DisputedCurrency != "EUR" || !c.RiskBase.Equal(d("190.40")) {
			t.Fatalf("held %s, %s %s", held(), c.Disputed, c.DisputedCurrency)
		}
	})
	add := func(amount string) (cases.DisputeLine, error) {
		return k.cases.AddDispute(t.Context(), cases.AddDisputeInput{On: k.on(k.reload(c.ID)), NewDispute: cases.NewDispute{
			InvoiceID: line.InvoiceID, Contested: d(amount), ReasonCode: "wrong_price",
		}})
	}
	t.Run("more than is open to contest is refused", func(t *testing.T) {
		_, err := add("1000")
		k.field(err, "disputes[0].contested", "case.over_contestable")
		_, err = add("0")
		k.field(err, "disputes[0].contested", "case.contested_not_positive")
		_, err = add("1.001")
		k.field(err, "disputes[0].contested", "money.too_many_decimals")
	})
	t.Run("a reason that is not in use is refused", func(t *testing.T) {
		k.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into reason_codes (code, name, position, active) values ('gone', 'Gone', 9, false)`)
			return err
		})
		for _, code := range []string{"gone", "never_there"} {
			_, err := k.cases.AddDispute(t.Context(), cases.AddDisputeInput{On: k.on(k.reload(c.ID)), NewDispute: cases.NewDispute{
				InvoiceID: line.InvoiceID, Contested: d("1"), ReasonCode: code,
			}})
			k.field(err, "disputes[0].reason_code", "case.unknown_reason")
			in := k.mail()
			in.By, in.Disputes = k.agent, []cases.NewDispute{{InvoiceID: line.InvoiceID, Contested: d("1"), ReasonCode: code}}
			k.field(k.db.Do(t.Context(), func(tx *db.Tx) error { _, err := k.cases.OpenTx(t.Context(), tx, in); return err }), "disputes[0].reason_code", "case.unknown_reason")
		}
	})
	t.Run("a mail that claims too much is cut down with a warning", func(t *testing.T) {
		in := k.mail()
		in.Disputes = []cases.NewDispute{{InvoiceID: line.InvoiceID, Contested: d("5000"), ReasonCode: "wrong_price"}}
		cut := k.open(in)
		warnings, err := k.cases.Warnings(t.Context(), k.db, cut.ID)
		k.must(err)
		if !cut.Disputed.Equal(d("999.60")) || len(warnings) != 1 || warnings[0].Key != "case.contested_cut_down" {
			t.Fatalf("%s %+v", cut.Disputed, warnings)
		}
	})
	t.Run("a rejection needs an explanation", func(t *testing.T) {
		_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(c.ID)), DisputeID: line.ID})
		k.field(err, "explanation", "case.needs_explanation")
	})
	t.Run("resolving needs every line decided", func(t *testing.T) {
		_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved, RootCause: &k.root})
		k.refused(err, cases.ErrUndecidedDispute)
	})
	t.Run("deciding releases the hold", func(t *testing.T) {
		now, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{
			On: k.on(k.reload(c.ID)), DisputeID: line.ID, Accepted: d("90"), Explanation: "Half of it was agreed.",
		})
		k.must(err)
		got, err := k.cases.DisputeByID(t.Context(), k.db, line.ID)
		k.must(err)
		if held() != "999.6000" || got.Status != cases.DisputePartlyAccepted || !now.Disputed.IsZero() {
			t.Fatalf("held %s, %s, %s", held(), got.Status, now.Disputed)
		}
	})
	t.Run("a line is decided once", func(t *testing.T) {
		_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(c.ID)), DisputeID: line.ID, Withdrawn: true})
		k.refused(err, cases.ErrDisputeDecided)
	})
	t.Run("resolving needs a root cause", func(t *testing.T) {
		_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved})
		k.refused(err, cases.ErrNoRootCause)
	})
	t.Run("resolving with an unposted credit is refused", func(t *testing.T) {
		k.mark(c.ID, 7, cases.CreditApproved, nil)
		_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved, RootCause: &k.root})
		k.refused(err, cases.ErrUnpostedCredit)
		k.mark(c.ID, 7, cases.CreditWithdrawn, nil)
		k.set(k.reload(c.ID), cases.StatusResolved, "")
	})
	k.sound()
}

func (k *desk) mark(id cases.ID, request int64, state cases.CreditState, data map[string]any) {
	k.t.Helper()
	k.do(func(tx *db.Tx) error {
		return k.cases.MarkCreditTx(k.t.Context(), tx, id, cases.CreditMark{Request: request, State: state, Data: data}, k.agent)
	})
}

func TestSettling(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("119")
	k.mark(c.ID, 3, cases.CreditPending, nil)
	settle := func() (resolved bool) {
		k.do(func(tx *db.Tx) error {
			request := int64(3)
			err := k.cases.SettleDisputeTx(t.Context(), tx, cases.SettleInput{
				DisputeLineID: line.ID, Accepted: d("119"), Credited: d("119"), CreditRequestID: &request, RootCauseID: &k.root, By: k.agent,
			})
			if err != nil {
				return err
			}
			if err := k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: 3, State: cases.CreditPosted}, k.agent); err != nil {
				return err
			}
			resolved, err = k.cases.ResolveIfSettledTx(t.Context(), tx, c.ID, access.SystemActor("credits"))
			return err
		})
		return resolved
	}
	if !settle() {
		t.Fatal("not resolved")
	}
	if settle() || k.events(c.ID, "dispute.decided") != 1 || k.events(c.ID, "root_cause.set") != 1 {
		t.Fatal("settled twice")
	}
	if now := k.reload(c.ID); now.Status != cases.StatusResolved || now.RootCauseID == nil {
		t.Fatalf("%s", now.Status)
	}
	k.sound()
}

func TestReply(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	t.Run("the mail leaves after the undo window, in the case's thread", func(t *testing.T) {
		sent := k.reply(c)
		c = sent.Case
		type mail struct {
			Key, ToAddress, FromAddress, Subject, TextBody string
			Automatic                                      bool
			NotBefore                                      time.Time
		}
		m, err := db.One[mail](t.Context(), k.db, `select key, to_address, from_address, subject, text_body, automatic, not_before
			from outgoing_messages where id = $1`, sent.OutgoingID)
		k.must(err)
		if m.ToAddress != "anna@brandung.example" || m.FromAddress != "de@nordlicht.example" || m.Automatic || !m.NotBefore.Equal(k.clock.Now().Add(10*time.Second)) {
			t.Fatalf("%+v", m)
		}
		if !strings.HasPrefix(m.Subject, "Re: Wrong price") || !strings.Contains(m.Subject, c.Number) || !strings.Contains(m.TextBody, "We look into it.") {
			t.Fatalf("%+v", m)
		}
	})
	t.Run("somebody who takes no part gets nothing", func(t *testing.T) {
		_, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Hello", To: "eve@elsewhere.example"})
		k.refused(err, cases.ErrNobodyToAnswer)
		k.do(func(tx *db.Tx) error {
			return k.cases.AddParticipantTx(t.Context(), tx, c.ID, cases.Participant{Address: "cc@brandung.example"}, access.SystemActor("intake"))
		})
		_, err = k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Hello", Cc: []string{"cc@brandung.example"}})
		k.field(err, "cc", "case.no_participant")
		c, err = k.cases.AcceptParticipant(t.Context(), cases.ParticipantInput{On: k.on(c), Address: "cc@brandung.example"})
		k.must(err)
		sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Hello", CcAll: true})
		k.must(err)
		c = sent.Case
		if cc := value[[]string](t, k.db, `select cc from outgoing_messages where id = $1`, sent.OutgoingID); len(cc) != 1 {
			t.Fatal(cc)
		}
	})
	t.Run("an amount neither approved nor posted is not promised", func(t *testing.T) {
		in := cases.ReplyInput{On: k.on(c), Body: "We will credit 250.00 EUR to your account."}
		_, err := k.cases.Reply(t.Context(), in)
		k.refused(err, cases.ErrUnbackedPromise)
		k.mark(c.ID, 9, cases.CreditApproved, map[string]any{"total": "250.00", "currency": "EUR"})
		in.On = k.on(k.reload(c.ID))
		_, err = k.cases.Reply(t.Context(), in)
		k.must(err)
	})
	k.sound()
}

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	k := setup(t)
	ack := func(c cases.Case) bool {
		var queued bool
		k.do(func(tx *db.Tx) error {
			var err error
			queued, err = k.cases.AcknowledgeTx(t.Context(), tx, cases.AcknowledgeInput{CaseID: c.ID, InReplyTo: "<m1@brandung.example>"})
			return err
		})
		return queued
	}
	c := k.open(k.mail())
	if !ack(c) || ack(c) {
		t.Fatal("not exactly one acknowledgement")
	}
	messages, err := k.cases.Messages(t.Context(), k.db, c.ID)
	k.must(err)
	if len(messages) != 2 || messages[1].Kind != cases.Letter || messages[1].OutgoingMessageID == nil {
		t.Fatalf("%+v", messages)
	}
	for range 19 {
		ack(k.open(k.mail()))
	}
	held := k.open(k.mail())
	if ack(held) {
		t.Fatal("the loop goes on")
	}
	warnings, err := k.cases.Warnings(t.Context(), k.db, held.ID)
	k.must(err)
	if len(warnings) != 1 || warnings[0].Key != "case.acknowledgement_held" {
		t.Fatalf("%+v", warnings)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	foreign := k.agent
	foreign.EntityIDs = []int64{int64(k.other)}
	auditor := k.agent
	auditor.Roles = []access.Role{access.Auditor}
	t.Run("a case of another legal entity does not exist", func(t *testing.T) {
		_, err := k.cases.CaseByNumber(t.Context(), k.db, c.Number, foreign)
		k.refused(err, cases.ErrNoCase)
		_, err = k.cases.Claim(t.Context(), cases.On{By: foreign, ID: c.ID})
		k.refused(err, access.ErrOutOfScope)
		page, err := k.cases.Queue(t.Context(), cases.Filter{}, foreign)
		k.must(err)
		if len(page.Rows) != 0 {
			t.Fatal("the queue shows it")
		}
	})
	t.Run("an auditor reads and does not write", func(t *testing.T) {
		_, err := k.cases.CaseByNumber(t.Context(), k.db, c.Number, auditor)
		k.must(err)
		_, err = k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: auditor, ID: c.ID}, Body: "Hm."})
		k.refused(err, access.ErrForbidden)
		k.refused(k.cases.SaveDraft(t.Context(), cases.DraftInput{By: auditor, ID: c.ID, Kind: cases.Note, Body: "Hm."}), access.ErrForbidden)
	})
	t.Run("nobody opens a case for an entity out of their scope", func(t *testing.T) {
		in := k.mail()
		in.By = foreign
		_, err := k.cases.Open(t.Context(), in)
		k.refused(err, access.ErrOutOfScope)
	})
	t.Run("a stranger gets nothing", func(t *testing.T) {
		_, err := k.cases.Queue(t.Context(), cases.Filter{}, access.Actor{})
		k.refused(err, access.ErrSignIn)
	})
}
