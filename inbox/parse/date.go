package parse

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
)

var (
	zoneComment = regexp.MustCompile(`\s*\([^)]*\)?\s*$`)
	dateLayouts = []string{
		"Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04 -0700",
		"Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 06 15:04:05 -0700",
		"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006", "Mon Jan 2 15:04:05 -0700 2006",
		"Mon, 2-Jan-2006 15:04:05 -0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", time.RFC3339,
		"Mon, 2 January 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05",
		"Monday, January 2, 2006 3:04 PM", "Mon, Jan 2 2006 15:04:05 -0700", "1/2/2006 15:04:05",
	}
)

// parseDate reads a Date header as RFC 3339; "" when it says no date.
func parseDate(value string, d defects) string {
	value = strings.Join(strings.Fields(clean(unfold(value))), " ")
	if value == "" {
		return ""
	}
	if t, err := mail.ParseDate(value); err == nil {
		return formatDate(t)
	}
	short := strings.TrimSpace(zoneComment.ReplaceAllString(value, ""))
	short = strings.TrimSuffix(strings.Replace(short, " ,", ",", 1), " UT")
	short = strings.Replace(short, "--", "-", 1)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, short); err == nil {
			return formatDate(t)
		}
	}
	d.add("malformed_date")
	return ""
}

// formatDate keeps the sender's zone; a year that RFC 3339 cannot say gives "".
func formatDate(t time.Time) string {
	if y := t.Year(); y < 1970 || y > 9999 {
		return ""
	}
	if _, offset := t.Zone(); offset%60 != 0 || offset > 86340 || offset < -86340 {
		t = t.UTC()
	}
	return t.Format(time.RFC3339)
}
