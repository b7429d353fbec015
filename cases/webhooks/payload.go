package webhooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// payload is the body of a delivery: what happened, when, to which case, and the event's figures.
func (p parcel) payload() ([]byte, error) {
	body, err := json.Marshal(map[string]any{
		"type": p.Type, "timestamp": p.At.UTC().Format(time.RFC3339Nano), "data": map[string]any{"case": p.Number, "event": told(p.Data)},
	})
	if err != nil {
		return nil, fmt.Errorf("write webhook %d: %w", p.ID, err)
	}
	return body, nil
}

// told is what leaves the house of an event: ids, figures, codes and times. What people wrote to one another stays, and so does whatever an
// event comes to say that is not named here.
func told(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for name, value := range data {
		if slices.Contains(toldFields(), name) {
			out[name] = value
		}
	}
	return out
}

// toldFields are the fields of events that are told.
func toldFields() []string {
	return strings.Fields(`
		number case case_id into with for messages message voided disputes dispute source type from_type from to status waiting_on was_waiting_on
		priority policy calendar customer customer_id entity team follows topic why machine trust received_at received since automatic
		currency disputed risk contested accepted credited reason_code root_cause invoice invoice_id invoice_line
		clock instance revision outcome due_at ended_at subject threshold rung
		request kind total version before after step steps position signatures until own_limit retry failure taken_back_by
		credit_request_id approval_id document_id document_kind memo_id booked_on to_invoice to_balance to_refund settled_outside rebilled_as digest`)
}
