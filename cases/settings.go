package cases

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/cases/letters"
)

// Reason is what a customer may claim.
type Reason struct {
	Code     string
	Name     string
	CaseType Type
	Position int
	Active   bool
	Wordings map[string]string // what customers read, by language; Name where one is not there
}

// In is what a reader of a language reads.
func (r Reason) In(language string) string {
	if text := r.Wordings[letters.Language(language)]; text != "" {
		return text
	}
	return r.Name
}

// RootCause is what was really wrong, and who upstream owns it.
type RootCause struct {
	ID            int64
	Code          string
	Name          string
	UpstreamOwner string
	Active        bool
}

// Match says which cases a policy is for; an absent list matches all. AmountFrom is in the authority currency.
type Match struct {
	Types      []Type             `json:"types,omitempty"`
	Priorities []Priority         `json:"priorities,omitempty"`
	Tiers      []billing.Tier     `json:"tiers,omitempty"`
	Regions    []string           `json:"regions,omitempty"`
	Entities   []billing.EntityID `json:"entities,omitempty"`
	AmountFrom *decimal.Decimal   `json:"amount_from,omitempty"`
}

// Policy is a version of what was promised to which cases, by which calendar, and who is told when it is not kept.
// A version never changes; a new one takes its place.
type Policy struct {
	ID         int64
	Name       string
	Version    int
	Position   int // policies are tried in this order; the first match holds
	Match      Match
	Definition clock.Policy
	Ladder     escalation.Ladder
	CalendarID int64
	Active     bool
	CreatedAt  time.Time
}

// CalendarVersion is a version of a calendar.
type CalendarVersion struct {
	ID         int64
	Name       string
	Version    int
	Definition clock.Calendar
	CreatedAt  time.Time
}

// LetterInput records on a case a letter that was queued for its customer.
type LetterInput struct {
	CaseID     ID
	Kind       string // "credit_posted", "acknowledgement"
	OutgoingID int64
	To         string
	Subject    string
	Body       string
	Language   string
}
