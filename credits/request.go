package credits

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Request reads a request with its lines, taxes, steps, candidates, decisions and evidence; ErrNoRequest when there is
// none, and the same as for what is out of scope.
func (s *Service) Request(ctx context.Context, r db.Reader, id ID, by access.Actor) (Detail, error) {
	return detail(ctx, r, by, `where r.id = $1`, id)
}

// RequestByNumber is Request by number ("CR-000123").
func (s *Service) RequestByNumber(ctx context.Context, r db.Reader, number string, by access.Actor) (Detail, error) {
	return detail(ctx, r, by, `where r.number = $1`, strings.ToUpper(trimmed(number)))
}

func detail(ctx context.Context, r db.Reader, by access.Actor, where string, arg any) (Detail, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return Detail{}, err
	}
	list, err := rows(ctx, r, where, arg)
	if err != nil {
		return Detail{}, err
	}
	if len(list) == 0 {
		return Detail{}, ErrNoRequest
	}
	d := Detail{Row: list[0]}
	if access.Can(by, access.ReadCredits, access.Object{EntityID: int64(d.EntityID)}) != nil {
		return Detail{}, ErrNoRequest
	}
	if d.Lines, err = linesOf(ctx, r, d.ID); err != nil {
		return d, err
	}
	if d.Taxes, err = taxesOf(ctx, r, d.ID); err != nil {
		return d, err
	}
	if d.Steps, err = stepsOf(ctx, r, d.ID); err != nil {
		return d, err
	}
	if d.Evidence, err = evidenceOf(ctx, r, d.ID); err != nil {
		return d, err
	}
	if err := markLater(ctx, r, &d); err != nil {
		return d, err
	}
	if d.Raised, err = raisedOf(ctx, r, d.Request); err != nil {
		return d, err
	}
	for i, w := range d.Raised {
		d.Raised[i].Warning = w.seenBy(by)
	}
	if d.Questions, err = questionsOf(ctx, r, d.ID); err != nil {
		return d, err
	}
	d.Earlier, err = earlierOf(ctx, r, d.Request)
	return d, err
}

// markLater tells of evidence which came when the request, as it is now, had been submitted.
func markLater(ctx context.Context, r db.Reader, d *Detail) error {
	seals, err := db.List[seal](ctx, r, sealsQuery, []ID{d.ID})
	if err != nil {
		return fmt.Errorf("read seal: %w", err)
	}
	for i := range d.Evidence {
		d.Evidence[i].Later = len(seals) == 1 && seals[0].Seal != nil && !slices.Contains(seals[0].EvidenceIDs, d.Evidence[i].ID)
	}
	return nil
}

func evidenceOf(ctx context.Context, r db.Reader, id ID) ([]Evidence, error) {
	list, err := db.List[Evidence](ctx, r, `select e.*, u.name as added_by_name from credit_request_evidence e
		join users u on u.id = e.added_by where e.credit_request_id = $1 order by e.id`, id)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return list, nil
}
