package parse

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cention-sany/utf7"
	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// decodeText turns bytes into UTF-8: by the declared charset if that fits, else by what the bytes look like,
// else byte by byte, so that nothing is lost. The second value names the defect, "" if there was none.
func decodeText(b []byte, label string) (text, defect string) {
	b = bytes.ReplaceAll(b, []byte{0}, nil)
	if len(b) == 0 {
		return "", ""
	}
	name := charsetName(label)
	ascii := isASCII(b)
	switch {
	case name == "utf-7":
		if s, ok := decodeUTF7(b); ok {
			return s, ""
		}
	case isEscaped(name) || ascii && hasEscapes(b):
		return decodeEscaped(b, name), ""
	case ascii && name != "hz-gb-2312":
		return string(b), ""
	case utf8.Valid(b) && (name == "" || name == "utf-8" || name == "us-ascii" || isSingleByte(name)):
		if isSingleByte(name) {
			return string(b), "charset_mislabelled"
		}
		return string(b), ""
	}
	if name == "iso-8859-1" || name == "windows-1252" || name == "iso-8859-15" {
		// The label of those who set none. Byte pairs of an East Asian charset are no accident.
		if pairs := doubleByte(b[:min(len(b), 4*kib)]); pairs != "" {
			if s, ok := decodeAs(b, pairs); ok {
				return s, "charset_mislabelled"
			}
		}
	}
	if s, ok := decodeAs(b, name); ok {
		return s, ""
	}
	return detectText(b, name)
}

// decodeAs decodes by a named charset and says whether every byte fitted.
func decodeAs(b []byte, name string) (string, bool) {
	if name == "" || name == "utf-8" || name == "us-ascii" {
		return "", false
	}
	enc := findEncoding(name)
	if enc == nil {
		return "", false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	return string(out), !bytes.Contains(out, []byte("\uFFFD")) || isSingleByte(name)
}

func detectText(b []byte, declared string) (string, string) {
	if utf8.Valid(b) {
		return string(b), "charset_mislabelled"
	}
	if s, ok := mostlyUTF8(b); ok {
		return s, "charset_damaged"
	}
	if enc := findEncoding(declared); enc != nil && declared != "utf-8" && declared != "us-ascii" {
		if out, err := enc.NewDecoder().Bytes(b); err == nil && bytes.Count(out, []byte("\uFFFD"))*20 < len(out) {
			return string(out), "charset_damaged"
		}
	}
	defect := "charset_detected"
	if declared != "" && findEncoding(declared) == nil && declared != "us-ascii" {
		defect = "charset_unknown"
	}
	if s, ok := guess(b); ok {
		return s, defect
	}
	return eachByte(b), "charset_undetected"
}

// guess asks the statistical detector; a short text is only trusted in the charsets that have a shape of their own.
func guess(b []byte) (string, bool) {
	if name := cyrillic(b[:min(len(b), 4*kib)]); name != "" {
		return decodeAs(b, name)
	}
	if name := doubleByte(b[:min(len(b), 4*kib)]); name != "" {
		if out, err := findEncoding(name).NewDecoder().Bytes(b); err == nil {
			return string(out), true
		}
	}
	results, err := chardet.NewTextDetector().DetectAll(b)
	if err != nil {
		return "", false
	}
	for _, r := range results {
		if r.Confidence < 20 || len(b) < 24 && strings.HasPrefix(r.Charset, "UTF-") {
			continue
		}
		name := charsetName(r.Charset)
		if len(b) < 24 && isSingleByte(name) {
			continue
		}
		if s, ok := decodeAs(b, name); ok {
			return s, true
		}
	}
	return "", false
}

// mostlyUTF8 keeps the good sequences of a text that is UTF-8 but for a few bytes.
func mostlyUTF8(b []byte) (string, bool) {
	good, bad := 0, 0
	var out strings.Builder
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			bad++
			out.WriteRune(charmap.Windows1252.DecodeByte(b[i]))
			n = 1
		case n > 1:
			good++
			fallthrough
		default:
			out.WriteRune(r)
		}
		i += n
	}
	return out.String(), good > 0 && bad <= good/4+1 && good >= bad*2
}

// eachByte is the last resort: Windows-1252, in which the five holes stay what their bytes say.
func eachByte(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c)
		}
		out.WriteRune(r)
	}
	return out.String()
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func hasEscapes(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(J"))
}

func isEscaped(name string) bool { return strings.HasPrefix(name, "iso-2022-") }

// decodeEscaped reads the charsets that switch by escape sequences.
func decodeEscaped(b []byte, name string) string {
	if name == "iso-2022-kr" || bytes.Contains(b, []byte("\x1b$)C")) {
		if s, ok := decodeAs(shiftedKorean(b), "euc-kr"); ok {
			return s
		}
	}
	if !hasEscapes(b) && !isASCII(b) { // labelled ISO-2022-JP, written in something else
		s, _ := detectText(b, "")
		return s
	}
	enc := findEncoding("iso-2022-jp")
	out, err := enc.NewDecoder().Bytes(markYen(b))
	if err != nil {
		return eachByte(b)
	}
	return strings.ReplaceAll(string(out), yenMark, "¥")
}

const yenMark = "\x01"

// markYen marks the yen signs of JIS X 0201 Roman, which the decoder would read as backslashes.
func markYen(b []byte) []byte {
	if !bytes.Contains(b, []byte("\x1b(J")) {
		return b
	}
	b = bytes.ReplaceAll(b, []byte(yenMark), nil)
	roman := false
	for i := range b {
		switch {
		case b[i] == 0x1b:
			roman = bytes.HasPrefix(b[i:], []byte("\x1b(J"))
		case roman && b[i] == '\\':
			b[i] = yenMark[0]
		}
	}
	return b
}

// shiftedKorean turns ISO-2022-KR into EUC-KR: bytes between SO and SI get their high bit.
func shiftedKorean(b []byte) []byte {
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range bytes.ReplaceAll(b, []byte("\x1b$)C"), nil) {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case shifted && c > ' ':
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return out
}

func decodeUTF7(b []byte) (string, bool) {
	out, err := utf7.UTF7.NewDecoder().Bytes(b)
	return string(out), err == nil && utf8.Valid(out)
}

// isSingleByte says whether every byte string is a text of the charset, so that a fit proves nothing.
func isSingleByte(name string) bool {
	for _, p := range []string{"iso-8859-", "windows-125", "windows-874", "koi8", "ibm", "cp", "macintosh", "x-mac", "tis-620"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

var isoLatin = regexp.MustCompile(`^iso[-_ ]?8859[-_ ](\d{1,2})$`)

// charsetName brings a label to the name used here; labels are misspelt in many ways.
func charsetName(label string) string {
	s := strings.ToLower(strings.Trim(label, " \t\"'<>;,\r\n"))
	s = strings.TrimPrefix(s, "charset=")
	s = strings.Trim(strings.TrimPrefix(s, "3d"), "\"'\\")
	if alias, ok := charsetAlias(s); ok {
		return alias
	}
	switch {
	case isoLatin.MatchString(s):
		return "iso-8859-" + isoLatin.FindStringSubmatch(s)[1]
	case strings.HasPrefix(s, "cp125"), strings.HasPrefix(s, "cp-125"), strings.HasPrefix(s, "win-125"), strings.HasPrefix(s, "windows125"):
		return "windows-125" + s[strings.Index(s, "125")+3:]
	case strings.HasPrefix(s, "iso-2022-jp"):
		return "iso-2022-jp"
	}
	return s
}

func charsetAlias(s string) (string, bool) {
	switch s {
	case "utf8", "utf_8", "utf-8n", "unicode", "utf8mb4", "unicode-1-1-utf-8", "utf-8-sig":
		return "utf-8", true
	case "ascii", "ansi_x3.4-1968", "ansi_x3.4", "7bit", "8bit", "x-unknown", "unknown", "unknown-8bit", "default", "none", "default_charset", "iso-646-us", "x-user-defined", "_iso-2022-jp$esc":
		return "us-ascii", true
	case "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "utf7":
		return "utf-7", true
	case "ks_c_5601-1987", "ks_c_5601", "ksc5601", "ks-c-5601-1987", "cp949", "ms949", "uhc", "x-windows-949", "euckr":
		return "euc-kr", true
	case "cp932", "ms932", "sjis", "x-sjis", "ms_kanji", "windows-31j", "shift-jis", "x-ms-cp932":
		return "shift_jis", true
	case "gb2312", "gb_2312-80", "cp936", "ms936", "gbk", "x-gbk", "gb-18030", "euc-cn", "x-euc-cn", "csgb2312", "chinese":
		return "gb18030", true
	case "big5-hkscs", "cp950", "x-x-big5", "big5hkscs", "big-5", "cn-big5":
		return "big5", true
	case "hz", "hz-gb2312", "hz-gb-2312":
		return "hz-gb-2312", true
	case "eucjp", "x-euc-jp", "x-euc":
		return "euc-jp", true
	case "latin1", "latin-1", "l1", "iso-8859-1", "iso8859-1", "iso_8859-1", "ansi", "iso-8859", "8859-1":
		return "iso-8859-1", true
	case "koi8r", "koi-8-r", "koi8":
		return "koi8-r", true
	case "iso-8859-8-e":
		return "iso-8859-8", true
	}
	return "", false
}

func findEncoding(name string) encoding.Encoding {
	switch name {
	case "":
		return nil
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "euc-kr":
		return korean.EUCKR
	case "cp850", "ibm850":
		return charmap.CodePage850
	case "cp437", "ibm437":
		return charmap.CodePage437
	}
	if enc, err := htmlindex.Get(name); err == nil {
		if canonical, err := htmlindex.Name(enc); err == nil && canonical == "replacement" {
			return nil
		}
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil && enc != nil {
		return enc
	}
	return nil
}
