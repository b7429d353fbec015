package tnef_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"makegood/inbox/parse/tnef"
)

// attribute writes one attribute as Outlook does.
func attribute(level byte, id uint16, data string) string {
	b := []byte{level}
	b = binary.LittleEndian.AppendUint32(b, uint32(id))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return string(b) + data + "\x00\x00"
}

func property(kind, id uint16, value string) string {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	return string(b) + value + strings.Repeat("\x00", (4-len(value)%4)%4)
}

const start = "\x78\x9f\x3e\x22\x01\x00"

func envelope() string {
	wide := "\xdc\x00b\x00e\x00r\x00.\x00c\x00s\x00v\x00\x00\x00"
	return start + attribute(1, 0x9007, "\xe4\x04\x00\x00\x00\x00\x00\x00") +
		attribute(1, 0x9003, "\x02\x00\x00\x00"+"\x03\x00\x17\x00\x01\x00\x00\x00"+property(0x1e, 0x1000, "Please see the file.\x00")) +
		attribute(2, 0x9002, "\x01\x00") + attribute(2, 0x8010, "UBER.CSV\x00") + attribute(2, 0x800f, "invoice,amount\n") +
		attribute(2, 0x9005, "\x02\x00\x00\x00"+property(0x1f, 0x3707, wide)+property(0x1e, 0x370e, "text/csv\x00"))
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	e, err := tnef.Read([]byte(envelope()))
	if err != nil {
		t.Fatal(err)
	}
	if e.CodePage != 1252 || string(e.Text) != "Please see the file." || len(e.Files) != 1 {
		t.Fatalf("%+v", e)
	}
	f := e.Files[0]
	if string(f.Name) != "Über.csv" || !f.Wide || f.MediaType != "text/csv" || string(f.Content) != "invoice,amount\n" {
		t.Errorf("%+v", f)
	}
}

func TestRTF(t *testing.T) {
	t.Parallel()
	// The example of [MS-OXRTFCP] 4.1.
	packed := "\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3\x20hel\x09\x00\x20bw\x05\xb0ld\x7d\x0a\x80\x0f\xa0"
	e, err := tnef.Read([]byte(start + attribute(1, 0x9003, "\x01\x00\x00\x00"+property(0x102, 0x1009, packed))))
	if err != nil || string(e.RTF) != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Errorf("%v %q", err, e.RTF)
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	if _, err := tnef.Read([]byte("not an envelope")); !errors.Is(err, tnef.ErrNotTNEF) {
		t.Errorf("error %v", err)
	}
	whole := envelope()
	for n := len(start); n < len(whole); n++ {
		if _, err := tnef.Read([]byte(whole[:n])); err != nil {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	many := start + strings.Repeat(attribute(2, 0x9002, ""), 5000)
	if e, _ := tnef.Read([]byte(many)); len(e.Files) > 200 {
		t.Errorf("%d files", len(e.Files))
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(envelope()))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := tnef.Read(b)
		if err == nil && len(e.Text) > 2*len(b) {
			t.Errorf("%d bytes of text out of %d", len(e.Text), len(b))
		}
	})
}
