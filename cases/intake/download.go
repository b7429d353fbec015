package intake

import (
	"context"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Download gives the bytes of a message exactly as they came to somebody who may see it and takes them out of the house, which is on
// record. A message that the virus scanner keeps back is refused.
func (i *Intake) Download(ctx context.Context, by access.Actor, id inbox.InboundID) ([]byte, error) {
	var out []byte
	err := i.take(ctx, by, id, func(raw []byte, _ map[string]any) error {
		out = raw
		return nil
	})
	return out, err
}

// DownloadFile is Download for one file of a message, counted from 0; inbox.ErrNoMessage when it has no such file.
func (i *Intake) DownloadFile(ctx context.Context, by access.Actor, id inbox.InboundID, n int) (parse.Attachment, error) {
	var out parse.Attachment
	err := i.take(ctx, by, id, func(raw []byte, data map[string]any) error {
		files := parse.Parse(raw, i.options.Parse).Attachments
		if n < 0 || n >= len(files) {
			return inbox.ErrNoMessage
		}
		out = files[n]
		data["file"], data["filename"] = n, cut(out.Filename, maxSubject)
		return nil
	})
	return out, err
}

// take hands out what pick chooses of a message and adds to the record: right, deed and evidence in one transaction.
func (i *Intake) take(ctx context.Context, by access.Actor, id inbox.InboundID, pick func(raw []byte, data map[string]any) error) error {
	if err := access.Can(by, access.ReadIntake, access.Object{}); err != nil {
		return err
	}
	return i.db.Do(ctx, func(tx *db.Tx) error {
		m, err := i.inbox.Readable(ctx, tx, id, by)
		if err != nil {
			return err
		}
		if err := i.MayOpen(m); err != nil {
			return err
		}
		raw, err := i.inbox.Raw(ctx, tx, id)
		if err != nil {
			return err
		}
		data := map[string]any{"message_id": int64(id)}
		if err := pick(raw, data); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Inbox, By: by, What: "message.downloaded", Data: data})
	})
}
