package fetch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
)

// Probed is what a test of a mailbox's settings found out, as far as it came.
type Probed struct {
	Step     Step   // how far it came
	Error    string // the server's or the network's own words; "" when all went well
	Messages uint32 // in the folder
	Folders  []string
	Mechs    []string // by which one may sign in
	Idle     bool     // it tells of new mail at once; else it is asked every few seconds
	Move     bool
	UIDPlus  bool
	ESearch  bool
	Caps     []string // all it says it can do
}

// Step is a stage of the test.
type Step string

// The stages in order. The one reached last is told.
const (
	StepReach  Step = "reach"   // connected, over TLS where that is set
	StepSignIn Step = "sign_in" // signed in
	StepOpen   Step = "open"    // the folder is open
	StepDone   Step = "done"
)

// Probe tries the settings of a mailbox on a connection of its own and tells what the server can do. It changes nothing there.
// What goes wrong is part of the answer, not an error.
func (f *Fetcher) Probe(ctx context.Context, box inbox.Mailbox) Probed {
	ctx, cancel := context.WithTimeout(ctx, f.o.DialTimeout)
	defer cancel()
	p := Probed{Step: StepReach}
	s, release, err := f.door.dial(ctx, box)
	if err != nil {
		p.Error = plain(err)
		return p
	}
	defer release()
	defer func() { _ = s.client.Close() }()
	p.saw(s.client.Caps())
	p.Step = StepSignIn
	if err := f.door.signIn(ctx, s, box); err != nil {
		p.Error = plain(err)
		return p
	}
	p.saw(s.client.Caps())
	p.Step = StepOpen
	if list, err := s.client.List("", "*", nil).Collect(); err == nil {
		for _, folder := range list[:min(len(list), maxFolders)] {
			p.Folders = append(p.Folders, folder.Mailbox)
		}
		slices.Sort(p.Folders)
	}
	if err := s.open(box); err != nil {
		p.Error = plain(err)
		return p
	}
	p.Step, p.Messages = StepDone, s.messages
	return p
}

const maxFolders = 200

func plain(err error) string {
	return strings.ToValidUTF8(strings.Join(strings.Fields(fmt.Sprint(err)), " "), "")
}

func (p *Probed) saw(caps imap.CapSet) {
	p.Idle, p.Move, p.UIDPlus, p.ESearch = caps.Has(imap.CapIdle), caps.Has(imap.CapMove), caps.Has(imap.CapUIDPlus), caps.Has(imap.CapESearch)
	p.Caps = p.Caps[:0]
	for c := range caps {
		p.Caps = append(p.Caps, string(c))
		if mech, ok := strings.CutPrefix(string(c), "AUTH="); ok && !slices.Contains(p.Mechs, mech) {
			p.Mechs = append(p.Mechs, mech)
		}
	}
	slices.Sort(p.Caps)
	slices.Sort(p.Mechs)
}
