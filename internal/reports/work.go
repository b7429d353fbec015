package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// The reports of cases: what was done in a period, how long it took and whether it was in time. Each report counts the rows
// of one fact; the rows it lists are the rows it counted.

// Fact names what a report of cases counts.
type Fact string

// The facts. All durations are those of the clock on the wall, but for ClockResults; all days are UTC.
const (
	// Opened are the cases opened in the period.
	Opened Fact = "opened"
	// Answered are the first answers by a person in the period: how long since the case came.
	Answered Fact = "answered"
	// Replies are all answers by a person in the period: how long since the oldest message that waited for it. One that
	// nobody waited for has no duration.
	Replies Fact = "replies"
	// Received are the messages that people on the customers' side wrote in the period.
	Received Fact = "received"
	// Resolutions are the times a case was resolved in the period, unless a run in bulk did it that was undone: how long since it came. Good is one with a single answer
	// of ours before it that was not reopened since: first-contact resolution.
	Resolutions Fact = "resolved"
	// Reopenings are the times a resolved or closed case was opened again in the period.
	Reopenings Fact = "reopened"
	// Waits are the times a case began to wait for somebody in the period: how long, up to now where it still waits. Part
	// says for whom.
	Waits Fact = "waits"
	// ClockResults are the promises that were kept or broken in the period: kept when the clock stopped in time, broken
	// when its deadline passed. Each counts once, whatever its terms became: a broken one stays broken, under the terms it had then.
	// Good is kept; the duration is what was used in the clock's own time, where it was met. Part is the kind of clock.
	ClockResults Fact = "clocks"
	// Backlog are the cases open at the end of the period, or now when it is not over: how long since they came.
	Backlog Fact = "backlog"
	// StepsDecided are the steps of approval decided in the period: how long they were open. Good is approved. Part is the level.
	StepsDecided Fact = "steps"
	// CreditsApproved are the requests approved in the period: how long since they were submitted, with their amount in the
	// authority's currency. Part is the kind.
	CreditsApproved Fact = "credits"
	// JustBelow are the requests submitted in the period for nine tenths or more of a limit that just covers them. Part is
	// whose limit.
	JustBelow Fact = "just_below"
	// Repeated are the requests submitted in the period by somebody for a customer they asked for three times or more in it,
	// or on an invoice that was asked for twice or more. Part says which.
	Repeated Fact = "repeated"
	// Overrides are what in the period went another way than the levels have it: steps that climbed because their deadline had passed, or
	// because nobody was there; signatures by somebody who holds a higher level as well, and through stand-ins; and less approved than was
	// asked for. Part says which, the level is the one that should have decided.
	Overrides Fact = "overrides"
	// Surveyed are the customers asked in the period how their case went. Good is one who answered since: the response rate.
	Surveyed Fact = "surveyed"
	// Scored are the first answers given in the period, with the score as it stands now. Good is a score of four or five. Part is the score.
	Scored Fact = "scored"
	// Reviewed are the reviews of settled cases written in the period, for whoever may read the quality of work. The score is in percent.
	// Good is one that its agent has acknowledged.
	Reviewed Fact = "reviewed"
	// Judged are the criteria scored in them, in percent each. Good is one met in full. Part is the criterion.
	Judged Fact = "criteria"
)

// Facts lists all of them, in the order they are shown in.
func Facts() []Fact {
	return []Fact{
		Opened, Received, Answered, Replies, Resolutions, Reopenings, Waits, ClockResults, Backlog, StepsDecided, CreditsApproved, JustBelow, Repeated, Overrides,
		Surveyed, Scored, Reviewed, Judged,
	}
}

// FactsFor lists those that somebody may read who may read reports.
func FactsFor(by access.Actor) []Fact {
	return slices.DeleteFunc(Facts(), func(f Fact) bool { return f.readable(by) != nil })
}

// readable refuses what more than the right to reports is needed for.
func (f Fact) readable(by access.Actor) error {
	if f == Reviewed || f == Judged {
		return access.Can(by, access.ReadQuality, access.Object{})
	}
	return nil
}

// TitleKey is the message that names the fact; DefinitionKey the one that says how it is counted.
func (f Fact) TitleKey() string { return "work." + string(f) }

// DefinitionKey is the message that says how the fact is counted.
func (f Fact) DefinitionKey() string { return f.TitleKey() + ".definition" }

// Way is how the rows of a fact are told apart.
type Way string

// The ways. A person is who did it where somebody did (answers, resolutions, requests, decisions), else who the case is
// with. A case counts with each reason of its dispute lines.
const (
	ByAll      Way = ""
	ByPart     Way = "part"
	ByAgent    Way = "agent"
	ByTeam     Way = "team"
	ByPolicy   Way = "policy"
	ByTier     Way = "tier"
	ByTopic    Way = "topic"
	ByType     Way = "type"
	ByPriority Way = "priority"
	ByEntity   Way = "entity"
	ByCountry  Way = "country"
	ByCustomer Way = "customer"
	ByClaim    Way = "reason"
	ByCause    Way = "cause"
	ByDecider  Way = "approver"
	ByLevel    Way = "level"
	ByDay      Way = "day"
	ByWeek     Way = "week"
	ByMonth    Way = "month"
)

// Ways lists the ways that make sense for a fact.
func (f Fact) Ways() []Way {
	ways := []Way{ByAgent, ByTeam, ByTier, ByTopic, ByType, ByEntity, ByCountry, ByCustomer, ByClaim, ByCause, ByDay, ByWeek, ByMonth}
	switch f {
	case Opened, Answered, Replies, Received, Resolutions, Reopenings, Backlog, Surveyed, Reviewed:
		return append([]Way{ByPriority, ByPolicy}, ways...)
	case Waits, ClockResults:
		return append([]Way{ByPart, ByPriority, ByPolicy}, ways...)
	case StepsDecided, CreditsApproved:
		return append([]Way{ByPart, ByDecider}, ways...)
	case Overrides:
		return append([]Way{ByPart, ByLevel, ByDecider}, ways...)
	case JustBelow, Repeated, Scored, Judged:
		return append([]Way{ByPart}, ways...)
	}
	return ways
}

// WorkFilter narrows every fact to some cases; what is empty narrows nothing.
type WorkFilter struct {
	Entity   string // code
	Team     int64
	Agent    int64
	Tier     string
	Topic    string
	Type     string
	Priority string
	Policy   string // name, whatever its version
	Reason   string
	Cause    string // code of the root cause
	Account  string // of the customer
	Part     string
}

// WorkScope says for whom and of which period work is reported: Days days that end with On. The zero On is today, zero
// Days are 30.
type WorkScope struct {
	By   access.Actor
	On   time.Time
	Days int
	WorkFilter
}

// ErrNoFact is returned for a fact there is not, ErrNoWay for a way that its rows are not told apart by.
var (
	ErrNoFact = errs.New(errs.NotFound, "reports.no_fact")
	ErrNoWay  = errs.New(errs.Invalid, "reports.no_way")
)

// Work reads the reports of cases.
type Work struct {
	db *db.DB
}

// Work makes the reader.
func (s *Service) Work() *Work { return &Work{db: s.figures} }

// Today is the day a period ends with when none is asked for (UTC).
func (w *Work) Today() time.Time { return billing.Date(w.db.Now()) }

// usualDays is how long a period is when nothing else is asked for.
const usualDays = 30

// stretch is a scope made ready for statements: the period as two moments, and the entities it is narrowed to.
type stretch struct {
	WorkScope
	from, to time.Time
	entities []int64
	homeless bool // cases of no legal entity too
}

func (w *Work) settle(ctx context.Context, s WorkScope) (stretch, error) {
	if err := access.Can(s.By, access.ReadReports, access.Object{}); err != nil {
		return stretch{}, err
	}
	if s.On.IsZero() {
		s.On = w.Today()
	}
	if s.Days == 0 {
		s.Days = usualDays
	}
	if s.Days < 1 || s.Days > daysAtMost {
		return stretch{}, errs.InvalidField("days", ErrBadPeriod.Key)
	}
	p := stretch{WorkScope: s, to: s.On.AddDate(0, 0, 1), from: s.On.AddDate(0, 0, 1-s.Days), entities: scopeOf(s.By), homeless: s.Entity == ""}
	if s.Entity == "" {
		return p, nil
	}
	var err error
	p.entities, err = db.Values[int64](ctx, w.db, `select id from legal_entities where code = $1 and (cardinality($2::bigint[]) = 0 or id = any ($2))`,
		s.Entity, scopeOf(s.By))
	if err != nil {
		return p, fmt.Errorf("find legal entity: %w", err)
	}
	if len(p.entities) == 0 {
		return p, errs.New(ErrNoEntity.Kind, ErrNoEntity.Key, "entity", s.Entity)
	}
	return p, nil
}

// before is the period of the same length before this one.
func (p stretch) before() stretch {
	p.On = p.On.AddDate(0, 0, -p.Days)
	p.to, p.from = p.from, p.from.AddDate(0, 0, -p.Days)
	return p
}

// Group is what some rows of a fact come to. Seconds are whole ones, nil where no row has a duration; GoodOf is how many
// rows can be good or not.
type Group struct {
	Key    string
	Name   string
	Count  int
	Good   int
	GoodOf int
	Timed  int // rows with a duration
	Median *int64
	P90    *int64
	Total  int64           // seconds of all
	Amount decimal.Decimal // in billing.AuthorityCurrency
	Scored int             // rows with a score
	Mean   figures.Figure  // of the scores, to two decimals; not known where no row has one
}

// Share is the part of the rows that are good; not known when none can be.
func (g Group) Share() figures.Figure { return figures.Ratio(count(g.Good), count(g.GoodOf)) }

func count(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

// GroupPair is a group of the period beside the same of the period before.
type GroupPair struct {
	Now    Group
	Before Group
}

// FactReport is a fact's rows counted by one way, the period beside the one before.
type FactReport struct {
	Fact       Fact
	Way        Way
	From       time.Time
	On         time.Time
	BeforeFrom time.Time
	BeforeOn   time.Time
	All        GroupPair
	Groups     []GroupPair // by their names where they are days, weeks or months, else those that count most first
}

func isFact(f Fact) error {
	if !slices.Contains(Facts(), f) {
		return errs.New(ErrNoFact.Kind, ErrNoFact.Key, "fact", string(f))
	}
	return nil
}

func (f Fact) check(way Way, by access.Actor) error {
	if err := isFact(f); err != nil {
		return err
	}
	if err := f.readable(by); err != nil {
		return err
	}
	if way != ByAll && !slices.Contains(f.Ways(), way) {
		return errs.InvalidField("by", ErrNoWay.Key, "by", string(way), "fact", string(f))
	}
	return nil
}
