package reports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/evidence"
)

// Package asks for the audit package of a legal entity's books over some days, both included. Samples are chosen by Seed, so
// that an auditor who names the seed knows that nobody chose for them.
type Package struct {
	By      access.Actor
	Entity  string // code
	From    time.Time
	To      time.Time
	Seed    string
	Samples int // 0 means 25
}

const (
	usualSamples  = 25
	samplesAtMost = 500
	packageDays   = 366
)

// ErrBadPackage is returned for days that do not follow one another or are more than a year, or too many samples.
var ErrBadPackage = errs.New(errs.Invalid, "reports.bad_package")

// PackageMaker makes audit packages.
type PackageMaker struct {
	*Evidence

	billing *billing.Service
}

// Packages makes the maker; billing keeps the trail of the books.
func (s *Service) Packages(e *Evidence, b *billing.Service) *PackageMaker {
	return &PackageMaker{Evidence: e, billing: b}
}

func (p *Package) check() error {
	if p.Samples == 0 {
		p.Samples = usualSamples
	}
	switch {
	case p.From.IsZero() || p.To.Before(p.From) || p.To.Sub(p.From) >= packageDays*24*time.Hour:
		return errs.InvalidField("to", ErrBadPackage.Key)
	case p.Samples < 0 || p.Samples > samplesAtMost:
		return errs.InvalidField("samples", ErrBadPackage.Key)
	}
	return nil
}

// The first moment of the days, and the moment after them, where the legal entity $1 is: its books are kept by its own calendar.
const (
	firstMoment = `(select $2::date::timestamp at time zone e.time_zone from legal_entities e where e.id = $1)`
	momentAfter = `(select ($3::date + 1)::timestamp at time zone e.time_zone from legal_entities e where e.id = $1)`
)

// requestsOf are the credit requests that became a document of the entity $1 booked from $2 to $3.
const requestsOf = `select j.credit_request_id from journal_entries j where j.entity_id = $1 and j.booked_on between $2 and $3 and j.credit_request_id is not null`

func packageParts() []part {
	const entries = `from journal_entries j where j.entity_id = $1 and j.booked_on between $2 and $3`
	return []part{
		{"entity.json", `select to_jsonb(e) || jsonb_build_object('from', $2::date, 'to', $3::date, 'periods', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from periods p where p.entity_id = e.id)) from legal_entities e where e.id = $1`},
		{"journal.json", `select coalesce(jsonb_agg(to_jsonb(j) || jsonb_build_object('postings', (select jsonb_agg(to_jsonb(p) order by p.id) from postings p where p.entry_id = j.id)) order by j.id), '[]') ` + entries},
		{"balances.json", `select coalesce(jsonb_agg(to_jsonb(b) order by b.account), '[]') from (select p.account,
				coalesce(sum(p.base_amount) filter (where j.booked_on < $2), 0) as opening, coalesce(sum(p.base_amount) filter (where j.booked_on >= $2 and p.base_amount > 0), 0) as debit,
				coalesce(sum(p.base_amount) filter (where j.booked_on >= $2 and p.base_amount < 0), 0) as credit, sum(p.base_amount) as closing
				from postings p join journal_entries j on j.id = p.entry_id where j.entity_id = $1 and j.booked_on <= $3 group by 1) b`},
		{"documents.json", `select coalesce(jsonb_agg(to_jsonb(d) order by d.kind, d.number), '[]') from (select distinct j.document_kind as kind, j.document_id as id, j.document_number as number,
				j.dated_on, j.booked_on, j.customer_id, j.currency, j.case_id, j.credit_request_id ` + entries + `) d`},
		{"approvals.json", `select coalesce(jsonb_agg(` + approvalJSON + ` order by r.id), '[]') from credit_requests r where r.id in (` + requestsOf + `)`},
		{"levels-and-policies.json", `select jsonb_build_object('levels', (select coalesce(jsonb_agg(to_jsonb(v) || jsonb_build_object('name', l.name, 'rank', l.rank) order by l.rank, v.version), '[]')
					from authority_level_versions v join authority_levels l on l.id = v.level_id where v.valid_from < ` + momentAfter + ` and v.valid_until > ` + firstMoment + `),
				'policies', (select coalesce(jsonb_agg(to_jsonb(y) order by y.version), '[]') from authority_policies y where y.valid_from < ` + momentAfter + ` and y.valid_until > ` + firstMoment + `),
				'changes', (select coalesce(jsonb_agg(to_jsonb(c) order by c.id), '[]') from authority_changes c where c.effective_at < ` + momentAfter + ` and c.effective_at >= ` + firstMoment + `),
				'entity', $1::bigint)`},
		{"heads.json", `select coalesce(jsonb_agg(jsonb_build_object('stream', h.stream, 'seq', h.seq, 'hash', encode(h.hash, 'hex')) order by h.stream), '[]') from audit_heads h
				where h.stream = 'admin' or h.stream = 'books:' || $1::bigint or h.stream in (select 'case:' || j.case_id ` + entries + ` and j.case_id is not null)`},
	}
}

// Package makes the audit package, for somebody who may read the audit trail, and records that they took it. It holds the
// documents, journal and balances of the days, every approval with policy and level as they were, the books' chain, the heads of the
// chains concerned, and samples: adjustments with their papers and the whole chains of their cases.
func (m *PackageMaker) Package(ctx context.Context, in Package) (evidence.Sealed, error) {
	none := evidence.Sealed{}
	if err := access.Can(in.By, access.ReadAudit, access.Object{}); err != nil {
		return none, err
	}
	if err := in.check(); err != nil {
		return none, err
	}
	id, err := db.Value[billing.EntityID](ctx, m.db, `select id from legal_entities where code = $1`, in.Entity)
	if errors.Is(err, db.ErrNoRow) || err == nil && !in.By.SeesEntity(int64(id)) {
		return none, errs.New(ErrNoEntity.Kind, ErrNoEntity.Key, "entity", in.Entity)
	}
	if err != nil {
		return none, fmt.Errorf("find legal entity: %w", err)
	}
	var sealed evidence.Sealed
	err = m.db.Snapshot(ctx, func(r db.Reader) error {
		var err error
		sealed, err = m.fill(ctx, r, id, in)
		return err
	})
	if err != nil {
		return none, err
	}
	return sealed, m.billing.RecordExport(ctx, in.By, id, in.subject(), sealed.SHA256)
}

func (p Package) subject() string {
	return "books " + p.Entity + " " + p.From.Format(time.DateOnly) + " to " + p.To.Format(time.DateOnly)
}

func (m *PackageMaker) fill(ctx context.Context, r db.Reader, id billing.EntityID, in Package) (evidence.Sealed, error) {
	none := evidence.Sealed{}
	b := evidence.New(in.subject(), in.By.Name, r.Now())
	for _, p := range packageParts() {
		if err := p.add(ctx, r, b, id, in.From, in.To); err != nil {
			return none, err
		}
	}
	if err := m.booksChain(ctx, r, b, id, in); err != nil {
		return none, err
	}
	if err := m.samples(ctx, r, b, id, in); err != nil {
		return none, err
	}
	return b.Seal()
}

// booksChain adds the trail of the books from the first row of the days on, to its present end.
func (m *PackageMaker) booksChain(ctx context.Context, r db.Reader, b *evidence.Bundle, id billing.EntityID, in Package) error {
	stream := audit.Books(int64(id))
	first, err := db.Value[int64](ctx, r, `select coalesce(min(seq), (select coalesce(max(seq), 0) + 1 from audit_log where stream = $3))
		from audit_log where stream = $3 and at >= `+firstMoment, id, in.From, string(stream))
	if err != nil {
		return fmt.Errorf("find the first row: %w", err)
	}
	links, err := audit.Links(ctx, r, stream, first)
	if err != nil {
		return err
	}
	return b.AddChain("chains/books.json", links)
}

// sample is an adjustment that may be chosen.
type sample struct {
	Kind   string `json:"kind"`
	ID     int64  `json:"id"`
	Number string `json:"number"`
	CaseID *int64 `json:"case_id"`
	Rank   string `json:"sha256_of_seed_and_number"`
}

// samples chooses adjustments by the SHA-256 of seed, a line feed and number, the lowest first, and adds their papers and chains.
func (m *PackageMaker) samples(ctx context.Context, r db.Reader, b *evidence.Bundle, id billing.EntityID, in Package) error {
	all, err := db.List[sample](ctx, r, `select distinct j.document_kind as kind, j.document_id as id, j.document_number as number, j.case_id
		from journal_entries j where j.entity_id = $1 and j.booked_on between $2 and $3 and j.credit_request_id is not null and j.document_kind <> 'allocation'`, id, in.From, in.To)
	if err != nil {
		return fmt.Errorf("list adjustments: %w", err)
	}
	for i := range all {
		sum := sha256.Sum256([]byte(in.Seed + "\n" + all[i].Number))
		all[i].Rank = hex.EncodeToString(sum[:])
	}
	slices.SortFunc(all, func(x, y sample) int { return bytes.Compare([]byte(x.Rank), []byte(y.Rank)) })
	chosen := all[:min(in.Samples, len(all))]
	if chosen == nil {
		chosen = []sample{}
	}
	err = b.AddJSON("samples.json", map[string]any{
		"seed": in.Seed, "of": len(all), "rule": "those adjustments whose SHA-256 of the seed, a line feed and the number comes first", "chosen": chosen,
	})
	if err != nil {
		return err
	}
	kinds, ids := make([]string, len(chosen)), make([]int64, len(chosen))
	for i, s := range chosen {
		kinds[i], ids[i] = s.Kind, s.ID
	}
	if err := m.documents(ctx, r, b, `(d.document_kind, d.document_id) in (select * from unnest($1::text[], $2::bigint[]))`, kinds, ids); err != nil {
		return err
	}
	for _, s := range chosen {
		if s.CaseID == nil {
			continue
		}
		links, err := audit.Links(ctx, r, audit.Case(*s.CaseID), 1)
		if err == nil {
			err = b.AddChainOnce(fmt.Sprintf("chains/case-%d.json", *s.CaseID), links)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
