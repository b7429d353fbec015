package postoffice

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Search finds messages. Their text is read only when the question is about it.
func (s *imapSession) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	var (
		data imap.SearchData
		seqs imap.SeqSet
		uids imap.UIDSet
	)
	picked := s.pick(nil)
	for _, m := range picked {
		tried := &candidate{numbered: m, session: s}
		if m.seq == 0 || !tried.meets(criteria) {
			continue
		}
		if tried.err != nil {
			return nil, tried.err
		}
		number := m.seq
		if kind == imapserver.NumKindUID {
			number = uint32(m.uid)
			uids.AddNum(m.uid)
		} else {
			seqs.AddNum(m.seq)
		}
		if data.Count == 0 {
			data.Min = number
		}
		data.Max = number
		data.Count++
	}
	data.All = imap.NumSet(seqs)
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	return &data, nil
}

// candidate is a message that a search looks at.
type candidate struct {
	numbered

	session *imapSession
	raw     []byte
	err     error
}

func (c *candidate) meets(criteria *imap.SearchCriteria) bool {
	return c.meetsNumbers(criteria) && c.meetsFacts(criteria) && c.meetsText(criteria) && c.meetsOthers(criteria)
}

func (c *candidate) meetsNumbers(criteria *imap.SearchCriteria) bool {
	b := c.session.box
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, set := range criteria.SeqNum {
		settled, ok := b.settle(set).(imap.SeqSet)
		if !ok || !settled.Contains(c.seq) {
			return false
		}
	}
	for _, set := range criteria.UID {
		settled, ok := b.settle(set).(imap.UIDSet)
		if !ok || !settled.Contains(c.uid) {
			return false
		}
	}
	return true
}

func (c *candidate) meetsFacts(criteria *imap.SearchCriteria) bool {
	has := func(flag imap.Flag) bool { return hasFlag(c.flags, flag) }
	lacks := func(flag imap.Flag) bool { return !hasFlag(c.flags, flag) }
	return !slices.ContainsFunc(criteria.Flag, lacks) && !slices.ContainsFunc(criteria.NotFlag, has) &&
		(criteria.Larger == 0 || c.place.size > criteria.Larger) &&
		(criteria.Smaller == 0 || c.place.size < criteria.Smaller) &&
		within(c.at, criteria.Since, criteria.Before)
}

// within compares days, not moments, and disregards zones, as the protocol says.
func within(at, since, before time.Time) bool {
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func (c *candidate) meetsOthers(criteria *imap.SearchCriteria) bool {
	for i := range criteria.Not {
		if c.meets(&criteria.Not[i]) {
			return false
		}
	}
	for i := range criteria.Or {
		if !c.meets(&criteria.Or[i][0]) && !c.meets(&criteria.Or[i][1]) {
			return false
		}
	}
	return true
}

func (c *candidate) meetsText(criteria *imap.SearchCriteria) bool {
	if len(criteria.Header) == 0 && len(criteria.Text) == 0 && len(criteria.Body) == 0 &&
		criteria.SentSince.IsZero() && criteria.SentBefore.IsZero() {
		return true
	}
	header := mail.Header{Header: c.entity().Header}
	for _, field := range criteria.Header {
		if !holds(header.FieldsByKey(field.Key), field.Value) {
			return false
		}
	}
	if !criteria.SentSince.IsZero() || !criteria.SentBefore.IsZero() {
		sent, err := header.Date()
		if err != nil || !within(sent, criteria.SentSince, criteria.SentBefore) {
			return false
		}
	}
	for _, text := range criteria.Text {
		if !holds(header.Fields(), text) && !bodyHolds(c.entity(), text) {
			return false
		}
	}
	for _, text := range criteria.Body {
		if !bodyHolds(c.entity(), text) {
			return false
		}
	}
	return true
}

// entity is the parsed message; what cannot be parsed has no header and no body.
func (c *candidate) entity() *gomessage.Entity {
	if c.raw == nil && c.err == nil {
		c.raw, c.err = c.session.office.keeper.journal.read(c.place)
	}
	entity, err := gomessage.Read(bytes.NewReader(c.raw))
	if entity == nil || (err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err)) {
		return &gomessage.Entity{Body: strings.NewReader("")}
	}
	return entity
}

func holds(fields gomessage.HeaderFields, text string) bool {
	for fields.Next() {
		value, err := fields.Text()
		if err != nil {
			value = fields.Value()
		}
		if strings.Contains(strings.ToLower(value), strings.ToLower(text)) {
			return true
		}
	}
	return false
}

func bodyHolds(entity *gomessage.Entity, text string) bool {
	parts := entity.MultipartReader()
	if parts == nil {
		body, err := io.ReadAll(entity.Body)
		return err == nil && bytes.Contains(bytes.ToLower(body), bytes.ToLower([]byte(text)))
	}
	for {
		part, err := parts.NextPart()
		if part == nil || (err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err)) {
			return false
		}
		if bodyHolds(part, text) {
			return true
		}
	}
}
