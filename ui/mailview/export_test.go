package mailview

import (
	"makegood/inbox/parse"
)

// KeptOf tells how many of so many mails without a picture an album keeps.
func KeptOf(mails int) int {
	a := newAlbum()
	for n := range mails {
		a.put(source{id: int64(n)}, parse.Message{})
	}
	return len(a.mails)
}
