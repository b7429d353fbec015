package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/access"
)

// EntitySender is as whom a legal entity writes to its customers.
type EntitySender struct {
	Entity    string `json:"entity" doc:"code of the legal entity"`
	Address   string `json:"address"`
	Name      string `json:"name"`
	Signature string `json:"signature" doc:"stands below every mail; empty: the name"`
	Version   int    `json:"version"`
}

type sendersIn struct{ Signed }

type senderIn struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	Body   struct {
		Address   string `json:"address" maxLength:"320"`
		Name      string `json:"name" maxLength:"100"`
		Signature string `json:"signature,omitempty" maxLength:"1000"`
		Version   int    `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type senderOut struct{ Body EntitySender }

func (h *handlers) senders(api huma.API) {
	add(h, api, operation[sendersIn, listOut[EntitySender]]{at(http.MethodGet, "/senders", "list-senders", "Read as whom each legal entity writes to its customers", "entities"), h.listSenders})
	add(h, api, operation[senderIn, senderOut]{at(http.MethodPut, "/entities/{entity}/sender", "set-sender", "Change as whom a legal entity writes to its customers", "entities"), h.setSender})
}

func senderOf(e billing.Entity) EntitySender {
	return EntitySender{Entity: e.Code, Address: e.SupportAddress, Name: e.SupportName, Signature: e.Signature, Version: e.Version}
}

func (h *handlers) listSenders(ctx context.Context, in *sendersIn) (*listOut[EntitySender], error) {
	if err := access.Can(in.by, access.Administer, access.Object{}); err != nil {
		return nil, err
	}
	entities, err := h.Billing.Entities(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOut[EntitySender]{Body: list[EntitySender]{Items: []EntitySender{}}}
	for _, e := range entities {
		if in.by.SeesEntity(int64(e.ID)) {
			out.Body.Items = append(out.Body.Items, senderOf(e))
		}
	}
	return out, nil
}

func (h *handlers) setSender(ctx context.Context, in *senderIn) (*senderOut, error) {
	e, err := h.Billing.SetSender(ctx, billing.SenderInput{
		By: in.by, Entity: in.Entity, Version: in.Body.Version, Address: in.Body.Address, Name: in.Body.Name, Signature: in.Body.Signature,
	})
	if err != nil {
		return nil, err
	}
	return &senderOut{Body: senderOf(e)}, nil
}
