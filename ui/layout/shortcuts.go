package layout

// Shortcut is one key and what it does. The sheet shows this table and the browser's key module reads it
// from there, so there is no second list.
type Shortcut struct {
	Group, Word string // message keys
	Key         string // as typed: "j", "Enter", "Ctrl+k", "g q"
	Shown       string // as drawn when it differs
	Do          string // row-next, row-previous, row-open, row-pick, back, press, open, go
	Target      string // for press: the data-key; for open: the dialog; for go: the address
}

// Shortcuts is the one table.
func Shortcuts() []Shortcut {
	const rows, file, all, places = "keys.group.rows", "keys.group.case", "keys.group.everywhere", "keys.group.go"
	return []Shortcut{
		{rows, "keys.next", "j", "", "row-next", ""},
		{rows, "keys.previous", "k", "", "row-previous", ""},
		{rows, "keys.open", "Enter", "↵", "row-open", ""},
		{rows, "keys.select", "x", "", "row-pick", ""},
		{rows, "keys.search", "/", "", "press", "/"},
		{file, "keys.reply", "r", "", "press", "r"},
		{file, "keys.note", "n", "", "press", "n"},
		{file, "keys.assign", "a", "", "press", "a"},
		{file, "keys.claim", "c", "", "press", "c"},
		{file, "keys.waiting", "w", "", "press", "w"},
		{file, "keys.propose", "p", "", "press", "p"},
		{file, "keys.macro", "m", "", "press", "m"},
		{file, "keys.follow_up", "f", "", "open", "follow-up"},
		{file, "keys.resolve", "e", "", "press", "e"},
		{file, "keys.approve", "y", "", "press", "y"},
		{file, "keys.send", "Ctrl+Enter", "Ctrl ↵", "send", ""},
		{all, "keys.palette", "Ctrl+k", "Ctrl K", "open", "cmd"},
		{all, "keys.sheet", "?", "", "open", "keys"},
		{all, "keys.undo", "z", "", "press", "z"},
		{all, "keys.back", "Escape", "Esc", "back", ""},
		{places, "nav.queue", "g q", "", "go", "queue"},
		{places, "keys.new_case", "g c", "", "go", "new-case"},
		{places, "nav.approvals", "g a", "", "go", "approvals"},
		{places, "nav.board", "g b", "", "go", "board"},
		{places, "nav.books", "g k", "", "go", "books"},
		{places, "nav.reports", "g r", "", "go", "reports"},
		{places, "nav.notices", "g n", "", "go", "notices"},
		{places, "nav.intake", "g i", "", "go", "intake"},
	}
}

// shown are the keys one by one, as drawn on key caps.
func (s Shortcut) shown() string {
	if s.Shown != "" {
		return s.Shown
	}
	return s.Key
}

func groups() []string {
	return []string{"keys.group.rows", "keys.group.case", "keys.group.everywhere", "keys.group.go"}
}
