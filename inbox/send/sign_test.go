package send_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func admin() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 1, Name: "Ines Auer", Roles: []access.Role{access.Admin}}
}

// checked verifies the signatures of a mail as its receiver does, with nothing but the record that the key names.
func checked(t *testing.T, raw string, key inbox.DKIMKey) []*dkim.Verification {
	t.Helper()
	name, record := key.Record()
	list, err := dkim.VerifyWithOptions(strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")), &dkim.VerifyOptions{LookupTXT: func(asked string) ([]string, error) {
		if asked != name {
			return nil, errors.New("no record " + asked)
		}
		return []string{record}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// letterWithAll is a mail with everything that a mail of ours can have.
func (o *office) letterWithAll(key string) inbox.OutgoingID {
	o.t.Helper()
	var id inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		id, err = o.inbox.QueueTx(o.t.Context(), tx, inbox.Outgoing{
			Key: key, CaseID: new(int64(7)), Kind: "reply", Automatic: true, FromAddress: "billing@us.example", FromName: "Nordlicht, Abrechnung – Süd", ToAddress: "ada@lumen.example",
			ToName: "Ada Müller", Cc: []string{"carl@lumen.example"}, Subject: "Ihre Rechnung über 1.190,00 €", Text: "Guten Tag,\n.\n..punkt am Anfang\n\nviele Grüße   \n\n\n",
			HTML: "<p>Guten Tag,</p><p>viele Grüße</p>", InReplyTo: "one@lumen.example", References: []string{"zero@lumen.example", "one@lumen.example"}, Language: "de",
			Attachments: []inbox.Attachment{{Filename: "Gutschrift Nr. 7.pdf", MediaType: "application/pdf", Content: []byte("%PDF-1.7\n\x00\xff")}},
		})
		return err
	})
	return id
}

func TestMailIsSigned(t *testing.T) {
	t.Parallel()
	bare, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, here")))
	if err != nil {
		t.Fatal(err)
	}
	for name, private := range map[string]string{"a key we made": "", "a key of theirs": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare}))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRelay(t)
			o := setup(t, r)
			key, err := o.inbox.SetDKIMKey(t.Context(), inbox.DKIMInput{By: admin(), Domain: " US.example", Selector: "mg1", PrivateKey: private})
			o.must(err)
			o.letterWithAll("before it is switched on")
			o.work()
			key, err = o.inbox.SwitchDKIMKey(t.Context(), inbox.DKIMSwitch{By: admin(), Domain: "us.example", Selector: "mg1", Active: true, Version: key.Version})
			o.must(err)
			o.letterWithAll("signed")
			o.work()
			sent := r.mails()
			if len(sent) != 2 || strings.Contains(sent[0], "DKIM-Signature") {
				t.Fatalf("%d mails: %s", len(sent), sent[0])
			}
			found := checked(t, sent[1], key)
			if len(found) != 1 || found[0].Err != nil || found[0].Domain != "us.example" {
				t.Fatalf("%+v\n%s", found, sent[1])
			}
			for what, changed := range map[string]string{
				"another subject":   strings.Replace(sent[1], "\nSubject:", "\nSubject: Not", 1),
				"another text":      strings.Replace(sent[1], "Guten Tag", "Guten Abend", 1),
				"a second sender":   "From: <ceo@us.example>\n" + sent[1],
				"another recipient": strings.Replace(sent[1], "ada@lumen", "eve@lumen", 1),
			} {
				if forged := checked(t, changed, key); len(forged) != 1 || forged[0].Err == nil {
					t.Errorf("%s passes: %+v", what, forged)
				}
			}
			if err := o.db.QueryRow(t.Context(), `select from dkim_keys where position('PRIVATE' in convert_from(private_key_sealed, 'LATIN1')) > 0`).Scan(); err == nil {
				t.Error("the private key lies open in the database")
			}
		})
	}
}

func switchedOn(k inbox.DKIMKey) inbox.DKIMSwitch {
	return inbox.DKIMSwitch{By: admin(), Domain: k.Domain, Selector: k.Selector, Active: true, Version: k.Version}
}

// The next key of a domain stands beside the one that signs until it is switched on; from then on it alone signs.
func TestTheNextKeyTakesOver(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	seed := func(text string) string {
		t.Helper()
		bare, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed([]byte(text)))
		o.must(err)
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare}))
	}
	in := inbox.DKIMInput{By: admin(), Domain: "us.example", Selector: "mg1", PrivateKey: seed("the first seed, thirty-two bytes")}
	first, err := o.inbox.SetDKIMKey(t.Context(), in)
	o.must(err)
	first, err = o.inbox.SwitchDKIMKey(t.Context(), switchedOn(first))
	o.must(err)
	in.Version = first.Version
	if _, err := o.inbox.SetDKIMKey(t.Context(), in); errs.KindOf(err) != errs.Invalid {
		t.Errorf("the key that signs was replaced under its selector: %v", err)
	}
	in.Selector, in.Version, in.PrivateKey = "mg2", 0, seed("another seed of thirty-two bytes")
	second, err := o.inbox.SetDKIMKey(t.Context(), in)
	o.must(err)
	o.letterWithAll("while the next key is published")
	o.work()
	if _, err := o.inbox.SwitchDKIMKey(t.Context(), inbox.DKIMSwitch{By: admin(), Domain: "us.example", Selector: "mg2", Active: true, Version: second.Version + 1}); errs.KeyOf(err) != inbox.ErrKeyChanged.Key {
		t.Errorf("switched by one who saw another: %v", err)
	}
	second, err = o.inbox.SwitchDKIMKey(t.Context(), switchedOn(second))
	o.must(err)
	o.letterWithAll("with the next key")
	o.work()
	sent := r.mails()
	if len(sent) != 2 {
		t.Fatalf("%d mails left", len(sent))
	}
	for i, key := range []inbox.DKIMKey{first, second} {
		if found := checked(t, sent[i], key); len(found) != 1 || found[0].Err != nil {
			t.Errorf("not signed with %s: %+v", key.Selector, found)
		}
	}
	keys, err := o.inbox.DKIMKeys(t.Context())
	o.must(err)
	if len(keys) != 2 || keys[0].Selector != "mg2" || !keys[0].Active || keys[1].Active {
		t.Errorf("%+v", keys)
	}
	if n, err := db.Value[int](t.Context(), o.db, `select count(*) from audit_log where what = 'dkim.key_switched'`); err != nil || n != 3 {
		t.Errorf("%d rows of evidence, of two switched on and one off: %v", n, err)
	}
}

// TestMailThatCannotBeSigned waits until the key is mended, and then leaves signed.
func TestMailThatCannotBeSigned(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	key, err := o.inbox.SetDKIMKey(t.Context(), inbox.DKIMInput{By: admin(), Domain: "us.example", Selector: "mg1"})
	o.must(err)
	_, err = o.inbox.SwitchDKIMKey(t.Context(), switchedOn(key))
	o.must(err)
	o.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update dkim_keys set private_key_sealed = 'sealed by another installation'`)
		return err
	})
	id := o.letterWithAll("1")
	if err := o.jobs.Work(t.Context(), "inbox.send_message", fmt.Appendf(nil, `{"id": %d}`, id)); errs.KeyOf(err) != "send.not_signed" {
		t.Errorf("not tried again: %v", err)
	}
	if m, steps := o.mail(id); m.State != inbox.Queued || m.Error != "it could not be signed" || len(steps) == 0 || len(r.mails()) != 0 {
		t.Fatalf("%+v %+v, %d left", m, steps, len(r.mails()))
	}
	key, err = o.inbox.SetDKIMKey(t.Context(), inbox.DKIMInput{By: admin(), Domain: "us.example", Selector: "mg2"})
	o.must(err)
	key, err = o.inbox.SwitchDKIMKey(t.Context(), switchedOn(key))
	o.must(err)
	o.work()
	if m, _ := o.mail(id); m.State != inbox.Sent || len(r.mails()) != 1 || checked(t, r.mails()[0], key)[0].Err != nil {
		t.Errorf("%+v, %d left", m, len(r.mails()))
	}
}

func TestBadSigningKeysAreRefused(t *testing.T) {
	t.Parallel()
	o := setup(t, startRelay(t))
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	o.must(err)
	short := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(weak)}))
	good := inbox.DKIMInput{By: admin(), Domain: "us.example", Selector: "mg1"}
	for field, in := range map[string]inbox.DKIMInput{
		"domain":      {By: admin(), Domain: "us example", Selector: "mg1"},
		"selector":    {By: admin(), Domain: "us.example", Selector: "mg_1"},
		"private_key": {By: admin(), Domain: "us.example", Selector: "mg1", PrivateKey: short},
	} {
		_, err := o.inbox.SetDKIMKey(t.Context(), in)
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	key, err := o.inbox.SetDKIMKey(t.Context(), good)
	o.must(err)
	good.Version = key.Version + 1
	if _, err := o.inbox.SetDKIMKey(t.Context(), good); errs.KeyOf(err) != inbox.ErrKeyChanged.Key {
		t.Errorf("replaced by one who saw another: %v", err)
	}
	good.Version = 0
	if _, err := o.inbox.SetDKIMKey(t.Context(), good); errs.KindOf(err) != errs.Invalid {
		t.Errorf("replaced by one who saw none: %v", err)
	}
	byAgent := switchedOn(key)
	byAgent.By = access.Actor{Kind: access.Person, UserID: 2, Roles: []access.Role{access.Agent}}
	if _, err := o.inbox.SwitchDKIMKey(t.Context(), byAgent); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent switched it: %v", err)
	}
}
