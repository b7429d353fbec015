package parse

import (
	"bytes"
	"strings"
)

// field is one header field, unfolded, its value still as bytes of whatever charset.
type field struct {
	name  string // lower case
	value string
}

type header []field

// get gives the first value of a field, "" when there is none.
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if f.name == name {
			return true
		}
	}
	return false
}

func (h header) all(name string) []string {
	var out []string
	for _, f := range h {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// splitHeader separates header fields and body. It accepts what servers and scripts really send: an mbox
// "From " line, blank lines before the header, any line end, and junk lines between fields.
func splitHeader(raw []byte, limit int, d defects) (header, []byte) {
	raw = skipPreface(raw)
	var h header
	rest, used := raw, 0
	for len(rest) > 0 {
		line, next := cutLine(rest)
		if len(bytes.TrimRight(line, " \t")) == 0 {
			if len(line) > 0 && continuesHeader(next) {
				rest = next // a line of blanks inside a folded header is no end of the header
				continue
			}
			return h, next
		}
		used += len(rest) - len(next)
		if used > limit {
			d.add("header_too_long")
			return h, afterBlankLine(next)
		}
		switch name, value, ok := cutField(line); {
		case line[0] == ' ' || line[0] == '\t':
			if len(h) > 0 {
				h[len(h)-1].value += "\n" + string(line)
			}
		case ok:
			h = append(h, field{name, value})
		default:
			d.add("malformed_header")
			if !headerAhead(next) {
				return h, rest // the body began without a blank line
			}
		}
		rest = next
	}
	return h, nil
}

func skipPreface(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	for line, rest := cutLine(raw); len(raw) > 0 && len(bytes.TrimSpace(line)) == 0; line, rest = cutLine(raw) {
		raw = rest
	}
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, raw = cutLine(raw)
	}
	return raw
}

func cutLine(b []byte) (line, rest []byte) {
	before, after, ok := bytes.Cut(b, []byte{'\n'})
	if !ok {
		return bytes.TrimSuffix(b, []byte("\r")), nil
	}
	return bytes.TrimRight(before, "\r"), after
}

func cutField(line []byte) (name, value string, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return "", "", false
	}
	name = strings.TrimRight(string(line[:i]), " \t")
	for j := range len(name) {
		if name[j] <= ' ' || name[j] >= 0x7f {
			return "", "", false
		}
	}
	return strings.ToLower(name), string(line[i+1:]), name != ""
}

// continuesHeader says whether a folded line follows that goes on with a header, or a field that no text starts
// with; an indented body does not.
func continuesHeader(next []byte) bool {
	line, after := cutLine(next)
	if name, _, ok := cutField(line); ok {
		return name == "mime-version" || name == "received" || name == "message-id" || strings.HasPrefix(name, "content-")
	}
	if len(line) == 0 || line[0] != ' ' && line[0] != '\t' || len(bytes.TrimSpace(line)) == 0 {
		return false
	}
	following, _ := cutLine(after)
	_, _, ok := cutField(following)
	return ok
}

// headerAhead says whether a field that every mail has follows before the next blank line.
func headerAhead(rest []byte) bool {
	for range 200 {
		line, next := cutLine(rest)
		if len(line) == 0 {
			return false
		}
		if name, _, ok := cutField(line); ok {
			switch name {
			case "from", "to", "cc", "subject", "date", "received", "message-id", "mime-version", "content-type",
				"content-transfer-encoding", "final-recipient", "action", "status":
				return true
			}
		}
		rest = next
	}
	return false
}

func afterBlankLine(b []byte) []byte {
	for len(b) > 0 {
		line, next := cutLine(b)
		if len(line) == 0 {
			return next
		}
		b = next
	}
	return nil
}

// unfold joins the lines of a folded value; the line end goes, the white space stays.
func unfold(value string) string {
	value = strings.NewReplacer("\r\n", "", "\n", "", "\r", "").Replace(value)
	return strings.Trim(value, " \t")
}
