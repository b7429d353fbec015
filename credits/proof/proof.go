// Package proof says by which hash a piece of evidence is known, and seals what is decided on together with the evidence
// that was there. What approvers sign is the seal; what is posted must still have it.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Mail is a message as it is read: what of it counts as evidence.
type Mail struct {
	From, Address string
	At            time.Time
	Subject       string
	Text          string   // the whole, with what is quoted
	Files         [][]byte // SHA-256 of each file, in their order
}

// Hash is the SHA-256 of the mail's canonical text: its parts, each with its length, the time in UTC to the microsecond.
func (m Mail) Hash() []byte {
	parts := []string{"mail/1", m.From, m.Address, m.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano), m.Subject, m.Text}
	for _, f := range m.Files {
		parts = append(parts, hex.EncodeToString(f))
	}
	return hash(parts)
}

// Piece is one piece of evidence of a request. Thing is the SHA-256 of what it stands for: a mail's canonical text, a file's bytes, a
// computation sheet; nil where it is its words alone.
type Piece struct {
	ID    int64
	Kind  string
	Label string
	Thing []byte
}

// Hash is the SHA-256 of the piece: of its kind, its words and the hash of what it stands for.
func (p Piece) Hash() []byte {
	return hash([]string{"piece/1", p.Kind, p.Label, hex.EncodeToString(p.Thing)})
}

// Digest is the SHA-256 over the hashes of pieces in their order; of none it is that of none.
func Digest(hashes [][]byte) []byte {
	parts := []string{"evidence/1"}
	for _, h := range hashes {
		parts = append(parts, hex.EncodeToString(h))
	}
	return hash(parts)
}

// Seal is what approvers sign: the SHA-256 of the content's digest followed by that of the evidence.
func Seal(content, evidence []byte) []byte {
	sum := sha256.New()
	sum.Write(content)
	sum.Write(evidence)
	return sum.Sum(nil)
}

// hash is over parts with their lengths, so that nothing moves from one into the next unnoticed.
func hash(parts []string) []byte {
	var text strings.Builder
	for _, p := range parts {
		text.WriteString(strconv.Itoa(len(p)) + ":" + p + "|")
	}
	sum := sha256.Sum256([]byte(text.String()))
	return sum[:]
}
