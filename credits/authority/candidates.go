package authority

import (
	"cmp"
	"slices"
	"time"
)

// people answers who is there to decide one request at one moment.
type people struct {
	holders     []Holder
	delegations []Delegation
	request     Request
	now         time.Time
}

// of lists who may decide among the holders that match: they themselves, and those who stand in for them. What does not bind a holder
// yet they pass on to nobody: a stand-in has no more than the one they stand in for.
func (p people) of(match func(Holder) bool) []Candidate {
	var found []Candidate
	for _, h := range p.holders {
		if !match(h) || !h.Active || h.Cooling || !h.Covers(p.request) || p.request.barred(h.UserID) {
			continue
		}
		if !h.Absent {
			found = append(found, Candidate{UserID: h.UserID, Name: h.UserName})
		}
		found = append(found, p.standIns(h)...)
	}
	return tidy(found)
}

func (p people) atLevel(id int64) []Candidate {
	return p.of(func(h Holder) bool { return h.LevelID == id })
}

func (p people) inRole(role string) []Candidate {
	return p.of(func(h Holder) bool { return slices.Contains(h.Roles, role) })
}

// standIns are those who take a holder's place. What does not bind a stand-in yet does not through somebody else either.
func (p people) standIns(h Holder) []Candidate {
	var found []Candidate
	for _, d := range p.delegations {
		if d.From != h.UserID || slices.Contains(d.Cooling, h.LevelID) || slices.Contains(h.GivenBy, d.To) || !d.holds(p.request, p.now) || p.request.barred(d.To) || p.away(d) {
			continue
		}
		found = append(found, Candidate{UserID: d.To, Name: p.name(d), OnBehalfOf: h.UserID})
	}
	return found
}

func (p people) away(d Delegation) bool {
	return d.ToAbsent || slices.ContainsFunc(p.holders, func(h Holder) bool {
		return h.UserID == d.To && (h.Absent || !h.Active)
	})
}

func (p people) name(d Delegation) string {
	for _, h := range p.holders {
		if h.UserID == d.To {
			return h.UserName
		}
	}
	return d.ToName
}

// tidy sorts, drops doubles, and lets a person who holds the level act in their own right only.
func tidy(found []Candidate) []Candidate {
	direct := map[int64]bool{}
	for _, c := range found {
		if c.OnBehalfOf == 0 {
			direct[c.UserID] = true
		}
	}
	found = slices.DeleteFunc(found, func(c Candidate) bool { return c.OnBehalfOf != 0 && direct[c.UserID] })
	slices.SortFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.OnBehalfOf, b.OnBehalfOf), cmp.Compare(a.UserID, b.UserID))
	})
	return slices.CompactFunc(found, func(a, b Candidate) bool {
		return a.UserID == b.UserID && a.OnBehalfOf == b.OnBehalfOf
	})
}
