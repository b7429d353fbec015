package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// LinkKind is what a case is to another.
type LinkKind string

// The kinds of link. DuplicatedBy is how DuplicateOf reads from the other case; the others read alike from both.
const (
	Related      LinkKind = "related"
	DuplicateOf  LinkKind = "duplicate_of"
	DuplicatedBy LinkKind = "duplicated_by"
	SameCause    LinkKind = "same_cause" // of the same root cause
)

// LinkKinds are those one can say.
func LinkKinds() []LinkKind { return []LinkKind{Related, DuplicateOf, SameCause} }

// seenFromThere is how the link reads from the other case.
func (k LinkKind) seenFromThere() LinkKind {
	if k == DuplicateOf {
		return DuplicatedBy
	}
	return k
}

// mostLinks is how many links one case has at most.
const mostLinks = 50

// LinkCaseInput says what a case is to another. Kind is not asked for when a link ends.
type LinkCaseInput struct {
	On
	Other ID
	Kind  LinkKind
}

// LinkedCase is a case at the other end of a link, Kind as it reads from this one.
type LinkedCase struct {
	CaseID  ID
	Number  string
	Subject string
	Status  Status
	Kind    LinkKind
	At      time.Time
}

// LinksQuery reads the links of the case $1 to cases of the legal entities $2, of all when it is empty, the oldest first.
const LinksQuery = `select c.id as case_id, c.number, c.subject, c.status, l.kind, l.at from (
		select other_id as id, kind, at from case_links where case_id = $1
		union all select case_id, case kind when 'duplicate_of' then 'duplicated_by' else kind end, at from case_links where other_id = $1) l
	join cases c on c.id = l.id where cardinality($2::bigint[]) = 0 or c.entity_id is null or c.entity_id = any ($2) order by l.at, c.id`

// Links reads what a case is linked to, as far as the actor may see it. The caller has asked for the case.
func (s *Service) Links(ctx context.Context, r db.Reader, id ID, by access.Actor) ([]LinkedCase, error) {
	return db.List[LinkedCase](ctx, r, LinksQuery, id, by.SeenEntities())
}

// LinkCase ties a case to another that the actor may work on, and shows on both. Two cases have one link; saying another kind changes
// it. Nothing else becomes of either case: who wants one conversation joins them.
func (s *Service) LinkCase(ctx context.Context, in LinkCaseInput) (Case, error) {
	return s.tie(ctx, in, func(w, other *work) error {
		if !slices.Contains(LinkKinds(), in.Kind) {
			return errs.InvalidField("kind", "case.unknown_link")
		}
		if err := w.untie(ctx, other.c.ID); err != nil {
			return err
		}
		n, err := db.Value[int](ctx, w.tx, `select count(*) from case_links where case_id = any ($1) or other_id = any ($1)`, []ID{w.c.ID, other.c.ID})
		if err != nil {
			return fmt.Errorf("count links: %w", err)
		}
		if n >= mostLinks {
			return errs.InvalidField("other", "case.many_links")
		}
		if _, err := w.tx.Exec(ctx, `insert into case_links (case_id, other_id, kind, at) values ($1, $2, $3, $4)`, w.c.ID, other.c.ID, in.Kind, w.tx.Now()); err != nil {
			return fmt.Errorf("link cases: %w", err)
		}
		w.note("case.linked", map[string]any{"case": other.c.ID, "number": other.c.Number, "kind": in.Kind})
		other.note("case.linked", map[string]any{"case": w.c.ID, "number": w.c.Number, "kind": in.Kind.seenFromThere()})
		return nil
	})
}

// UnlinkCase ends a link, from either of its ends.
func (s *Service) UnlinkCase(ctx context.Context, in LinkCaseInput) (Case, error) {
	return s.tie(ctx, in, func(w, other *work) error {
		if err := w.untie(ctx, other.c.ID); err != nil {
			return err
		}
		w.note("case.unlinked", map[string]any{"case": other.c.ID, "number": other.c.Number})
		other.note("case.unlinked", map[string]any{"case": w.c.ID, "number": w.c.Number})
		return nil
	})
}

// tie is a change of what lies between two cases. Neither becomes another by it, so that nobody's form goes stale.
func (s *Service) tie(ctx context.Context, in LinkCaseInput, verb func(w, other *work) error) (Case, error) {
	return s.command(ctx, in.On, false, func(w *work) error {
		if in.ID == in.Other {
			return errs.InvalidField("other", "case.link_to_itself")
		}
		other, err := s.beginTx(ctx, w.tx, in.Other, in.By)
		if err != nil {
			return err
		}
		if access.Can(in.By, access.WorkCases, access.Object{EntityID: other.c.entity()}) != nil {
			return ErrNoCase
		}
		w.quiet, other.quiet = true, true
		if err := verb(w, other); err != nil {
			return err
		}
		return s.finishTx(ctx, other)
	})
}

// untie removes the link between two cases, whichever of them it was made from.
func (w *work) untie(ctx context.Context, other ID) error {
	_, err := w.tx.Exec(ctx, `delete from case_links where case_id = $1 and other_id = $2 or case_id = $2 and other_id = $1`, w.c.ID, other)
	if err != nil {
		return fmt.Errorf("unlink cases: %w", err)
	}
	return nil
}
