package reports

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"makegood/cases"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/blob"
	"makegood/internal/db"
)

// File is a file to hand to a person, exactly as it came.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// WholeMessage reads one message of a case with its whole text, nothing folded away.
func (f *CaseFiles) WholeMessage(ctx context.Context, number string, id cases.MessageID, by access.Actor) (FileMessage, error) {
	head, err := f.Find(ctx, number, by)
	if err != nil {
		return FileMessage{}, err
	}
	m, err := db.One[FileMessage](ctx, f.db, `select id, kind, author_kind, author_name, author_address, recipients, subject,
			case when full_body <> '' then full_body else body end as body, language, trust, machine, formatted, inbound_message_id, outgoing_message_id, at
		from case_messages where id = $1 and case_id = $2`, id, head.ID)
	if errors.Is(err, db.ErrNoRow) {
		return FileMessage{}, cases.ErrNoMessage
	}
	if err != nil {
		return FileMessage{}, fmt.Errorf("read message: %w", err)
	}
	m.Files, err = db.List[MessageFile](ctx, f.db, messageFiles+` where f.message_id = $1`+filesInOrder, id)
	if err != nil {
		return FileMessage{}, fmt.Errorf("read attachments: %w", err)
	}
	return m, nil
}

// RawMail gives the bytes of an inbound message exactly as they arrived.
func (f *CaseFiles) RawMail(ctx context.Context, number string, id cases.MessageID, by access.Actor) (File, error) {
	head, err := f.Find(ctx, number, by)
	if err != nil {
		return File{}, err
	}
	raw, err := f.raw(ctx, rawOfCase, id, head.ID)
	if err != nil {
		return File{}, err
	}
	return File{Name: fmt.Sprintf("%s-%d.eml", head.Number, id), MediaType: "message/rfc822", Content: raw}, nil
}

const (
	rawOfMessage = `select r.content, r.blob, i.sha256 from case_messages m join inbound_raw r on r.inbound_message_id = m.inbound_message_id
		join inbound_messages i on i.id = r.inbound_message_id where m.id = $1`
	rawOfCase = rawOfMessage + ` and m.case_id = $2`
)

// raw reads raw mail, proven to be what came.
func (f *CaseFiles) raw(ctx context.Context, query string, args ...any) ([]byte, error) {
	found, err := db.One[blob.Lying](ctx, f.db, query, args...)
	if errors.Is(err, db.ErrNoRow) {
		return nil, cases.ErrNoMessage
	}
	if err != nil {
		return nil, fmt.Errorf("read raw mail: %w", err)
	}
	return f.files.Bytes(ctx, f.db, found)
}

// RawOf gives the bytes of an inbound message without asking who reads: only for somebody to whom a link to a part of this very
// message was given.
func (f *CaseFiles) RawOf(ctx context.Context, id cases.MessageID) ([]byte, error) {
	return f.raw(ctx, rawOfMessage, id)
}

// Attachment gives one file of a message: of an inbound one by taking the raw mail apart again, of an outgoing one as it
// was sent, of a note as it was added.
func (f *CaseFiles) Attachment(ctx context.Context, number string, id cases.MessageID, position int, by access.Actor) (File, error) {
	head, err := f.Find(ctx, number, by)
	if err != nil {
		return File{}, err
	}
	sent, err := db.One[struct {
		Filename  string
		MediaType string
		Content   []byte
		Blob      []byte
	}](ctx, f.db, `select o.filename, o.media_type, o.content, o.blob from case_messages m
			join outgoing_attachments o on o.outgoing_message_id = m.outgoing_message_id
			where m.id = $1 and m.case_id = $2 and o.position = $3
		union all
		select a.filename, a.media_type, null, a.blob from case_messages m join case_attachments a on a.case_message_id = m.id
			where m.id = $1 and m.case_id = $2 and a.position = $3 and a.blob is not null`, id, head.ID, position)
	if err == nil && sent.Blob != nil {
		sent.Content, err = f.files.Content(ctx, f.db, sent.Blob)
	}
	if err == nil {
		return File{Name: sent.Filename, MediaType: sent.MediaType, Content: sent.Content}, nil
	}
	if !errors.Is(err, db.ErrNoRow) {
		return File{}, fmt.Errorf("read attachment: %w", err)
	}
	return f.received(ctx, head.ID, id, position)
}

func (f *CaseFiles) received(ctx context.Context, caseID cases.ID, id cases.MessageID, position int) (File, error) {
	row, err := db.One[struct {
		Filename  string
		MediaType string
		SHA256    []byte `db:"sha256"`
	}](ctx, f.db, `select a.filename, a.media_type, a.sha256 from case_attachments a join case_messages m on m.id = a.case_message_id
		where m.id = $1 and m.case_id = $2 and a.position = $3`, id, caseID, position)
	if errors.Is(err, db.ErrNoRow) {
		return File{}, cases.ErrNoMessage
	}
	if err != nil {
		return File{}, fmt.Errorf("read attachment: %w", err)
	}
	raw, err := f.raw(ctx, rawOfCase, id, caseID)
	if err != nil {
		return File{}, err
	}
	wanted := hex.EncodeToString(row.SHA256)
	for _, a := range parse.Parse(raw, parse.Options{}).Attachments {
		if a.SHA256 == wanted {
			return File{Name: row.Filename, MediaType: row.MediaType, Content: a.Content}, nil
		}
	}
	return File{}, cases.ErrNoMessage
}
