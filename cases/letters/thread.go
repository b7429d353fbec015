package letters

import (
	"slices"
	"strings"
)

// Thread is what a subject tells of the conversation a mail belongs to. It is a hint, never a key: anybody can write it.
type Thread struct {
	Words   string   // without "Re:" in its languages and without case numbers, in lower case
	Numbers []string // of cases, as [MG-000012] has them
	marked  bool
}

// ThreadOf reads a subject.
func ThreadOf(subject string) Thread {
	words := oneLine(subject)
	t := Thread{Numbers: caseMark.FindAllString(words, -1)}
	for n := range t.Numbers {
		t.Numbers[n] = strings.TrimSpace(t.Numbers[n])
	}
	words = strings.TrimSpace(caseMark.ReplaceAllString(words, ""))
	bare := strings.TrimSpace(answerPrefix.ReplaceAllString(words, ""))
	t.marked, t.Words = bare != words, strings.ToLower(bare)
	return t
}

// Answers tells whether the mail says that it answers another.
func (t Thread) Answers() bool { return t.marked || len(t.Numbers) > 0 }

// Of tells whether the mail may answer one of another thread: it has its words, or the number of its case.
func (t Thread) Of(other Thread) bool {
	return t.Words == other.Words || slices.ContainsFunc(t.Numbers, func(n string) bool { return slices.Contains(other.Numbers, n) })
}
