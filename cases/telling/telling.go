package telling

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/jobs"
)

// ErrStale is a choice that was changed meanwhile, on another screen of the same person's.
var ErrStale = errs.New(errs.Conflict, "telling.stale")

// mailEvery is how often it is looked whom to write to; nobody waits longer for a notice.
const mailEvery = 20 * time.Second

// Services are the doors behind the notices.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Inbox   *inbox.Service
}

// Service is the one way to what people have chosen. It is safe for concurrent use.
type Service struct {
	Services

	words     *i18n.Catalogue
	publicURL string
	logger    *slog.Logger
}

// New makes the service. Links in mails begin with publicURL.
func New(s Services, words *i18n.Catalogue, publicURL string, logger *slog.Logger) *Service {
	return &Service{Services: s, words: words, publicURL: publicURL, logger: logger}
}

// Register has people written to.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.mailNotices)
	jobs.Repeat(r, mailEvery, MailNotices{})
}

const choiceColumns = `user_id, mail, quiet_from, quiet_to, digest_at, version`

// Choice is what the actor has chosen.
func (s *Service) Choice(ctx context.Context, by access.Actor) (Choice, error) {
	c, err := db.One[Choice](ctx, s.DB, `select `+choiceColumns+` from notice_choices where user_id = $1`, by.UserID)
	if errors.Is(err, db.ErrNoRow) {
		return unchosen(by.UserID), nil
	}
	if err != nil {
		return c, fmt.Errorf("read what was chosen about notices: %w", err)
	}
	return c, nil
}

// Choose changes what the actor has chosen, from the version they saw. Mail that is switched on brings what is told from then on.
func (s *Service) Choose(ctx context.Context, by access.Actor, c Choice) (Choice, error) {
	if by.UserID == 0 {
		return Choice{}, errs.New(errs.Forbidden, "telling.only_people")
	}
	if err := c.check(); err != nil {
		return Choice{}, err
	}
	c.UserID = by.UserID
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		saved, err := db.Value[int](ctx, tx, `insert into notice_choices as n (user_id, mail, quiet_from, quiet_to, digest_at, since) select $1, $2, $3, $4, $5, $6
				where $7 = 0 or exists (select from notice_choices where user_id = $1)
			on conflict (user_id) do update set mail = $2, quiet_from = $3, quiet_to = $4, digest_at = $5, version = n.version + 1,
				since = case when n.mail = 'none' and $2 <> 'none' then $6 else n.since end
			where n.version = $7 returning version`, c.UserID, c.Mail, c.QuietFrom, c.QuietTo, c.DigestAt, tx.Now(), c.Version)
		if errors.Is(err, db.ErrNoRow) {
			return ErrStale
		}
		if err != nil {
			return fmt.Errorf("save what was chosen about notices: %w", err)
		}
		c.Version = saved
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "notices.chosen", Data: map[string]any{
			"user": c.UserID, "mail": c.Mail, "quiet_from": c.QuietFrom, "quiet_to": c.QuietTo, "digest_at": c.DigestAt,
		}})
	})
	return c, err
}
