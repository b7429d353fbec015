package parse

import (
	"bytes"
	"regexp"
	"strings"
)

// decodeTransfer undoes the content transfer encoding; damaged input gives what can be read of it.
func decodeTransfer(content []byte, encoding string, d defects) []byte {
	encoding, _, _ = strings.Cut(strings.ToLower(unfold(encoding)), ";")
	switch strings.Trim(encoding, " \t\"'") {
	case "base64", "base-64", "b64":
		if !looksBase64(content) {
			d.add("not_base64")
			return content
		}
		return lenientBase64(content)
	case "quoted-printable", "quotedprintable", "quoted-printeable", "qp":
		return lenientQuotedPrintable(content)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if _, file, ok := cutUU(content); ok {
			return file.content
		}
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "8bits", "7bits":
	default:
		d.add("unknown_transfer_encoding")
	}
	return content
}

// looksBase64 is false for text that only claims to be base64.
func looksBase64(content []byte) bool {
	blanks := 0
	for i, c := range content {
		if i > 4096 {
			break
		}
		if c == ' ' {
			blanks++
		}
	}
	return blanks*12 <= min(len(content), 4096)+24
}

func lenientQuotedPrintable(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for len(src) > 0 {
		i := bytes.IndexByte(src, '\n')
		line, end := src, []byte(nil)
		if i >= 0 {
			line, end = src[:i], []byte("\n")
			if bytes.HasSuffix(line, []byte("\r")) {
				line, end = line[:len(line)-1], []byte("\r\n")
			}
			src = src[i+1:]
		} else {
			src = nil
		}
		line = bytes.TrimRight(line, " \t")
		if bytes.HasSuffix(line, []byte("=")) {
			line, end = line[:len(line)-1], nil
		}
		out = append(appendQP(out, line), end...)
	}
	return out
}

func appendQP(out, line []byte) []byte {
	for i := 0; i < len(line); i++ {
		if line[i] == '=' && i+2 < len(line) && isHex(line[i+1]) && isHex(line[i+2]) {
			out = append(out, unhex(line[i+1])<<4|unhex(line[i+2]))
			i += 2
			continue
		}
		out = append(out, line[i])
	}
	return out
}

type uuFile struct {
	name    string
	content []byte
}

var uuBegin = regexp.MustCompile(`(?m)^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,200})\r?\n`)

// cutUU takes the first uuencoded file out of a text; rest is the text without it.
func cutUU(text []byte) (rest []byte, file uuFile, ok bool) {
	m := uuBegin.FindSubmatchIndex(text)
	if m == nil {
		return text, uuFile{}, false
	}
	file.name = strings.TrimSpace(string(text[m[2]:m[3]]))
	body := text[m[1]:]
	for len(body) > 0 {
		line, next := cutLine(body)
		body = next
		if string(bytes.TrimSpace(line)) == "end" {
			out := append(bytes.Clone(text[:m[0]]), body...)
			return out, file, true
		}
		file.content = appendUU(file.content, line)
	}
	return text, uuFile{}, false // no end: it was only text that looked so
}

func appendUU(out, line []byte) []byte {
	if len(line) == 0 {
		return out
	}
	n := int(line[0]-' ') & 0x3f
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 0x3f
		}
		return 0
	}
	for i := 1; n > 0; i, n = i+4, n-3 {
		three := [3]byte{at(i)<<2 | at(i+1)>>4, at(i+1)<<4 | at(i+2)>>2, at(i+2)<<6 | at(i+3)}
		out = append(out, three[:min(n, 3)]...)
	}
	return out
}
