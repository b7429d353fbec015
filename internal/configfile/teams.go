package configfile

import (
	"context"
	"slices"
	"strings"

	"makegood/internal/errs"
	"makegood/internal/people"
)

// Team is a team in a file, with the mail address of who leads it. People name theirs, so that teams come before them.
type Team struct {
	Name    string `yaml:"name"`
	Lead    string `yaml:"lead,omitempty"`
	Retired bool   `yaml:"retired,omitempty"`
}

func (s Services) teams(ctx context.Context, h *here, f *File) error {
	rows, err := s.People.TeamRows(ctx, h.by)
	for _, r := range rows {
		f.Teams = append(f.Teams, Team{Name: r.Name, Lead: r.LeadEmail, Retired: r.RetiredAt != nil})
	}
	return err
}

func (s Services) planTeams(now, want File) []Change {
	for i := range want.Teams {
		want.Teams[i].Lead = strings.ToLower(want.Teams[i].Lead)
	}
	return differing("teams", now.Teams, want.Teams, func(t Team) string { return t.Name },
		func(_ *Team, t Team) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.keepTeam(ctx, o, t) }
		})
}

// keepTeam adds or changes a team. A new one is added even when its lead is not here yet: the lead may be one of those that the same
// file puts into it.
func (s Services) keepTeam(ctx context.Context, o Order, t Team) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in, outcome, missing := people.TeamInput{By: o.By, Name: t.Name, Retired: t.Retired}, "added", false
	if t.Lead != "" {
		lead, err := s.People.UserByEmail(ctx, t.Lead)
		if missing = errs.KindOf(err) == errs.NotFound; err != nil && !missing {
			return "", err
		}
		if !missing {
			in.LeadID = &lead.ID
		}
	}
	if i := slices.IndexFunc(h.teams, func(one people.Team) bool { return one.Name == t.Name }); i >= 0 {
		if missing {
			return "", errs.InvalidField("lead", "configfile.no_lead", "email", t.Lead)
		}
		in.ID, in.Version, outcome = h.teams[i].ID, h.teams[i].Version, "changed"
	} else if missing {
		outcome = "added without its lead: " + t.Lead + " is not here yet; apply the file again then"
	}
	_, err = s.People.SaveTeam(ctx, in)
	return outcome, err
}
