package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// MostAtOnce is how many requests can be approved with one confirmation.
const MostAtOnce = 50

// SeveralInput approves several small requests with one confirmation. Of each item ID and what the person saw count: Digest, with the
// StepID or the ContentVersion, because what a change of notes or of a refund's destination leaves as it was is the digest. Comment is
// said to each.
type SeveralInput struct {
	By      access.Actor
	Items   []DecideInput
	Comment string
}

// Outcome is what became of one of several: the request as it is now, or why it was not approved.
type Outcome struct {
	ID      ID
	Request Request // when it was approved
	Err     error   // else; one that people may read, or a fault of ours
}

// SeveralUpTo is the amount, in billing.AuthorityCurrency and tax included, up to which a person may approve requests several at once:
// that of the policy that binds them; zero is never.
func (s *Service) SeveralUpTo(ctx context.Context, r db.Reader, user int64) (decimal.Decimal, error) {
	ro := roster{rules: map[int]*policy.Compiled{}}
	var err error
	if ro.versions, err = policyVersions(ctx, r); err != nil {
		return decimal.Zero, err
	}
	for version := range ro.wanted(r.Now()) {
		if ro.rules[version], err = s.rulebook.open(ctx, r, version); err != nil {
			return decimal.Zero, err
		}
	}
	if up := ro.rules[ro.versionFor(user, r.Now())].Policy().SeveralUpTo; up != nil {
		return *up, nil
	}
	return decimal.Zero, nil
}

// wanted are the versions of the policy that bind somebody at a moment, 0 being none.
func (ro roster) wanted(now time.Time) map[int]bool {
	wanted := map[int]bool{0: true}
	for _, v := range ro.versions {
		wanted[v.Version] = true
		if v.ValidFrom.Before(now.AddDate(0, 0, -policy.MostCooling)) { // this one binds everybody, so none before it does
			break
		}
	}
	return wanted
}

// ApproveSeveral signs the open step of several small requests, each by itself as Approve does: what is refused for one keeps no
// other from being approved, and the outcomes come in the order of the items. It refuses, with access.ErrStepUp, whoever has to prove
// themselves anew; one item without what was read of it, or two of one request; and by item what is over SeveralUpTo. After a fault of
// ours in the middle the list ends with the item it struck.
func (s *Service) ApproveSeveral(ctx context.Context, in SeveralInput) ([]Outcome, error) {
	if err := access.Can(in.By, access.Decide, access.Object{}); err != nil {
		return nil, err
	}
	if err := access.Proven(in.By); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	upTo, err := s.SeveralUpTo(ctx, s.db, in.By.UserID)
	if err != nil {
		return nil, err
	}
	list := make([]Outcome, len(in.Items))
	for i, item := range in.Items {
		item.By, item.Comment, item.upTo = in.By, in.Comment, &upTo
		list[i].ID = item.ID
		if list[i].Request, list[i].Err = s.Approve(ctx, item); list[i].Err != nil && !refused(list[i].Err) {
			return list[:i+1], fault(i, list[i].Err)
		}
	}
	return list, nil
}

// fault is what a fault at an item ends: everything where it is the first, else only the items after it, because those before are signed.
func fault(at int, err error) error {
	if at == 0 {
		return err
	}
	return nil
}

func (in SeveralInput) check() error {
	if len(in.Items) == 0 || len(in.Items) > MostAtOnce {
		return errs.InvalidField("items", "credits.several_number", "most", fmt.Sprint(MostAtOnce))
	}
	seen := map[ID]bool{}
	for i, item := range in.Items {
		if len(item.Digest) == 0 || item.StepID == 0 && item.ContentVersion == 0 {
			return errs.InvalidField(fmt.Sprintf("items.%d.digest", i), "error.required")
		}
		if seen[item.ID] {
			return errs.InvalidField(fmt.Sprintf("items.%d.id", i), "credits.several_twice")
		}
		seen[item.ID] = true
	}
	return nil
}

// tooMuch refuses what is over the amount for several at once.
func (in DecideInput) tooMuch(r Request) error {
	if in.upTo == nil || r.AuthorityAmount.LessThanOrEqual(*in.upTo) {
		return nil
	}
	return errs.New(errs.Conflict, "credits.too_much_for_several", "number", r.Number, "limit", money.Of(*in.upTo, billing.AuthorityCurrency).String())
}
