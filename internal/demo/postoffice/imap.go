package postoffice

import (
	"crypto/subtle"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

const inbox = "INBOX"

func (o *Office) newIMAP() *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{office: o}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapESearch: {}, imap.CapLiteralPlus: {}},
		Logger:       protocolLog{o.log.With("protocol", "imap")},
		InsecureAuth: true,
	})
}

// imapSession is one connection that reads mail. Each account has one mailbox, its INBOX.
type imapSession struct {
	office   *Office
	user     string
	box      *mailbox
	readOnly bool
	mu       sync.Mutex                 // a client that hangs up while idling ends the session beside Idle
	view     *imapserver.SessionTracker // nil unless the mailbox is selected
}

// Close ends the session.
func (s *imapSession) Close() error {
	return s.Unselect()
}

// Login checks the account's password.
func (s *imapSession) Login(user, password string) error {
	for _, account := range s.office.config.Accounts {
		if account.User == user && subtle.ConstantTimeCompare([]byte(account.Password), []byte(password)) == 1 {
			s.user, s.box = user, s.office.boxes[user]
			return nil
		}
	}
	return imapserver.ErrAuthFailed
}

// Select opens the mailbox.
func (s *imapSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	if err := only(name); err != nil {
		return nil, err
	}
	s.readOnly = options != nil && options.ReadOnly
	b := s.box
	b.mu.Lock()
	defer b.mu.Unlock()
	s.look(b.tracker.NewSession())
	data := &imap.SelectData{
		Flags:          systemFlags(),
		PermanentFlags: append(systemFlags(), imap.FlagWildcard),
		NumMessages:    uint32(len(b.messages)),
		UIDNext:        b.last + 1,
		UIDValidity:    b.validity,
	}
	unseen := slices.IndexFunc(b.messages, func(m message) bool { return !hasFlag(m.flags, imap.FlagSeen) })
	data.FirstUnseenSeqNum = uint32(unseen + 1)
	return data, nil
}

// Unselect closes the mailbox.
func (s *imapSession) Unselect() error {
	if view := s.look(nil); view != nil {
		view.Close()
	}
	return nil
}

// look changes the view and answers the one before.
func (s *imapSession) look(next *imapserver.SessionTracker) *imapserver.SessionTracker {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.view
	s.view = next
	return before
}

// List knows one mailbox.
func (s *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: '/'})
	}
	matches := slices.ContainsFunc(patterns, func(pattern string) bool {
		return imapserver.MatchList(inbox, '/', ref, pattern) || strings.EqualFold(pattern, inbox)
	})
	if !matches || options.SelectSpecialUse {
		return nil
	}
	return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoInferiors}, Delim: '/', Mailbox: inbox})
}

// Status counts without opening.
func (s *imapSession) Status(name string, _ *imap.StatusOptions) (*imap.StatusData, error) {
	if err := only(name); err != nil {
		return nil, err
	}
	b := s.box
	b.mu.Lock()
	defer b.mu.Unlock()
	var seen, deleted, recent uint32
	var size int64
	for _, m := range b.messages {
		size += m.place.size
		if hasFlag(m.flags, imap.FlagSeen) {
			seen++
		}
		if hasFlag(m.flags, imap.FlagDeleted) {
			deleted++
		}
	}
	count := uint32(len(b.messages))
	unseen := count - seen
	return &imap.StatusData{
		Mailbox: inbox, NumMessages: &count, NumUnseen: &unseen, NumDeleted: &deleted, NumRecent: &recent,
		UIDNext: b.last + 1, UIDValidity: b.validity, Size: &size,
	}, nil
}

// Append files a message as it is, without the lines a delivery adds.
func (s *imapSession) Append(name string, in imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if err := only(name); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read appended message: %w", err)
	}
	head := record{Kind: kindMail, Account: s.user, At: options.Time, Flags: withFlags(nil, imap.StoreFlagsAdd, options.Flags)}
	if head.At.IsZero() {
		head.At = s.office.config.Now()
	}
	uids, err := s.office.keeper.keep([]change{{entry: head, body: raw}})
	if err != nil {
		return nil, err
	}
	return &imap.AppendData{UIDValidity: s.box.validity, UID: uids[0]}, nil
}

// AppendLimit is the size of the largest message.
func (s *imapSession) AppendLimit() uint32 { return maxMessage }

// Poll tells the client what has changed since it last asked.
func (s *imapSession) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.Poll(w, allowExpunge)
}

// Idle tells the client what changes, as soon as it does. It subscribes before it looks, so nothing falls in between.
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.mu.Lock()
	view := s.view
	s.mu.Unlock()
	if view == nil {
		<-stop
		return nil
	}
	changed, cancel := s.box.subscribe()
	defer cancel()
	for {
		if err := view.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}

// only refuses every mailbox but the one there is.
func only(name string) error {
	if strings.EqualFold(name, inbox) {
		return nil
	}
	return refuse(imap.ResponseCodeNonExistent, "There is only INBOX here")
}

func refuse(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// Subscribe does nothing: the one mailbox is always there.
func (s *imapSession) Subscribe(name string) error { return only(name) }

// Unsubscribe does nothing.
func (s *imapSession) Unsubscribe(name string) error { return only(name) }

// Create is refused.
func (s *imapSession) Create(string, *imap.CreateOptions) error {
	return refuse(imap.ResponseCodeCannot, "No mailboxes can be made here")
}

// Delete is refused.
func (s *imapSession) Delete(string) error {
	return refuse(imap.ResponseCodeCannot, "INBOX cannot be deleted")
}

// Rename is refused.
func (s *imapSession) Rename(string, string, *imap.RenameOptions) error {
	return refuse(imap.ResponseCodeCannot, "INBOX cannot be renamed")
}

// Copy is refused, as there is no other mailbox.
func (s *imapSession) Copy(imap.NumSet, string) (*imap.CopyData, error) {
	return nil, refuse(imap.ResponseCodeCannot, "There is no other mailbox to copy to")
}
