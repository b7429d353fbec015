package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"makegood/internal/audit"
)

// mostBytes is how large a file of a bundle may be unpacked.
const mostBytes = 1 << 30

// ErrNoBundle is returned for what is no bundle of evidence at all.
var ErrNoBundle = errors.New("this is no bundle of evidence")

// Finding is one thing that is wrong with a bundle.
type Finding struct {
	Path string
	Why  string
}

// Result is what a check found: the manifest, its hash, and everything that is wrong.
type Result struct {
	Manifest Manifest
	SHA256   string
	Rows     int // of chains, recomputed
	Findings []Finding
}

// OK tells that nothing is wrong.
func (r Result) OK() bool { return len(r.Findings) == 0 }

// Check proves a bundle: that each file is there with the hash of the manifest and no other, and that each chain follows from
// row to row and ends in its head. What is wrong stands in the result; an error means that it cannot be read at all.
func Check(bundle []byte) (Result, error) {
	content, err := unpack(bundle)
	if err != nil {
		return Result{}, err
	}
	var r Result
	if err := json.Unmarshal(content[ManifestFile], &r.Manifest); err != nil || r.Manifest.Format != Format {
		return r, ErrNoBundle
	}
	r.SHA256 = hexSum(content[ManifestFile])
	r.files(content)
	r.chains(content)
	r.beside(content)
	return r, nil
}

// BesideFile holds what chains say of people: the chains hold hashes of it.
const BesideFile = "chains/personal.json"

// beside proves what stands beside the chains: each of what was not erased gives the hash that the chain has.
func (r *Result) beside(content map[string][]byte) {
	text, ok := content[BesideFile]
	if !ok {
		return
	}
	var list []audit.Kept
	if err := json.Unmarshal(text, &list); err != nil {
		r.wrong(BesideFile, "it cannot be read")
		return
	}
	for _, k := range list {
		if !k.Holds() {
			r.wrong(BesideFile, "what is said is not what the chain has the hash "+k.Commitment+" of")
		}
	}
}

func (r *Result) wrong(path, why string) { r.Findings = append(r.Findings, Finding{path, why}) }

func unpack(bundle []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return nil, errors.Join(ErrNoBundle, err)
	}
	content := map[string][]byte{}
	for _, f := range z.File {
		if _, twice := content[f.Name]; twice {
			return nil, fmt.Errorf("%s is in it twice: %w", f.Name, ErrNoBundle)
		}
		in, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", f.Name, err)
		}
		text, err := io.ReadAll(io.LimitReader(in, mostBytes))
		if closed := in.Close(); err == nil {
			err = closed
		}
		if err != nil { // the archive's own sums do not fit: the file was altered in place
			text = nil
		}
		content[f.Name] = text
	}
	return content, nil
}

func (r *Result) files(content map[string][]byte) {
	listed := []string{ManifestFile, SumsFile}
	var sums strings.Builder
	for _, f := range r.Manifest.Files {
		listed = append(listed, f.Path)
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Path)
		switch text, there := content[f.Path]; {
		case !there:
			r.wrong(f.Path, "it is missing")
		case hexSum(text) != f.SHA256 || len(text) != f.Size:
			r.wrong(f.Path, "it was altered")
		}
	}
	fmt.Fprintf(&sums, "%s  %s\n", r.SHA256, ManifestFile)
	if string(content[SumsFile]) != sums.String() {
		r.wrong(SumsFile, "it does not say what the manifest says")
	}
	for path := range content {
		if !slices.Contains(listed, path) {
			r.wrong(path, "the manifest does not know it")
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
}

func (r *Result) chains(content map[string][]byte) {
	heads := map[string]Head{}
	for _, h := range r.Manifest.Heads {
		heads[h.Stream] = h
	}
	for _, f := range r.Manifest.Files {
		if !strings.HasPrefix(f.Path, "chains/") {
			continue
		}
		var links []audit.Link
		if err := json.Unmarshal(content[f.Path], &links); err != nil {
			r.wrong(f.Path, "it is unreadable")
			continue
		}
		if broken := audit.Prove(links); broken != nil {
			r.wrong(f.Path, fmt.Sprintf("row %d: %s", broken.Seq, broken.Why))
		}
		r.Rows += len(links)
		if n := len(links); n > 0 {
			last := links[n-1]
			if heads[last.Stream] != (Head{last.Stream, last.Seq, last.Hash}) {
				r.wrong(f.Path, "it does not end in the head the manifest names")
			}
			delete(heads, last.Stream)
		}
	}
	for stream := range heads {
		r.wrong(ManifestFile, "the rows of "+stream+" are missing")
	}
}
