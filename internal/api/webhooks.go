package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases/webhooks"
)

// Webhook is an address that is told what happens to cases. Deliveries carry the headers of Standard Webhooks.
type Webhook struct {
	ID          int64     `json:"id"`
	URL         string    `json:"url"`
	Description string    `json:"description"`
	Events      []string  `json:"events"`
	Active      bool      `json:"active"`
	CreatedAt   time.Time `json:"created_at"`
	Dead        int       `json:"dead"       doc:"deliveries that were given up"`
	Version     int       `json:"version"`
	Secret      string    `json:"secret,omitempty" doc:"what deliveries are signed with; told once, when the webhook is added"`
}

// WebhookDelivery is one event on its way to one address.
type WebhookDelivery struct {
	ID          int64      `json:"id"`
	Webhook     int64      `json:"webhook"`
	Type        string     `json:"type"`
	State       string     `json:"state"        enum:"new,waiting,delivered,dead"`
	Attempts    int        `json:"attempts"`
	Status      int        `json:"status"       doc:"of the last answer; 0 when nothing answered"`
	Error       string     `json:"error,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	DueAt       time.Time  `json:"due_at"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
}

// WebhookBody is what is chosen about a webhook.
type WebhookBody struct {
	URL         string   `json:"url"                   maxLength:"2000"`
	Description string   `json:"description,omitempty" maxLength:"200"`
	Events      []string `json:"events"                doc:"names such as case.opened, or families: case.*, dispute.*, credit_request.*, credit_memo.*, sla.*" maxItems:"50"`
	Active      bool     `json:"active"`
}

type webhooksIn struct{ Signed }

type addWebhookIn struct {
	Signed
	Body WebhookBody
}

type changeWebhookIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		WebhookBody
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type deliveriesIn struct {
	Signed
	ID   int64 `path:"id"`
	Dead bool  `query:"dead" doc:"only those that were given up"`
}

type replayIn struct {
	Signed
	ID int64 `path:"id" doc:"of the delivery"`
}

type webhookOut struct{ Body Webhook }

func (h *handlers) webhooks(api huma.API) {
	add(h, api, operation[webhooksIn, listOut[Webhook]]{at(http.MethodGet, "/webhooks", "list-webhooks", "List the addresses that are told what happens to cases", "webhooks"), h.listWebhooks})
	add(h, api, withheld(operation[addWebhookIn, webhookOut]{created("/webhooks", "add-webhook", "Add an address; the answer holds the secret once", "webhooks"), h.addWebhook}))
	add(h, api, operation[changeWebhookIn, webhookOut]{at(http.MethodPut, "/webhooks/{id}", "change-webhook", "Change an address, or switch it off", "webhooks"), h.changeWebhook})
	add(h, api, operation[deliveriesIn, listOut[WebhookDelivery]]{at(http.MethodGet, "/webhooks/{id}/deliveries", "list-deliveries", "List the latest 200 deliveries to an address", "webhooks"), h.listDeliveries})
	add(h, api, operation[replayIn, struct{}]{at(http.MethodPost, "/webhooks/deliveries/{id}/replay", "replay-delivery", "Make a delivery again, under the id it had", "webhooks"), h.replayDelivery})
	h.audit(api)
}

func webhookOf(e webhooks.Endpoint, secret string) Webhook {
	return Webhook{ID: e.ID, URL: e.URL, Description: e.Description, Events: e.Events, Active: e.Active, CreatedAt: e.CreatedAt, Dead: e.Dead, Version: e.Version, Secret: secret}
}

func (h *handlers) listWebhooks(ctx context.Context, in *webhooksIn) (*listOut[Webhook], error) {
	found, err := h.Webhooks.Endpoints(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[Webhook]{Body: list[Webhook]{Items: []Webhook{}}}
	for _, e := range found {
		out.Body.Items = append(out.Body.Items, webhookOf(e, ""))
	}
	return out, nil
}

func (h *handlers) addWebhook(ctx context.Context, in *addWebhookIn) (*webhookOut, error) {
	e, secret, err := h.Webhooks.Add(ctx, webhooks.EndpointInput{By: in.by, URL: in.Body.URL, Description: in.Body.Description, Events: in.Body.Events, Active: in.Body.Active})
	if err != nil {
		return nil, err
	}
	return &webhookOut{Body: webhookOf(e, secret)}, nil
}

func (h *handlers) changeWebhook(ctx context.Context, in *changeWebhookIn) (*webhookOut, error) {
	e, err := h.Webhooks.Change(ctx, webhooks.EndpointInput{
		By: in.by, ID: in.ID, Version: in.Body.Version, URL: in.Body.URL, Description: in.Body.Description, Events: in.Body.Events, Active: in.Body.Active,
	})
	if err != nil {
		return nil, err
	}
	return &webhookOut{Body: webhookOf(e, "")}, nil
}

func (h *handlers) listDeliveries(ctx context.Context, in *deliveriesIn) (*listOut[WebhookDelivery], error) {
	found, err := h.Webhooks.Deliveries(ctx, in.by, in.ID, in.Dead)
	if err != nil {
		return nil, err
	}
	out := &listOut[WebhookDelivery]{Body: list[WebhookDelivery]{Items: []WebhookDelivery{}}}
	for _, d := range found {
		out.Body.Items = append(out.Body.Items, WebhookDelivery{
			ID: d.ID, Webhook: d.EndpointID, Type: d.Type, State: d.State, Attempts: d.Attempts, Status: d.Status, Error: d.Error,
			CreatedAt: d.CreatedAt, DueAt: d.DueAt, DeliveredAt: d.DeliveredAt,
		})
	}
	return out, nil
}

func (h *handlers) replayDelivery(ctx context.Context, in *replayIn) (*struct{}, error) {
	return nil, h.Webhooks.Replay(ctx, in.by, in.ID)
}
