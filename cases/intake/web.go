package intake

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/throttle"
)

// Bounds of a message of the contact form. A file of 20 MB makes a message of 27 MB, which is below what mail may have.
const (
	MaxWebText  = 20_000 // characters
	MaxWebFiles = 10
	MaxWebBytes = 20_000_000 // of all files together
	maxWebLine  = 200        // characters of a field of one line
	proofLife   = 7 * 24 * time.Hour
)

// ErrProofGone is told for a link that was used, has expired or never was: which of them is nobody's business.
var ErrProofGone = errs.New(errs.NotFound, "intake.proof_gone")

// WebMessage is what somebody wrote into the contact form. Nothing in it is proven, not even the address.
type WebMessage struct {
	Entity   billing.Entity // whose form it is
	Name     string
	Address  string
	Invoice  string // number, as they know it; may be empty
	Text     string
	Files    []inbox.Attachment
	Language string // of the reader, for the letter
	// Origin is the IP address it came from, for the limits; Form names the page it was written on, so that one sent
	// twice is one message.
	Origin, Form string
}

// formsAnHour is how many contact forms of a network address are read within an hour, whatever becomes of them.
const formsAnHour = 60

// Admit counts that a contact form is about to come from a network address, before anything of it is read. throttle.ErrTooMany refuses it.
func (i *Intake) Admit(ctx context.Context, origin string) error {
	return i.db.Do(ctx, func(tx *db.Tx) error {
		return throttle.TakeTx(ctx, tx, throttle.Limit{Subject: "contact:form:" + origin, Max: formsAnHour, Per: time.Hour})
	})
}

// ReceiveWeb keeps a message of the contact form and mails a link to its address. Until the link is followed (Prove) the
// message is held, like mail of an unverified sender, and nobody acts on it by itself. The answer is the same whether
// the address or the invoice is known here or not. It refuses what is missing, too long or too much, and with
// throttle.ErrTooMany whoever writes too often.
func (i *Intake) ReceiveWeb(ctx context.Context, w WebMessage) error {
	w.tidy()
	if err := w.check(); err != nil {
		return err
	}
	token := rand.Text() + rand.Text()
	raw, err := w.compose(i.db.Now())
	if err != nil {
		return err
	}
	return i.db.Do(ctx, func(tx *db.Tx) error {
		err := throttle.TakeTx(ctx, tx,
			throttle.Limit{Subject: "contact:ip:" + w.Origin, Max: 20, Per: time.Hour},
			throttle.Limit{Subject: "contact:address:" + w.Address, Max: 5, Per: time.Hour})
		if err != nil {
			return err
		}
		ends := tx.Now().Add(proofLife)
		id, err := i.inbox.StoreWebTx(ctx, tx, inbox.FromForm{Raw: raw, EntityID: int64(w.Entity.ID), Address: w.Address, Token: token, ExpiresAt: ends})
		if err != nil {
			return err
		}
		return i.askForProofTx(ctx, tx, w, id, i.options.PublicURL+"/contact/proof?t="+url.QueryEscape(token), ends)
	})
}

func (w *WebMessage) tidy() {
	line := func(text string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ") }
	w.Name, w.Invoice = line(w.Name), line(w.Invoice)
	w.Address = strings.ToLower(strings.TrimSpace(w.Address))
	w.Text = strings.TrimSpace(strings.ToValidUTF8(w.Text, ""))
}

func (w *WebMessage) check() error {
	var wrong []errs.Field
	refuse := func(name, key string, pairs ...string) {
		wrong = append(wrong, errs.InvalidField(name, key, pairs...).Fields...)
	}
	if a, err := mail.ParseAddress(w.Address); err != nil || a.Address != w.Address || len(w.Address) > maxWebLine {
		refuse("email", "intake.bad_address")
	}
	for name, value := range map[string]string{"name": w.Name, "invoice": w.Invoice} {
		if utf8.RuneCountInString(value) > maxWebLine {
			refuse(name, "intake.too_long", "limit", fmt.Sprint(maxWebLine))
		}
	}
	switch n := utf8.RuneCountInString(w.Text); {
	case n == 0:
		refuse("text", "error.required")
	case n > MaxWebText:
		refuse("text", "intake.too_long", "limit", fmt.Sprint(MaxWebText))
	}
	total := 0
	for _, f := range w.Files {
		total += len(f.Content)
	}
	if len(w.Files) > MaxWebFiles {
		refuse("files", "error.too_many_files", "limit", fmt.Sprint(MaxWebFiles))
	}
	if total > MaxWebBytes {
		refuse("files", "error.files_too_large", "limit", fmt.Sprint(MaxWebBytes/1_000_000))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// compose makes a mail of the form. One form sent twice makes one Message-ID, and the second is a duplicate.
func (w *WebMessage) compose(now time.Time) ([]byte, error) {
	sum := sha256.Sum256([]byte(w.Form + "\x00" + w.Address))
	c := inbox.Composed{
		MessageID: "form." + hex.EncodeToString(sum[:16]) + "@" + domainOf(w.Entity.SupportAddress), From: w.Address, FromName: w.Name,
		To: w.Entity.SupportAddress, Text: w.Text, At: now, Files: w.Files,
	}
	if w.Invoice != "" {
		c.Subject = "Invoice " + w.Invoice
	}
	raw, err := c.Bytes()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "intake.bad_address")
	}
	return raw, nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// askForProofTx mails the link. What was typed is not repeated: the letter may reach somebody who never saw the form.
func (i *Intake) askForProofTx(ctx context.Context, tx *db.Tx, w WebMessage, id inbox.InboundID, link string, ends time.Time) error {
	zone := w.Entity.Zone()
	written, err := letterbook.Write(ctx, tx, w.Entity.ID, letters.ContactProof, w.Language, letters.ContactProofVars{
		Frame: letters.Frame{Entity: w.Entity.Name, Signature: orElse(w.Entity.Signature, w.Entity.Name)}, URL: link, EndsAt: ends.In(zone),
	})
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	_, err = i.inbox.QueueTx(ctx, tx, inbox.Outgoing{
		Key: fmt.Sprintf("contact_proof:%d", id), Kind: string(letters.ContactProof), Automatic: true, FromAddress: w.Entity.SupportAddress,
		FromName: w.Entity.SupportName, ToAddress: w.Address, Subject: written.Subject, Text: written.Text, HTML: written.HTML, Language: written.Lang, LetterVersionID: written.Version,
	})
	return err
}

// Proving reads whose form a link belongs to, without using the link up. ErrProofGone when it does not hold.
func (i *Intake) Proving(ctx context.Context, token string) (billing.Entity, error) {
	m, err := i.inbox.WebMessageByToken(ctx, i.db, token)
	if errors.Is(err, inbox.ErrNoMessage) {
		return billing.Entity{}, ErrProofGone
	}
	if err != nil {
		return billing.Entity{}, fmt.Errorf("read link: %w", err)
	}
	return i.billing.EntityByID(ctx, i.db, billing.EntityID(m.EntityID))
}

// Proven is a message whose sender has shown that the mailbox is theirs.
type Proven struct {
	Entity  billing.Entity
	Address string
	Message inbox.Inbound // with its fate, unless that takes longer
	Case    string        // number; empty when a person looks at the message first
}

// Prove uses a link up, and lets the message it belongs to go the way of mail.
func (i *Intake) Prove(ctx context.Context, token string) (Proven, error) {
	var web inbox.WebMessage
	err := i.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if web, err = i.inbox.ProveWebTx(ctx, tx, token); err != nil {
			return err
		}
		m, err := i.goOnTx(ctx, tx, web.InboundMessageID)
		if err != nil || m.Fate != inbox.Duplicate || m.OriginalID == nil {
			return err
		}
		first, err := i.proveSameTx(ctx, tx, *m.OriginalID, web.Address)
		if first != nil {
			web = *first
		}
		return err
	})
	if errors.Is(err, inbox.ErrNoMessage) {
		return Proven{}, ErrProofGone
	}
	if err != nil {
		return Proven{}, fmt.Errorf("prove mailbox: %w", err)
	}
	if err := i.Handle(ctx, inbox.MessageArrived{ID: web.InboundMessageID}); err != nil {
		i.logger.WarnContext(ctx, "proven message not handled yet", "message", int64(web.InboundMessageID), "error", err.Error()) // its job tries on
	}
	return i.proven(ctx, web)
}

// goOnTx lets a form that was held for its proof go on. One that is not handled yet, or that a person has decided about, stays as it is.
func (i *Intake) goOnTx(ctx context.Context, tx *db.Tx, id inbox.InboundID) (inbox.Inbound, error) {
	m, err := i.inbox.LockTx(ctx, tx, id)
	if err != nil || m.Fate != inbox.Held || m.FateReason != ReasonUnproven {
		return m, err
	}
	return m, i.inbox.ReopenTx(ctx, tx, m.ID)
}

// proveSameTx has the message that a proven one is a duplicate of go on too, if it is a form from the same address; nil when it is
// something else.
func (i *Intake) proveSameTx(ctx context.Context, tx *db.Tx, id inbox.InboundID, address string) (*inbox.WebMessage, error) {
	web, err := i.inbox.ProveSameTx(ctx, tx, id, address)
	if errors.Is(err, inbox.ErrNoMessage) {
		return nil, nil //nolint:nilnil // a mail, say
	}
	if err != nil {
		return nil, fmt.Errorf("prove the same form: %w", err)
	}
	_, err = i.goOnTx(ctx, tx, id)
	return &web, err
}

func (i *Intake) proven(ctx context.Context, web inbox.WebMessage) (Proven, error) {
	p := Proven{Address: web.Address}
	var err error
	if p.Message, err = i.inbox.Message(ctx, i.db, web.InboundMessageID); err != nil {
		return p, fmt.Errorf("read message: %w", err)
	}
	if p.Entity, err = i.billing.EntityByID(ctx, i.db, billing.EntityID(web.EntityID)); err != nil {
		return p, fmt.Errorf("read entity: %w", err)
	}
	opened := p.Message.Fate == inbox.NewCase || p.Message.Fate == inbox.Attached
	if !opened {
		return p, nil
	}
	c, err := i.cases.CaseByID(ctx, i.db, cases.ID(*p.Message.CaseID), system())
	if err != nil {
		return p, fmt.Errorf("read case: %w", err)
	}
	p.Case = c.Number
	return p, nil
}
