package secrets_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"makegood/internal/secrets"
)

const good = "q8Zt3-vN0xR7_kLw5Bd1-yHs9Cf2_mPj4"

func keys(t testing.TB, secret string) secrets.Keys {
	t.Helper()
	k, err := secrets.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWeakSecretsAreRefused(t *testing.T) {
	t.Parallel()
	for _, weak := range []string{"", good[:secrets.MinLength-1], strings.Repeat("a", 64), strings.Repeat("abcdefg", 9)} {
		if _, err := secrets.New(weak); !errors.Is(err, secrets.ErrWeak) {
			t.Errorf("%q: %v", weak, err)
		}
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	mine, other := keys(t, good), keys(t, strings.ToUpper(good))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		sealed := mine.Seal(text)
		if got, err := mine.Open(sealed); err != nil || got != text {
			t.Fatalf("%q came back as %q (%v)", text, got, err)
		}
		if bytes.Equal(sealed, mine.Seal(text)) {
			t.Fatal("sealing twice shows that the text is the same")
		}
		if _, err := other.Open(sealed); !errors.Is(err, secrets.ErrUnsealable) {
			t.Fatalf("another key: %v", err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "changed byte")
		sealed[at] ^= 1
		if _, err := mine.Open(sealed); !errors.Is(err, secrets.ErrUnsealable) {
			t.Fatalf("changed at %d: %v", at, err)
		}
		if _, err := mine.Open(sealed[:at]); !errors.Is(err, secrets.ErrUnsealable) {
			t.Fatalf("cut off at %d: %v", at, err)
		}
	})
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	mine, other := keys(t, good), keys(t, strings.ToUpper(good))
	tag := mine.Sign("reply", "12", "34")
	if len(tag) != 26 || tag != strings.ToLower(tag) {
		t.Errorf("tag %q", tag)
	}
	if !mine.Verify(tag, "reply", "12", "34") || !mine.Verify(strings.ToUpper(tag), "reply", "12", "34") {
		t.Error("its own tag is not recognised, or only in lower case")
	}
	for name, ok := range map[string]bool{
		"another purpose":     mine.Verify(tag, "link", "12", "34"),
		"parts cut elsewhere": mine.Verify(tag, "reply", "123", "4"),
		"parts run together":  mine.Verify(tag, "reply", "1234"),
		"another key":         other.Verify(tag, "reply", "12", "34"),
		"a shortened tag":     mine.Verify(tag[:25], "reply", "12", "34"),
		"no tag":              mine.Verify("", "reply", "12", "34"),
	} {
		if ok {
			t.Errorf("%s passes", name)
		}
	}
}
