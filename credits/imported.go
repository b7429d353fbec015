package credits

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrImportRate refuses the signature of whoever corrected a rate by which imported credits are compared.
var ErrImportRate = errs.New(errs.Forbidden, "credits.import_rate")

// ErrImportAbove refuses a signature under imported credits that give a customer more than the signer's level reaches to.
var ErrImportAbove = errs.New(errs.Forbidden, "credits.import_above")

// signsImport tells how many holders have to sign imported credits: of a level that the signer holds themselves, and whose limits reach to
// what the file gives each customer family, by whichever kind, with what imports and requests gave it in the last days, and that stands above what whoever brought the file holds, as in every chain. What the books of another system gave
// is held to the same limits as what is given here; no policy's extra steps are asked, because there is nothing left to decide but whether it was so.
func (s *Service) signsImport(ctx context.Context, tx *db.Tx, by access.Actor, batch billing.ImportBatch, given []billing.GivenElsewhere) (int, error) {
	ro, err := s.readRoster(ctx, tx)
	if err != nil {
		return 0, err
	}
	families, err := s.importedAsRequests(ctx, tx, by, batch, given)
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
func (s *Service) importedAsRequests(ctx context.Context, tx *db.Tx, by access.Actor, batch billing.ImportBatch, given []billing.GivenElsewhere) ([]importedFamily, error) {
	type key struct {
		family billing.CustomerID
		kind   billing.Kind
		tier   string
	}
	sums, paysOut := map[key]decimal.Decimal{}, map[key]bool{}
	all, err := askedOf(ctx, tx, given)
	if err != nil {
		return nil, err
	}
	var keys []key
	names := map[billing.CustomerID]string{}
	for _, g := range given {
		rate, err := s.billing.RateOn(ctx, tx, g.Currency, billing.AuthorityCurrency, billing.Date(tx.Now()))
		if err != nil {
			return nil, fmt.Errorf("compare imported credits: %w", err)
		}
		if slices.Contains(rate.CorrectedBy, by.UserID) {
			return nil, ErrImportRate
		}
		worth := func(sum decimal.Decimal) decimal.Decimal {
			return money.Of(sum, g.Currency).Convert(rate.Rate, billing.AuthorityCurrency).Decimal()
		}
		k := key{g.Family, g.Kind, g.Tier}
		if _, there := sums[k]; !there && !g.Waiting.IsZero() {
			keys = append(keys, k)
		}
		sums[k], paysOut[k] = sums[k].Add(worth(g.Waiting)), paysOut[k] || g.PaidOut
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
			Kind: authority.Kind(k.kind), Amount: sums[k], WindowTotal: all[k.family].Sub(sums[k]), EntityID: int64(batch.EntityID), Tier: k.tier, RequesterID: batch.CreatedBy, PaysOut: paysOut[k],
		})
	}
	return families, nil
}

// askedOf is what customer families got or have pending by requests over WindowDays, in billing.AuthorityCurrency.
func askedOf(ctx context.Context, r db.Reader, given []billing.GivenElsewhere) (map[billing.CustomerID]decimal.Decimal, error) {
	families := make([]billing.CustomerID, len(given))
	for i, g := range given {
		families[i] = g.Family
	}
	counting := strings.NewReplacer("$4", "$3", "$5", "$4").Replace(counts) // there are no invoices to count for
	list, err := db.List[struct {
		Family billing.CustomerID
		Sum    decimal.Decimal
	}](ctx, r, `select family, sum(amount) as sum from (
			select r.family_id as family, r.authority_amount as amount from credit_requests r where r.family_id = any ($1) and `+countedSince+` > $2 and `+counting+`
			union all select x.family_id, x.authority_amount from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
				where x.family_id = any ($1) and r.family_id is null and `+countedSince+` > $2 and `+counting+`) f group by family`,
		families, r.Now().AddDate(0, 0, -WindowDays), []int64{}, false)
	if err != nil {
		return nil, fmt.Errorf("sum window of imported credits: %w", err)
	}
	sums := map[billing.CustomerID]decimal.Decimal{}
	for _, f := range list {
		sums[f.Family] = f.Sum
	}
	return sums, nil
}

// signatures tells how many holders of a level it takes that a person holds now, whose limits reach to a request, and that stands above what
// whoever asks for it holds; at the very top the other holders of the top do. Of several levels it is the one that needs the fewest.
func (ro roster) signatures(user int64, r authority.Request, tx *db.Tx) (int, bool) {
	fewest, own, top := 0, 0, 0
	holders := ro.authorityHolders(r.EntityID, tx.Now())
	for _, level := range ro.levels {
		top = max(top, level.Rank)
		if slices.ContainsFunc(holders, func(h authority.Holder) bool { return h.UserID == r.RequesterID && h.LevelID == level.ID }) {
			own = max(own, level.Rank)
		}
	}
	for _, level := range ro.authorityLevels(r.RequesterID, tx.Now()) {
		above := level.Rank > own || level.Rank == top
		if !above || !level.Covers(r) || !holds(holders, user, level.ID, r) {
			continue
		}
		if n := max(level.Signatures, 1); fewest == 0 || n < fewest {
			fewest = n
		}
	}
	return fewest, fewest > 0
}

// holds tells whether a person holds a level for what is asked. Who holds it for some regions or teams only signs no import: a file tells of
// neither.
func holds(holders []authority.Holder, user, level int64, r authority.Request) bool {
	for _, h := range holders {
		if h.UserID == user && h.LevelID == level && h.Active && !h.Cooling && h.Covers(r) {
			return true
		}
	}
	return false
}
