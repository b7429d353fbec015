package postoffice_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

func TestReadsByIMAP(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	for n := range 3 {
		sendOne(t, office.SMTPAddr(), n)
	}
	client := login(t, office.IMAPAddr(), nil)
	selected, err := client.Select("inbox", nil).Wait()
	if err != nil || selected.NumMessages != 3 || selected.UIDNext != 4 || selected.UIDValidity == 0 {
		t.Fatalf("select: %+v %v", selected, err)
	}
	section := &imap.FetchItemBodySection{Peek: true}
	mails, err := client.Fetch(imap.UIDSet{{Start: 2}}, &imap.FetchOptions{
		UID: true, Flags: true, RFC822Size: true, InternalDate: true, Envelope: true, BodySection: []*imap.FetchItemBodySection{section},
	}).Collect()
	if err != nil || len(mails) != 2 {
		t.Fatalf("fetch: %d %v", len(mails), err)
	}
	raw := mails[0].FindBodySection(section)
	if mails[0].UID != 2 || mails[0].Envelope.Subject != "Mail 1" || int64(len(raw)) != mails[0].RFC822Size || number(raw) != "1" ||
		mails[0].InternalDate.IsZero() || len(mails[0].Flags) != 0 {
		t.Errorf("fetched %+v\n%s", mails[0], raw)
	}
	found, err := client.UIDSearch(&imap.SearchCriteria{
		Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "mail 2"}}, Body: []string{"INVOICE"},
		NotFlag: []imap.Flag{imap.FlagSeen},
	}, nil).Wait()
	if err != nil || !slices.Equal(found.AllUIDs(), []imap.UID{3}) {
		t.Errorf("search: %v %v", found, err)
	}
}

func TestFlagsAndExpungeAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	office := open(t, dir)
	for n := range 4 {
		deliver(t, office, n)
	}
	client := login(t, office.IMAPAddr(), nil)
	choose(t, client)
	add := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{`\seen`, "Handled"}}
	stored, err := client.Store(imap.UIDSetNum(1, 3), add, nil).Collect()
	if err != nil || len(stored) != 2 || !slices.Equal(stored[1].Flags, []imap.Flag{imap.FlagSeen, "Handled"}) {
		t.Fatalf("store: %+v %v", stored, err)
	}
	remove := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := client.Store(imap.UIDSetNum(2, 4), remove, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if gone, err := client.Expunge().Collect(); err != nil || !slices.Equal(gone, []uint32{4, 2}) {
		t.Fatalf("expunge: %v %v", gone, err)
	}
	stop(t, office)

	office = open(t, dir)
	deliver(t, office, 9)
	mails := messages(t, office, "world")
	if len(mails) != 3 || mails[1].UID != 3 || mails[2].UID != 5 || !slices.Contains(mails[1].Flags, "Handled") {
		t.Errorf("after restart: %+v", mails)
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	client := login(t, office.IMAPAddr(), nil)
	appending := client.Append("INBOX", int64(len(text(1))), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
	if _, err := appending.Write([]byte(text(1))); err != nil {
		t.Fatal(err)
	}
	if err := appending.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := appending.Wait()
	if err != nil || data.UID != 1 {
		t.Fatalf("append: %+v %v", data, err)
	}
	if mails := messages(t, office, "world"); len(mails) != 1 || string(mails[0].Raw) != text(1) || mails[0].Flags[0] != `\Seen` {
		t.Errorf("appended %+v", mails)
	}
}

func TestIdleTellsAtOnce(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	counts := make(chan uint32, 10)
	client := login(t, office.IMAPAddr(), &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				counts <- *data.NumMessages
			}
		},
	})
	choose(t, client)
	for n := range uint32(3) {
		idling, err := client.Idle()
		if err != nil {
			t.Fatal(err)
		}
		sendOne(t, office.SMTPAddr(), int(n))
		if got := <-counts; got != n+1 {
			t.Errorf("told of %d messages, want %d", got, n+1)
		}
		if err := idling.Close(); err != nil {
			t.Fatal(err)
		}
		if err := idling.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadOnlyAndStrangers(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	deliver(t, office, 0)
	client := login(t, office.IMAPAddr(), nil)
	if _, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	section := &imap.FetchItemBodySection{}
	mails, err := client.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil || !strings.HasSuffix(string(mails[0].FindBodySection(section)), text(0)) {
		t.Errorf("fetch: %v", err)
	}
	if flags := messages(t, office, "world")[0].Flags; len(flags) != 0 {
		t.Errorf("reading only set %v", flags)
	}
	if _, err := client.Select("Archive", nil).Wait(); err == nil {
		t.Error("there is no Archive")
	}
	stranger, err := imapclient.DialInsecure(office.IMAPAddr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := stranger.Login("world", "guess").Wait(); err == nil {
		t.Error("a wrong password was accepted")
	}
}

func login(t *testing.T, addr string, handler *imapclient.UnilateralDataHandler) *imapclient.Client {
	t.Helper()
	client, err := imapclient.DialInsecure(addr, &imapclient.Options{UnilateralDataHandler: handler})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Login("world", "w").Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

func choose(t *testing.T, client *imapclient.Client) {
	t.Helper()
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
}
