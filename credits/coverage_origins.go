package credits

import (
	"slices"
	"strings"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

// origin is where a request may come from, as far as holders of levels are told apart by it: the region of the customer, and the team of
// who asks. Regions and teams that no holder is limited to are all alike; one stands for the others.
type origin struct {
	name   string // "" where nobody is limited to it
	region string
	team   crew
}

func (p origin) set(f *policy.Facts) { f.Region, f.Team, f.TeamID = p.region, p.team.Name, p.team.ID }

func (p origin) asked(entity int64) authority.Request {
	return authority.Request{EntityID: entity, Regions: []string{p.region}, TeamID: p.team.ID}
}

// origins are where requests of a legal entity may come from, the one that nobody is limited to first.
func (ro roster) origins(entity books) []origin {
	regions := apart(entity.Regions, func(region string) bool {
		return slices.ContainsFunc(ro.holders, func(h Holder) bool { return slices.Contains(h.Regions, region) })
	})
	teams := apart(entity.Teams, func(team crew) bool {
		return slices.ContainsFunc(ro.holders, func(h Holder) bool { return slices.Contains(h.TeamIDs, team.ID) })
	})
	var list []origin
	for i, region := range regions.each {
		for j, team := range teams.each {
			var names []string
			if i >= regions.plain {
				names = append(names, "region "+region)
			}
			if j >= teams.plain {
				names = append(names, "team "+team.Name)
			}
			list = append(list, origin{name: strings.Join(names, ", "), region: region, team: team})
		}
	}
	return list
}

// toldApart is what has to be looked at one by one, after as many as plain that stand for all others.
type toldApart[T any] struct {
	each  []T
	plain int
}

// apart keeps of what nothing tells apart the first, and all of the others behind it. Where there is nothing at all, nothing stands for it.
func apart[T any](all []T, named func(T) bool) toldApart[T] {
	var out toldApart[T]
	for _, one := range all {
		if !named(one) {
			out.each, out.plain = []T{one}, 1
			break
		}
	}
	for _, one := range all {
		if named(one) {
			out.each = append(out.each, one)
		}
	}
	if len(out.each) == 0 {
		return toldApart[T]{each: make([]T, 1), plain: 1}
	}
	return out
}

// team puts somebody who asks into the team they are in, and gives a team that a rule names its number.
func (b books) team(f *policy.Facts, who asker) {
	at := slices.IndexFunc(b.Teams, func(t crew) bool { return who.id == 0 && t.Name == f.Team || who.id != 0 && t.ID == who.team })
	f.Team, f.TeamID = "", 0
	if at >= 0 {
		f.Team, f.TeamID = b.Teams[at].Name, b.Teams[at].ID
	}
}
