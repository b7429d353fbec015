package credits

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrImportAbove refuses a signature under imported credits that give a customer more than the signer's level reaches to.
var ErrImportAbove = errs.New(errs.Forbidden, "credits.import_above")

// signsImport tells how many holders have to sign imported credits: of a level that the signer holds themselves, and whose limits reach to
// what the file gives each customer family, by whichever kind, with what imports gave it in the last days. What the books of another system gave
// is held to the same limits as what is given here; no policy's extra steps are asked, because there is nothing left to decide but whether it was so.
func (s *Service) signsImport(ctx context.Context, tx *db.Tx, by access.Actor, batch billing.ImportBatch, given []billing.GivenElsewhere) (int, error) {
	ro, err := s.readRoster(ctx, tx)
	if err != nil {
		return 0, err
	}
	families, err := s.importedAsRequests(ctx, tx, batch, given)
	if err != nil {
		return 0, err
	}
	needed := 1
	for _, f := range families {
		for _, r := range f.asked {
			signatures, reaches := ro.signatures(by.UserID, r, tx)
			if !reaches {
				return 0, errs.New(ErrImportAbove.Kind, ErrImportAbove.Key, "customer", f.name, "amount", money.Of(r.Counted(), billing.AuthorityCurrency).String())
			}
			needed = max(needed, signatures)
		}
	}
	return needed, nil
}

// importedFamily is what a file gives one customer family, a request for each kind and tier.
type importedFamily struct {
	name  string
	asked []authority.Request
}

// importedAsRequests are the sums of a file as requests of whoever brought it: in billing.AuthorityCurrency at the day's rate. What a family
// gets by other kinds or got before counts with each.
func (s *Service) importedAsRequests(ctx context.Context, tx *db.Tx, batch billing.ImportBatch, given []billing.GivenElsewhere) ([]importedFamily, error) {
	type key struct {
		family billing.CustomerID
		kind   billing.Kind
		tier   string
	}
	sums, all := map[key]decimal.Decimal{}, map[billing.CustomerID]decimal.Decimal{}
	var keys []key
	names := map[billing.CustomerID]string{}
	for _, g := range given {
		rate, _, err := s.billing.Rate(ctx, tx, g.Currency, billing.AuthorityCurrency, billing.Date(tx.Now()))
		if err != nil {
			return nil, fmt.Errorf("compare imported credits: %w", err)
		}
		worth := func(sum decimal.Decimal) decimal.Decimal {
			return money.Of(sum, g.Currency).Convert(rate, billing.AuthorityCurrency).Decimal()
		}
		k := key{g.Family, g.Kind, g.Tier}
		if _, there := sums[k]; !there && !g.Waiting.IsZero() {
			keys = append(keys, k)
		}
		sums[k] = sums[k].Add(worth(g.Waiting))
		all[g.Family] = all[g.Family].Add(worth(g.Waiting)).Add(worth(g.Before))
		names[g.Family] = g.Name
	}
	var families []importedFamily
	for _, k := range keys {
		if len(families) == 0 || families[len(families)-1].name != names[k.family] {
			families = append(families, importedFamily{name: names[k.family]})
		}
		f := &families[len(families)-1]
		f.asked = append(f.asked, authority.Request{
			Kind: authority.Kind(k.kind), Amount: sums[k], WindowTotal: all[k.family].Sub(sums[k]), EntityID: int64(batch.EntityID), Tier: k.tier, RequesterID: batch.CreatedBy,
		})
	}
	return families, nil
}

// signatures tells how many holders of a level it takes that a person holds now and whose limits reach to a request: of several the fewest.
func (ro roster) signatures(user int64, r authority.Request, tx *db.Tx) (int, bool) {
	fewest := 0
	holders := ro.authorityHolders(r.EntityID, tx.Now())
	for _, level := range ro.authorityLevels(r.RequesterID, tx.Now()) {
		if !level.Covers(r) || !holds(holders, user, level.ID, r.EntityID) {
			continue
		}
		if n := max(level.Signatures, 1); fewest == 0 || n < fewest {
			fewest = n
		}
	}
	return fewest, fewest > 0
}

func holds(holders []authority.Holder, user, level, entity int64) bool {
	for _, h := range holders {
		if h.UserID == user && h.LevelID == level && h.Active && !h.Cooling && inScope(h.EntityIDs, entity) {
			return true
		}
	}
	return false
}
