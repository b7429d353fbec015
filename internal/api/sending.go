package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/inbox"
	"makegood/internal/access"
)

// SigningKey is the key that mails from a domain are signed with (DKIM). The private half is never told.
type SigningKey struct {
	Domain     string `json:"domain"`
	Selector   string `json:"selector"`
	Algorithm  string `json:"algorithm" enum:"rsa,ed25519"`
	Active     bool   `json:"active" doc:"whether mails are signed with it"`
	RecordName string `json:"record_name" doc:"of the TXT record to publish before it is switched on"`
	RecordText string `json:"record_text"`
	Version    int    `json:"version"`
}

// MailBounds is how much mail may leave. What is more is delayed, or, of acknowledgements, held.
type MailBounds struct {
	SenderPerHour    int `json:"sender_per_hour" doc:"mails of one sender address that leave at once and then evenly; 0: no bound"`
	RecipientPerHour int `json:"recipient_per_hour" doc:"the same for one reader"`
	AcksPerHour      int `json:"acks_per_hour" doc:"automatic mails to one address before acknowledgements to it are held"`
	EchoesPerDay     int `json:"echoes_per_day" doc:"acknowledgements to one address for mail that answers automatic mail of ours"`
	Version          int `json:"version" doc:"as it was read; a stale one is refused with 409"`
}

// DomainPath names a domain that mails come from.
type DomainPath struct {
	Signed
	Domain string `path:"domain"`
}

type signingKeysIn struct{ Signed }

type signingKeyIn struct {
	DomainPath
	Body struct {
		Selector   string `json:"selector" maxLength:"63"`
		PrivateKey string `json:"private_key,omitempty" maxLength:"20000" doc:"PEM: RSA of at least 2048 bits, or Ed25519; without one a new key is made"`
		Version    int    `json:"version" doc:"of the key with this selector that it replaces, 0 for none; a stale one is refused with 409"`
	}
}

type switchKeyIn struct {
	DomainPath
	Body struct {
		Selector string `json:"selector" maxLength:"63"`
		Active   bool   `json:"active" doc:"switched on, it takes over from the key that signs"`
		Version  int    `json:"version"`
	}
}

type boundsIn struct {
	Signed
	Body MailBounds
}

type signingKeyOut struct{ Body SigningKey }

type boundsOut struct{ Body MailBounds }

func (h *handlers) sending(api huma.API) {
	add(h, api, operation[signingKeysIn, listOut[SigningKey]]{at(http.MethodGet, "/signing-keys", "list-signing-keys", "List the keys that mails are signed with", "entities"), h.listSigningKeys})
	add(h, api, operation[signingKeyIn, signingKeyOut]{at(http.MethodPut, "/signing-keys/{domain}", "set-signing-key", "Give a domain a key beside those it has, not yet switched on", "entities"), h.setSigningKey})
	add(h, api, operation[switchKeyIn, signingKeyOut]{at(http.MethodPost, "/signing-keys/{domain}/switch", "switch-signing-key", "Have mails of a domain signed, or not any more", "entities"), h.switchSigningKey})
	add(h, api, operation[signingKeysIn, boundsOut]{at(http.MethodGet, "/mail-bounds", "read-mail-bounds", "Read how much mail may leave", "entities"), h.readBounds})
	add(h, api, operation[boundsIn, boundsOut]{at(http.MethodPut, "/mail-bounds", "set-mail-bounds", "Change how much mail may leave", "entities"), h.setBounds})
}

func signingKeyOf(k inbox.DKIMKey) SigningKey {
	name, text := k.Record()
	return SigningKey{Domain: k.Domain, Selector: k.Selector, Algorithm: k.Algorithm, Active: k.Active, RecordName: name, RecordText: text, Version: k.Version}
}

func (h *handlers) listSigningKeys(ctx context.Context, in *signingKeysIn) (*listOut[SigningKey], error) {
	if err := access.Can(in.by, access.Administer, access.Object{}); err != nil {
		return nil, err
	}
	keys, err := h.Inbox.DKIMKeys(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOut[SigningKey]{Body: list[SigningKey]{Items: []SigningKey{}}}
	for _, k := range keys {
		out.Body.Items = append(out.Body.Items, signingKeyOf(k))
	}
	return out, nil
}

func (h *handlers) setSigningKey(ctx context.Context, in *signingKeyIn) (*signingKeyOut, error) {
	k, err := h.Inbox.SetDKIMKey(ctx, inbox.DKIMInput{
		By: in.by, Domain: in.Domain, Selector: in.Body.Selector, PrivateKey: in.Body.PrivateKey, Version: in.Body.Version,
	})
	if err != nil {
		return nil, err
	}
	return &signingKeyOut{Body: signingKeyOf(k)}, nil
}

func (h *handlers) switchSigningKey(ctx context.Context, in *switchKeyIn) (*signingKeyOut, error) {
	k, err := h.Inbox.SwitchDKIMKey(ctx, inbox.DKIMSwitch{
		By: in.by, Domain: in.Domain, Selector: in.Body.Selector, Active: in.Body.Active, Version: in.Body.Version,
	})
	if err != nil {
		return nil, err
	}
	return &signingKeyOut{Body: signingKeyOf(k)}, nil
}

func (h *handlers) readBounds(ctx context.Context, in *signingKeysIn) (*boundsOut, error) {
	if err := access.Can(in.by, access.Administer, access.Object{}); err != nil {
		return nil, err
	}
	b, err := h.Inbox.CurrentBounds(ctx)
	if err != nil {
		return nil, err
	}
	return &boundsOut{Body: MailBounds(b)}, nil
}

func (h *handlers) setBounds(ctx context.Context, in *boundsIn) (*boundsOut, error) {
	b, err := h.Inbox.SetBounds(ctx, in.by, inbox.Bounds(in.Body))
	if err != nil {
		return nil, err
	}
	return &boundsOut{Body: MailBounds(b)}, nil
}
