// Package send hands the mails of the outbox to an SMTP server, one claimed attempt at a time, and records how each
// ended. What may have been taken by the server is never sent again, unless the server itself drops repeated mails.
package send

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// LoopHeader marks what our program writes by itself, so that no installation answers another's letters.
const LoopHeader = "X-Makegood-Loop"

// Worker sends what the outbox holds.
type Worker struct {
	inbox  *inbox.Service
	sender Sender
	logger *slog.Logger
}

// New makes a worker that sends through the given sender.
func New(service *inbox.Service, sender Sender, logger *slog.Logger) *Worker {
	return &Worker{inbox: service, sender: sender, logger: logger}
}

// Register has the worker send every queued mail.
func (w *Worker) Register(r *jobs.Registry) {
	jobs.Handle(r, w.send)
	jobs.Handle(r, w.sendAll)
	jobs.Handle(r, w.sweep)
	jobs.Repeat(r, time.Minute, inbox.SweepOutgoing{})
}

// sweep is the net under the jobs: no mail waits for ever because its job is gone.
func (w *Worker) sweep(ctx context.Context, _ inbox.SweepOutgoing) error {
	n, err := w.inbox.SendStranded(ctx)
	if n > 0 {
		w.logger.WarnContext(ctx, "mail without a job sent after all", "mails", n)
	}
	return err
}

func (w *Worker) send(ctx context.Context, job inbox.SendMessage) error {
	claimed, take, err := w.inbox.Claim(ctx, job.ID)
	if err != nil {
		return err
	}
	if !take {
		return w.notYet(claimed)
	}
	ended, cause := w.attempt(ctx, claimed)
	if ended == nil {
		return cause
	}
	return errors.Join(w.settle(ctx, *ended), cause)
}

// attempt hands a claimed mail to the server. It tells how that ended, nil when it has been settled already, and an error when it is to
// be tried again.
func (w *Worker) attempt(ctx context.Context, c inbox.Claimed) (*inbox.Settlement, error) {
	if c.CutOff && w.sender.RepeatHeader() == "" {
		return &inbox.Settlement{ID: c.ID, State: inbox.Unknown, Answer: "cut off while the server was taking it"}, nil
	}
	if whole, err := w.inbox.Bring(ctx, &c); err != nil || !whole {
		return nil, err
	}
	for {
		message, err := compose(c, w.sender.RepeatHeader())
		if err != nil {
			return &inbox.Settlement{ID: c.ID, State: inbox.Failed, Answer: err.Error()}, nil //nolint:nilerr // no other attempt would write it better
		}
		if err := w.sign(ctx, c, message); err != nil {
			return nil, err
		}
		outcome, sendErr := w.sender.Send(ctx, message)
		again, err := w.withoutRefused(ctx, &c, sendErr)
		if err != nil { // the server took nothing
			return &inbox.Settlement{ID: c.ID, State: inbox.Queued, Answer: oneLine(sendErr.Error())}, err
		}
		if !again {
			return w.ended(ctx, c, result{outcome: outcome, answer: oneLine(message.ServerResponse()), cause: sendErr})
		}
	}
}

// sign signs the mail if its sender's domain has a key. One that cannot be signed waits: a mail that the world takes for forged helps
// nobody.
func (w *Worker) sign(ctx context.Context, c inbox.Claimed, m *mail.Msg) error {
	if !c.Signed {
		return nil
	}
	with, found, err := w.inbox.Signing(ctx, c.FromAddress)
	if err == nil && found {
		err = sign(m, with)
	}
	if err == nil {
		return nil
	}
	w.logger.ErrorContext(ctx, "mail not signed", "outgoing", c.ID, "error", err.Error())
	return errors.Join(w.settle(ctx, inbox.Settlement{ID: c.ID, State: inbox.Queued, Answer: "it could not be signed"}), errs.Wrap(err, errs.Unavailable, "send.not_signed"))
}

// notYet asks for another look at a mail that is queued but whose time has not come by the database's clock.
func (w *Worker) notYet(c inbox.Claimed) error {
	if c.State == inbox.Queued && !c.AwaitsAttachment && !c.Delayed {
		return errs.New(errs.Unavailable, "send.not_yet")
	}
	return nil
}

// result is how an attempt ended: what the server said to the mail it took, or why it did not.
type result struct {
	outcome Outcome
	answer  string
	cause   error
}

// ended is what an attempt came to, with an error when it is to be made again.
func (w *Worker) ended(ctx context.Context, c inbox.Claimed, r result) (*inbox.Settlement, error) {
	text, cause := r.answer, r.cause
	if cause != nil {
		text = cause.Error()
		w.logger.WarnContext(ctx, "mail not sent", "outgoing", c.ID, "attempt", c.Attempts+1, "error", text)
	}
	if len(c.LeftOut) > 0 {
		text = strings.TrimSpace(text + " (left out, since mail to it came back: " + strings.Join(c.LeftOut, ", ") + ")")
	}
	if len(c.Refused) > 0 {
		text = strings.TrimSpace(text + " (left out, since the server refused them: " + strings.Join(c.Refused, ", ") + ")")
	}
	e := &inbox.Settlement{ID: c.ID, State: inbox.Queued, Answer: text}
	switch r.outcome {
	case Accepted:
		e.State, cause = inbox.Sent, nil
	case Refused:
		e.State, cause = inbox.Failed, nil
	case Unclear:
		if w.sender.RepeatHeader() == "" {
			e.State, cause = inbox.Unknown, nil
		}
	case Deferred:
		if errs.KeyOf(cause) != inbox.DeferredKey {
			break // it was away itself
		}
		waited, err := w.waited(ctx, c, mailPatience)
		if err == nil && waited {
			return w.giveUp(ctx, c, *e)
		}
		cause = errors.Join(cause, err)
	}
	return e, cause
}

// giveUp ends a mail that the server was asked to take for days and did not, and has it told to those who know its case.
func (w *Worker) giveUp(ctx context.Context, c inbox.Claimed, e inbox.Settlement) (*inbox.Settlement, error) {
	e.Answer = "given up after four days: " + e.Answer
	late := inbox.ReaderRefused{ID: c.ID, Address: strings.ToLower(c.ToAddress), Status: expired, Answer: e.Answer}
	if err := w.inbox.TellRefused(context.WithoutCancel(ctx), []inbox.ReaderRefused{late}); err != nil {
		return &e, err // still queued
	}
	e.State = inbox.Failed
	return &e, nil
}

// expired is the status of mail that waited for too long (RFC 3463, section 3.5). It says nothing against the address.
const expired = "4.4.7"

// settle writes the outcome down even when the program is being stopped: the mail is out.
func (w *Worker) settle(ctx context.Context, e inbox.Settlement) error {
	return w.inbox.Settle(context.WithoutCancel(ctx), e)
}

func compose(c inbox.Claimed, repeatHeader string) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := addresses(m, c); err != nil {
		return nil, fmt.Errorf("write addresses: %w", err)
	}
	m.Subject(oneLine(c.Subject))
	m.SetDateWithValue(c.CreatedAt)
	m.SetMessageIDWithValue(strings.Trim(c.MessageID, "<>"))
	if c.InReplyTo != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, bracket(c.InReplyTo))
	}
	if len(c.Refs) > 0 {
		refs := make([]string, len(c.Refs))
		for i, ref := range c.Refs {
			refs[i] = bracket(ref)
		}
		m.SetGenHeaderPreformatted(mail.HeaderReferences, strings.Join(refs, "\r\n "))
	}
	if c.Automatic {
		m.SetGenHeader(LoopHeader, strings.Trim(c.MessageID, "<>"))
		m.SetGenHeader("Auto-Submitted", "auto-replied")
		m.SetGenHeader(mail.HeaderPrecedence, "bulk")
		m.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	if repeatHeader != "" {
		m.SetGenHeader(mail.Header(repeatHeader), strings.Trim(c.MessageID, "<>"))
	}
	if c.Language != "" {
		m.SetGenHeader("Content-Language", c.Language)
	}
	m.SetBodyString(mail.TypeTextPlain, c.TextBody)
	if c.HTMLBody != "" {
		m.AddAlternativeString(mail.TypeTextHTML, c.HTMLBody)
	}
	for _, a := range c.Attachments {
		if err := m.AttachReader(a.Filename, bytes.NewReader(a.Content), mail.WithFileContentType(mail.ContentType(a.MediaType))); err != nil {
			return nil, fmt.Errorf("attach %s: %w", a.Filename, err)
		}
	}
	return m, nil
}

func addresses(m *mail.Msg, c inbox.Claimed) error {
	err := errors.Join(m.FromFormat(oneLine(c.FromName), c.FromAddress), m.AddToFormat(oneLine(c.ToName), c.ToAddress))
	for _, cc := range c.Cc {
		err = errors.Join(err, m.AddCc(cc))
	}
	if c.ReplyTo != "" {
		err = errors.Join(err, m.ReplyTo(c.ReplyTo))
	}
	return err
}

func bracket(id string) string { return "<" + strings.Trim(oneLine(id), "<> ") + ">" }

// oneLine keeps what people wrote from becoming headers.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
}
