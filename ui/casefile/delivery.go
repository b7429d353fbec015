package casefile

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Resend sends a mail once more that failed, or of which nobody knows whether it arrived: POST /cases/:number/mails/:mail/resend. Field: reason.
func (s *Screen) Resend(c echo.Context) error {
	in, err := s.mail(c)
	if err != nil {
		return err
	}
	in.Reason = c.FormValue("reason")
	if _, err := s.cases.ResendMail(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("The mail is sent once more.")}, nil)
}

// Release lets a stopped mail go: POST /cases/:number/mails/:mail/release. Field: reason.
func (s *Screen) Release(c echo.Context) error {
	in, err := s.mail(c)
	if err != nil {
		return err
	}
	in.Reason = c.FormValue("reason")
	if _, err := s.cases.ReleaseMail(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("The mail leaves, and so does the next to this address.")}, emptied)
}

// dead warns in the composer before somebody writes to an address whose mail comes back.
func (r reader) dead(f reports.CaseFile, to string) string {
	for _, d := range f.Dead {
		if d.Address == to {
			return i18n.F("Mail to {to} came back for good ({short}: {cause}). What you send is stopped until somebody lets it go.", "to", to, "short", r.short(d.FoundAt), "cause", d.Cause)
		}
	}
	return ""
}

// CancelMail takes back a mail that has not left: POST /cases/:number/mails/:mail/cancel.
func (s *Screen) CancelMail(c echo.Context) error {
	in, err := s.mail(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.CancelMail(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("Taken back. It does not leave.")}, emptied)
}

func (s *Screen) mail(c echo.Context) (cases.MailInput, error) {
	head, on, err := s.find(c)
	if err != nil {
		return cases.MailInput{}, err
	}
	id, err := strconv.ParseInt(c.Param("mail"), 10, 64)
	if err != nil {
		return cases.MailInput{}, inbox.ErrNoMessage
	}
	return cases.MailInput{By: on.By, ID: head.ID, Mail: inbox.OutgoingID(id)}, nil
}

// mails says how the mails of the case fared on their way out.
func (r reader) mails(f reports.CaseFile) []mailView {
	list := make([]mailView, len(f.Mails))
	for i, m := range f.Mails {
		v := mailView{
			ID: strconv.FormatInt(int64(m.ID), 10), To: m.ToAddress, Title: mailTitle(m), Subject: m.Subject, State: mailTag(m.State), Meta: r.mailMeta(m),
			Lead: r.mailLead(m), Doubtful: m.State == inbox.Unknown || m.State == inbox.Failed, Cancellable: m.State == inbox.Queued || m.State == inbox.Stopped, Stopped: m.State == inbox.Stopped,
		}
		for _, step := range m.Steps {
			v.Steps = append(v.Steps, mailStep{At: r.short(step.At), Text: r.stepWord(step), Answer: step.Answer})
		}
		list[i] = v
	}
	return list
}

// mailTitle is what the mail is: a reply, or which letter.
func mailTitle(m reports.FileMail) string {
	if m.AuthorName != "" {
		return i18n.F("{capital} by {author_name}", "capital", letterWord(m.Kind), "author_name", m.AuthorName)
	}
	return letterWord(m.Kind)
}

// letterWord says which letter a mail is.
func letterWord(kind string) string {
	switch letters.Kind(kind) {
	case letters.Acknowledgement:
		return i18n.T("Acknowledgement")
	case letters.Reply:
		return i18n.In("letter", "Reply")
	case letters.CreditPosted:
		return i18n.T("Credit posted")
	case letters.DebitPosted:
		return i18n.T("Debit posted")
	case letters.RefundPosted:
		return i18n.T("Refund posted")
	case letters.Survey:
		return i18n.T("Survey")
	case letters.Nudge:
		return i18n.T("Reminder")
	case letters.AutoClose:
		return i18n.T("Closed without an answer")
	case letters.Oversize, letters.ContactProof, letters.PortalCode, letters.Statement: // of no case
	}
	return desk.Coded(kind)
}

func (r reader) mailMeta(m reports.FileMail) string {
	meta := i18n.F("written {short}", "short", r.short(m.CreatedAt))
	if m.SentAt != nil {
		meta = i18n.F("sent {short}", "short", r.short(*m.SentAt))
	}
	if len(m.Cc) > 0 {
		meta += i18n.F(", copy to {cc}", "cc", strings.Join(m.Cc, ", "))
	}
	if m.Attempts > 1 {
		meta += i18n.F(", {attempts} attempts", "attempts", strconv.Itoa(m.Attempts))
	}
	return meta
}

// mailLead says what a state means that asks for a person, or why the mail has not left.
func (r reader) mailLead(m reports.FileMail) string {
	switch {
	case m.State == inbox.Unknown:
		return i18n.T("The connection broke while the server took it: it may have arrived. It is not sent again by itself.")
	case m.State == inbox.Stopped:
		return i18n.T("Stopped: mail to this address came back for good before.")
	case m.State == inbox.Bounced:
		return i18n.T("It came back. Check the address, then write again.")
	case m.State == inbox.Failed:
		return i18n.T("The server refused it, so nobody got it. Once the cause is gone it can be sent again.")
	case m.State == inbox.Queued && m.AwaitsAttachment:
		return i18n.T("Waits for its document.")
	case m.State == inbox.Queued && m.NotBefore.After(r.Now):
		return i18n.F("Leaves {short}.", "short", r.short(m.NotBefore))
	}
	return ""
}

func mailTag(state inbox.OutgoingState) kit.TagView {
	switch state {
	case inbox.Queued:
		return kit.TagView{Text: i18n.T("Queued"), Tone: "line", Icon: "hourglass"}
	case inbox.Sending:
		return kit.TagView{Text: i18n.T("Sending"), Tone: "acc", Icon: "mail-fast"}
	case inbox.Sent:
		return kit.TagView{Text: i18n.T("Sent"), Tone: "ok", Icon: "mail-check"}
	case inbox.Bounced:
		return kit.TagView{Text: i18n.T("Bounced"), Tone: "soon", Icon: "mail-x"}
	case inbox.Failed:
		return kit.TagView{Text: i18n.T("Failed"), Tone: "bad", Icon: "mail-off"}
	case inbox.Unknown:
		return kit.TagView{Text: i18n.T("Sent or not?"), Tone: "due", Icon: "mail-question"}
	case inbox.Stopped:
		return kit.TagView{Text: i18n.T("Stopped"), Tone: "due", Icon: "hand-stop"}
	case inbox.Cancelled:
		return kit.TagView{Text: i18n.T("Taken back"), Tone: "line", Icon: "arrow-back-up"}
	}
	return kit.TagView{Text: string(state)}
}

// stepWord says what happened, and by whom when a person intervened.
func (r reader) stepWord(s inbox.OutgoingStep) string {
	who := s.UserName
	if s.UserID != nil && *s.UserID == r.by.UserID {
		who = i18n.T("You")
	}
	switch s.State {
	case inbox.Sent:
		return i18n.T("The server took it")
	case inbox.Queued:
		if who != "" {
			return i18n.F("{who} had it sent: {reason}", "who", who, "reason", s.Reason)
		}
		return i18n.T("Not now, tried again later")
	case inbox.Bounced:
		return i18n.T("It came back")
	case inbox.Failed:
		return i18n.T("The server refused it")
	case inbox.Unknown:
		return i18n.T("The line broke while the server took it")
	case inbox.Stopped:
		return i18n.T("Stopped, since mail to this address came back")
	case inbox.Cancelled:
		return i18n.F("{who} took it back", "who", who)
	case inbox.Sending:
	}
	return string(s.State)
}
