package gateway

import (
	"context"
	"net/http"
	"net/url"

	"makegood/internal/errs"
)

// Void voids a credit note, which Stripe allows while its invoice is open. One that is void already stays so. It looks first
// whether it is the note that is meant.
func (s *Stripe) Void(ctx context.Context, t Taking) (Outcome, error) {
	if t.Key == "" || t.ID == "" {
		return Outcome{}, errs.InvalidField("id", "error.required")
	}
	path := "/v1/credit_notes/" + url.PathEscape(t.ID)
	var there stripeNote
	if err := s.call(ctx, call{method: http.MethodGet, path: path}, &there); err != nil {
		return Outcome{}, err
	}
	if err := t.meant(there); err != nil {
		return Outcome{}, err
	}
	if there.Status == "void" {
		return t.outcome(there)
	}
	var voided stripeNote
	if err := s.call(ctx, call{method: http.MethodPost, path: path + "/void", form: url.Values{}, key: t.Key}, &voided); err != nil {
		return Outcome{}, err
	}
	return t.outcome(voided)
}

// meant refuses a note on another invoice or of another total.
func (t Taking) meant(m stripeNote) error {
	o, err := t.outcome(m)
	if err != nil {
		return err
	}
	if m.Invoice != t.Invoice || !o.Total.Equal(t.Total) {
		return errs.New(ErrOtherNote.Kind, ErrOtherNote.Key, "system", "Stripe", "id", t.ID)
	}
	return nil
}

// outcome has no difference: what was taken back is all of it.
func (t Taking) outcome(m stripeNote) (Outcome, error) {
	o, err := m.outcome(Note{Currency: t.Currency})
	o.Difference = o.Total.Sub(o.Total)
	return o, err
}
