package authority

import (
	"slices"
	"time"
)

// Within is what a level is held for; of what is not named it is all.
type Within struct {
	EntityIDs []int64
	// Regions are those of the customer, as conditions of a policy know it.
	Regions []string
	// TeamIDs are the teams of who asks.
	TeamIDs []int64
}

// Covers tells whether a request is among what a level is held for: of several customers, each must be.
func (w Within) Covers(r Request) bool {
	return (len(w.EntityIDs) == 0 || slices.Contains(w.EntityIDs, r.EntityID)) &&
		(len(w.TeamIDs) == 0 || slices.Contains(w.TeamIDs, r.TeamID)) &&
		(len(w.Regions) == 0 || len(r.Regions) > 0 && !slices.ContainsFunc(r.Regions, func(region string) bool { return !slices.Contains(w.Regions, region) }))
}

// Holding says who holds a level: a person by name, or else whoever has a role, is in a team, or has the role within the team, at
// the moment it is asked.
type Holding struct {
	LevelID int64
	UserID  int64
	Role    string
	TeamID  int64
	Within
	// From is since when.
	From time.Time
}

// Membership is a role that a person has, or the team they are in.
type Membership struct {
	Role   string
	TeamID int64
	From   time.Time
	// Alone says that one person gave it, with nobody who confirmed it. It makes its person a holder only of what was held by role or team
	// later than that: whoever gave the level then saw who would have it.
	Alone bool
}

// Through tells whether a holding makes a person of these memberships a holder, and through which of them; through none where it names
// the person.
func (h Holding) Through(userID int64, memberships []Membership) (through []int, holds bool) {
	if h.UserID != 0 {
		return nil, h.UserID == userID
	}
	for _, asked := range []Membership{{Role: h.Role}, {TeamID: h.TeamID}} {
		if asked == (Membership{}) {
			continue
		}
		at := slices.IndexFunc(memberships, func(m Membership) bool {
			return m.Role == asked.Role && m.TeamID == asked.TeamID && (!m.Alone || !m.From.After(h.From))
		})
		if at < 0 {
			return nil, false
		}
		through = append(through, at)
	}
	return through, len(through) > 0
}
