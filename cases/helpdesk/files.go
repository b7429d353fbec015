package helpdesk

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"makegood/internal/errs"
)

// How much one file may be, unpacked, and all of them together.
const (
	largestFile = 1 << 30
	largestAll  = 4 << 30
)

// part is a file that can be read: as it was given, or out of an archive.
type part struct {
	name string
	open func() (io.ReadCloser, error)
}

// base is the name without folder and extension, in plain letters: "emailmessage".
func (p part) base() string {
	name := path.Base(strings.ReplaceAll(p.name, `\`, "/"))
	return plain(strings.TrimSuffix(name, path.Ext(name)))
}

// unpack lists the files, those in archives one by one.
func unpack(files []File) ([]part, error) {
	var parts []part
	total := uint64(0)
	for _, f := range files {
		head := make([]byte, 4)
		n, err := f.Content.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read %s: %w", f.Name, err)
		}
		if !bytes.Equal(head[:n], []byte("PK\x03\x04")) {
			if total += uint64(max(f.Size, 0)); f.Size > largestFile || total > largestAll {
				return nil, errs.New(ErrTooLarge.Kind, ErrTooLarge.Key, "file", f.Name)
			}
			parts = append(parts, part{f.Name, func() (io.ReadCloser, error) {
				return io.NopCloser(io.NewSectionReader(f.Content, 0, f.Size)), nil
			}})
			continue
		}
		inside, err := unzip(f, &total)
		if err != nil {
			return nil, err
		}
		parts = append(parts, inside...)
	}
	return parts, nil
}

// unzip lists what is wanted of an archive; total counts on.
func unzip(f File, total *uint64) ([]part, error) {
	packed, err := zip.NewReader(f.Content, f.Size)
	if err != nil {
		return nil, errs.Wrap(err, ErrZip.Kind, ErrZip.Key, "file", f.Name)
	}
	var parts []part
	for _, entry := range packed.File {
		if entry.FileInfo().IsDir() || !wanted(entry.Name) {
			continue
		}
		if *total += entry.UncompressedSize64; entry.UncompressedSize64 > largestFile || *total > largestAll {
			return nil, errs.New(ErrTooLarge.Kind, ErrTooLarge.Key, "file", entry.Name)
		}
		parts = append(parts, part{entry.Name, func() (io.ReadCloser, error) { return opened(entry) }})
	}
	return parts, nil
}

// wanted leaves out what archives carry beside data: the attachments of an export, and what a Mac adds.
func wanted(name string) bool {
	if strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}

// opened never gives more than the archive said it would: what says less and unpacks to more is no honest archive.
func opened(entry *zip.File) (io.ReadCloser, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, errs.Wrap(err, ErrZip.Kind, ErrZip.Key, "file", entry.Name)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, largestFile), r}, nil
}
