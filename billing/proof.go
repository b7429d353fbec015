package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Proof is what was proven of the books at a moment: that numbers have no gaps, that the chain of events holds, and that
// ledger, documents and allocations say the same. It is whole from the first entry on, or covers what came after the last
// proof that held.
type Proof struct {
	ID          int64
	StartedAt   time.Time
	EndedAt     time.Time
	Whole       bool
	OK          bool
	ProvenEntry int64
	ProvenEvent int64
	Points      []ProofPoint `gorm:"serializer:json"`
	AskedBy     int64        // 0 when it was the daily one
	AskedByName string
}

// Faults counts the rows that cannot be right; of each check at most a hundred are looked for.
func (p Proof) Faults() int {
	n := 0
	for _, point := range p.Points {
		n += point.Faults
	}
	return n
}

// First is the first fault in words, "" when there is none.
func (p Proof) First() string {
	for _, point := range p.Points {
		if point.Faults > 0 {
			return point.First
		}
	}
	return ""
}

// ProofPoint is one thing that was proven.
type ProofPoint struct {
	Name   string `json:"name"`
	Faults int    `json:"faults"`
	First  string `json:"first,omitempty"` // the first row that breaks it, and how
	Rows   int64  `json:"rows,omitempty"`  // of the chain: events looked at
}

// ChainPoint is the name of the point that stands for the chain of events; the others are named as the checks of Verify.
const ChainPoint = "audit_chain"

// everyWhole is how old the last whole proof may be before a daily one starts from the first entry again.
const everyWhole = 7 * 24 * time.Hour

// settling is how long a transaction may take from its moment to its commit: what is younger is proven again next time.
const settling = time.Hour

// Examine proves the books as they stand at one moment, whole or from the last proof that held, and stores nothing.
func (s *Service) Examine(ctx context.Context, whole bool) (Proof, error) {
	var p Proof
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		// One snapshot for all checks, so that what is posted meanwhile is in all of them or in none.
		if _, err := tx.Exec(ctx, `set transaction isolation level repeatable read`); err != nil {
			return err
		}
		// Each check is one statement over all there is; the job and the person who asked bound the whole.
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		var err error
		p, err = examine(ctx, tx, s, whole)
		return err
	})
	p.EndedAt = s.db.Now()
	return p, err
}

func examine(ctx context.Context, tx *db.Tx, s *Service, whole bool) (Proof, error) {
	p := Proof{StartedAt: tx.Now(), Whole: true, OK: true}
	var from since
	var event int64
	if !whole {
		last, err := lastProof(ctx, tx)
		if err != nil {
			return p, err
		}
		from.entry, event = last.ProvenEntry, last.ProvenEvent
		p.Whole = from.entry == 0
	}
	settled := tx.Now().Add(-settling)
	var err error
	if p.ProvenEntry, err = provenUpTo(ctx, tx, "journal_entries", "posted_at", settled); err != nil {
		return p, err
	}
	if p.ProvenEvent, err = provenUpTo(ctx, tx, "audit_log", "at", settled); err != nil {
		return p, err
	}
	chain, err := audit.VerifyAfter(ctx, tx, event)
	if err != nil {
		return p, fmt.Errorf("prove chain: %w", err)
	}
	point := ProofPoint{Name: ChainPoint, Rows: chain.Rows}
	if b := chain.Broken; b != nil {
		point.Faults, point.First = 1, fmt.Sprintf("stream %s, row %d: %s", b.Stream, b.Seq, b.Why)
	}
	p.Points = append(p.Points, point)
	faults, err := s.faults(ctx, tx, from)
	if err != nil {
		return p, err
	}
	p.Points = append(p.Points, pointsOf(checks(from), faults)...)
	p.OK = p.Faults() == 0
	return p, nil
}

// pointsOf counts faults by check, those that found nothing included.
func pointsOf(list []check, faults []Fault) []ProofPoint {
	var points []ProofPoint
	at := map[string]int{}
	put := func(name string) *ProofPoint {
		if _, ok := at[name]; !ok {
			at[name] = len(points)
			points = append(points, ProofPoint{Name: name})
		}
		return &points[at[name]]
	}
	for _, c := range list {
		put(c.name)
	}
	for _, f := range faults {
		point := put(f.Check)
		if point.Faults++; point.First == "" {
			point.First = f.Row + ": " + f.Detail
		}
	}
	return points
}

// provenUpTo is the last row of which all before it are committed: those old enough.
func provenUpTo(ctx context.Context, r db.Reader, table, column string, settled time.Time) (int64, error) {
	id, err := db.Value[int64](ctx, r, `select coalesce((select id from `+table+` where `+column+` <= $1 order by id desc limit 1), 0)`, settled)
	if err != nil {
		return 0, fmt.Errorf("find what is settled: %w", err)
	}
	return id, nil
}

// lastProof is the last proof that held, none when no whole one held lately.
func lastProof(ctx context.Context, r db.Reader) (Proof, error) {
	list, err := db.List[Proof](ctx, r, `select * from book_proofs where ok and started_at >= (select max(started_at) from book_proofs where ok and whole and started_at > $1)
		order by id desc limit 1`, r.Now().Add(-everyWhole))
	if err != nil {
		return Proof{}, fmt.Errorf("read last proof: %w", err)
	}
	if len(list) == 0 {
		return Proof{}, nil
	}
	return list[0], nil
}

// ProveBooks is the daily work: months that have ended are added up, then the books are proven.
type ProveBooks struct {
	Whole bool `json:"whole,omitempty"`
}

// Kind names the job.
func (ProveBooks) Kind() string { return "billing.prove_books" }

// Unique keeps one waiting at most.
func (ProveBooks) Unique() bool { return true }

// Takes is how long it may take: a whole proof reads everything that was ever posted.
func (ProveBooks) Takes() time.Duration { return 2 * time.Hour }

// proveBooks is worked once a day. A proof of the last hours is enough, whoever asked for it.
func (s *Service) proveBooks(ctx context.Context, in ProveBooks) error {
	if _, err := ledger.TakeMonths(ctx, s.db, Date(s.db.Now())); err != nil {
		return err
	}
	recent, err := db.Value[bool](ctx, s.db, `select exists (select from book_proofs where started_at > $1 and (whole or not $2))`,
		s.db.Now().Add(-daily/2), in.Whole)
	if err != nil || recent {
		return err
	}
	_, err = s.Prove(ctx, in.Whole, access.SystemActor("billing.prove"))
	return err
}

const daily = 24 * time.Hour

// BooksDoNotAgree tells of a proof that found something: cases tells the controllers.
type BooksDoNotAgree struct {
	ProofID int64  `json:"proof_id"`
	Point   string `json:"point"`
	First   string `json:"first"`
	Faults  int    `json:"faults"`
}

// Kind names the job.
func (BooksDoNotAgree) Kind() string { return "billing.books_do_not_agree" }

// Prove proves the books and keeps what it found; when something does not agree, the controllers are told. Only a
// controller may ask for it by hand; the program itself does so daily.
func (s *Service) Prove(ctx context.Context, whole bool, by Actor) (Proof, error) {
	if err := access.Can(by, access.ManagePeriods, access.Object{}); err != nil {
		return Proof{}, err
	}
	p, err := s.Examine(ctx, whole)
	if err != nil {
		return p, err
	}
	p.AskedBy, p.AskedByName = by.UserID, by.Name
	if by.Kind == access.System {
		p.AskedByName = ""
	}
	return p, s.db.Do(ctx, func(tx *db.Tx) error {
		p.ID, err = db.Value[int64](ctx, tx, `insert into book_proofs (started_at, ended_at, whole, ok, proven_entry, proven_event, points, asked_by, asked_by_name)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
			p.StartedAt, p.EndedAt, p.Whole, p.OK, p.ProvenEntry, p.ProvenEvent, p.Points, p.AskedBy, p.AskedByName)
		if err != nil || p.OK {
			return err
		}
		for _, point := range p.Points {
			if point.Faults > 0 {
				return tx.Enqueue(ctx, BooksDoNotAgree{ProofID: p.ID, Point: point.Name, First: point.First, Faults: p.Faults()})
			}
		}
		return nil
	})
}

// Proofs lists what was proven, the latest first, for whoever may read the books.
func (s *Service) Proofs(ctx context.Context, limit int, by Actor) ([]Proof, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Proof](ctx, s.db, `select * from book_proofs order by id desc limit $1`, limitOf(limit))
	if err != nil {
		return nil, fmt.Errorf("list proofs: %w", err)
	}
	return list, nil
}
