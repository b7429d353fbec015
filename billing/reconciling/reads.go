package reconciling

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"makegood/billing"
	"makegood/billing/reconcile"
	"makegood/internal/access"
	"makegood/internal/db"
)

func readRun(ctx context.Context, r db.Reader, id ID) (Run, error) {
	run, err := db.One[Run](ctx, r, `select * from reconciliations where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return run, ErrNoRun
	}
	if err != nil {
		return run, fmt.Errorf("read reconciliation: %w", err)
	}
	return run, nil
}

// Reader is the database behind the service, for reads of billing outside any transaction.
func (s *Service) Reader() db.Reader { return s.db }

// RunTx reads a run inside a transaction or outside, for callers that have asked for the right themselves.
func (s *Service) RunTx(ctx context.Context, r db.Reader, id ID) (Run, error) {
	return readRun(ctx, r, id)
}

// Run reads a run, for somebody who may see the entity's books.
func (s *Service) Run(ctx context.Context, by access.Actor, id ID) (Run, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return Run{}, err
	}
	run, err := readRun(ctx, s.db, id)
	if err != nil {
		return Run{}, err
	}
	return run, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(run.EntityID)})
}

// Row is a run in a list, with how many of its findings nobody has explained or made a case of.
type Row struct {
	Run
	Entity string
	Found  int64
	Open   int64
}

// Filter chooses runs. After is the id of the last one seen.
type Filter struct {
	EntityIDs []billing.EntityID // empty means all that the reader may see
	After     string
	Limit     int
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

func limitOf(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}

// resolved is what was decided about a finding f: the last step, and with it how the finding stands.
const resolved = ` left join lateral (select step, reason, case_number, by_name, at from reconciliation_resolutions r where r.finding_id = f.id order by r.id desc limit 1) r on true`

const resolution = `case r.step when 'case_opened' then 'case' when 'case_asked' then 'case_asked' when 'explained' then 'explained'
	else case f.class when 'known_timing' then 'timing' else 'open' end end`

// Runs lists runs, newest first.
func (s *Service) Runs(ctx context.Context, by access.Actor, f Filter) (billing.Page[Row], error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return billing.Page[Row]{}, err
	}
	after, err := strconv.ParseInt(f.After, 10, 64)
	if err != nil {
		after = 0
	}
	limit := limitOf(f.Limit)
	rows, err := db.List[Row](ctx, s.db, `select g.*, e.code as entity, n.found, n.open from (select * from reconciliations
				where ($1::bigint = 0 or id < $1) and (cardinality($2::bigint[]) = 0 or entity_id = any ($2)) and (cardinality($3::bigint[]) = 0 or entity_id = any ($3))
				order by id desc limit $4) g join legal_entities e on e.id = g.entity_id
			cross join lateral (select count(*) as found, count(*) filter (where f.class <> 'known_timing'
				and not exists (select from reconciliation_resolutions r where r.finding_id = f.id)) as open from reconciliation_findings f where f.reconciliation_id = g.id) n
		order by g.id desc`, after, orNone(f.EntityIDs), orNone(by.EntityIDs), limit+1)
	if err != nil {
		return billing.Page[Row]{}, fmt.Errorf("list reconciliations: %w", err)
	}
	if len(rows) <= limit {
		return billing.Page[Row]{Rows: rows}, nil
	}
	return billing.Page[Row]{Rows: rows[:limit], Next: strconv.FormatInt(int64(rows[limit-1].ID), 10)}, nil
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Count is how many findings of a class stand how.
type Count struct {
	Class      reconcile.Class
	Resolution Resolution
	Count      int
}

// Counts counts the findings of a run.
func (s *Service) Counts(ctx context.Context, by access.Actor, id ID) ([]Count, error) {
	if _, err := s.Run(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := db.List[Count](ctx, s.db, `select f.class, `+resolution+` as resolution, count(*) as count from reconciliation_findings f`+resolved+`
		where f.reconciliation_id = $1 group by 1, 2 order by 1, 2`, id)
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	return list, nil
}

// Unexplained is how many findings nobody has explained or made a case of.
func Unexplained(counts []Count) int {
	n := 0
	for _, c := range counts {
		if c.Resolution == Open {
			n += c.Count
		}
	}
	return n
}

// Proofs reads the roll-forward of a run, by currency.
func (s *Service) Proofs(ctx context.Context, by access.Actor, id ID) ([]Proof, error) {
	if _, err := s.Run(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := db.List[Proof](ctx, s.db, `select * from reconciliation_proofs where reconciliation_id = $1 order by currency`, id)
	if err != nil {
		return nil, fmt.Errorf("read proofs: %w", err)
	}
	return list, nil
}

// FindingFilter chooses findings of a run. After is the position of the last one seen, Query part of a number, an account or
// a customer's name.
type FindingFilter struct {
	Class      reconcile.Class
	Resolution Resolution
	Query      string
	After      string
	Limit      int
}

const findingColumns = `f.*, ` + resolution + ` as resolution, coalesce(r.reason, '') as note, coalesce(r.case_number, '') as case_number,
	coalesce(r.by_name, '') as by_name, r.at as at`

// Findings lists the findings of a run in the order in which they were found.
func (s *Service) Findings(ctx context.Context, by access.Actor, id ID, f FindingFilter) (billing.Page[Finding], error) {
	if _, err := s.Run(ctx, by, id); err != nil {
		return billing.Page[Finding]{}, err
	}
	after, err := strconv.ParseInt(f.After, 10, 64)
	if err != nil {
		after = 0
	}
	limit := limitOf(f.Limit)
	rows, err := db.List[Finding](ctx, s.db, `select `+findingColumns+` from reconciliation_findings f`+resolved+`
		where f.reconciliation_id = $1 and f.position > $2 and ($3 = '' or f.class = $3) and ($4 = '' or `+resolution+` = $4)
			and ($5 = '' or f.number ilike $5 or f.account ilike $5 or f.customer_name ilike $5) order by f.position limit $6`,
		id, after, string(f.Class), string(f.Resolution), pattern(f.Query), limit+1)
	if err != nil {
		return billing.Page[Finding]{}, fmt.Errorf("list findings: %w", err)
	}
	if len(rows) <= limit {
		return billing.Page[Finding]{Rows: rows}, nil
	}
	return billing.Page[Finding]{Rows: rows[:limit], Next: strconv.FormatInt(rows[limit-1].Position, 10)}, nil
}

// pattern is "somewhere in it, in any case"; nothing for an empty text.
func pattern(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// FindingTx reads a finding, inside a transaction or outside.
func (s *Service) FindingTx(ctx context.Context, r db.Reader, id FindingID) (Finding, error) {
	f, err := db.One[Finding](ctx, r, `select `+findingColumns+` from reconciliation_findings f`+resolved+` where f.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return f, ErrNoFinding
	}
	if err != nil {
		return f, fmt.Errorf("read finding: %w", err)
	}
	return f, nil
}
