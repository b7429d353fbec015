package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/people"
)

// Team is a group of people with a lead.
type Team struct {
	ID int64 `json:"id"`
	TeamBody
	LeadName string   `json:"lead_name,omitempty"`
	People   []string `json:"people" doc:"who is in it and active, by name"`
	Retired  bool     `json:"retired" doc:"nobody and nothing new is given to it"`
	Version  int      `json:"version"`
}

// TeamBody is what is said of a team.
type TeamBody struct {
	Name string `json:"name" maxLength:"60"`
	Lead *int64 `json:"lead_id,omitempty" doc:"user id; nobody leads it without one"`
}

type addTeamIn struct {
	Signed
	Body TeamBody
}

type changeTeamIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		TeamBody
		Retired bool `json:"retired,omitempty" doc:"refused while somebody is in it or a rule sends cases to it"`
		Version int  `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type teamOut struct{ Body Team }

// teams are who works together. They are retired, never deleted.
func (h *handlers) teams(api huma.API) {
	add(h, api, operation[Signed, listOut[Team]]{at(http.MethodGet, "/teams", "list-teams", "The teams, who leads each and who is in it", authorityTag), h.listTeams})
	add(h, api, operation[addTeamIn, teamOut]{created("/teams", "add-team", "Add a team", authorityTag), h.addTeam})
	add(h, api, operation[changeTeamIn, teamOut]{at(http.MethodPut, "/teams/{id}", "change-team", "Rename a team, name its lead, retire it or take it up again", authorityTag), h.changeTeam})
}

func teamOf(t people.TeamRow) Team {
	names := t.People
	if names == nil {
		names = []string{}
	}
	return Team{ID: t.ID, TeamBody: TeamBody{Name: t.Name, Lead: t.LeadID}, LeadName: t.LeadName, People: names, Retired: t.RetiredAt != nil, Version: t.Version}
}

func (h *handlers) listTeams(ctx context.Context, in *Signed) (*listOut[Team], error) {
	found, err := h.People.TeamRows(ctx, in.by)
	out := &listOut[Team]{Body: list[Team]{Items: []Team{}}}
	for _, t := range found {
		out.Body.Items = append(out.Body.Items, teamOf(t))
	}
	return out, err
}

func (h *handlers) addTeam(ctx context.Context, in *addTeamIn) (*teamOut, error) {
	t, err := h.People.SaveTeam(ctx, people.TeamInput{By: in.by, Name: in.Body.Name, LeadID: in.Body.Lead})
	return &teamOut{Body: teamOf(t)}, err
}

func (h *handlers) changeTeam(ctx context.Context, in *changeTeamIn) (*teamOut, error) {
	if in.ID == 0 {
		return nil, people.ErrNoTeam
	}
	t, err := h.People.SaveTeam(ctx, people.TeamInput{
		By: in.by, ID: in.ID, Version: in.Body.Version, Name: in.Body.Name, LeadID: in.Body.Lead, Retired: in.Body.Retired,
	})
	return &teamOut{Body: teamOf(t)}, err
}
