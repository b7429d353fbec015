// Package tnef reads winmail.dat, the envelope in which Outlook hides a message's files ([MS-OXTNEF]). It is pure and
// bounded: every length is checked against the bytes that are there, and nothing is allocated by a length alone.
package tnef

import (
	"encoding/binary"
	"errors"
)

// ErrNotTNEF says that the bytes do not begin as an envelope does.
var ErrNotTNEF = errors.New("not a tnef stream")

// File is one file of an envelope. Name is in the envelope's code page, unless Wide says that it is UTF-8 already.
type File struct {
	Name      []byte
	Wide      bool
	MediaType string // "" when Outlook did not say
	ContentID string
	Content   []byte
}

// Envelope is what an envelope holds. Text and HTML are bytes in the code page, RTF is decompressed.
type Envelope struct {
	CodePage int // Windows code page of Text and of names, 0 when not said
	Text     []byte
	TextUTF8 bool // Text was stored as UTF-16 and is UTF-8 now
	HTML     []byte
	RTF      []byte
	Files    []File
}

const (
	signature = 0x223e9f78

	levelAttachment = 2

	attBody        = 0x800c
	attAttachData  = 0x800f
	attAttachTitle = 0x8010
	attRenderData  = 0x9002
	attMessage     = 0x9003
	attAttachment  = 0x9005
	attCodePage    = 0x9007

	maxFiles = 200
)

// Read takes an envelope apart. A damaged one gives what stands before the damage; an error only says that it is none.
func Read(b []byte) (Envelope, error) {
	var e Envelope
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return e, ErrNotTNEF
	}
	for b = b[6:]; len(b) >= 9; {
		level, id := b[0], binary.LittleEndian.Uint16(b[1:])
		n := binary.LittleEndian.Uint32(b[5:])
		if uint64(n) > uint64(len(b)-9) {
			break
		}
		e.attribute(level, id, b[9:9+n])
		b = b[min(9+int(n)+2, len(b)):] // a checksum follows, which nobody keeps
	}
	return e, nil
}

func (e *Envelope) attribute(level byte, id uint16, data []byte) {
	switch id {
	case attCodePage:
		if len(data) >= 4 {
			e.CodePage = int(binary.LittleEndian.Uint32(data))
		}
	case attBody:
		e.Text, e.TextUTF8 = trimZero(data), false
	case attMessage:
		e.message(properties(data))
	case attRenderData:
		if len(e.Files) < maxFiles {
			e.Files = append(e.Files, File{})
		}
	}
	if level != levelAttachment || len(e.Files) == 0 {
		return
	}
	f := &e.Files[len(e.Files)-1]
	switch id {
	case attAttachTitle:
		if f.Name == nil {
			f.Name = trimZero(data)
		}
	case attAttachData:
		f.Content = data
	case attAttachment:
		f.describe(properties(data))
	}
}

func (e *Envelope) message(list []property) {
	for _, p := range list {
		switch p.id {
		case propBody:
			if len(p.value) > 0 {
				e.Text, e.TextUTF8 = p.text()
			}
		case propHTML:
			e.HTML = trimZero(p.value)
		case propRTF:
			e.RTF = decompress(p.value)
		}
	}
}

func (f *File) describe(list []property) {
	for _, p := range list {
		switch p.id {
		case propLongName:
			f.Name, f.Wide = p.text()
		case propMediaType:
			f.MediaType = p.string()
		case propContentID:
			f.ContentID = p.string()
		case propData:
			if f.Content == nil {
				f.Content = p.value
			}
		}
	}
}
