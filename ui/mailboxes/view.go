package mailboxes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/ui/kit"
)

type pageView struct {
	Rows     []rowView
	Entities []entityOption
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
		v.Placeholder = "kept; type to replace"
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
		v.Notice = noticeView{"bad", "The server was not reached.", p.Error}
		return v
	case fetch.StepSignIn:
		v.Notice = noticeView{"bad", "The server was reached, but did not let us in.", p.Error}
	case fetch.StepOpen:
		v.Notice = noticeView{"bad", "Signed in, but the folder " + box.Folder + " could not be opened.", p.Error}
	case fetch.StepDone:
		v.Notice = noticeView{"ok", "Everything works.", fmt.Sprintf("%d messages lie in %s. Nothing was changed there.", p.Messages, box.Folder)}
	}
	if p.Step == fetch.StepOpen || p.Step == fetch.StepDone {
		v.Can = []canView{
			{p.Idle, "IDLE", whether(p.Idle, "new mail is told of at once", "new mail is asked for every 20 seconds")},
			{p.UIDPlus, "UIDPLUS", whether(p.UIDPlus, "one message can be removed alone", "not needed: mail is left where it is")},
			{p.Move, "MOVE", whether(p.Move, "messages can be moved", "not needed: mail is left where it is")},
			{p.ESearch, "ESEARCH", whether(p.ESearch, "comparisons take little", "comparisons list every message")},
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
		return &noticeView{"bad", "The comparison failed.", err.Error()}
	case r.Gap():
		return &noticeView{"bad", fmt.Sprintf("%d messages on the server are not stored.", len(r.Missing)), "The server lists them and does not give them. They stand in quarantine."}
	case found > 0:
		return &noticeView{"stop", fmt.Sprintf("%d messages were missing and have been fetched.", found), "They are handled like new mail."}
	}
	return &noticeView{"ok", "Nothing is missing.", fmt.Sprintf("%d messages on the server, %d of them still to be read.", r.OnServer, len(r.Waiting))}
}

// reader is who looks, and when.
type reader struct {
	lang string
	zone *time.Location
	now  time.Time
}

func (r reader) row(m inbox.Mailbox, current bool) rowView {
	v := rowView{
		ID: strconv.FormatInt(int64(m.ID), 10), Address: m.Address, Server: m.IMAPAddress, Tone: "ok", State: "is read", Read: "never", Current: current,
		Backlog: kit.FormatCount(m.Backlog, r.lang), Compared: "never",
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
			text = fmt.Sprintf("%s. Failed %d times; tried again at %s", text, m.Failures, kit.FormatShort(*m.RetryAt, r.now, r.zone, r.lang))
		}
		v.Tone, v.State, v.Troubles = "bad", "fails", append(v.Troubles, text)
	}
	if m.Alarm != "" {
		v.Troubles = append(v.Troubles, m.Alarm)
		v.Tone, v.State = worse(v, "soon", "will fail soon")
	}
	if m.Missing > 0 {
		v.Troubles = append(v.Troubles, kit.FormatCount(m.Missing, r.lang)+" messages on the server are not stored")
		v.Tone, v.State = "bad", "misses mail"
	}
	if !m.Active {
		v.Tone, v.State = "soon", "is switched off"
	}
	return v
}

// unheard warns of a mailbox that mostly ignores what comes.
func (r reader) unheard(v rowView, u inbox.Unheard) rowView {
	v.Troubles = append(v.Troubles, fmt.Sprintf("%s of its last %s messages were ignored as mail of a mailing list. Where people write to a group or list of yours, its address must be that of a mailbox here.",
		kit.FormatCount(u.Ignored, r.lang), kit.FormatCount(u.Of, r.lang)))
	v.Tone, v.State = worse(v, "soon", "mostly ignored")
	return v
}

func worse(v rowView, tone, state string) (string, string) {
	if v.Tone == "bad" {
		return v.Tone, v.State
	}
	return tone, state
}
