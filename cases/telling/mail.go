package telling

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/inbox"
	"makegood/internal/db"
)

// MailNotices writes to those whose notices are due by mail.
type MailNotices struct{}

// Kind names the job.
func (MailNotices) Kind() string { return "telling.mail_notices" }

// person is somebody who gets notices by mail.
type person struct {
	Choice

	Since    time.Time
	Email    string
	Name     string
	Language string
	TimeZone string
}

// notice is one that was neither read nor mailed.
type notice struct {
	ID        int64
	Key       string
	Params    map[string]string
	Urgent    bool
	CreatedAt time.Time
	Number    string // of the case; "" without one
}

const (
	waitingPeople = ` from notice_choices c join users u on u.id = c.user_id where c.mail <> 'none' and u.active and u.email <> ''`
	unmailed      = `n.user_id = c.user_id and n.mailed_at is null and n.read_at is null and n.created_at >= c.since`
	// inOneMail is how many notices one mail brings; what is more comes with the next.
	inOneMail = 100
)

// mailNotices writes to each in a transaction of their own, so that one who cannot be written to holds up nobody. What was read on
// screen meanwhile is not mailed.
func (s *Service) mailNotices(ctx context.Context, _ MailNotices) error {
	waiting, err := db.Values[int64](ctx, s.DB, `select c.user_id`+waitingPeople+` and exists (select from notices n where `+unmailed+`) order by 1`)
	if err != nil {
		return fmt.Errorf("find who waits for notices: %w", err)
	}
	for _, id := range waiting {
		if err := s.DB.Do(ctx, func(tx *db.Tx) error { return s.writeTo(ctx, tx, id) }); err != nil {
			s.logger.ErrorContext(ctx, "mail notices", "user", id, "error", err)
		}
	}
	return nil
}

// writeTo puts what is due for one person into the outbox, all in one mail.
func (s *Service) writeTo(ctx context.Context, tx *db.Tx, id int64) error {
	list, err := db.List[person](ctx, tx, `select c.user_id, c.mail, c.quiet_from, c.quiet_to, c.digest_at, c.version, c.since, u.email, u.name, u.language, u.time_zone`+
		waitingPeople+` and c.user_id = $1 for update of c`, id)
	if err != nil || len(list) == 0 {
		return err
	}
	p := list[0]
	waiting, err := db.List[notice](ctx, tx, `select n.id, n.key, n.params, n.urgent, n.created_at, coalesce(k.number, n.params->>'number', '') as number
		from notice_choices c join notices n on `+unmailed+` left join cases k on k.id = n.case_id
		where c.user_id = $1 order by n.urgent desc, n.id limit $2 for update of n`, id, inOneMail)
	if err != nil {
		return fmt.Errorf("read notices: %w", err)
	}
	due := p.due(waiting, tx.Now())
	if len(due) == 0 {
		return nil
	}
	mail, err := s.mail(ctx, p, due)
	if err != nil {
		return err
	}
	if _, err := s.Inbox.QueueTx(ctx, tx, mail); err != nil {
		return fmt.Errorf("queue notices: %w", err)
	}
	ids := make([]int64, len(due))
	for n, one := range due {
		ids[n] = one.ID
	}
	if _, err := tx.Exec(ctx, `update notices set mailed_at = $2 where id = any ($1)`, ids, tx.Now()); err != nil {
		return fmt.Errorf("mark notices: %w", err)
	}
	return nil
}

// due are the notices whose time has come.
func (p person) due(list []notice, now time.Time) []notice {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	var due []notice
	for _, n := range list {
		if !p.Leaves(n.CreatedAt, n.Urgent, zone).After(now) {
			due = append(due, n)
		}
	}
	return due
}

// mail words the notices in the person's language, from the address of the first legal entity: they all read that mailbox.
func (s *Service) mail(ctx context.Context, p person, due []notice) (inbox.Outgoing, error) {
	entities, err := s.Billing.Entities(ctx)
	if err != nil {
		return inbox.Outgoing{}, err
	}
	m := inbox.Outgoing{
		Key: fmt.Sprintf("notices:%d:%d", p.UserID, due[len(due)-1].ID), Kind: "notice", Automatic: true, ToAddress: p.Email, ToName: p.Name, Language: p.Language,
	}
	if len(entities) > 0 {
		m.FromAddress, m.FromName = entities[0].SupportAddress, entities[0].SupportName
	}
	var text strings.Builder
	for _, n := range due {
		text.WriteString(s.line(p, n))
	}
	m.Subject = s.words.Say(p.Language, "telling.subject", "count", strconv.Itoa(len(due)))
	if len(due) == 1 {
		m.Subject = s.sentence(p, due[0])
	}
	m.Text = text.String() + "\n" + s.words.Say(p.Language, "telling.foot", "address", s.publicURL+"/settings/notices") + "\n"
	return m, nil
}

// sentence is what the notice says, with the number of its case.
func (s *Service) sentence(p person, n notice) string {
	said := s.words.Fill(p.Language, n.keyFor(p), n.Params)
	if n.Number == "" || strings.Contains(said, n.Number) {
		return said
	}
	return n.Number + ": " + said
}

func (s *Service) line(p person, n notice) string {
	line := "- " + s.sentence(p, n) + "\n"
	switch path := n.Params["path"]; {
	case path != "":
		line += "  " + s.publicURL + path + "\n"
	case n.Number != "":
		line += "  " + s.publicURL + "/cases/" + n.Number + "\n"
	}
	return line
}

// keyFor is the sentence for a person: in a digest, which lies about for a day, a notice of a credit request tells its number and not
// what it is over. Whoever may know reads it behind the link.
func (n notice) keyFor(p person) string {
	if p.Mail != Digest {
		return n.Key
	}
	switch n.Key {
	case "notice.credit_waits_for_you":
		return "telling.credit_waits_for_you"
	case "notice.credit_still_waits":
		return "telling.credit_still_waits"
	case "notice.credit_went_up":
		return "telling.credit_went_up"
	case "notice.credit_asked_back":
		return "telling.credit_asked_back"
	case "notice.credit_given_less":
		return "telling.credit_given_less"
	case "notice.credit_rejected":
		return "telling.credit_rejected"
	case "notice.credit_expired":
		return "telling.credit_expired"
	case "notice.credit_failed":
		return "telling.credit_failed"
	case "notice.credit_posted":
		return "telling.credit_posted"
	}
	return n.Key
}
