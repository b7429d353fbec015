// Package evidence writes and checks bundles of evidence: a ZIP of files, each with its SHA-256 in a manifest, that somebody can
// check without trusting the program that made it.
package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/internal/audit"
)

// Names of the files that every bundle has.
const (
	ManifestFile = "manifest.json"
	SumsFile     = "SHA256SUMS"
	NoteFile     = "VERIFY.txt"
)

// Format is the version of the bundle's layout.
const Format = "makegood-evidence/1"

// Manifest says what a bundle is of, who made it when, what lies in it, and where the chains stood.
type Manifest struct {
	Format  string    `json:"format"`
	Subject string    `json:"subject"` // "case MG-000123", "period DE 2026-05"
	MadeAt  time.Time `json:"made_at"`
	MadeBy  string    `json:"made_by"`
	Heads   []Head    `json:"heads"`
	Files   []File    `json:"files"`
}

// Head is the last row of a chain as the bundle has it.
type Head struct {
	Stream string `json:"stream"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
}

// File is one file of a bundle.
type File struct {
	Path   string `json:"path"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// Bundle is being filled.
type Bundle struct {
	manifest Manifest
	content  map[string][]byte
	chains   []string // files that hold the rows of chains
}

// New begins a bundle about something.
func New(subject, by string, at time.Time) *Bundle {
	return &Bundle{manifest: Manifest{Format: Format, Subject: subject, MadeBy: by, MadeAt: at.UTC(), Heads: []Head{}, Files: []File{}}, content: map[string][]byte{}}
}

// Add puts a file in. A path that is there already is replaced.
func (b *Bundle) Add(path string, content []byte) { b.content[path] = content }

// AddJSON puts a value in as indented JSON.
func (b *Bundle) AddJSON(path string, v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	b.Add(path, out.Bytes())
	return nil
}

// AddChain puts the rows of a chain in and notes its head.
func (b *Bundle) AddChain(path string, links []audit.Link) error {
	if n := len(links); n > 0 {
		last := links[n-1]
		b.manifest.Heads = append(b.manifest.Heads, Head{last.Stream, last.Seq, last.Hash})
	}
	if links == nil {
		links = []audit.Link{}
	}
	b.chains = append(b.chains, path)
	return b.AddJSON(path, links)
}

// AddChainOnce is AddChain for chains that several things share: one that is in already stays as it is.
func (b *Bundle) AddChainOnce(path string, links []audit.Link) error {
	if _, there := b.content[path]; there {
		return nil
	}
	return b.AddChain(path, links)
}

// Sealed is a finished bundle.
type Sealed struct {
	Manifest Manifest
	ZIP      []byte
	SHA256   string // of the manifest, as lower-case hexadecimal: who knows it knows every file
}

// Seal writes the ZIP: the same content gives the same bytes.
func (b *Bundle) Seal() (Sealed, error) {
	b.Add(NoteFile, []byte(b.note()))
	paths := make([]string, 0, len(b.content))
	for path := range b.content {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	var sums strings.Builder
	for _, path := range paths {
		sum := hexSum(b.content[path])
		b.manifest.Files = append(b.manifest.Files, File{path, len(b.content[path]), sum})
		fmt.Fprintf(&sums, "%s  %s\n", sum, path)
	}
	if err := b.AddJSON(ManifestFile, b.manifest); err != nil {
		return Sealed{}, err
	}
	sealed := Sealed{Manifest: b.manifest, SHA256: hexSum(b.content[ManifestFile])}
	fmt.Fprintf(&sums, "%s  %s\n", sealed.SHA256, ManifestFile)
	b.Add(SumsFile, []byte(sums.String()))
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, path := range append([]string{ManifestFile, SumsFile}, paths...) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: b.manifest.MadeAt.Truncate(2 * time.Second)})
		if err == nil {
			_, err = w.Write(b.content[path])
		}
		if err != nil {
			return Sealed{}, fmt.Errorf("write %s: %w", path, err)
		}
	}
	if err := z.Close(); err != nil {
		return Sealed{}, fmt.Errorf("close bundle: %w", err)
	}
	sealed.ZIP = out.Bytes()
	return sealed, nil
}

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// note tells how to check the bundle, with nothing but common tools.
func (b *Bundle) note() string {
	return `EVIDENCE: ` + b.manifest.Subject + `
Made ` + b.manifest.MadeAt.Format(time.RFC3339) + ` by ` + b.manifest.MadeBy + `.

1. Every file is whole.
   Unpack, then:  sha256sum -c ` + SumsFile + `
   manifest.json lists the same hashes. The hash of manifest.json itself was told when the bundle was made and stands in the
   audit trail as "evidence.exported"; who knows that one hash can trust every file.

2. Nothing that happened was altered, left out or put in between.
   These files hold rows of hash chains: ` + strings.Join(b.chains, ", ") + `
   Each row's hash is the SHA-256 of, one after the other:
     length + prev_hash, length + stream, seq, at_micros, length + actor_kind, actor_id, length + actor_name,
     length + what, length + request_id, length + data
   Lengths are 4 bytes, numbers 8 bytes, big-endian, two's complement; texts are UTF-8; prev_hash is the raw bytes of the row
   before (none for row 1). data is the text between the quotes of the JSON string, after JSON unescaping, unchanged otherwise.
   seq goes up by one; prev_hash is the hash of the row before.

3. The chain is the one the company keeps.
   manifest.json names the head of each chain. "makegood verify --anchor" keeps heads outside; the same row must have the same
   hash there, and in the database today.

All of 1 and 2 in one step, without a database:  makegood export check FILE
`
}
