// Package intake is the screen of the mail that waits for a person: why each message waits, what was checked, what it
// says, where it would go and what to do with it; beside it, how the mailboxes and the outbox are.
package intake

import (
	"maps"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Services are the doors the screen knocks at.
type Services struct {
	Inbox   *inbox.Service
	Intake  *mailroom.Intake
	Cases   *cases.Service
	Billing *billing.Service
	Reports *reports.Service
	// TrustedReceivers are the mail servers whose Authentication-Results are believed, the same as the intake's.
	TrustedReceivers []string
}

// Screen is the intake room.
type Screen struct {
	Services

	desk *desk.Desk
}

// New makes the screen.
func New(d *desk.Desk, s Services) *Screen { return &Screen{Services: s, desk: d} }

// reader is who looks at the room, and when.
type reader struct {
	by   access.Actor
	lang string
	zone *time.Location
	now  time.Time
	say  func(key string, params map[string]string) string
	may  bool // may decide about messages
}

func (s *Screen) reader(c echo.Context) reader {
	language := s.desk.Lang(c)
	return reader{
		by: web.Actor(c), lang: language, zone: s.desk.Zone(c), now: s.desk.Clock(), may: access.May(web.Actor(c), access.WorkIntake),
		say: func(key string, params map[string]string) string { return s.desk.Catalogue.Fill(language, key, params) },
	}
}

func (r reader) count(n int) string { return kit.FormatCount(n, r.lang) }

func (r reader) when(t time.Time) string { return kit.FormatShort(t, r.now, r.zone, r.lang) }

// reason is why a message has the fate it has. What went wrong is a key of its own, and sizes are given in bytes.
func (r reader) reason(m inbox.Inbound) string {
	params := make(map[string]string, len(m.FateParams))
	maps.Copy(params, m.FateParams)
	if cause, ok := params["error"]; ok {
		params["error"] = r.cause(cause)
	}
	for _, name := range []string{"size", "limit"} {
		if value, ok := params[name]; ok {
			params[name] = grouped(value)
		}
	}
	if m.FateReason == "" {
		return fateName(m.Fate)
	}
	return r.say(m.FateReason, params)
}

// cause is what went wrong while a message was handled. What has no sentence of its own stands in the log.
func (r reader) cause(key string) string {
	if key == "error.internal" {
		return i18n.T("an unexpected error, which the log describes.")
	}
	return r.say(key, nil)
}

// grouped separates the thousands of a whole number by commas.
func grouped(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
