package proof_test

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"makegood/credits/proof"
)

func mail() proof.Mail {
	return proof.Mail{
		From: "Ana", Address: "ana@lumen.example", At: time.Date(2026, 5, 12, 9, 0, 0, 1500, time.UTC), Subject: "Invoice", Text: "It is wrong.\n",
		Files: [][]byte{{1}, {2}},
	}
}

// Every part of a mail is in its hash, nothing moves from one part into the next, and what the database cannot keep is not.
func TestAMailIsItsParts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(m *proof.Mail){
		"name":           func(m *proof.Mail) { m.From = "Eva" },
		"address":        func(m *proof.Mail) { m.Address = "eva@lumen.example" },
		"time":           func(m *proof.Mail) { m.At = m.At.Add(time.Microsecond) },
		"subject":        func(m *proof.Mail) { m.Subject = "invoice" },
		"text":           func(m *proof.Mail) { m.Text = "It is wrong." },
		"subject's end":  func(m *proof.Mail) { m.Subject, m.Text = "InvoiceI", "t is wrong.\n" },
		"a file":         func(m *proof.Mail) { m.Files = [][]byte{{1}, {3}} },
		"order of files": func(m *proof.Mail) { m.Files = [][]byte{{2}, {1}} },
		"one file less":  func(m *proof.Mail) { m.Files = m.Files[:1] },
	} {
		changed := mail()
		change(&changed)
		if bytes.Equal(changed.Hash(), mail().Hash()) {
			t.Errorf("%s is not in it", name)
		}
	}
	elsewhere := mail()
	elsewhere.At = elsewhere.At.In(time.FixedZone("there", 7200)).Truncate(time.Microsecond)
	if !bytes.Equal(elsewhere.Hash(), mail().Hash()) {
		t.Error("the same moment in another zone, or finer than it is kept, is another mail")
	}
}

func TestASealIsOverContentAndEvidence(t *testing.T) {
	t.Parallel()
	content := sha256.Sum256([]byte("content"))
	one, two := proof.Piece{Kind: "note", Label: "a"}.Hash(), proof.Piece{Kind: "note", Label: "b"}.Hash()
	none := proof.Digest(nil)
	seal := proof.Seal(content[:], none)
	if want := sha256.Sum256(append(content[:], none...)); !bytes.Equal(seal, want[:]) {
		t.Error("it is not the hash of both, one behind the other")
	}
	seen := map[string]bool{}
	for _, hashes := range [][][]byte{nil, {one}, {two}, {one, two}, {two, one}} {
		seen[string(proof.Digest(hashes))] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d digests of five lists of evidence", len(seen))
	}
	if bytes.Equal(proof.Piece{Kind: "document", Label: "a"}.Hash(), one) || bytes.Equal(proof.Piece{Kind: "note", Label: "a", Thing: content[:]}.Hash(), one) {
		t.Error("kind and what it stands for are not in the hash of a piece")
	}
}
