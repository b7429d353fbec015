package send

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/wneessen/go-mail"

	"makegood/inbox"
)

// signedHeaders are those that a reader sees or a program acts on (RFC 6376, section 5.4.1). From stands there twice: a second one
// that somebody adds breaks the signature.
func signedHeaders() []string {
	return []string{
		"From", "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "Precedence",
	}
}

// sign adds the signature of the sender's domain. The mail must not be changed afterwards.
func sign(m *mail.Msg, with inbox.Signing) error {
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: with.Domain, Selector: with.Selector, Signer: with.Key, HeaderKeys: signedHeaders(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return fmt.Errorf("prepare signature: %w", err)
	}
	var raw bytes.Buffer // the boundaries that are made now stay
	if _, err := m.WriteTo(&raw); err != nil {
		return fmt.Errorf("write mail to sign: %w", err)
	}
	_, err = signer.Write(raw.Bytes())
	if closing := signer.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("sign mail: %w", err)
	}
	name, value, _ := strings.Cut(strings.TrimSuffix(signer.Signature(), "\r\n"), ": ")
	m.SetGenHeaderPreformatted(mail.Header(name), value)
	return nil
}
