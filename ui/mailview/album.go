package mailview

import (
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"makegood/inbox/parse"
	"makegood/internal/outside"
)

// maxAlbum bounds the pictures that are kept in memory, in bytes.
const maxAlbum = 64 << 20

// album keeps the pictures of the mails that were looked at last, so that a mail with fifty pictures is taken apart once and not
// fifty-one times. What fell out is read again.
type album struct {
	mu    sync.Mutex
	bytes int
	mails map[source][]*outside.Picture // by the place of the file in its mail; nil where it is no picture
	order []source                      // the oldest first
	once  singleflight.Group
}

func newAlbum() *album { return &album{mails: map[source][]*outside.Picture{}} }

// put keeps the pictures of a mail that was taken apart.
func (a *album) put(of source, m parse.Message) []*outside.Picture {
	list := make([]*outside.Picture, len(m.Attachments))
	for n, file := range m.Attachments {
		if p, err := outside.Shown(file.Content); err == nil {
			list[n] = &p
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(of)
	a.mails[of], a.order, a.bytes = list, append(a.order, of), a.bytes+weight(list)
	for a.bytes > maxAlbum && len(a.order) > 1 {
		a.drop(a.order[0])
	}
	return list
}

func (a *album) drop(of source) {
	if list, kept := a.mails[of]; kept {
		a.bytes -= weight(list)
		delete(a.mails, of)
		a.order = slices.DeleteFunc(a.order, func(s source) bool { return s == of })
	}
}

// pictures gives those of a mail. Of several who ask for one that is not there, one reads it for all.
func (a *album) pictures(of source, read func() ([]byte, error)) ([]*outside.Picture, error) {
	a.mu.Lock()
	list, kept := a.mails[of]
	a.mu.Unlock()
	if kept {
		return list, nil
	}
	found, err, _ := a.once.Do(fmt.Sprint(of), func() (any, error) {
		raw, err := read()
		if err != nil {
			return nil, err
		}
		return a.put(of, parse.Parse(raw, parse.Options{})), nil
	})
	if err != nil {
		return nil, err
	}
	list, _ = found.([]*outside.Picture)
	return list, nil
}

// weight is what keeping a mail costs, in bytes: its pictures, and its place, which one without pictures takes too.
func weight(list []*outside.Picture) int {
	bytes := 1<<10 + 8*len(list)
	for _, p := range list {
		if p != nil {
			bytes += len(p.Content)
		}
	}
	return bytes
}
