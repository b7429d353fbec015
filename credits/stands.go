package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// unheld is a signature by somebody who had no authority for it.
type unheld struct {
	CreditRequestID ID
	Name            string
	Level           string
}

// unheldQuery finds what was signed, of requests $1, by the right of somebody who did not hold the step's level at that moment, or through
// a delegation that was not there. At $2, when it is given, they must hold it then, and be there with the step's role.
const unheldQuery = `select d.credit_request_id, u.name, s.level_name as level
	from credit_decisions d join credit_requests r on r.id = d.credit_request_id and r.content_version = d.content_version
		join credit_steps s on s.id = d.step_id join users u on u.id = coalesce(d.on_behalf_of, d.user_id)
	where d.credit_request_id = any ($1) and d.decision = 'approve' and (
		s.level_id is not null and not exists (select from authority_held h where h.level_id = s.level_id and h.user_id = u.id
			and h.valid_from <= coalesce($2, d.decided_at) and h.valid_until > coalesce($2, d.decided_at)
			and holding_covers(h.entity_ids, h.regions, h.team_ids, r.entity_id, (select f.facts from credit_request_facts f where f.credit_request_id = r.id)))
		or d.on_behalf_of is not null and not exists (select from delegations g where g.from_id = d.on_behalf_of and g.to_id = d.user_id
			and g.from_at <= d.decided_at and g.until_at > d.decided_at and (g.revoked_at is null or g.revoked_at > d.decided_at))
		or $2::timestamptz is not null and (not u.active or s.level_id is null and not s.role = any (u.roles)))
	order by d.id`

// stands refuses to post what was approved longer ago than the policy lets a request wait, or was signed by somebody who had no authority
// for it at that moment.
func (r Request) stands(unproven []unheld, now time.Time) error {
	if r.lapsed(now) {
		return errs.New(ErrApprovalLapsed.Kind, ErrApprovalLapsed.Key, "number", r.Number, "day", r.ApprovedAt.UTC().Format(time.DateOnly))
	}
	for _, u := range unproven {
		if u.CreditRequestID == r.ID {
			return errs.New(ErrNotHeld.Kind, ErrNotHeld.Key, "name", u.Name, "level", u.Level)
		}
	}
	return nil
}

// lapsed tells whether an approval is older than a request may wait from its submission.
func (r Request) lapsed(now time.Time) bool {
	if r.ApprovedAt == nil || r.ExpiresAt == nil || r.SubmittedAt == nil {
		return false
	}
	return !r.ApprovedAt.Add(r.ExpiresAt.Sub(*r.SubmittedAt)).After(now)
}

// stillStandsTx is stands for a request that failed and is to be posted again: whoever signed holds their level, and has their role, still,
// and so does who passed it within their own limit; their levels still decide as much; and what it rests on is what it was.
func (s *Service) stillStandsTx(ctx context.Context, tx *db.Tx, req Request) error {
	list, err := db.List[unheld](ctx, tx, unheldQuery, []ID{req.ID}, tx.Now())
	if err != nil {
		return fmt.Errorf("look who signed: %w", err)
	}
	gone, err := db.Value[[]moved](ctx, tx, `select `+movedOf+` from credit_requests r where r.id = $1`, req.ID)
	if err != nil {
		return fmt.Errorf("look what the approval rests on: %w", err)
	}
	err = firstOf(func() error { return req.stands(list, tx.Now()) }, func() error { return stillRest(gone) }, func() error { return s.sheetsStandTx(ctx, tx, req) })
	if err != nil {
		return err
	}
	ro, err := s.readRoster(ctx, tx, req.ID)
	if err != nil {
		return err
	}
	if req.OwnLimit {
		return ro.stillOwn(req, tx.Now())
	}
	steps, err := currentSteps(ctx, tx, req)
	if err != nil {
		return err
	}
	return ro.stillReach(req, steps, tx.Now())
}

// stillOwn refuses what is within its requester's own limit no more. Who adds a computation does not sign it, but posts of their own as they did.
func (ro roster) stillOwn(req Request, now time.Time) error {
	stored := ro.factsOf(req)
	asked := stored.asked(req.RequesterID, int64(req.EntityID), req.WindowAmount)
	asked.BarredIDs = slices.DeleteFunc(slices.Clone(asked.BarredIDs), func(id int64) bool { return id == req.RequesterID })
	drawn, err := ro.chain(stored.PolicyVersion, stored.Facts, asked, now)
	if err != nil {
		return err
	}
	if !drawn.OwnLimit {
		return errs.New(ErrOwnLimitGone.Kind, ErrOwnLimitGone.Key, "number", req.Number)
	}
	return nil
}

// stillReach refuses what the levels that signed decide no more: their limits were lowered since, or more of their holders have to sign.
func (ro roster) stillReach(req Request, steps []Step, now time.Time) error {
	stored, asked := ro.redrawn(req, steps)
	short := slices.ContainsFunc(steps, func(step Step) bool {
		at := slices.IndexFunc(ro.levels, func(l Level) bool { return l.ID == step.LevelID })
		signed := 0
		for _, d := range step.Decisions {
			if d.Decision == Approve {
				signed++
			}
		}
		return step.State == StepApproved && at >= 0 && ro.levels[at].Signatures > signed
	})
	leveled := slices.ContainsFunc(steps, func(step Step) bool { return step.State == StepApproved && step.LevelID > 0 })
	if short || leveled && !ro.reaches(stored, asked, steps, now) {
		return errs.New(ErrLevelsLowered.Kind, ErrLevelsLowered.Key, "number", req.Number)
	}
	return nil
}
