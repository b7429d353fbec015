package parse

import (
	"regexp"
	"strings"
)

// parseAddresses reads an address list leniently: groups, comments, encoded words anywhere, unquoted commas and
// at-signs in names, missing brackets. An entry without any address keeps its name.
func parseAddresses(values []string, w words) []Address {
	out := []Address{}
	for _, value := range values {
		for _, item := range splitList(unfold(value)) {
			a := parseAddress(item, w)
			if a.Address == "" && a.Name == "" {
				continue
			}
			if n := len(out); n > 0 && out[n-1].Address == "" && a.Address != "" && !strings.Contains(item, `"`) {
				a.Name = strings.TrimSpace(out[n-1].Name + ", " + a.Name) // "Last, First <a@b>" without quotes
				out = out[:n-1]
			}
			out = append(out, a)
			if len(out) >= 2000 {
				w.defects.add("too_many_addresses")
				return out
			}
		}
	}
	return out
}

// splitList splits at commas and semicolons outside quotes, brackets, comments and encoded words.
func splitList(s string) []string {
	var items []string
	start, depth := 0, 0
	quoted, angle := false, false
	words := encodedWord.FindAllStringIndex(s, -1)
	for i := 0; i < len(s); i++ {
		if len(words) > 0 && i == words[0][0] {
			i = words[0][1] - 1
			words = words[1:]
			continue
		}
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted && strings.IndexByte(s[i+1:], '"') >= 0
		case quoted:
		case c == '(':
			if strings.IndexByte(s[i+1:], ')') >= 0 {
				depth++
			}
		case c == ')':
			depth = max(depth-1, 0)
		case depth > 0:
		case c == '<':
			angle = strings.IndexByte(s[i+1:], '>') >= 0
		case c == '>':
			angle = false
		case (c == ',' || c == ';') && !angle:
			items = append(items, s[start:i])
			start = i + 1
		}
		for len(words) > 0 && words[0][0] < i {
			words = words[1:]
		}
	}
	return append(items, s[start:])
}

var (
	groupStart  = regexp.MustCompile(`^\s*[^"<>@:(]{0,80}:\s*`)
	bareAddress = regexp.MustCompile(`[^\s<>,;:"()\[\]]+@[^\s<>,;:"()]+`)
)

func parseAddress(item string, w words) Address {
	item = strings.TrimSpace(item)
	item = strings.TrimPrefix(item, "mailto:")
	if loc := groupStart.FindStringIndex(item); loc != nil {
		item = item[loc[1]:]
	}
	if item == "" {
		return Address{}
	}
	if a, ok := angleAddress(item, w); ok {
		return a
	}
	text, comment := cutComments(item)
	if plainAt(text) {
		if found := bareAddress.FindString(text); found != "" {
			return Address{Name: nameBeside(w.decode(strings.Replace(text, found, "", 1)), comment, w), Address: tidyAddress(w.raw(found))}
		}
	}
	decoded := strings.TrimSpace(w.decode(text))
	if !plainAt(text) && strings.Contains(decoded, "<") && strings.Contains(decoded, "@") {
		if a, ok := angleAddress(decoded, w); ok {
			return a
		}
	}
	if found := bareAddress.FindString(decoded); found != "" {
		return Address{Name: nameBeside(strings.Replace(decoded, found, "", 1), comment, w), Address: tidyAddress(found)}
	}
	if comment != "" && !strings.ContainsAny(decoded, " \t") {
		return Address{Name: tidyName(w.decode(comment)), Address: tidyAddress(decoded)}
	}
	return Address{Name: tidyName(decoded)}
}

// plainAt tells whether an at-sign stands outside encoded words. Then the address stands there as every mail server reads it, and what an
// encoded word beside it says is no address: RFC 2047 allows none inside one (section 5), and whoever judges the sender decodes none.
func plainAt(s string) bool { return strings.Contains(encodedWord.ReplaceAllString(s, ""), "@") }

// nameBeside is the name of an address without brackets: what the comment says or, without one, the rest of the text.
func nameBeside(rest, comment string, w words) string {
	if comment != "" {
		rest = w.decode(comment)
	}
	return tidyName(rest)
}

func angleAddress(item string, w words) (Address, bool) {
	open := strings.LastIndexByte(item, '<')
	if open < 0 {
		return Address{}, false
	}
	inner, after, closed := strings.Cut(item[open+1:], ">")
	before := item[:open]
	if !closed {
		inner, after = item[open+1:], ""
	}
	if !strings.Contains(inner, "@") {
		if found := bareAddress.FindString(before); found != "" {
			return Address{Name: tidyName(w.decode(inner)), Address: tidyAddress(found)}, true
		}
	}
	name, comment := cutComments(before)
	if strings.Contains(before, `"`) || encodedWord.MatchString(before) {
		name, comment = before, ""
	}
	if strings.TrimSpace(name) == "" {
		if name = comment; name == "" {
			_, name = cutComments(after)
		}
	}
	address := w.raw(inner)
	if !plainAt(inner) {
		address = w.decode(inner)
	}
	return Address{Name: tidyName(w.decode(unquote(name))), Address: tidyAddress(address)}, true
}

// cutComments separates the comments in round brackets from the rest.
func cutComments(s string) (text, comment string) {
	var out, in strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && depth == 0:
			quoted = !quoted
			out.WriteByte(c)
		case c == '(' && !quoted:
			if depth++; depth > 1 {
				in.WriteByte(c)
			}
		case c == ')' && depth > 0:
			if depth--; depth > 0 {
				in.WriteByte(c)
			}
		case depth > 0:
			in.WriteByte(c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), strings.TrimSpace(in.String())
}

// unquote removes the quotes and escapes of quoted strings.
func unquote(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		case s[i] != '"':
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func tidyName(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	return strings.TrimSpace(strings.Trim(s, `"'`))
}

// tidyAddress lowers the domain and takes off what does not belong to an address.
func tidyAddress(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	s = strings.TrimPrefix(strings.Trim(s, `"'<>,; `), "mailto:")
	s = strings.Trim(s, ". ")
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	return strings.Trim(s[:at], " ") + "@" + strings.ToLower(strings.Trim(s[at+1:], " "))
}

// parseIDs reads message identifiers, with or without brackets, without the brackets.
func parseIDs(values []string) []string {
	out := []string{}
	for _, v := range values {
		v = clean(unfold(v))
		found := false
		for _, m := range bracketed.FindAllStringSubmatch(v, -1) {
			if id := strings.Join(strings.Fields(m[1]), ""); id != "" {
				out, found = append(out, id), true
			}
		}
		if found {
			continue
		}
		for word := range strings.FieldsSeq(v) {
			if strings.Contains(word, "@") || len(values) == 1 && !strings.Contains(v, " ") {
				out = append(out, strings.Trim(word, "<>"))
			}
		}
	}
	if len(out) > 500 {
		out = out[len(out)-500:]
	}
	return out
}

var bracketed = regexp.MustCompile(`<([^<>]*)>`)
