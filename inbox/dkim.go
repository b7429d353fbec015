package inbox

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// rsaBits is the length of the keys we make, and the shortest that is taken (RFC 8301, section 3.2, asks for 2048).
const rsaBits = 2048

// DKIMKey signs the mails that come from one domain (RFC 6376). The private half is sealed and never shown.
type DKIMKey struct {
	Domain           string
	Selector         string
	Algorithm        string // rsa or ed25519
	PrivateKeySealed []byte
	PublicKey        []byte
	Active           bool
	Version          int
	ChangedAt        time.Time
}

// Record is what must stand in the DNS before mails are signed: name and text of a TXT record (RFC 6376, section 3.6.1).
func (k DKIMKey) Record() (name, text string) {
	return k.Selector + "._domainkey." + k.Domain, "v=DKIM1; k=" + k.Algorithm + "; p=" + base64.StdEncoding.EncodeToString(k.PublicKey)
}

// DKIMInput gives a domain a key. Without a private key a new one is made. Version is that of the key with the same selector that it
// replaces, 0 for none.
type DKIMInput struct {
	By         access.Actor
	Domain     string
	Selector   string
	PrivateKey string // PEM of PKCS #8 or PKCS #1: RSA of at least 2048 bits, or Ed25519
	Version    int
}

// DKIMSwitch has mails of a domain signed with one of its keys, or with it no more. Version is that of the key as it was read.
type DKIMSwitch struct {
	By       access.Actor
	Domain   string
	Selector string
	Active   bool
	Version  int
}

// DKIMKeys lists the keys by domain, the one that signs first.
func (s *Service) DKIMKeys(ctx context.Context) ([]DKIMKey, error) {
	list, err := db.List[DKIMKey](ctx, s.db, `select * from dkim_keys order by domain, active desc, changed_at desc, selector`)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	return list, nil
}

// SetDKIMKey gives a domain a key beside those it has, for an administrator of all legal entities: several may write from one domain. Nothing is signed with it before it is switched on: first
// its record must be published. One that does not sign can be replaced under its selector. Bad input names the field, also a
// selector whose key signs; ErrKeyChanged when somebody else was quicker.
func (s *Service) SetDKIMKey(ctx context.Context, in DKIMInput) (DKIMKey, error) {
	if err := administers(in.By, nil); err != nil {
		return DKIMKey{}, err
	}
	in.Domain, in.Selector = strings.ToLower(strings.TrimSpace(in.Domain)), strings.ToLower(strings.TrimSpace(in.Selector))
	key, err := in.key()
	if err != nil {
		return DKIMKey{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return DKIMKey{}, fmt.Errorf("write signing key: %w", err)
	}
	algorithm, public, err := published(key)
	if err != nil {
		return DKIMKey{}, err
	}
	sealed := s.keys.Seal(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return s.keySetting(ctx, in.By, "dkim.key_set", func(tx *db.Tx) (DKIMKey, error) {
		k, err := db.One[DKIMKey](ctx, tx, `insert into dkim_keys as k (domain, selector, algorithm, private_key_sealed, public_key, changed_at)
			select $1, $2, $3, $4, $5, $6 where $7 = 0 or exists (select from dkim_keys where domain = $1 and selector = $2)
			on conflict (domain, selector) do update set algorithm = excluded.algorithm, private_key_sealed = excluded.private_key_sealed,
				public_key = excluded.public_key, changed_at = excluded.changed_at, version = k.version + 1 where k.version = $7 and not k.active
			returning *`, in.Domain, in.Selector, algorithm, sealed, public, tx.Now(), in.Version)
		if errors.Is(err, db.ErrNoRow) {
			return k, in.whyNot(ctx, tx)
		}
		return k, err
	})
}

// whyNot says why there is no place for a key: its selector names one that signs, or one that the asker does not know of.
func (in DKIMInput) whyNot(ctx context.Context, r db.Reader) error {
	signs, err := db.Value[bool](ctx, r, `select coalesce(bool_or(active), false) from dkim_keys where domain = $1 and selector = $2`, in.Domain, in.Selector)
	if err == nil && (signs || in.Version == 0) {
		return errs.InvalidField("selector", "inbox.selector_taken")
	}
	if err == nil {
		return ErrKeyChanged
	}
	return fmt.Errorf("read signing key: %w", err)
}

// SwitchDKIMKey has mails of a domain signed with a key from now on, and with no other any more, or not with it, for an administrator
// of all legal entities.
// ErrKeyChanged when somebody else was quicker.
func (s *Service) SwitchDKIMKey(ctx context.Context, in DKIMSwitch) (DKIMKey, error) {
	if err := administers(in.By, nil); err != nil {
		return DKIMKey{}, err
	}
	in.Domain, in.Selector = strings.ToLower(in.Domain), strings.ToLower(in.Selector)
	return s.keySetting(ctx, in.By, "dkim.key_switched", func(tx *db.Tx) (DKIMKey, error) {
		if in.Active {
			if err := in.othersOff(ctx, tx); err != nil {
				return DKIMKey{}, err
			}
		}
		k, err := db.One[DKIMKey](ctx, tx, `update dkim_keys set active = $4, changed_at = $5, version = version + 1
			where domain = $1 and selector = $2 and version = $3 returning *`, in.Domain, in.Selector, in.Version, in.Active, tx.Now())
		if db.Violates(err, "dkim_keys_signing") { // somebody else switched another one on
			err = ErrKeyChanged
		}
		return k, err
	})
}

func (in DKIMSwitch) othersOff(ctx context.Context, tx *db.Tx) error {
	off, err := db.List[DKIMKey](ctx, tx, `update dkim_keys set active = false, changed_at = $3, version = version + 1
		where domain = $1 and selector <> $2 and active returning *`, in.Domain, in.Selector, tx.Now())
	if err != nil {
		return err
	}
	for _, k := range off {
		if err := k.record(ctx, tx, in.By, "dkim.key_switched"); err != nil {
			return err
		}
	}
	return nil
}

// record writes the evidence of a change, which has the public half only.
func (k DKIMKey) record(ctx context.Context, tx *db.Tx, by access.Actor, what string) error {
	name, text := k.Record()
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"domain": k.Domain, "record": name, "text": text, "active": k.Active,
	}})
}

// keySetting is a change of a key with its evidence.
func (s *Service) keySetting(ctx context.Context, by access.Actor, what string, deed func(tx *db.Tx) (DKIMKey, error)) (DKIMKey, error) {
	var k DKIMKey
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if k, err = deed(tx); errors.Is(err, db.ErrNoRow) {
			return ErrKeyChanged
		} else if err != nil {
			return fmt.Errorf("set signing key: %w", err)
		}
		return k.record(ctx, tx, by, what)
	})
	return k, err
}

// key checks the input and gives the private key, made when none was given.
func (in DKIMInput) key() (crypto.Signer, error) {
	label := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	for part := range strings.SplitSeq(in.Selector, ".") {
		if !label.MatchString(part) || len(in.Selector) > 63 {
			return nil, errs.InvalidField("selector", "inbox.bad_selector")
		}
	}
	parts := strings.Split(in.Domain, ".")
	for _, part := range parts {
		if !label.MatchString(part) || len(parts) < 2 || len(in.Domain) > 180 {
			return nil, errs.InvalidField("domain", "inbox.bad_domain")
		}
	}
	if strings.TrimSpace(in.PrivateKey) == "" {
		return rsa.GenerateKey(rand.Reader, rsaBits)
	}
	key, err := readKey([]byte(in.PrivateKey))
	if err != nil {
		return nil, errs.InvalidField("private_key", "inbox.bad_signing_key")
	}
	return key, nil
}

var errSigningKey = errors.New("no private key that mails can be signed with")

// readKey reads a private key as PEM.
func readKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errSigningKey
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return strong(key)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errSigningKey
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return strong(key)
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errSigningKey
}

func strong(key *rsa.PrivateKey) (crypto.Signer, error) {
	if key.N.BitLen() < rsaBits {
		return nil, errSigningKey
	}
	return key, nil
}

// published is the half of a key that the world sees (RFC 6376, section 3.6.1; RFC 8463, section 4).
func published(key crypto.Signer) (algorithm string, public []byte, err error) {
	if bare, ok := key.Public().(ed25519.PublicKey); ok {
		return "ed25519", bare, nil
	}
	public, err = x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", nil, fmt.Errorf("write public key: %w", err)
	}
	return "rsa", public, nil
}

// Signing is what a mail is signed with.
type Signing struct {
	Domain   string
	Selector string
	Key      crypto.Signer
}

// Signing gives the key that a mail from an address is signed with; false when its domain has none that is switched on.
func (s *Service) Signing(ctx context.Context, from string) (Signing, bool, error) {
	k, err := db.One[DKIMKey](ctx, s.db, `select * from dkim_keys where domain = $1 and active`, strings.ToLower(from[strings.LastIndexByte(from, '@')+1:]))
	if errors.Is(err, db.ErrNoRow) {
		return Signing{}, false, nil
	}
	if err != nil {
		return Signing{}, false, fmt.Errorf("read signing key: %w", err)
	}
	text, err := s.keys.Open(k.PrivateKeySealed)
	if err != nil {
		return Signing{}, false, fmt.Errorf("open signing key of %s: %w", k.Domain, err)
	}
	key, err := readKey([]byte(text))
	if err != nil {
		return Signing{}, false, fmt.Errorf("read signing key of %s: %w", k.Domain, err)
	}
	return Signing{Domain: k.Domain, Selector: k.Selector, Key: key}, true, nil
}
