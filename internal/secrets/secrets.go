// Package secrets seals what must not lie open in the database (mailbox passwords) and signs what travels outside
// (reply tokens, links), with keys derived from the one secret of the installation.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"makegood/internal/errs"
)

// MinLength is the shortest secret that is accepted.
const MinLength = 32

// ErrWeak is returned for a secret too short or too uniform; ErrUnsealable for bytes another key sealed.
var (
	ErrWeak       = errs.New(errs.Invalid, "secrets.weak_key")
	ErrUnsealable = errs.New(errs.Invalid, "secrets.cannot_open")
)

// Keys holds the derived keys. The zero Keys is of no use.
type Keys struct {
	aead  cipher.AEAD
	sign  []byte
	older []Keys
}

// New derives the keys. It refuses a secret under 32 bytes or with fewer than 8 different bytes. Older secrets still open what they sealed
// and verify what they signed; nothing new is sealed or signed with them.
func New(secret string, older ...string) (Keys, error) {
	k, err := derived(secret)
	if err != nil {
		return Keys{}, err
	}
	for _, secret := range older {
		old, err := derived(secret)
		if err != nil {
			return Keys{}, err
		}
		k.older = append(k.older, old)
	}
	return k, nil
}

func derived(secret string) (Keys, error) {
	if len(secret) < MinLength || distinct(secret) < 8 {
		return Keys{}, ErrWeak
	}
	seal, err := hkdf.Key(sha256.New, []byte(secret), nil, "makegood seal v1", 32)
	if err != nil {
		return Keys{}, fmt.Errorf("derive key: %w", err)
	}
	sign, err := hkdf.Key(sha256.New, []byte(secret), nil, "makegood sign v1", 32)
	if err != nil {
		return Keys{}, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return Keys{}, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return Keys{}, fmt.Errorf("make cipher: %w", err)
	}
	return Keys{aead: aead, sign: sign}, nil
}

// Usable tells whether these are keys at all; the zero Keys are not.
func (k Keys) Usable() bool { return k.aead != nil }

func distinct(text string) int {
	seen := map[byte]bool{}
	for i := range len(text) {
		seen[text[i]] = true
	}
	return len(seen)
}

// Seal encrypts and authenticates text.
func (k Keys) Seal(text string) []byte {
	nonce := make([]byte, k.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return k.aead.Seal(nonce, nonce, []byte(text), nil)
}

// Open gives back what Seal took, under these keys or an older one.
func (k Keys) Open(sealed []byte) (string, error) {
	text, err := k.open(sealed)
	for i := 0; err != nil && i < len(k.older); i++ {
		if old, older := k.older[i].open(sealed); older == nil {
			return old, nil
		}
	}
	return text, err
}

// Current tells whether something is sealed under these keys and not under an older one.
func (k Keys) Current(sealed []byte) bool {
	_, err := k.open(sealed)
	return err == nil
}

func (k Keys) open(sealed []byte) (string, error) {
	size := k.aead.NonceSize()
	if len(sealed) < size {
		return "", ErrUnsealable
	}
	text, err := k.aead.Open(nil, sealed[:size], sealed[size:], nil)
	if err != nil {
		return "", errs.Wrap(err, ErrUnsealable.Kind, ErrUnsealable.Key)
	}
	return string(text), nil
}

// Sign makes a short, lower-case tag over parts (each length-prefixed, so they cannot run together), fit for mail
// addresses and URLs: 26 characters, 130 bits.
func (k Keys) Sign(purpose string, parts ...string) string {
	mac := hmac.New(sha256.New, k.sign)
	for _, part := range append([]string{purpose}, parts...) {
		_, _ = fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	tag := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
	return strings.ToLower(tag[:26])
}

// Verify tells whether tag is what Sign gives, in constant time and whatever the letters' case.
func (k Keys) Verify(tag, purpose string, parts ...string) bool {
	right := hmac.Equal([]byte(strings.ToLower(tag)), []byte(k.Sign(purpose, parts...)))
	for _, old := range k.older {
		right = old.Verify(tag, purpose, parts...) || right
	}
	return right
}
