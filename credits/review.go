package credits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReviewVerdict is what somebody thinks of a request that was drawn into the sample; "" while nobody has looked.
type ReviewVerdict string

// The verdicts.
const (
	Fine    ReviewVerdict = "fine"
	NotFine ReviewVerdict = "not_fine"
)

// Finding is what was not fine.
type Finding string

// The findings.
const (
	NoGround       Finding = "no_ground"       // nothing was owed
	WrongAmount    Finding = "wrong_amount"    // too much, or to the wrong line
	WrongReason    Finding = "wrong_reason"    // right, under a wrong kind or reason
	NoEvidence     Finding = "no_evidence"     // nothing shows that it is right
	SplitToStay    Finding = "split_to_stay"   // cut into parts to stay within the limit
	OwnAccount     Finding = "own_account"     // to an account the requester has a stake in
	AnotherFinding Finding = "another_finding" // the note says which
)

// Findings are all of them.
func Findings() []Finding {
	return []Finding{NoGround, WrongAmount, WrongReason, NoEvidence, SplitToStay, OwnAccount, AnotherFinding}
}

// Sample is a request that was drawn, and what somebody said to it.
type Sample struct {
	Row

	Month         time.Time // of the seed it was drawn with
	Percent       int
	PolicyVersion int
	Draw          int // of policy.Draws
	RequesterRank int
	DrawnAt       time.Time
	Verdict       ReviewVerdict
	Finding       Finding
	Note          string
	ReviewedBy    *int64
	ReviewerName  string
	ReviewedAt    *time.Time
	MayReview     bool // the reader, now
}

// What keeps somebody from a review.
var (
	ErrNoSample     = errs.New(errs.NotFound, "credits.no_sample")
	ErrOwnReview    = errs.New(errs.Forbidden, "credits.own_review")
	ErrNotHigher    = errs.New(errs.Forbidden, "credits.review_not_higher")
	ErrReviewedOnce = errs.New(errs.Conflict, "credits.reviewed_once")
)

// mayReview tells of a draw d whether $1 may look at it at $2: of a higher level than its requester, or at the top, where there is
// no higher one, of the same; and never the requester.
const mayReview = `d.requester_id <> $1 and exists (select from authority_held h join authority_levels l on l.id = h.level_id
		where h.user_id = $1 and h.valid_from <= $2 and h.valid_until > $2
			and holding_covers(h.entity_ids, h.regions, h.team_ids, d.entity_id, (select f.facts from credit_request_facts f where f.credit_request_id = d.credit_request_id))
			and (l.rank > d.requester_rank or l.rank = d.requester_rank and l.rank = (select max(rank) from authority_levels)))`

const sampleRows = `select ` + rowColumns + `, d.month, d.percent, d.policy_version, d.draw, d.requester_rank, d.drawn_at, d.verdict, d.finding, d.note, d.reviewed_by,
		coalesce(looked.name, '') as reviewer_name, d.reviewed_at, (` + mayReview + `) as may_review
	from own_limit_draws d join credit_requests r on r.id = d.credit_request_id` + rowJoins + ` left join users looked on looked.id = d.reviewed_by
	where d.sampled and (cardinality($3::bigint[]) = 0 or d.entity_id = any ($3))`

// Samples lists what was drawn: what waits for a review, the oldest first, or what was reviewed, the latest first.
func (s *Service) Samples(ctx context.Context, by access.Actor, reviewed bool, after string, limit int) (Page[Sample], error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return Page[Sample]{}, err
	}
	limit = limitOf(limit)
	from := readPlace(after)
	tail := ` and d.verdict = '' and (d.drawn_at, d.credit_request_id) > ($4, $5) order by d.drawn_at, d.credit_request_id`
	if reviewed {
		tail = ` and d.reviewed_at is not null and ($5::bigint = 0 or (d.reviewed_at, d.credit_request_id) < ($4, $5)) order by d.reviewed_at desc, d.credit_request_id desc`
	}
	list, err := db.List[Sample](ctx, s.db, sampleRows+tail+` limit `+strconv.Itoa(limit+1), by.UserID, s.db.Now(), orNone(by.EntityIDs), from.at, from.id)
	if err != nil {
		return Page[Sample]{}, fmt.Errorf("list samples: %w", err)
	}
	if len(list) <= limit {
		return Page[Sample]{Rows: list}, nil
	}
	last := list[limit-1]
	at := last.DrawnAt
	if reviewed {
		at = *last.ReviewedAt
	}
	return Page[Sample]{Rows: list[:limit], Next: place{at: at, id: int64(last.ID)}.String()}, nil
}

// Sample reads what was drawn; ErrNoSample for what was not, is not there or is out of scope.
func (s *Service) Sample(ctx context.Context, id ID, by access.Actor) (Sample, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return Sample{}, err
	}
	return sample(ctx, s.db, id, by)
}

func sample(ctx context.Context, r db.Reader, id ID, by access.Actor) (Sample, error) {
	found, err := db.One[Sample](ctx, r, sampleRows+` and d.credit_request_id = $4`, by.UserID, r.Now(), orNone(by.EntityIDs), id)
	if errors.Is(err, db.ErrNoRow) {
		return found, ErrNoSample
	}
	if err != nil {
		return found, fmt.Errorf("read sample: %w", err)
	}
	return found, nil
}

// ReviewInput says what somebody thinks of a sample. What is not fine needs a finding and a note.
type ReviewInput struct {
	By      access.Actor
	ID      ID
	Verdict ReviewVerdict
	Finding Finding
	Note    string
}

func (in ReviewInput) check() error {
	switch {
	case in.Verdict != Fine && in.Verdict != NotFine:
		return errs.InvalidField("verdict", "credits.unknown_verdict")
	case in.Verdict == Fine && in.Finding != "":
		return errs.InvalidField("finding", "credits.fine_has_no_finding")
	case in.Verdict == NotFine && !slices.Contains(Findings(), in.Finding):
		return errs.InvalidField("finding", "credits.unknown_finding")
	case in.Verdict == NotFine && trimmed(in.Note) == "":
		return errs.InvalidField("note", "credits.finding_needs_note")
	}
	return nil
}

// Review writes down, once, what somebody of a higher level found looking at a sample. It changes nothing of the request: what was
// wrong is taken back by a request of its own. The requester is told of a finding.
func (s *Service) Review(ctx context.Context, in ReviewInput) (Sample, error) {
	if err := access.Can(in.By, access.Review, access.Object{}); err != nil {
		return Sample{}, err
	}
	if err := in.check(); err != nil {
		return Sample{}, err
	}
	var out Sample
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select from own_limit_draws where credit_request_id = $1 for update`, in.ID); err != nil {
			return fmt.Errorf("lock draw: %w", err)
		}
		found, err := sample(ctx, tx, in.ID, in.By)
		if err != nil {
			return err
		}
		switch {
		case found.RequesterID == in.By.UserID:
			return ErrOwnReview
		case found.Verdict != "":
			return errs.New(ErrReviewedOnce.Kind, ErrReviewedOnce.Key, "number", found.Number, "name", found.ReviewerName)
		case !found.MayReview:
			return ErrNotHigher
		}
		if _, err := tx.Exec(ctx, `update own_limit_draws set verdict = $2, finding = $3, note = $4, reviewed_by = $5, reviewed_at = $6 where credit_request_id = $1`,
			in.ID, in.Verdict, in.Finding, trimmed(in.Note), in.By.UserID, tx.Now()); err != nil {
			return fmt.Errorf("write review: %w", err)
		}
		if out, err = sample(ctx, tx, in.ID, in.By); err != nil {
			return err
		}
		return s.reviewedTx(ctx, tx, out, in.By)
	})
	return out, err
}

func (s *Service) reviewedTx(ctx context.Context, tx *db.Tx, reviewed Sample, by access.Actor) error {
	tx.Publish(reviewed.topics()...)
	if reviewed.Verdict == NotFine {
		if err := s.tellTx(ctx, tx, reviewed.Request, "notice.own_limit_finding", reviewed.RequesterID); err != nil {
			return err
		}
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: reviewed.stream(), By: by, What: "own_limit.reviewed", Data: map[string]any{
		"request": reviewed.ID, "number": reviewed.Number, "verdict": reviewed.Verdict, "finding": reviewed.Finding, "note": reviewed.Note,
	}})
}
