package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"makegood/inbox"
)

// session is one signed-in connection with the mailbox's folder open for reading.
type session struct {
	client   *imapclient.Client
	validity int64
	news     chan struct{} // something arrived while idle
	idle     bool          // the server offers IDLE
}

// connect signs in and opens the folder read-only: the mailbox is left as it is. It gives up when ctx ends.
func connect(ctx context.Context, box inbox.Mailbox, password string) (*session, error) {
	s := &session{news: make(chan struct{}, 1)}
	options := &imapclient.Options{
		Dialer:    &net.Dialer{Timeout: 15 * time.Second},
		TLSConfig: &tls.Config{ServerName: host(box.IMAPAddress), MinVersion: tls.VersionTLS12},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(*imapclient.UnilateralDataMailbox) {
			select {
			case s.news <- struct{}{}:
			default:
			}
		}},
	}
	var err error
	switch box.Security {
	case "tls":
		s.client, err = imapclient.DialTLS(box.IMAPAddress, options)
	case "starttls":
		s.client, err = imapclient.DialStartTLS(box.IMAPAddress, options)
	default:
		s.client, err = imapclient.DialInsecure(box.IMAPAddress, options)
	}
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", box.IMAPAddress, err)
	}
	release := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer release()
	if err := s.open(box, password); err != nil {
		_ = s.client.Close()
		return nil, err
	}
	return s, nil
}

func (s *session) open(box inbox.Mailbox, password string) error {
	if err := s.client.Login(box.Username, password).Wait(); err != nil {
		return fmt.Errorf("sign in as %s: %w", box.Username, err)
	}
	data, err := s.client.Select(box.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return fmt.Errorf("open folder %s: %w", box.Folder, err)
	}
	s.validity = int64(data.UIDValidity)
	s.idle = s.client.Caps().Has(imap.CapIdle)
	return nil
}

func host(address string) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return name
}

// listed is what the server says about a message before it is read.
type listed struct {
	uid      imap.UID
	size     int64
	received time.Time
}

// after lists the messages with a UID above last, in order. The server answers "last+1:*" with its newest message even
// when there is none above, so those are dropped.
func (s *session) after(last int64) ([]listed, error) {
	var set imap.UIDSet
	set.AddRange(imap.UID(last+1), 0)
	buffers, err := s.client.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	list := make([]listed, 0, len(buffers))
	for _, b := range buffers {
		if int64(b.UID) > last {
			list = append(list, listed{uid: b.UID, size: b.RFC822Size, received: b.InternalDate})
		}
	}
	return list, nil
}

// read fetches whole messages, or only the headers of those too large, without setting a flag. One that is gone from the
// server meanwhile is left out.
func (s *session) read(uids []imap.UID, headersOnly bool) (map[imap.UID][]byte, error) {
	if len(uids) == 0 {
		return map[imap.UID][]byte{}, nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	if headersOnly {
		section.Specifier = imap.PartSpecifierHeader
	}
	buffers, err := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	found := make(map[imap.UID][]byte, len(buffers))
	for _, b := range buffers {
		if len(b.BodySection) > 0 {
			found[b.UID] = b.BodySection[0].Bytes
		}
	}
	return found, nil
}

// wait returns when mail may have come: at a notice of the server, after the poll time, or when ctx ends.
func (s *session) wait(ctx context.Context, poll time.Duration) error {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	if !s.idle {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		return s.client.Noop().Wait()
	}
	idle, err := s.client.Idle()
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s.news:
	case <-s.client.Closed():
	}
	if err := idle.Close(); err != nil {
		return fmt.Errorf("end idle: %w", err)
	}
	if err := idle.Wait(); err != nil {
		return fmt.Errorf("end idle: %w", err)
	}
	return nil
}
