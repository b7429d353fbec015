package reports

import (
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/inbox"
)

// FileMail is a mail of a case and how it fared on its way out.
type FileMail struct {
	ID               inbox.OutgoingID
	Kind             string
	State            inbox.OutgoingState
	ToAddress        string
	ToName           string
	Cc               []string
	Subject          string
	NotBefore        time.Time
	AwaitsAttachment bool
	Attempts         int
	SentAt           *time.Time
	CreatedAt        time.Time
	AuthorName       string // "" when Makegood wrote it by itself

	Steps []inbox.OutgoingStep `db:"-"` // oldest first
}

func queueDelivery(batch *pgx.Batch, file *CaseFile, loose *scattered) {
	into(batch, &file.Mails, `select o.id, o.kind, o.state, o.to_address, o.to_name, o.cc, o.subject, o.not_before, o.awaits_attachment, o.attempts,
			o.sent_at, o.created_at, coalesce(u.name, '') as author_name
		from outgoing_messages o left join users u on u.id = o.created_by where o.case_id = $1 order by o.id desc limit $2`, file.ID, mailsShown)
	into(batch, &file.Dead, `select d.* from case_participants p join dead_addresses d on d.address = p.address and d.released_at is null
		where p.case_id = $1 order by d.address`, file.ID)
	into(batch, &loose.mailSteps, `select s.* from (select id from outgoing_messages where case_id = $1 order by id desc limit $2) o
		join outgoing_steps s on s.outgoing_message_id = o.id order by s.id`, file.ID, mailsShown)
}

// settleMails puts what happened under the mail it happened to.
func (loose scattered) settleMails(file *CaseFile) {
	steps := map[inbox.OutgoingID][]inbox.OutgoingStep{}
	for _, s := range loose.mailSteps {
		steps[s.OutgoingMessageID] = append(steps[s.OutgoingMessageID], s)
	}
	for i := range file.Mails {
		file.Mails[i].Steps = steps[file.Mails[i].ID]
	}
}
