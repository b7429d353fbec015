package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/inbox/scan"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What is not handed out.
var (
	// ErrInfected: the virus scanner found something in the message. It stays held: nobody gets it, and no case.
	ErrInfected = errs.New(errs.Conflict, "intake.infected_stays")
	// ErrNoBytes: the mail server has not given the message. Nobody can be shown what it says, and it may come yet.
	ErrNoBytes = errs.New(errs.Conflict, "intake.refused_stays")
	// ErrUnscanned: the virus scanner has not looked at the message yet.
	ErrUnscanned = errs.New(errs.Unavailable, "intake.not_scanned_yet")
)

// scanned is what the scanner says of a message.
type scanned struct {
	found    string // the name of what was found
	tooLarge bool   // for the scanner to look at
}

// scanRaw has the scanner look at a mail as it came, before anything of ours takes it apart.
func (i *Intake) scanRaw(ctx context.Context, content []byte) (scanned, error) {
	if i.options.Scanner == nil {
		return scanned{}, nil
	}
	found, err := i.options.Scanner.Scan(ctx, content)
	if errors.Is(err, scan.ErrTooLarge) {
		return scanned{tooLarge: true}, nil
	}
	if err != nil {
		return scanned{}, fmt.Errorf("scan message: %w", err)
	}
	return scanned{found: found}, nil
}

// scanFiles has the scanner look at each file as we unpack it: what it makes of the whole mail may differ from what a reader gets.
func (i *Intake) scanFiles(ctx context.Context, s scanned, files []parse.Attachment) (scanned, error) {
	if i.options.Scanner == nil || s.found != "" {
		return s, nil
	}
	for _, a := range files {
		one, err := i.scanRaw(ctx, a.Content)
		if err != nil {
			return s, err
		}
		s.tooLarge = s.tooLarge || one.tooLarge
		if one.found != "" {
			s.found = one.found
			return s, nil
		}
	}
	return s, nil
}

// ExamineFiles has the scanner look at files that somebody hands in on a page, before anything of them is kept. It refuses
// infected ones by the field "files", and all of them while the scanner does not answer.
func (i *Intake) ExamineFiles(ctx context.Context, files []inbox.Attachment) error {
	for _, f := range files {
		s, err := i.scanRaw(ctx, f.Content)
		switch {
		case err != nil:
			return err
		case s.found != "":
			return errs.InvalidField("files", "intake.infected_file", "name", baseName(f.Filename), "found", s.found)
		case s.tooLarge:
			return errs.InvalidField("files", "intake.file_not_scannable", "name", baseName(f.Filename))
		}
	}
	return nil
}

// MayOpen refuses to hand out bytes of a message in which something was found, or that the scanner has not looked at yet.
func (i *Intake) MayOpen(m inbox.Inbound) error {
	switch {
	case m.Infected != "":
		return ErrInfected
	case i.options.Scanner != nil && m.Fate == inbox.Pending:
		return ErrUnscanned
	}
	return nil
}

// keepScanTx writes down what the scanner found where that is news.
func (i *Intake) keepScanTx(ctx context.Context, tx *db.Tx, now inbox.Inbound, l letter) error {
	if now.Infected == l.Infected {
		return nil
	}
	return i.inbox.MarkInfectedTx(ctx, tx, now.ID, l.Infected)
}

// waitForScanner makes visible that a message has no fate because the scanner does not answer.
func (i *Intake) waitForScanner(ctx context.Context, id inbox.InboundID, cause error) error {
	if !errors.Is(cause, scan.ErrAway) {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(cause, i.inbox.NoteWaiting(ctx, id, ReasonScannerAway))
}
