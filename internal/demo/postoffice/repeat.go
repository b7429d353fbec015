package postoffice

import (
	"bytes"
	"net/mail"
)

// RepeatHeader is how a sender names a mail so that sending it again does no harm: a mail of that name that an account has
// already is acknowledged and not kept a second time. A sender whose first attempt was cut off can so try again safely.
const RepeatHeader = "X-Repeat-Key"

func repeatName(raw []byte) string {
	head := raw
	if end := bytes.Index(raw, []byte("\r\n\r\n")); end >= 0 {
		head = raw[:end+4]
	}
	if !bytes.Contains(head, []byte(RepeatHeader)) {
		return ""
	}
	m, err := mail.ReadMessage(bytes.NewReader(head))
	if err != nil {
		return ""
	}
	return m.Header.Get(RepeatHeader)
}

func (r record) repeatKey() string { return r.Account + " " + r.Repeat }

// first leaves out the mails that an account has already, and remembers the others.
func (k *keeper) first(changes []change) []change {
	fresh := make([]change, 0, len(changes))
	for _, c := range changes {
		if c.entry.Repeat != "" {
			if k.taken[c.entry.repeatKey()] {
				continue
			}
			k.taken[c.entry.repeatKey()] = true
		}
		fresh = append(fresh, c)
	}
	return fresh
}
