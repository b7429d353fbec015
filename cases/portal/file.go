package portal

import (
	"context"
	"encoding/hex"
	"fmt"

	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/parse"
)

// File is a file of a message of the visitor's request, as it was sent. One of a message that customers do not see, of
// another's request, or that is not there, is not there.
func (s *Service) File(ctx context.Context, v Visitor, number string, id cases.MessageID, position int) (inbox.Attachment, error) {
	wanted, from, err := s.fileOf(ctx, v, number, id, position)
	if err != nil {
		return inbox.Attachment{}, err
	}
	if from == 0 {
		content, err := s.Inbox.Kept(ctx, s.DB, wanted.Blob)
		if err != nil {
			return inbox.Attachment{}, fmt.Errorf("read file: %w", err)
		}
		return inbox.Attachment{Filename: wanted.Filename, MediaType: wanted.MediaType, Content: content}, nil
	}
	raw, err := s.Inbox.Raw(ctx, s.DB, from)
	if err != nil {
		return inbox.Attachment{}, fmt.Errorf("read message: %w", err)
	}
	sum := hex.EncodeToString(wanted.SHA256)
	for _, a := range parse.Parse(raw, parse.Options{}).Attachments {
		if a.SHA256 == sum {
			return inbox.Attachment{Filename: wanted.Filename, MediaType: wanted.MediaType, Content: a.Content}, nil
		}
	}
	return inbox.Attachment{}, cases.ErrNoMessage
}

// fileOf finds what is known of a file, and the message that has its bytes; none of a file that went with a reply of ours.
func (s *Service) fileOf(ctx context.Context, v Visitor, number string, id cases.MessageID, position int) (cases.Attachment, inbox.InboundID, error) {
	c, err := s.Cases.CaseOf(ctx, s.DB, v.reader(), number)
	if err != nil {
		return cases.Attachment{}, 0, err
	}
	told, _, err := s.Cases.Told(ctx, s.DB, v.reader(), c.ID)
	if err != nil {
		return cases.Attachment{}, 0, err
	}
	for _, m := range told {
		if m.ID != id {
			continue
		}
		for _, a := range m.Attachments {
			switch {
			case a.Position != position || a.Inline:
			case m.InboundMessageID != nil:
				return a, inbox.InboundID(*m.InboundMessageID), nil
			case a.Blob != nil:
				return a, 0, nil
			}
		}
	}
	return cases.Attachment{}, 0, cases.ErrNoMessage
}
