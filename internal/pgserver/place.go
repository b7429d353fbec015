package pgserver

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// place makes the folder to work in and answers it with the account that will run there. When the account cannot
// reach the wanted folder (it lies in root's closed home, say) another is used, always the same for the same wish.
func place(wanted string) (string, account, error) {
	wanted, err := filepath.Abs(wanted)
	if err != nil {
		return "", account{}, fmt.Errorf("find the database's folder: %w", err)
	}
	wanted = realPath(wanted)
	for _, dir := range append([]string{wanted}, substitutes(wanted)...) {
		who, err := chooseAccount(filepath.Join(dir, dataName))
		if err != nil {
			return "", account{}, err
		}
		if !reachable(filepath.Dir(dir), who) {
			continue
		}
		err = makeDir(dir, who)
		if err != nil && dir == wanted {
			return "", account{}, err
		}
		if err == nil && reachable(dir, who) && (dir == wanted || trusted(dir, who)) {
			return dir, who, nil
		}
	}
	return "", account{}, fmt.Errorf("no folder found that the database account can reach: make the folders above %s enterable for it "+
		"or choose another folder", wanted)
}

// realPath follows links as far as the path exists already.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(realPath(parent), filepath.Base(path))
}

func substitutes(wanted string) []string {
	sum := sha256.Sum256([]byte(wanted))
	name := "makegood-" + hex.EncodeToString(sum[:6])
	return []string{filepath.Join("/var/lib", name), filepath.Join(os.TempDir(), name)}
}

// reachable says whether the account may pass through the folder and all above it, as far as they exist;
// what does not exist yet is made by us.
func reachable(dir string, who account) bool {
	for {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil, !info.IsDir(), !who.mayEnter(info):
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

func makeDir(dir string, who account) error {
	mode := fs.FileMode(0o700)
	if who.switched {
		mode = 0o711 // the account passes through to its data; it cannot list or change what lies here
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	owner, _, err := ownerOf(dir)
	if err != nil {
		return err
	}
	if euid := os.Geteuid(); euid != 0 && owner != uint32(euid) {
		return fmt.Errorf("the folder %s belongs to user %s: start as that user or choose another folder", dir, nameOf(owner))
	}
	return letThrough(dir, who)
}

// letThrough lets the account pass a closed folder that holds nothing but what is ours, as mktemp makes it.
func letThrough(dir string, who account) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the database's folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the database's folder: %w", err)
	}
	ours := len(entries) == 0 || exists(filepath.Join(dir, lockName))
	if who.mayEnter(info) || !ours {
		return nil
	}
	if err := os.Chmod(dir, info.Mode().Perm()|0o111); err != nil {
		return fmt.Errorf("open the database's folder for its account: %w", err)
	}
	return nil
}

// trusted refuses a folder under a name that anybody could have foreseen and made before us.
func trusted(dir string, who account) bool {
	owner, _, err := ownerOf(dir)
	return err == nil && (owner == uint32(os.Geteuid()) || owner == who.uid)
}
