package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/people"
)

// Absence is a time in which somebody is not at the desk.
type Absence struct {
	ID       int64     `json:"id"`
	UserID   int64     `json:"user_id"`
	Name     string    `json:"name"`
	FirstDay string    `json:"first_day" format:"date" doc:"of the person's own calendar"`
	LastDay  string    `json:"last_day" format:"date"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Note     string    `json:"note,omitempty"`
}

type enterAbsenceIn struct {
	Signed
	Body struct {
		UserID   int64  `json:"user_id,omitempty" doc:"oneself without it"`
		FirstDay string `json:"first_day" format:"date"`
		LastDay  string `json:"last_day" format:"date" doc:"the last day away"`
		Note     string `json:"note,omitempty" maxLength:"200"`
	}
}

type absenceOut struct {
	Body Absence
}

func (h *handlers) absences(api huma.API) {
	add(h, api, operation[Signed, listOut[Absence]]{at(http.MethodGet, "/absences", "list-absences", "Who is away, and who will be", authorityTag), h.whoIsAway})
	add(h, api, operation[enterAbsenceIn, absenceOut]{created("/absences", "enter-absence", "Say that somebody is away", authorityTag), h.enterAbsence})
	add(h, api, operation[revokeIn, nothingOut]{at(http.MethodPost, "/absences/{id}/end", "end-absence", "Take an absence back, or bring somebody back", authorityTag), h.endAbsence})
	h.teams(api)
}

func (h *handlers) whoIsAway(ctx context.Context, in *Signed) (*listOut[Absence], error) {
	found, err := h.People.Absences(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[Absence]{Body: list[Absence]{Items: []Absence{}}}
	for _, a := range found {
		out.Body.Items = append(out.Body.Items, absenceOf(a))
	}
	return out, nil
}

func (h *handlers) enterAbsence(ctx context.Context, in *enterAbsenceIn) (*absenceOut, error) {
	a, err := h.People.EnterAbsence(ctx, people.AbsenceInput{By: in.by, UserID: in.Body.UserID, FirstDay: in.Body.FirstDay, LastDay: in.Body.LastDay, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	return &absenceOut{Body: absenceOf(a)}, nil
}

func (h *handlers) endAbsence(ctx context.Context, in *revokeIn) (*nothingOut, error) {
	return &nothingOut{}, h.People.EndAbsence(ctx, in.by, in.ID)
}

func absenceOf(a people.Absence) Absence {
	return Absence{ID: a.ID, UserID: a.UserID, Name: a.Name, FirstDay: a.FirstDay.Format(time.DateOnly), LastDay: a.LastDay.Format(time.DateOnly), From: a.FromAt, Until: a.UntilAt, Note: a.Note}
}
