package kit

import (
	"strings"
	"unicode/utf8"
)

// splitFold finds part in text whatever the case and cuts text around it; without a find all is before.
func splitFold(text, part string) (before, match, after string) {
	if part == "" {
		return text, "", ""
	}
	length := utf8.RuneCountInString(part)
	runes := []rune(text)
	for i := 0; i+length <= len(runes); i++ {
		if strings.EqualFold(string(runes[i:i+length]), part) {
			return string(runes[:i]), string(runes[i : i+length]), string(runes[i+length:])
		}
	}
	return text, "", ""
}
