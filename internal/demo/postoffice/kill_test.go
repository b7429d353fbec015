package postoffice_test

import (
	"bufio"
	"context"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-imap/v2"

	"makegood/internal/demo/postoffice"
)

const helperDir = "POSTOFFICE_TEST_HELPER_DIR"

// TestMain lets the test binary stand in for a program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		office, err := postoffice.Start(context.Background(), config(dir))
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(office.SMTPAddr(), office.IMAPAddr())
		select {}
	}
	os.Exit(m.Run())
}

func TestAcknowledgedMailSurvivesKills(t *testing.T) {
	t.Parallel()
	const connections, rounds, perRound = 6, 3, 120
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	numbers := map[imap.UID]string{} // what IMAP answered before a kill
	var mu sync.Mutex
	for round := range rounds {
		program, smtpAddr, imapAddr := spawn(t, dir)
		var acks atomic.Int32
		var work sync.WaitGroup
		for c := range connections {
			work.Go(func() {
				for n := 0; ; n++ {
					id := round*1_000_000 + c*10_000 + n
					if smtp.SendMail(smtpAddr, nil, "a@b.example", []string{"x@y.example"}, []byte(text(id))) != nil {
						return // killed: whether this one was kept nobody knows
					}
					mu.Lock()
					acknowledged[strconv.Itoa(id)] = true
					mu.Unlock()
					if acks.Add(1) == perRound {
						note(t, imapAddr, numbers)
						_ = program.Process.Kill()
					}
				}
			})
		}
		work.Wait()
		_ = program.Wait()
	}
	check(t, open(t, dir), acknowledged, numbers)
}

func check(t *testing.T, office *postoffice.Office, acknowledged map[string]bool, numbers map[imap.UID]string) {
	t.Helper()
	times := map[string]int{}
	last := uint32(0)
	for _, mail := range messages(t, office, "world") {
		id := number(mail.Raw)
		times[id]++
		if mail.UID <= last {
			t.Errorf("number %d after %d", mail.UID, last)
		}
		last = mail.UID
		if was, ok := numbers[imap.UID(mail.UID)]; ok && was != id {
			t.Errorf("number %d was mail %s and is %s", mail.UID, was, id)
		}
		delete(numbers, imap.UID(mail.UID))
	}
	for id := range acknowledged {
		if times[id] != 1 {
			t.Errorf("mail %s is there %d times", id, times[id])
		}
	}
	if len(numbers) > 0 {
		t.Errorf("%d messages seen before a kill are gone", len(numbers))
	}
}

// note remembers which mail has which number.
func note(t *testing.T, addr string, numbers map[imap.UID]string) {
	t.Helper()
	client := login(t, addr, nil)
	choose(t, client)
	section := &imap.FetchItemBodySection{Peek: true}
	mails, err := client.Fetch(imap.UIDSet{{Start: 1}}, &imap.FetchOptions{
		UID: true, BodySection: []*imap.FetchItemBodySection{section},
	}).Collect()
	if err != nil {
		t.Error(err)
	}
	for _, mail := range mails {
		numbers[mail.UID] = number(mail.FindBodySection(section))
	}
}

func spawn(t *testing.T, dir string) (program *exec.Cmd, smtpAddr, imapAddr string) {
	t.Helper()
	program = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	program.Env = append(os.Environ(), helperDir+"="+dir)
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) != 2 || fields[0] == "error" {
		t.Fatalf("helper: %q %v", line, err)
	}
	return program, fields[0], fields[1]
}
