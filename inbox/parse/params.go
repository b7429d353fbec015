package parse

import (
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// media is a Content-Type or Content-Disposition value taken apart without ever failing.
type media struct {
	kind   string // lower case: "text/plain", "attachment"
	params map[string]string
}

// parseMedia reads values with blanks, missing quotes, missing semicolons, RFC 2231 parts and encoded words in
// parameters, which RFC 2047 forbids and everybody sends.
func parseMedia(value string, w words) media {
	value = unfold(strings.ReplaceAll(value, "\t", " "))
	kind, rest := value, ""
	if i := strings.IndexAny(value, "; "); i >= 0 {
		kind, rest = value[:i], value[i:]
	}
	m := media{kind: strings.ToLower(strings.Trim(kind, " \"'<>,")), params: map[string]string{}}
	if strings.Contains(kind, "=") { // the type itself is missing
		m.kind, rest = "", value
	}
	pieces := map[string]map[int]piece{}
	for rest != "" {
		var name, val string
		name, val, rest = cutParam(rest)
		if name == "" {
			continue
		}
		base, index, encoded := splitParamName(name)
		if index < 0 && !encoded {
			if _, dup := m.params[base]; !dup {
				m.params[base] = w.decode(val)
			}
			continue
		}
		if pieces[base] == nil {
			pieces[base] = map[int]piece{}
		}
		pieces[base][max(index, 0)] = piece{val, encoded}
	}
	for base, p := range pieces {
		m.params[base] = joinPieces(p, w)
	}
	return m
}

// cutParam takes the next name=value off a parameter list.
func cutParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, "; \t")
	eq := strings.IndexAny(s, "=;")
	if eq < 0 {
		return "", "", ""
	}
	if s[eq] == ';' {
		return "", "", s[eq:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:eq]))
	if i := strings.LastIndexAny(name, " \t"); i >= 0 { // a semicolon is missing before this parameter
		name = name[i+1:]
	}
	s = strings.TrimLeft(s[eq+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		value, rest = cutQuoted(s)
		return name, value, rest
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	if next := nextParam.FindStringIndex(s[:end]); next != nil {
		end = next[0]
	}
	return name, strings.Trim(s[:end], " \t'"), s[end:]
}

var nextParam = regexp.MustCompile(`(?i)\s(?:boundary|charset|name|filename|format|delsp|type|size)\s*=`)

// cutQuoted reads a quoted value; quotes inside that are not escaped belong to it if no separator follows them.
func cutQuoted(s string) (value, rest string) {
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			out.WriteByte(s[i])
		case c == '"' && endsQuoted(s[i+1:]):
			return out.String(), s[i+1:]
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), ""
}

func endsQuoted(after string) bool {
	after = strings.TrimLeft(after, " \t")
	return after == "" || after[0] == ';' || nextParam.MatchString(" "+after) || !strings.Contains(after, `"`)
}

type piece struct {
	value   string
	encoded bool
}

// splitParamName takes RFC 2231 marks off a name: filename*0*, filename*1, filename*.
func splitParamName(name string) (base string, index int, encoded bool) {
	base, tail, found := strings.Cut(name, "*")
	if !found {
		return name, -1, false
	}
	if tail == "" {
		return base, -1, true
	}
	number, encoded := strings.CutSuffix(tail, "*")
	index, err := strconv.Atoi(number)
	if err != nil || index < 0 || index > 999 {
		return base, -1, true
	}
	return base, index, encoded
}

// joinPieces puts the numbered pieces of an RFC 2231 value together and decodes it.
func joinPieces(pieces map[int]piece, w words) string {
	order := make([]int, 0, len(pieces))
	for i := range pieces {
		order = append(order, i)
	}
	sort.Ints(order)
	charset, any := "", false
	var bytes strings.Builder
	for n, i := range order {
		p := pieces[i]
		if !p.encoded {
			bytes.WriteString(p.value)
			continue
		}
		if n == 0 {
			if parts := strings.SplitN(p.value, "'", 3); len(parts) == 3 {
				charset, p.value = parts[0], parts[2]
			}
		}
		any = true
		bytes.WriteString(percentDecode(p.value))
	}
	if !any || charset == "" && encodedWord.MatchString(bytes.String()) {
		return w.decode(bytes.String())
	}
	if charset == "" {
		charset = w.hint
	}
	text, defect := decodeText([]byte(bytes.String()), charset)
	w.defects.add(defect)
	return clean(text)
}

func percentDecode(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
