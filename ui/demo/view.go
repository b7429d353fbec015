package demo

import (
	"time"

	"makegood/ui/kit"
)

type view struct {
	List    listView
	Message *messageView
	Write   writeView
	Asked   bool // a mail was asked for: where there is room for one thing only, it is shown
}

type listView struct {
	Rows []rowView
	Last uint32
}

type rowView struct {
	UID, Href, PreviewURL  string
	To, From, Subject      string
	Snippet, At, AtInWords string
	Files                  int
	Current                bool
}

type messageView struct {
	UID, Subject   string
	From, To, Name string
	At             time.Time
	Text           string
	Files          []kit.FileView
	Reply, Error   string
}

type writeView struct {
	From, To, Subject, Text, Proof string
	Who                            string // the customer behind From
	Errors                         map[string]string
	People                         []personView
	Support                        []kit.Option
}

type personView struct{ Name, Email, Customer, About, Href string }
