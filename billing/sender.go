package billing

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Bounds of what stands under every mail.
const (
	maxSenderName     = 100
	maxSignature      = 1000
	maxSignatureLines = 12
)

// SenderInput says as whom an entity writes to its customers: address and name of its mails, and what stands below them. An
// empty signature means the name alone. Version is the entity's as the form was filled in.
type SenderInput struct {
	By        access.Actor
	Entity    string // code
	Version   int
	Address   string
	Name      string
	Signature string
}

// SetSender changes as whom an entity writes, for an administrator. It holds for what is written from then on; what waits in
// the outbox leaves as it was written. Bad input names the field; ErrEntityChanged when somebody else was quicker.
func (s *Service) SetSender(ctx context.Context, in SenderInput) (Entity, error) {
	if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
		return Entity{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Entity{}, err
	}
	var e Entity
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		was, err := db.One[Entity](ctx, tx, `select * from legal_entities where code = $1 for update`, in.Entity)
		if was, err = found(was, err, ErrNoEntity, "read entity"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.Administer, access.Object{EntityID: int64(was.ID)}); err != nil {
			return err
		}
		if was.Version != in.Version {
			return ErrEntityChanged
		}
		e, err = db.One[Entity](ctx, tx, `update legal_entities set support_address = $2, support_name = $3, signature = $4, version = version + 1
			where id = $1 returning *`, was.ID, in.Address, in.Name, in.Signature)
		if err != nil {
			return fmt.Errorf("set sender: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "entity.sender_set", Data: map[string]any{
			"entity": e.Code, "address": e.SupportAddress, "address_before": was.SupportAddress, "name": e.SupportName, "name_before": was.SupportName,
			"signature": e.Signature, "signature_before": was.Signature,
		}})
	})
	return e, err
}

// checked is the input without what surrounds it, or what is wrong with it.
func (in SenderInput) checked() (SenderInput, error) {
	in.Address, in.Name = mailAddress(in.Address), strings.TrimSpace(in.Name)
	in.Signature = strings.TrimSpace(strings.ReplaceAll(in.Signature, "\r\n", "\n"))
	parsed, err := mail.ParseAddress(in.Address)
	switch {
	case err != nil || parsed.Address != in.Address || parsed.Name != "":
		return in, errs.InvalidField("address", "inbox.bad_address")
	case in.Name == "":
		return in, errs.InvalidField("name", "error.required")
	case len([]rune(in.Name)) > maxSenderName || strings.ContainsFunc(in.Name, unicode.IsControl):
		return in, errs.InvalidField("name", "billing.bad_sender_name")
	case len([]rune(in.Signature)) > maxSignature || strings.Count(in.Signature, "\n") >= maxSignatureLines:
		return in, errs.InvalidField("signature", "billing.long_signature")
	}
	return in, nil
}
