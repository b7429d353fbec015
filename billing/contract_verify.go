package billing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"makegood/billing/commitment"
	"makegood/internal/db"
)

// verifySheets hashes every computation sheet anew, a thousand at a time, and compares the amount kept beside each with
// what it proposes.
func verifySheets(ctx context.Context, r db.Reader) ([]Fault, error) {
	var faults []Fault
	for last := SheetID(0); ; {
		sheets, err := db.List[CreditSheet](ctx, r, `select * from service_credit_sheets where id > $1 order by id limit 1000`, last)
		if err != nil {
			return nil, fmt.Errorf("verify sheets: %w", err)
		}
		for _, c := range sheets {
			last = c.ID
			if detail := c.fault(); detail != "" {
				faults = append(faults, Fault{Check: "sheet_is_what_was_kept", Row: "sheet " + id(c.ID), Detail: detail})
			}
		}
		if len(sheets) == 0 {
			return faults, nil
		}
	}
}

// fault says what is wrong with a kept sheet, nothing when all is right.
func (c CreditSheet) fault() string {
	canonical, err := commitment.Canonical(c.Sheet)
	if err != nil {
		return "cannot be read"
	}
	sum, err := hex.DecodeString(commitment.Hash(canonical))
	if err != nil || !bytes.Equal(sum, c.SHA256) {
		return "its hash differs"
	}
	if read, err := c.Read(); err != nil || read.Proposed != c.Proposed().Plain() {
		return "proposes " + read.Proposed + ", kept as " + c.Amount.String()
	}
	return ""
}
