package pgserver

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret answers the superuser's password kept beside the data, making one for data yet to be made.
func secret(dir string) (string, error) {
	path := filepath.Join(dir, "password")
	text, err := os.ReadFile(path)
	switch {
	case err == nil && len(text) > 0:
		return strings.TrimSpace(string(text)), nil
	case errors.Is(err, fs.ErrPermission):
		return "", foreign(path, err)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("read the database password: %w", err)
	}
	if exists(filepath.Join(dir, dataName)) {
		return "", fmt.Errorf("the data in %s is there but its password file %s is not: put it back or remove the folder", dir, path)
	}
	password := rand.Text()
	return password, writeSecret(path, password)
}

// writeSecret leaves either the whole file or none.
func writeSecret(path, text string) error {
	unfinished := path + ".new"
	if err := os.WriteFile(unfinished, []byte(text+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the database password: %w", err)
	}
	if err := syncPath(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("write the database password: %w", err)
	}
	return syncPath(filepath.Dir(path))
}

func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open to sync: %w", err)
	}
	defer closeQuietly(file)
	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
