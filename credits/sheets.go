package credits

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// namedSheet is a computation sheet that a proposal names as evidence.
type namedSheet struct {
	at   int // its place among the evidence
	kept billing.CreditSheet
}

func (n namedSheet) field(name string) string { return sheetField(n.at, name) }

func sheetField(at int, name string) string { return fmt.Sprintf("evidence.%d.%s", at, name) }

// readSheet reads a sheet that is named as evidence of something for a customer family (0 is several). It refuses one that is not
// there, that was altered, that is not the one the hash is of, or that belongs to somebody else.
func (s *Service) readSheet(ctx context.Context, r db.Reader, at int, e NewEvidence, families []billing.CustomerID) (namedSheet, billing.SheetOwner, error) {
	named := namedSheet{at: at}
	id := billing.SheetID(*e.SheetID)
	hash, err := s.billing.SheetHash(ctx, r, id)
	if errors.Is(err, billing.ErrNoSheet) {
		return named, billing.SheetOwner{}, errs.InvalidField(named.field("sheet_id"), billing.ErrNoSheet.Key)
	}
	if err != nil {
		return named, billing.SheetOwner{}, err
	}
	if hash != hex.EncodeToString(e.SHA256) {
		return named, billing.SheetOwner{}, errs.InvalidField(named.field("sha256"), "credits.evidence.other_sheet")
	}
	owner, err := s.billing.SheetOwner(ctx, r, id)
	if err != nil {
		return named, owner, err
	}
	if !slices.Contains(families, owner.FamilyID) {
		return named, owner, errs.InvalidField(named.field("sheet_id"), "credits.evidence.sheet_of_another", "contract", owner.Contract)
	}
	named.kept, err = s.billing.SheetByID(ctx, r, id)
	return named, owner, err
}

// workSheets checks each computation sheet that is named as evidence. A service credit is of the customer and in the currency of its
// sheets, and gives at most what they propose, net; no sheet counts twice.
func (s *Service) workSheets(ctx context.Context, r db.Reader, p *proposal) error {
	owed := money.Of(decimal.Zero, p.adjustment.Currency)
	for i, e := range p.evidence {
		if e.SheetID == nil {
			continue
		}
		named, owner, err := s.readSheet(ctx, r, i, e, p.concerned.Families())
		if err != nil {
			return err
		}
		if p.in.Kind != billing.SLACredit || slices.ContainsFunc(p.sheets, func(n namedSheet) bool { return n.kept.ID == named.kept.ID }) {
			continue
		}
		if owner.CustomerID != p.adjustment.CustomerID {
			return errs.InvalidField(named.field("sheet_id"), "credits.evidence.sheet_of_another", "contract", owner.Contract)
		}
		if named.kept.Currency != p.adjustment.Currency {
			return errs.InvalidField(named.field("sheet_id"), "credits.evidence.sheet_in_other_currency", "currency", string(named.kept.Currency))
		}
		p.sheets = append(p.sheets, named)
		owed = money.Of(owed.Decimal().Add(named.kept.Amount), owed.Currency())
	}
	if len(p.sheets) > 0 && p.adjustment.Net.GreaterThan(owed.Decimal()) {
		return errs.InvalidField("lines", "credits.more_than_sheets", "net", p.adjustment.SumOf(p.adjustment.Net).String(), "owed", owed.String())
	}
	return nil
}

// computed are those who computed the sheets that a service credit is given for: they do not sign it. The requester, who does not anyway,
// is none of them, so that an own limit stays one.
func (p *proposal) computed() []int64 {
	var list []int64
	for _, n := range p.sheets {
		if by := n.kept.MadeBy; by != 0 && by != p.requester() && !slices.Contains(list, by) {
			list = append(list, by)
		}
	}
	return list
}

// claimSheetsTx notes which computation sheets a service credit is given for and how much of each, in their order, so that no incident
// is credited twice and what it does not give stays owed. A sheet whose facts have changed since is refused, and so is more than the
// limit of the contract's year leaves for all of them.
func (s *Service) claimSheetsTx(ctx context.Context, tx *db.Tx, p proposal, req Request) error {
	left := req.Net
	for _, n := range p.sheets {
		part := decimal.Min(left, n.kept.Amount)
		if !part.IsPositive() {
			break
		}
		if err := s.billing.ClaimSheetTx(ctx, tx, billing.SheetClaim{By: p.in.By, SheetID: n.kept.ID, CreditRequestID: int64(req.ID), Amount: part}); err != nil {
			return n.refusal(err)
		}
		left = left.Sub(part)
	}
	return nil
}

// refusal is what the books refuse of a sheet, by the field that names it here.
func (n namedSheet) refusal(err error) error {
	refused, ok := errors.AsType[*errs.Error](err)
	if !ok || len(refused.Fields) != 1 || refused.Fields[0].Name != "sheet" {
		return err
	}
	field := refused.Fields[0]
	field.Name = n.field("sheet_id")
	return errs.InvalidFields(field)
}

// checkSheet checks a sheet that comes as evidence later.
func (s *Service) checkSheet(ctx context.Context, r db.Reader, req Request, e NewEvidence) error {
	if e.SheetID == nil {
		return nil
	}
	families := []billing.CustomerID{req.FamilyID}
	if req.FamilyID == 0 {
		var err error
		if families, err = db.Values[billing.CustomerID](ctx, r, `select distinct family_id from credit_request_invoices where credit_request_id = $1`, req.ID); err != nil {
			return fmt.Errorf("find families of request: %w", err)
		}
	}
	_, _, err := s.readSheet(ctx, r, 0, e, families)
	return err
}
