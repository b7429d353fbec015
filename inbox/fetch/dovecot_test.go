//go:build dovecot

package fetch_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"makegood/inbox"
	"makegood/inbox/fetch"
)

const dovecot = "/usr/sbin/dovecot"

// runDovecot starts a Dovecot of this test's own under a temporary folder, as an ordinary user.
func runDovecot(t *testing.T) (s server, tlsAddr string, roots *x509.CertPool) {
	t.Helper()
	if _, err := os.Stat(dovecot); err != nil {
		t.Fatal("Dovecot is not there: apt-get install dovecot-imapd")
	}
	dir, err := os.MkdirTemp("", "makegood-dovecot-") //nolint:usetesting // Dovecot's account could not enter a folder of ours
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	who := account(t)
	plain, secure := freePort(t), freePort(t)
	pair, roots := certificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	must(t, err)
	write := func(name string, content []byte) { must(t, os.WriteFile(filepath.Join(dir, name), content, 0o600)) }
	write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write("users", fmt.Appendf(nil, "%s:{PLAIN}%s\n", login, password))
	write("dovecot.conf", fmt.Appendf(nil, `
protocols = imap
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
first_valid_uid = 1
disable_plaintext_auth = no
mail_max_userip_connections = 200
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
mail_location = maildir:%[1]s/mail/%%u
passdb {
  driver = passwd-file
  args = %[1]s/users
}
userdb {
  driver = static
  args = uid=%[4]d gid=%[5]d home=%[1]s/mail/%%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[6]d
  }
  inet_listener imaps {
    port = %[7]d
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`, dir, who.name, who.group, who.uid, who.gid, plain, secure))
	must(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		if err != nil || os.Geteuid() != 0 {
			return err
		}
		return os.Chown(path, int(who.uid), int(who.gid))
	}))
	run := exec.CommandContext(context.WithoutCancel(t.Context()), dovecot, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if os.Geteuid() == 0 {
		run.SysProcAttr.Credential = &syscall.Credential{Uid: who.uid, Gid: who.gid}
	}
	must(t, run.Start())
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		_ = run.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("dovecot: %s%s", said.String(), log)
		}
	})
	s = server{t: t, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(plain))}
	awaitPort(t, s.addr)
	c := s.other()
	must(t, c.Create(folder, nil).Wait())
	must(t, c.Logout().Wait())
	return s, net.JoinHostPort("127.0.0.1", strconv.Itoa(secure)), roots
}

type ordinary struct {
	name, group string
	uid, gid    uint32
}

// account is who Dovecot runs as: whoever we are, or nobody when that is root.
func account(t *testing.T) ordinary {
	t.Helper()
	found, err := user.Current()
	must(t, err)
	if os.Geteuid() == 0 {
		found, err = user.Lookup("nobody")
		must(t, err)
	}
	group, err := user.LookupGroupId(found.Gid)
	must(t, err)
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	must(t, err)
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	must(t, err)
	return ordinary{found.Username, group.Name, uint32(uid), uint32(gid)}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// awaitPort returns once somebody answers; each refusal is an answer of the machine, so nothing sleeps.
func awaitPort(t *testing.T, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("dovecot does not answer: %v", err)
		}
	}
}

func TestDovecot(t *testing.T) {
	t.Parallel()
	scenarios(t, func(t *testing.T) server {
		t.Helper()
		s, _, _ := runDovecot(t)
		return s
	})
}

func TestDovecotOverTLS(t *testing.T) {
	t.Parallel()
	s, tlsAddr, roots := runDovecot(t)
	d := setup(t, nil)
	d.mailbox(inbox.NewMailbox{Address: "a@nordlicht.example", IMAPAddress: tlsAddr, Security: "tls"})
	d.mailbox(inbox.NewMailbox{Address: "b@nordlicht.example", IMAPAddress: s.addr, Security: "starttls"})
	s.deliver(letters(1, 3)...)
	d.start(fetch.Options{Roots: roots})
	d.await(6)
}
