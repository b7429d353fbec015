package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"
)

// account is who PostgreSQL's programs run as. They refuse to run as root, so root lends them another one.
type account struct {
	uid, gid uint32
	groups   []uint32
	switched bool // false when the programs simply run as we do
}

// chooseAccount keeps to whoever owns data that already exists, so that a folder may be started by root and by
// its owner in turn.
func chooseAccount(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	if uid, gid, err := ownerOf(data); err == nil && uid != 0 {
		return account{uid: uid, gid: gid, groups: []uint32{gid}, switched: true}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		return lend(found)
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody to run it as: " +
		"start as an ordinary user")
}

func lend(to *user.User) (account, error) {
	ids := []string{to.Uid, to.Gid}
	if groups, err := to.GroupIds(); err == nil {
		ids = append(ids, groups...)
	}
	numbers := make([]uint32, 0, len(ids))
	for _, id := range ids {
		number, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("read the ids of user %s: %w", to.Username, err)
		}
		numbers = append(numbers, uint32(number))
	}
	return account{uid: numbers[0], gid: numbers[1], groups: slices.Compact(numbers[1:]), switched: true}, nil
}

func (a account) credential() *syscall.Credential {
	if !a.switched {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
}

// mayEnter says whether the account can pass through a folder, by its permission bits.
func (a account) mayEnter(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !a.switched {
		return true
	}
	bits := info.Mode().Perm()
	switch {
	case stat.Uid == a.uid:
		return bits&0o100 != 0
	case stat.Gid == a.gid || slices.Contains(a.groups, stat.Gid):
		return bits&0o010 != 0
	default:
		return bits&0o001 != 0
	}
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to the database account: %w", path, err)
	}
	return nil
}

func ownerOf(path string) (uid, gid uint32, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, fmt.Errorf("look at owner: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("look at owner of %s: not known here", path)
	}
	return stat.Uid, stat.Gid, nil
}

// nameOf is for sentences: the user's name, or its number.
func nameOf(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if found, err := user.LookupId(id); err == nil {
		return found.Username
	}
	return id
}
