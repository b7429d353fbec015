package awaiting

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// longestQuestion is how much of our question a reminder repeats.
const longestQuestion = 1000

// remindTx reminds the customer once more, and says when the case is closed if that can be. The key of the mail makes it one, however often
// the job runs.
func (s *Service) remindTx(ctx context.Context, tx *db.Tx, c unanswered) error {
	entity, err := s.Billing.EntityByID(ctx, tx, c.EntityID)
	if err != nil {
		return fmt.Errorf("read entity: %w", err)
	}
	next := c.next(tx.Now())
	closes := time.Time{}
	if c.CloseDays > 0 && s.Cases.MayCloseTx(ctx, tx, c.ID) == nil {
		closes = c.closes(tx.Now())
	}
	zone := entity.Zone()
	vars := letters.NudgeVars{Frame: frameOf(c, entity), Name: c.Name, AskedAt: c.Since.In(zone), Question: shortened(c.Question)}
	if !closes.IsZero() {
		vars.ClosesAt = closes.In(zone)
	}
	if _, err := s.writeTx(ctx, tx, c, letter{
		entity: entity, kind: letters.Nudge, mailed: vars, shown: vars, key: fmt.Sprintf("nudge:%d:%d:%d", c.ID, c.Since.Unix(), c.Reminded+1),
	}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into case_awaits as a (case_id, since, reminded, next_at) values ($1, $2, $3, $4)
		on conflict (case_id) do update set since = $2, reminded = $3, next_at = $4, told = '', closed_at = null, reopen_until = null, mail_id = null, reopened_at = null`,
		c.ID, c.Since, c.Reminded+1, next)
	if err != nil {
		return fmt.Errorf("note reminder: %w", err)
	}
	return nil
}

// next is when something more is done after a reminder of now: as many days later as the rules put between them, even where this one came late.
func (c unanswered) next(now time.Time) *time.Time {
	this, then := c.RemindDays[c.Reminded], c.CloseDays
	if c.Reminded+1 < len(c.RemindDays) {
		then = c.RemindDays[c.Reminded+1]
	}
	if then == 0 {
		return nil
	}
	return new(later(c.Since.AddDate(0, 0, then), now.AddDate(0, 0, then-this)))
}

// closes is when the case is closed, if nothing else comes, told of in a reminder of now.
func (c unanswered) closes(now time.Time) time.Time {
	return later(c.Since.AddDate(0, 0, c.CloseDays), now.AddDate(0, 0, c.CloseDays-c.RemindDays[c.Reminded]))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// closeTx closes the case and tells the customer how it is opened again. What has work left in it stays open, and the desk is told.
func (s *Service) closeTx(ctx context.Context, tx *db.Tx, c unanswered) error {
	if err := s.Cases.MayCloseTx(ctx, tx, c.ID); err != nil {
		if errs.KindOf(err) != errs.Conflict {
			return err
		}
		return s.tellTx(ctx, tx, c, leftOf(err))
	}
	entity, err := s.Billing.EntityByID(ctx, tx, c.EntityID)
	if err != nil {
		return fmt.Errorf("read entity: %w", err)
	}
	if _, err := s.Cases.CloseUnansweredTx(ctx, tx, c.ID, c.Since); err != nil {
		return err
	}
	until, zone := tx.Now().Add(s.Cases.ReopenableFor()).Truncate(time.Second), entity.Zone()
	shown := letters.AutoCloseVars{Frame: frameOf(c, entity), Name: c.Name, AskedAt: c.Since.In(zone), ReopenUntil: until.In(zone)}
	mailed := shown
	mailed.ReopenURL = s.publicURL + "/reopen?t=" + s.token(c.ID, until) + "&language=" + letters.Language(c.Language)
	mail, err := s.writeTx(ctx, tx, c, letter{
		entity: entity, kind: letters.AutoClose, mailed: mailed, shown: shown, key: fmt.Sprintf("auto_close:%d:%d", c.ID, c.Since.Unix()),
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into case_awaits as a (case_id, since, closed_at, reopen_until, mail_id) values ($1, $2, $3, $4, $5)
		on conflict (case_id) do update set since = $2, reminded = case when a.since = $2 then a.reminded else 0 end, next_at = null, told = '',
			closed_at = $3, reopen_until = $4, mail_id = $5, reopened_at = null`, c.ID, c.Since, tx.Now(), until, mail)
	if err != nil {
		return fmt.Errorf("note closing: %w", err)
	}
	return nil
}

// leftOf says in a word what keeps a case from being closed.
func leftOf(err error) string {
	switch errs.KeyOf(err) {
	case cases.ErrUndecidedDispute.Key:
		return "dispute"
	case cases.ErrNoRootCause.Key:
		return "cause"
	case cases.ErrUndonePoints.Key:
		return "points"
	}
	return "work"
}

// letter is what is to be written. The conversation shows it by other variables: a link that speaks in the customer's place is theirs alone.
type letter struct {
	entity        billing.Entity
	kind          letters.Kind
	mailed, shown any
	key           string
}

// writeTx mails a letter and shows it in the conversation.
func (s *Service) writeTx(ctx context.Context, tx *db.Tx, c unanswered, l letter) (inbox.OutgoingID, error) {
	written, err := letterbook.Write(ctx, tx, c.EntityID, l.kind, c.Language, l.mailed)
	if err != nil {
		return 0, fmt.Errorf("write letter: %w", err)
	}
	out := inbox.Outgoing{
		Key: l.key, CaseID: new(int64(c.ID)), Kind: string(l.kind), Automatic: true, FromAddress: l.entity.SupportAddress, FromName: l.entity.SupportName,
		ToAddress: c.Address, ToName: c.Name, Subject: written.Subject, Text: written.Text, HTML: written.HTML, InReplyTo: c.InReplyTo, Language: written.Lang,
		LetterVersionID: written.Version,
	}
	if c.InReplyTo != "" {
		out.References = []string{c.InReplyTo}
	}
	mail, err := s.Inbox.QueueTx(ctx, tx, out)
	if err != nil {
		return 0, fmt.Errorf("queue letter: %w", err)
	}
	if written, err = letterbook.Write(ctx, tx, c.EntityID, l.kind, c.Language, l.shown); err != nil {
		return 0, fmt.Errorf("write letter: %w", err)
	}
	_, err = s.Cases.RecordLetterTx(ctx, tx, cases.LetterInput{
		CaseID: c.ID, Kind: string(l.kind), OutgoingID: int64(mail), To: c.Address, Subject: written.Subject, Body: written.Text, Language: written.Lang,
	})
	return mail, err
}

// tellTx tells whoever works on the case, else the lead of its team, else the supervisors, why nothing is done by itself. Once for each question.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, c unanswered, why string) error {
	users, err := db.Values[int64](ctx, tx, `with here as (select id, roles from users where active and (cardinality(entity_ids) = 0 or $3 = any (entity_ids))),
			own as (select id from here where id = $1),
			lead as (select h.id from here h join teams t on t.lead_id = h.id where t.id = $2 and not exists (select from own))
		select id from own union all select id from lead
		union all select id from here where 'supervisor' = any (roles) and not exists (select from own) and not exists (select from lead) order by id`,
		c.AssigneeID, c.TeamID, c.EntityID)
	if err != nil {
		return fmt.Errorf("find whom to tell: %w", err)
	}
	for _, id := range users {
		if err := s.Cases.NotifyTx(ctx, tx, cases.Notice{UserID: id, CaseID: &c.ID, Key: noticeOf(why), Params: map[string]string{
			"number": c.Number, "since": c.Since.Format(time.DateOnly), "address": c.Address,
		}}); err != nil {
			return fmt.Errorf("tell of an unanswered case: %w", err)
		}
	}
	if err := s.Cases.RecordUnansweredTx(ctx, tx, c.ID, c.Since, why); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into case_awaits as a (case_id, since, told) values ($1, $2, $3)
		on conflict (case_id) do update set since = $2, reminded = case when a.since = $2 then a.reminded else 0 end, next_at = null, told = $3,
			closed_at = null, reopen_until = null, mail_id = null, reopened_at = null`, c.ID, c.Since, why)
	if err != nil {
		return fmt.Errorf("note what was told: %w", err)
	}
	return nil
}

func noticeOf(why string) string {
	switch why {
	case "address":
		return "notice.unanswered_address"
	case "nobody":
		return "notice.unanswered_nobody"
	case "dispute":
		return "notice.unanswered_dispute"
	case "cause":
		return "notice.unanswered_cause"
	case "points":
		return "notice.unanswered_points"
	}
	return "notice.unanswered_work"
}

func frameOf(c unanswered, entity billing.Entity) letters.Frame {
	signature := entity.Signature
	if strings.TrimSpace(signature) == "" {
		signature = entity.SupportName
	}
	return letters.Frame{CaseNumber: c.Number, Subject: c.Subject, Entity: entity.Name, Signature: signature}
}

// shortened is what a reminder repeats of a text.
func shortened(text string) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= longestQuestion {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:longestQuestion])) + " …"
}
