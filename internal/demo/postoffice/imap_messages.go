package postoffice

import (
	"bufio"
	"bytes"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

// numbered is a copy of a message with the number the client knows it by; 0 when the client does not know it yet.
type numbered struct {
	message

	seq uint32
}

// pick copies the messages of a set, or all for nil. Nothing is written to the client under the lock: a client
// that does not read must not hold up deliveries.
func (s *imapSession) pick(set imap.NumSet) []numbered {
	b := s.box
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []numbered
	set = b.settle(set)
	for i, m := range b.messages {
		seq := s.view.EncodeSeqNum(uint32(i) + 1)
		switch set := set.(type) {
		case imap.SeqSet:
			if seq == 0 || !set.Contains(seq) {
				continue
			}
		case imap.UIDSet:
			if !set.Contains(m.uid) {
				continue
			}
		}
		found = append(found, numbered{message: m, seq: seq})
	}
	return found
}

// settle replaces the "*" of a set, which means the last message, by its number.
func (b *mailbox) settle(set imap.NumSet) imap.NumSet {
	last := imap.UID(0)
	if len(b.messages) > 0 {
		last = b.messages[len(b.messages)-1].uid
	}
	switch set := set.(type) {
	case imap.SeqSet:
		settled := slices.Clone(set)
		for i := range settled {
			settled[i].Start, settled[i].Stop = ends(settled[i].Start, settled[i].Stop, uint32(len(b.messages)))
		}
		return settled
	case imap.UIDSet:
		settled := slices.Clone(set)
		for i := range settled {
			settled[i].Start, settled[i].Stop = ends(settled[i].Start, settled[i].Stop, last)
		}
		return settled
	}
	return set
}

func ends[N ~uint32](start, stop, last N) (first, second N) {
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop), max(start, stop)
}

// Fetch answers what is asked about messages; asking for a text without peeking marks it seen.
func (s *imapSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	picked := s.pick(set)
	peeks := !slices.ContainsFunc(options.BodySection, func(section *imap.FetchItemBodySection) bool { return !section.Peek }) &&
		!slices.ContainsFunc(options.BinarySection, func(section *imap.FetchItemBinarySection) bool { return !section.Peek })
	if !peeks && !s.readOnly {
		if err := s.markSeen(picked); err != nil {
			return err
		}
	}
	for _, m := range picked {
		if m.seq == 0 {
			continue
		}
		if err := s.answer(w.CreateMessage(m.seq), m.message, options); err != nil {
			return err
		}
	}
	return nil
}

func (s *imapSession) markSeen(picked []numbered) error {
	var unseen []imap.UID
	for i, m := range picked {
		if !hasFlag(m.flags, imap.FlagSeen) {
			unseen = append(unseen, m.uid)
			picked[i].flags = withFlags(m.flags, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
		}
	}
	return s.keepFlags(unseen, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}}, nil)
}

func (s *imapSession) answer(w *imapserver.FetchResponseWriter, m message, options *imap.FetchOptions) error {
	w.WriteUID(m.uid)
	if options.Flags {
		w.WriteFlags(m.flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(m.at)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(m.place.size)
	}
	if options.Envelope || options.BodyStructure != nil || len(options.BodySection) > 0 || len(options.BinarySection) > 0 ||
		len(options.BinarySectionSize) > 0 {
		raw, err := s.office.keeper.journal.read(m.place)
		if err != nil {
			return err
		}
		if err := answerText(w, raw, options); err != nil {
			return err
		}
	}
	return w.Close()
}

// answerText answers what takes reading the message.
func answerText(w *imapserver.FetchResponseWriter, raw []byte, options *imap.FetchOptions) error {
	if options.Envelope {
		header, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			header = textproto.Header{}
		}
		w.WriteEnvelope(imapserver.ExtractEnvelope(header))
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(raw)))
	}
	for _, wanted := range options.BodySection {
		text := section(raw, wanted)
		out := w.WriteBodySection(wanted, int64(len(text)))
		_, err := out.Write(text)
		if closeErr := out.Close(); err != nil || closeErr != nil {
			return firstOf(err, closeErr)
		}
	}
	for _, wanted := range options.BinarySection {
		text := imapserver.ExtractBinarySection(bytes.NewReader(raw), wanted)
		out := w.WriteBinarySection(wanted, int64(len(text)))
		_, err := out.Write(text)
		if closeErr := out.Close(); err != nil || closeErr != nil {
			return firstOf(err, closeErr)
		}
	}
	for _, wanted := range options.BinarySectionSize {
		w.WriteBinarySectionSize(wanted, imapserver.ExtractBinarySectionSize(bytes.NewReader(raw), wanted))
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// section cuts a part out of a message. The whole, its header and its text are cut from the bytes as they came:
// parsing would change or lose what is not quite in order, and customers' mail often is not.
func section(raw []byte, wanted *imap.FetchItemBodySection) []byte {
	if len(wanted.Part) > 0 || len(wanted.HeaderFields) > 0 || len(wanted.HeaderFieldsNot) > 0 {
		return imapserver.ExtractBodySection(bytes.NewReader(raw), wanted)
	}
	head := len(raw)
	if blank := bytes.Index(raw, []byte("\r\n\r\n")); blank >= 0 {
		head = blank + len("\r\n\r\n")
	}
	switch wanted.Specifier {
	case imap.PartSpecifierHeader:
		raw = raw[:head]
	case imap.PartSpecifierText:
		raw = raw[head:]
	case imap.PartSpecifierNone, imap.PartSpecifierMIME: // the whole; a MIME header belongs to a part
	}
	if wanted.Partial == nil {
		return raw
	}
	from := min(wanted.Partial.Offset, int64(len(raw)))
	return raw[from:min(from+wanted.Partial.Size, int64(len(raw)))]
}

// Store changes flags.
func (s *imapSession) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, _ *imap.StoreOptions) error {
	if s.readOnly {
		return refuse(imap.ResponseCodeNoPerm, "The mailbox is open for reading only")
	}
	picked := s.pick(set)
	uids := make([]imap.UID, 0, len(picked))
	for _, m := range picked {
		uids = append(uids, m.uid)
	}
	if err := s.keepFlags(uids, flags, s.view); err != nil || flags.Silent {
		return err
	}
	return s.Fetch(w, imap.UIDSetNum(uids...), &imap.FetchOptions{Flags: true})
}

func (s *imapSession) keepFlags(uids []imap.UID, flags *imap.StoreFlags, source *imapserver.SessionTracker) error {
	if len(uids) == 0 {
		return nil
	}
	head := record{Kind: kindFlags, Account: s.user, UIDs: uids, Op: flags.Op, Flags: flags.Flags}
	_, err := s.office.keeper.keep([]change{{entry: head, source: source}})
	return err
}

// Expunge removes what is marked deleted, for good. The numbers are not given out again.
func (s *imapSession) Expunge(_ *imapserver.ExpungeWriter, among *imap.UIDSet) error {
	if s.readOnly {
		return refuse(imap.ResponseCodeNoPerm, "The mailbox is open for reading only")
	}
	var set imap.NumSet
	if among != nil {
		set = *among
	}
	var gone []imap.UID
	for _, m := range s.pick(set) {
		if hasFlag(m.flags, imap.FlagDeleted) {
			gone = append(gone, m.uid)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err := s.office.keeper.keep([]change{{entry: record{Kind: kindExpunge, Account: s.user, UIDs: gone}}})
	return err
}
