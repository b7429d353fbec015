package parse

import (
	"net/url"
	"strings"
)

// Hidden tells whether a file is part of how a mail is made rather than one that its sender sends: a picture that the HTML shows by
// its Content-ID (RFC 2392), a signature, Outlook's envelope, the parts of a report, or an invitation beside its text. Other files are
// sent, wherever their sender's program would show them: some mark every file to be shown inline.
func (m Message) Hidden(a Attachment) bool {
	if !a.Inline {
		return false
	}
	switch kind := strings.ToLower(a.ContentType); {
	case strings.HasPrefix(kind, "image/"):
		return m.showsPicture(a.ContentID)
	case strings.HasSuffix(kind, "-signature"), strings.HasPrefix(kind, "message/"):
		return true
	default:
		switch kind {
		case "application/ms-tnef", "application/vnd.ms-tnef", "application/pkcs7-mime", "application/x-pkcs7-mime", "text/calendar",
			"application/ics", "text/rfc822-headers":
			return true
		}
		return strings.EqualFold(a.Filename, "winmail.dat")
	}
}

func (m Message) showsPicture(id string) bool {
	if id = strings.Trim(id, "<> "); id == "" {
		return false
	}
	html := strings.ToLower(m.HTML)
	for _, spelled := range []string{id, url.PathEscape(id), url.QueryEscape(id)} {
		if strings.Contains(html, "cid:"+strings.ToLower(spelled)) {
			return true
		}
	}
	return false
}
