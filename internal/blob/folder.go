package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"makegood/internal/errs"
)

// folder keeps files below one folder. os.Root keeps every path inside it.
type folder struct{ root *os.Root }

func openFolder(path string) (Outside, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for files: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open folder for files: %w", err)
	}
	return &folder{root: root}, nil
}

// place spreads files over 256 folders.
func place(key string) (dir, path string) {
	dir = key[:2]
	return dir, filepath.Join(dir, key)
}

// Put writes beside the place, has it all written to the disk, and puts it there under its name in one step: a file is whole
// or not there.
func (f *folder) Put(_ context.Context, key string, content []byte) error {
	dir, path := place(key)
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return away(err)
	}
	part := path + ".part"
	err := f.write(part, content)
	if err == nil {
		err = f.root.Rename(part, path)
	}
	if err != nil {
		return away(errors.Join(err, ignoreMissing(f.root.Remove(part))))
	}
	return away(errors.Join(f.sync(dir), f.sync(".")))
}

func (f *folder) write(path string, content []byte) error {
	file, err := f.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(content); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// sync makes names of files in a folder survive a power cut.
func (f *folder) sync(dir string) error {
	opened, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

// Get reads no more than one byte over the limit: what is longer is altered, and need not be in memory to be known so.
func (f *folder) Get(_ context.Context, key string, limit int64) ([]byte, error) {
	_, path := place(key)
	file, err := f.root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrLost
	}
	if err != nil {
		return nil, away(err)
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	return content, away(errors.Join(err, file.Close()))
}

// Delete removes a file.
func (f *folder) Delete(_ context.Context, key string) error {
	_, path := place(key)
	return away(ignoreMissing(f.root.Remove(path)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// away says of a failure that the place does not work at present: nothing is wrong with the file.
func away(err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(err, ErrAway.Kind, ErrAway.Key)
}
