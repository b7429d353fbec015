package mailboxes

import (
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

type pageView struct {
	Rows     []rowView
	Entities []entityOption
	Whole    bool // whose mailboxes may be of no legal entity
	Opened   openedView
}

type entityOption struct{ ID, Name string }

// rowView is how one mailbox is.
type rowView struct {
	ID, Address, Server, Tone, State, Read, Backlog, Compared string
	Troubles                                                  []string
	Current                                                   bool
}

// openedView is the mailbox that is open, or the empty form of a new one.
type openedView struct {
	Shown, Active, MayAct bool
	ID                    int64
	Row                   rowView
	Form                  form
	Probe                 *probeView
	Compared              *noticeView
}

func (o openedView) path(step string) string {
	if o.ID == 0 {
		return "/settings/mailboxes"
	}
	return "/settings/mailboxes/" + strconv.FormatInt(o.ID, 10) + step
}

// form is what is typed.
type form struct {
	Version                                                   int
	Address, Entity, Server, Security, Username, Folder, Auth string
	Password                                                  string
	TokenURL, ClientID, Secret, Scope, Refresh, EndsOn        string
	Tagged                                                    bool
	Errors                                                    map[string]string
}

func formOf(c echo.Context) form {
	version, _ := strconv.Atoi(c.FormValue("version"))
	return form{
		Version: version, Address: c.FormValue("address"), Entity: c.FormValue("entity"), Server: c.FormValue("imap_address"), Security: c.FormValue("security"),
		Username: c.FormValue("username"), Folder: c.FormValue("folder"), Auth: c.FormValue("auth"), Password: c.FormValue("password"),
		TokenURL: c.FormValue("token_url"), ClientID: c.FormValue("client_id"), Secret: c.FormValue("client_secret"), Scope: c.FormValue("scope"),
		Refresh: c.FormValue("refresh_token"), EndsOn: c.FormValue("ends_on"),
		Tagged: c.FormValue("tagged_replies") == "on",
	}
}

func (f form) settings() inbox.NewMailbox {
	in := inbox.NewMailbox{
		Address: f.Address, IMAPAddress: f.Server, Security: f.Security, Username: f.Username, Password: f.Password, Folder: f.Folder, Auth: inbox.Auth(f.Auth), TaggedReplies: f.Tagged,
		Grant: inbox.NewGrant{
			TokenURL: strings.TrimSpace(f.TokenURL), ClientID: strings.TrimSpace(f.ClientID), ClientSecret: f.Secret, Scope: strings.TrimSpace(f.Scope), RefreshToken: strings.TrimSpace(f.Refresh),
		},
	}
	if id, err := strconv.ParseInt(f.Entity, 10, 64); err == nil {
		in.EntityID = &id
	}
	if on, err := time.Parse(time.DateOnly, f.EndsOn); err == nil {
		in.Grant.EndsAt = &on
	}
	return in
}

func (f form) field(name, label, value string) kit.FieldView {
	return kit.FieldView{Name: name, Label: label, Value: value, Error: f.Errors[name]}
}

func (f form) required(name, label, value string) kit.FieldView {
	v := f.field(name, label, value)
	v.Required = true
	return v
}

// secret is a field that never shows what is kept.
func (f form) secret(name, label string, kept bool) kit.FieldView {
	v := f.field(name, label, "")
	v.Type, v.Autocomplete = "password", "new-password"
	if kept {
		v.Placeholder = i18n.T("kept; type to replace")
	}
	return v
}

func (f form) hint(v kit.FieldView, hint string) kit.FieldView {
	v.Hint = hint
	return v
}

// noticeView is a result in one box.
type noticeView struct {
	Tone, Title, Text string
}

// probeView is what the test of the settings found.
type probeView struct {
	Notice  noticeView
	Can     []canView
	Folders string
	Mechs   string
}

// canView is something a server can do, or cannot, and what that means here.
type canView struct {
	Yes        bool
	Name, Text string
}

func probeOf(p fetch.Probed, box inbox.Mailbox) *probeView {
	v := &probeView{Folders: strings.Join(p.Folders, ", "), Mechs: strings.Join(p.Mechs, ", ")}
	switch p.Step {
	case fetch.StepReach:
		v.Notice = noticeView{"bad", i18n.T("The server was not reached."), p.Error}
		return v
	case fetch.StepSignIn:
		v.Notice = noticeView{"bad", i18n.T("The server was reached, but did not let us in."), p.Error}
	case fetch.StepOpen:
		v.Notice = noticeView{"bad", i18n.F("Signed in, but the folder {folder} could not be opened.", "folder", box.Folder), p.Error}
	case fetch.StepDone:
		v.Notice = noticeView{"ok", i18n.T("Everything works."), i18n.F("{messages} messages lie in {folder}. Nothing was changed there.", "messages", p.Messages, "folder", box.Folder)}
	}
	if p.Step == fetch.StepOpen || p.Step == fetch.StepDone {
		v.Can = []canView{
			{p.Idle, "IDLE", whether(p.Idle, i18n.T("new mail is told of at once"), i18n.T("new mail is asked for every 20 seconds"))},
			{p.UIDPlus, "UIDPLUS", whether(p.UIDPlus, i18n.T("one message can be removed alone"), i18n.T("not needed: mail is left where it is"))},
			{p.Move, "MOVE", whether(p.Move, i18n.T("messages can be moved"), i18n.T("not needed: mail is left where it is"))},
			{p.ESearch, "ESEARCH", whether(p.ESearch, i18n.T("comparisons take little"), i18n.T("comparisons list every message"))},
		}
	}
	return v
}

func whether(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func comparedOf(r fetch.Reconciled, found int, err error) *noticeView {
	switch {
	case err != nil:
		return &noticeView{"bad", i18n.T("The comparison failed."), err.Error()}
	case r.Gap():
		return &noticeView{"bad", i18n.F("{missing} messages on the server are not stored.", "missing", len(r.Missing)), i18n.T("The server lists them and does not give them. They stand in quarantine.")}
	case found > 0:
		return &noticeView{"stop", i18n.F("{found} messages were missing and have been fetched.", "found", found), i18n.T("They are handled like new mail.")}
	}
	return &noticeView{"ok", i18n.T("Nothing is missing."), i18n.F("{on_server} messages on the server, {waiting} of them still to be read.", "on_server", r.OnServer, "waiting", len(r.Waiting))}
}

// reader is who looks, and when.
type reader struct {
	lang string
	zone *time.Location
	now  time.Time
}

func (r reader) row(m inbox.Mailbox, current bool) rowView {
	v := rowView{
		ID: strconv.FormatInt(int64(m.ID), 10), Address: m.Address, Server: m.IMAPAddress, Tone: "ok", State: i18n.T("is read"), Read: i18n.T("never"), Current: current,
		Backlog: kit.FormatCount(m.Backlog, r.lang), Compared: i18n.T("never"),
	}
	if m.LastSuccessAt != nil {
		v.Read = kit.FormatShort(*m.LastSuccessAt, r.now, r.zone, r.lang)
	}
	if m.ReconciledAt != nil {
		v.Compared = kit.FormatShort(*m.ReconciledAt, r.now, r.zone, r.lang)
	}
	if m.Failing() {
		text := m.LastError
		if m.RetryAt != nil && m.Failures > 0 {
			text = i18n.F("{text}. Failed {failures} times; tried again at {retry_at}", "text", text, "failures", m.Failures, "retry_at", kit.FormatShort(*m.RetryAt, r.now, r.zone, r.lang))
		}
		v.Tone, v.State, v.Troubles = "bad", i18n.T("fails"), append(v.Troubles, text)
	}
	if m.Alarm != "" {
		v.Troubles = append(v.Troubles, m.Alarm)
		v.Tone, v.State = worse(v, "soon", i18n.T("will fail soon"))
	}
	if m.Missing > 0 {
		v.Troubles = append(v.Troubles, i18n.F("{missing} messages on the server are not stored", "missing", kit.FormatCount(m.Missing, r.lang)))
		v.Tone, v.State = "bad", i18n.T("misses mail")
	}
	if !m.Active {
		v.Tone, v.State = "soon", i18n.T("is switched off")
	}
	return v
}

// unheard warns of a mailbox that mostly ignores what comes.
func (r reader) unheard(v rowView, u inbox.Unheard) rowView {
	v.Troubles = append(v.Troubles, i18n.F("{ignored} of its last {of} messages were ignored as mail of a mailing list. Where people write to a group or list of yours, its address must be that of a mailbox here.", "ignored", kit.FormatCount(u.Ignored, r.lang), "of", kit.FormatCount(u.Of, r.lang)))
	v.Tone, v.State = worse(v, "soon", i18n.T("mostly ignored"))
	return v
}

func worse(v rowView, tone, state string) (string, string) {
	if v.Tone == "bad" {
		return v.Tone, v.State
	}
	return tone, state
}
