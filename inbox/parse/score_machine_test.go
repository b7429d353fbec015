package parse_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"makegood/inbox/parse"
)

// classes are the kinds that say of a message what its label says.
func classes(label string) []parse.Kind {
	switch label {
	case "bounce":
		return []parse.Kind{parse.Bounced}
	case "auto_reply", "read_receipt":
		return []parse.Kind{parse.AutoReply, parse.Notification}
	}
	return []parse.Kind{parse.Notification, parse.Bounced, parse.AutoReply, parse.List}
}

func TestScoreOfMachineMail(t *testing.T) {
	t.Parallel()
	dir := corpus()
	if dir == "" {
		t.Log("no collected mails here")
		return
	}
	s := newScore()
	for key, label := range expected(t, filepath.Join(dir, "intake-labels", "labels.json")) {
		kind := parseFile(t, filepath.Join(dir, key)).Kind
		if class, _ := label.text("class"); class != "human_or_other" {
			s.add("found", key, kind != parse.Person)
			s.add("in its class", key, slices.Contains(classes(class), kind))
		} else {
			s.add("persons", key, kind != parse.Bounced && kind != parse.AutoReply)
		}
	}
	s.atLeast(t, map[string]int{"found": 203, "in its class": 201, "persons": 189})
}

func TestScoreOfBounces(t *testing.T) {
	t.Parallel()
	dir := corpus()
	if dir == "" {
		t.Log("no collected mails here")
		return
	}
	s := newScore()
	for key, want := range expected(t, filepath.Join(dir, "bounce-sisimai", "expected.json")) {
		m := parseFile(t, filepath.Join(dir, "bounce-sisimai", key))
		class, _ := want.text("class")
		switch class {
		case "bounce":
			s.add("class", key, m.Kind == parse.Bounced)
			s.add("from a server", key, m.FromMailServer())
			s.add("recipient", key, strings.Contains(m.Bounce.Recipient, "@"))
			scoreStatus(s, key, want.objects("recipients"), m.Bounce)
		case "auto_reply":
			s.add("class", key, m.Kind == parse.AutoReply)
		case "feedback_report":
			s.add("class", key, m.Kind != parse.Person)
		default:
			s.add("class", key, m.Kind != parse.Bounced)
		}
	}
	s.atLeast(t, map[string]int{"class": 171, "from a server": 156, "hard or soft": 154, "recipient": 161})
}

func scoreStatus(s *score, key string, recipients []values, b parse.Bounce) {
	if len(recipients) == 0 {
		return
	}
	if status, _ := recipients[0].text("status"); status != "" && strings.ContainsAny(status[:1], "45") {
		s.add("hard or soft", key, b.Status != "" && b.Status[:1] == status[:1])
	}
}
