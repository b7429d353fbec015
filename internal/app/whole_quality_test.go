package app_test

import (
	"testing"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/db"
)

// reviewed settles two cases and has one of them reviewed.
func (h *house) reviewed(p *premises) {
	h.t.Helper()
	agent, boss := h.Actor(access.Agent), h.Actor(access.Supervisor)
	var numbers []string
	for range 2 {
		var c cases.Case
		must(h.t, h.app.DB.Do(h.t.Context(), func(tx *db.Tx) (err error) {
			c, err = h.app.Cases.OpenTx(h.t.Context(), tx, cases.OpenInput{Type: cases.Inquiry, Subject: "A question", Source: "test", Language: "en", By: agent, EntityID: &h.Entity.ID})
			return err
		}))
		c = p2(h.app.Cases.SetStatus(h.t.Context(), cases.StatusInput{On: cases.On{By: agent, ID: c.ID, Version: c.Version}, To: cases.StatusResolved, Resolution: "answered"}))(h.t)
		numbers = append(numbers, c.Number)
	}
	card := p2(h.app.Quality.SaveCard(h.t.Context(), quality.CardInput{By: boss, Criteria: []quality.Criterion{{Name: "Clear", Scale: quality.Five, Weight: 1}}}))(h.t)
	review := p2(h.app.Quality.Review(h.t.Context(), quality.ReviewInput{By: boss, Number: numbers[1], Card: card.Number, Values: map[string]int{"clear": 4}, Note: "Fine"}))(h.t)
	must(h.t, h.app.Jobs.Work(h.t.Context(), "quality.draw", []byte(`{}`)))
	p.settled, p.review = numbers[0], review.ID
}

// p2 unpacks a value and an error.
func p2[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return value
	}
}
