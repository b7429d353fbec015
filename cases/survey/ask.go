package survey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Ask looks for cases whose customers are to be asked how it went.
type Ask struct{}

// Kind names the job.
func (Ask) Kind() string { return "survey.ask" }

const (
	// askedAtOnce is how many cases one run looks at; the next takes up the rest.
	askedAtOnce = 200
	// tooLate is how long after its moment a customer is still asked, such as when the program was away.
	tooLate = 7 * 24 * time.Hour
	// lockSpace keeps the advisory locks on addresses apart from other locks of the program.
	lockSpace = 0x7375_7276
)

// due are the cases that are settled for as long as their entity says and that nobody has been asked about: $1 now, $2 the latest hour
// after which it is too late. Joined cases are the other's matter; those brought in as past, which nothing moved since, and those of another
// helpdesk were settled by others. Who did not answer our question is not asked another.
const due = ` from survey_rules r join cases c on c.entity_id = r.entity_id
	where r.active and c.status in ('resolved', 'closed') and c.merged_into is null and c.resolved_at >= r.active_since
		and c.resolved_at + make_interval(hours => r.wait_hours) between $2 and $1
		and c.resolved_at >= $2::timestamptz - interval '30 days'
		and (c.closed_at is distinct from c.opened_at or not exists (select from audit_log a
			where a.stream = 'case:' || c.id and a.what = 'status.changed' and a.data->>'past' = 'true'))
		and not exists (select from case_awaits w where w.case_id = c.id and w.closed_at = c.resolved_at)
		and not exists (select from case_surveys s where s.case_id = c.id)
		and not exists (select from case_references f where f.case_id = c.id and f.brought_at >= c.resolved_at) `

func (s *Service) ask(ctx context.Context, _ Ask) error {
	now := s.DB.Now()
	ids, err := db.Values[cases.ID](ctx, s.DB, `select c.id`+due+`order by c.resolved_at, c.id limit $3`, now, now.Add(-tooLate), askedAtOnce)
	if err != nil {
		return fmt.Errorf("find settled cases: %w", err)
	}
	for _, id := range ids {
		if err := s.DB.Do(ctx, func(tx *db.Tx) error { return s.askTx(ctx, tx, id) }); err != nil {
			// One case that cannot be asked about keeps no other customer from being asked.
			s.logger.ErrorContext(ctx, "ask about case", "case", id, "error", err)
		}
	}
	return nil
}

// settled is a case to be asked about, with whom to ask and in which words.
type settled struct {
	ID         cases.ID
	Number     string
	Subject    string
	EntityID   billing.EntityID
	ResolvedAt time.Time
	AgentID    *int64
	AnswerDays int
	QuietDays  int
	Address    string
	Name       string
	Language   string
	InReplyTo  string
}

// askTx looks at one case under its lock, as it is now, and asks its customer or notes why not. Where an address has got its hourly share
// of automatic mail, nothing is noted and the next run looks again.
func (s *Service) askTx(ctx context.Context, tx *db.Tx, id cases.ID) error {
	if _, err := db.Value[cases.ID](ctx, tx, `select id from cases where id = $1 for update`, id); err != nil {
		return fmt.Errorf("lock case: %w", err)
	}
	c, err := readSettled(ctx, tx, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil // it was opened again or asked about meanwhile
	}
	if err != nil {
		return err
	}
	why, wait, err := s.leaveOutTx(ctx, tx, c)
	if err != nil || wait {
		return err
	}
	if why != "" {
		return keepTx(ctx, tx, c, Survey{LeftOut: why})
	}
	return s.writeTx(ctx, tx, c)
}

// readSettled reads a case that is still due. Whoever resolved it answers for it, and else whom it is with. Asked is the person on the
// customer's side who wrote last, of those who take part: so nobody is asked about what only machines said.
func readSettled(ctx context.Context, tx *db.Tx, id cases.ID) (settled, error) {
	return db.One[settled](ctx, tx, `select c.id, c.number, c.subject, c.entity_id, c.resolved_at, r.answer_days, r.quiet_days, coalesce(
				(select nullif(a.actor_id, 0) from audit_log a where a.stream = 'case:' || c.id and a.what = 'status.changed' and a.data->>'to' = 'resolved'
					order by a.seq desc limit 1), c.assignee_id) as agent_id,
			coalesce(w.address, '') as address, coalesce(w.name, '') as name,
			coalesce(nullif(ct.language, ''), nullif(c.language, ''), nullif(k.language, ''), e.language) as language, coalesce(last.message_id, '') as in_reply_to
		from (select c.id as case_id, r.entity_id as of`+due+`and c.id = $3) d
		join cases c on c.id = d.case_id join survey_rules r on r.entity_id = d.of join legal_entities e on e.id = d.of
		left join customers k on k.id = c.customer_id
		left join lateral (select p.address, coalesce(nullif(p.name, ''), m.author_name) as name, p.contact_id from case_messages m
			join case_participants p on p.case_id = m.case_id and p.address = lower(m.author_address) and p.accepted
			where m.case_id = c.id and m.kind = 'inbound' and not m.machine order by m.at desc, m.id desc limit 1) w on true
		left join contacts ct on ct.id = w.contact_id
		left join lateral (select message_id from inbound_messages m where m.case_id = c.id and m.message_id <> '' and m.fate in ('new_case', 'attached')
			order by m.id desc limit 1) last on true`, tx.Now(), tx.Now().Add(-tooLate), id)
}

// leaveOutTx tells why nobody is asked, or that it has to wait. Two cases of one address are looked at one after the other.
func (s *Service) leaveOutTx(ctx context.Context, tx *db.Tx, c settled) (why LeftOut, wait bool, err error) {
	if c.Address == "" {
		return Nobody, false, nil
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, hashtext($2))`, int32(lockSpace), c.Address); err != nil {
		return "", false, fmt.Errorf("lock address: %w", err)
	}
	why, err = db.Value[LeftOut](ctx, tx, `select case
			when exists (select from dead_addresses where address = $1 and released_at is null) then 'dead'
			when exists (select from case_surveys where address = $1 and left_out = '' and settled_at > $2) then 'asked_lately' else '' end`,
		c.Address, tx.Now().AddDate(0, 0, -c.QuietDays))
	if err != nil || why != "" {
		return why, false, err
	}
	got, err := s.Inbox.AutomaticTo(ctx, tx, tx.Now(), []string{c.Address})
	if err != nil {
		return "", false, fmt.Errorf("look up automatic mail: %w", err)
	}
	return "", got[c.Address].Full(), nil
}

// writeTx mails the question. The key of the mail makes it one, however often the job runs.
func (s *Service) writeTx(ctx context.Context, tx *db.Tx, c settled) error {
	entity, err := s.Billing.EntityByID(ctx, tx, c.EntityID)
	if err != nil {
		return fmt.Errorf("read entity: %w", err)
	}
	signature := entity.Signature
	if signature == "" {
		signature = entity.Name
	}
	zone := entity.Zone()
	expires := tx.Now().AddDate(0, 0, c.AnswerDays).Truncate(time.Second)
	written, err := letterbook.Write(ctx, tx, c.EntityID, letters.Survey, c.Language, letters.SurveyVars{
		Frame: letters.Frame{CaseNumber: c.Number, Subject: c.Subject, Entity: entity.Name, Signature: signature}, Name: c.Name,
		URL: s.publicURL + "/survey?t=" + s.token(c.ID, expires) + "&language=" + letters.Language(c.Language), EndsAt: expires.In(zone),
	})
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	mail, err := s.Inbox.QueueTx(ctx, tx, inbox.Outgoing{
		Key: fmt.Sprintf("survey:case:%d", c.ID), CaseID: new(int64(c.ID)), Kind: string(letters.Survey), Automatic: true, FromAddress: entity.SupportAddress,
		FromName: entity.SupportName, ToAddress: c.Address, ToName: c.Name, Subject: written.Subject, Text: written.Text, HTML: written.HTML,
		InReplyTo: c.InReplyTo, Language: written.Lang, LetterVersionID: written.Version,
	})
	if err != nil {
		return fmt.Errorf("queue letter: %w", err)
	}
	if err := keepTx(ctx, tx, c, Survey{OutgoingMessageID: new(int64(mail)), ExpiresAt: &expires, Address: c.Address, Name: c.Name, Language: written.Lang}); err != nil {
		return err
	}
	_, err = s.Cases.RecordSurveyTx(ctx, tx, cases.Surveyed{CaseID: c.ID, By: access.SystemActor("survey"), Mail: int64(mail)})
	return err
}

func keepTx(ctx context.Context, tx *db.Tx, c settled, v Survey) error {
	_, err := tx.Exec(ctx, `insert into case_surveys (case_id, entity_id, agent_id, resolved_at, settled_at, left_out, address, name, language, outgoing_message_id, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.EntityID, c.AgentID, c.ResolvedAt, tx.Now(), v.LeftOut, v.Address, v.Name, v.Language, v.OutgoingMessageID, v.ExpiresAt)
	if err != nil {
		return fmt.Errorf("keep survey: %w", err)
	}
	return nil
}
