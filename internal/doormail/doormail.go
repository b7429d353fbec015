// Package doormail writes to people of the desk: links by which they choose a password, and the notice that somebody has changed rights
// alone. These letters go straight to the mail server and are not kept: everybody who may read the desk's mail could use such a link.
package doormail

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/billing"
	"makegood/inbox/send"
	"makegood/internal/i18n"
	"makegood/internal/jobs"
	"makegood/internal/people"
)

// Service writes the letters. Without a Sender nothing is written, which the log says.
type Service struct {
	People  *people.Service
	Billing *billing.Service
	Words   *i18n.Catalogue
	Sender  send.Sender
	Logger  *slog.Logger
	Clock   func() time.Time
	Public  string // where the desk is
}

// Register has letters written that are due.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.link)
	jobs.Handle(r, func(ctx context.Context, in people.GlassBroken) error { return s.People.TellOfGlass(ctx, in.ID) })
	jobs.Handle(r, s.glass)
}

// link writes the letter of a link. It may be written twice, when the job is cut off between the mail server and its own end; both
// letters carry the same link and the same number, so that a mail server which knows repeated mail drops the second.
func (s *Service) link(ctx context.Context, in people.SendLink) error {
	letter, ok, err := s.People.LetterOf(ctx, in.ID)
	if err != nil || !ok {
		return err
	}
	zone := letter.EndsAt.UTC().Format("2006-01-02 15:04 MST")
	return s.write(ctx, note{
		to: letter.Address, name: letter.Name, language: letter.Language, id: numbered("link", letter.EndsAt, in.ID),
		subject: s.Words.Say(letter.Language, "doormail."+letter.Kind+"_subject"),
		text:    s.Words.Say(letter.Language, "doormail."+letter.Kind+"_text", "name", letter.Name, "url", letter.URL, "until", zone),
	})
}

// glass tells one controller or director that rights were changed by one person alone; nobody who has been shut out since.
func (s *Service) glass(ctx context.Context, in people.WriteOfGlass) error {
	change, err := s.People.ChangeWith(ctx, in.Change)
	if err != nil {
		return err
	}
	w, err := s.People.User(ctx, in.Watcher)
	if err != nil || !w.Active {
		return err
	}
	return s.write(ctx, note{
		to: w.Email, name: w.Name, language: w.Language, id: numbered("glass", change.ProposedAt, in.Change, w.ID),
		subject: s.Words.Say(w.Language, "doormail.glass_subject", "who", change.Proposer),
		text: s.Words.Say(w.Language, "doormail.glass_text", "name", w.Name, "who", change.Proposer, "reason", change.Reason,
			"at", change.ProposedAt.UTC().Format("2006-01-02 15:04 MST"), "url", strings.TrimSuffix(s.Public, "/")+"/settings/users/changes"),
	})
}

// numbered names a letter, the same however often it is written: by its rows, and by a moment of theirs that two installations of one
// company hardly share.
func numbered(kind string, moment time.Time, ids ...int64) string {
	name := []string{kind}
	for _, id := range ids {
		name = append(name, strconv.FormatInt(id, 10))
	}
	return strings.Join(name, "-") + "." + strconv.FormatInt(moment.UnixMilli(), 36)
}

type note struct{ to, name, language, id, subject, text string }

func (s *Service) write(ctx context.Context, n note) error {
	if s.Sender == nil {
		s.Logger.WarnContext(ctx, "a letter to a person of the desk was not written: there is no mail server", "letter", n.id)
		return nil
	}
	entities, err := s.Billing.Entities(ctx)
	if err != nil {
		return fmt.Errorf("find sender: %w", err)
	}
	if len(entities) == 0 {
		return billing.ErrNoEntity
	}
	m, err := s.compose(entities[0], n)
	if err != nil {
		return err
	}
	_, err = s.Sender.Send(ctx, m)
	return err
}

func (s *Service) compose(from billing.Entity, n note) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat(from.SupportName, from.SupportAddress); err != nil {
		return nil, fmt.Errorf("write sender: %w", err)
	}
	if err := m.AddToFormat(n.name, n.to); err != nil {
		return nil, fmt.Errorf("write address: %w", err)
	}
	_, domain, _ := strings.Cut(from.SupportAddress, "@")
	id := n.id + "@" + domain
	m.Subject(n.subject)
	m.SetDateWithValue(s.Clock())
	m.SetMessageIDWithValue(id)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", n.language)
	if header := s.Sender.RepeatHeader(); header != "" {
		m.SetGenHeader(mail.Header(header), id)
	}
	m.SetBodyString(mail.TypeTextPlain, n.text)
	return m, nil
}
