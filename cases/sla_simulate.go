package cases

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/db"
)

// SimulateDraft tries a draft on past cases.
type SimulateDraft struct {
	ID PolicyDraftID `json:"id"`
}

// Kind names the job.
func (SimulateDraft) Kind() string { return "cases.simulate_draft" }

// Takes is how long a quarter of a million cases may take.
func (SimulateDraft) Takes() time.Duration { return 30 * time.Minute }

// Kept counts how a kind of clock went: in time, late, still running in time, or ended without being asked for any more.
type Kept struct {
	InTime int `json:"in_time"`
	Late   int `json:"late"`
	Open   int `json:"open"`
	Ended  int `json:"ended"`
}

// SimulatedClock is one kind of clock under the policies in force and under the draft in its place.
type SimulatedClock struct {
	Kind clock.Kind `json:"kind"`
	Now  Kept       `json:"now"`
	Then Kept       `json:"then"`
}

// SimulatedChange is a clock that would have gone otherwise.
type SimulatedChange struct {
	Number string        `json:"number"`
	Entity int64         `json:"entity,omitempty"`
	Kind   clock.Kind    `json:"kind"`
	Now    clock.Outcome `json:"now,omitempty"` // empty: not promised
	Then   clock.Outcome `json:"then,omitempty"`
	DueNow *time.Time    `json:"due_now,omitempty"`
	Due    *time.Time    `json:"due,omitempty"`
}

// Simulation is what a draft would have done to the cases looked at so far. Both sides are derived alike from what happened, as if the
// policies in force, or the draft among them, had held from the day each case came in: a draft that changes nothing changes no case.
type Simulation struct {
	Matched int               `json:"matched"` // cases the draft would be for
	Changed int               `json:"changed"` // clocks with another result
	Stuck   int               `json:"stuck"`   // cases that cannot be counted so
	Clocks  []SimulatedClock  `json:"clocks"`
	First   []SimulatedChange `json:"first"` // the first changesKept of those changed; to a reader, those of them they may see
}

// changesKept is how many changed clocks a simulation names.
const changesKept = 200

// Value gives the JSON to store.
func (m Simulation) Value() (driver.Value, error) {
	text, err := json.Marshal(m)
	return string(text), err
}

// Scan reads stored JSON.
func (m *Simulation) Scan(stored any) error {
	switch text := stored.(type) {
	case []byte:
		return json.Unmarshal(text, m)
	case string:
		return json.Unmarshal([]byte(text), m)
	}
	return fmt.Errorf("read simulation: stored as %T", stored)
}

// simulateDraft goes through the cases in pieces, and keeps after each what was found: cut off, it goes on where it was.
// The policies are read once, before the first piece: one that is put in force meanwhile has no part in it.
func (s *Service) simulateDraft(ctx context.Context, job SimulateDraft) error {
	draft, err := draftByID(ctx, s.db, job.ID, ``)
	if err != nil {
		return err
	}
	trial, err := s.trial(ctx, draft)
	if err != nil {
		return err
	}
	for ; ; draft, err = draftByID(ctx, s.db, job.ID, ``) {
		if err != nil {
			return err
		}
		if draft.FinishedAt != nil || draft.State != DraftOpen {
			return nil
		}
		list, err := db.List[Case](ctx, s.db, `select `+caseColumns+` from cases where opened_at >= $1 and opened_at < $2
			and closed_at is distinct from opened_at and id > $3 order by id limit $4`,
			draft.Since, draft.Until, draft.LastCase, movedAtOnce)
		if err != nil {
			return fmt.Errorf("read past cases: %w", err)
		}
		if err := s.tryPiece(ctx, trial, list, &draft.Result); err != nil {
			return err
		}
		if err := s.keepSimulation(ctx, draft, list); err != nil {
			return err
		}
	}
}

func (s *Service) keepSimulation(ctx context.Context, draft PolicyDraft, list []Case) error {
	last := draft.LastCase
	if len(list) > 0 {
		last = list[len(list)-1].ID
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		var finished *time.Time
		if len(list) < movedAtOnce {
			finished = new(tx.Now())
		}
		tx.Publish(clockChangesTopic)
		_, err := tx.Exec(ctx, `update sla_drafts set done = done + $3, last_case = $4, result = $5, finished_at = $6 where id = $1 and last_case = $2`,
			draft.ID, draft.LastCase, len(list), last, draft.Result, finished)
		return err
	})
}

func (s *Service) tryPiece(ctx context.Context, t trial, list []Case, result *Simulation) error {
	if len(list) == 0 {
		return nil
	}
	customers, err := customersOfCases(ctx, s.db, list)
	if err != nil {
		return err
	}
	ids := make([]ID, len(list))
	for n, c := range list {
		ids[n] = c.ID
	}
	histories, err := s.histories(ctx, ids)
	if err != nil {
		return err
	}
	for _, c := range list {
		var customer billing.Customer
		if c.CustomerID != nil {
			customer = customers[*c.CustomerID]
		}
		result.add(c, t.try(c, customer, histories[c.ID]))
	}
	return nil
}

// tried is a case under the policies in force and under the draft.
type tried struct {
	now, then []clock.Instance
	matched   bool
	stuck     bool
}

// add counts a case.
func (m *Simulation) add(c Case, t tried) {
	if t.stuck {
		m.Stuck++
		return
	}
	if t.matched {
		m.Matched++
	}
	now, then := lastOnes(t.now), lastOnes(t.then)
	for _, i := range slices.Concat(t.now, t.then) {
		name := lineage{i.Kind, i.Number, subjectOf(i.Ref)}
		before, after := now[name], then[name]
		delete(now, name)
		delete(then, name)
		if before != nil || after != nil {
			m.compare(c, i.Kind, before, after)
		}
	}
}

func (m *Simulation) compare(c Case, kind clock.Kind, now, then *clock.Instance) {
	row := m.row(kind)
	change := SimulatedChange{Number: c.Number, Entity: c.entity(), Kind: kind}
	if now != nil {
		row.Now.count(*now)
		change.Now, change.DueNow = now.Outcome, dueOf(*now)
	}
	if then != nil {
		row.Then.count(*then)
		change.Then, change.Due = then.Outcome, dueOf(*then)
	}
	if late(now) == late(then) && (now == nil) == (then == nil) {
		return
	}
	m.Changed++
	if len(m.First) < changesKept {
		m.First = append(m.First, change)
	}
}

func late(i *clock.Instance) bool { return i != nil && i.BreachedAt != nil }

func (m *Simulation) row(kind clock.Kind) *SimulatedClock {
	for n := range m.Clocks {
		if m.Clocks[n].Kind == kind {
			return &m.Clocks[n]
		}
	}
	m.Clocks = append(m.Clocks, SimulatedClock{Kind: kind})
	return &m.Clocks[len(m.Clocks)-1]
}

func (k *Kept) count(i clock.Instance) {
	switch {
	case i.BreachedAt != nil:
		k.Late++
	case i.Outcome == clock.Met:
		k.InTime++
	case i.Outcome == clock.Running:
		k.Open++
	default:
		k.Ended++
	}
}

// lastOnes are the last revisions of the clocks, with a breach of an earlier one kept: a promise broken stays broken.
func lastOnes(list []clock.Instance) map[lineage]*clock.Instance {
	last := map[lineage]*clock.Instance{}
	for n := range list {
		i := list[n]
		name := lineage{i.Kind, i.Number, subjectOf(i.Ref)}
		if before := last[name]; before != nil && before.BreachedAt != nil && i.BreachedAt == nil {
			i.BreachedAt = before.BreachedAt
		}
		last[name] = &i
	}
	return last
}

// customersOfCases reads what policies ask of customers.
func customersOfCases(ctx context.Context, r db.Reader, list []Case) (map[billing.CustomerID]billing.Customer, error) {
	var ids []billing.CustomerID
	for _, c := range list {
		if c.CustomerID != nil {
			ids = append(ids, *c.CustomerID)
		}
	}
	rows, err := db.List[struct {
		ID     billing.CustomerID
		Tier   billing.Tier
		Region string
	}](ctx, r, `select id, tier, region from customers where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read customers of cases: %w", err)
	}
	all := make(map[billing.CustomerID]billing.Customer, len(rows))
	for _, row := range rows {
		all[row.ID] = billing.Customer{ID: row.ID, Tier: row.Tier, Region: row.Region}
	}
	return all, nil
}
