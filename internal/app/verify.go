package app

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Report is what Verify found, check by check.
type Report struct {
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// Check is one thing that was proven, or the first row that breaks it.
type Check struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Fault string `json:"fault,omitempty"`
}

func (r *Report) add(name, fault string) {
	r.Checks = append(r.Checks, Check{Name: name, OK: fault == "", Fault: fault})
	r.OK = r.OK && fault == ""
}

// Verify proves hash chains, books, numbers, allocations, deadlines and the fates of mail. It names the first broken row of
// each kind. Run it while nothing is written for an answer about one moment.
func (a *App) Verify(ctx context.Context) (Report, error) {
	report := Report{OK: true}
	proof, err := a.Billing.Examine(ctx, true)
	if err != nil {
		return report, fmt.Errorf("verify books: %w", err)
	}
	books := ""
	for _, point := range proof.Points {
		if point.Name == billing.ChainPoint {
			report.add(fmt.Sprintf("audit chains (%d rows)", point.Rows), point.First)
		} else if point.Faults > 0 && books == "" {
			books = point.Name + ": " + point.First
		}
	}
	report.add("books, numbers, approvals", books)
	clocks, err := a.Cases.Verify(ctx)
	if err != nil {
		return report, fmt.Errorf("verify deadlines: %w", err)
	}
	fault := ""
	if len(clocks) > 0 {
		fault = clocks[0].Number + ": " + clocks[0].Row + ", " + clocks[0].Detail
	}
	report.add("deadlines recomputed", fault)
	mail, err := a.Inbox.Verify(ctx)
	if err != nil {
		return report, fmt.Errorf("verify mail: %w", err)
	}
	fault = ""
	if len(mail) > 0 {
		fault = mail[0].Check + ": " + mail[0].Row + ", " + mail[0].Detail
	}
	report.add("mail kept, once", fault)
	if fault, err = a.Erasure.Verify(ctx); err != nil {
		return report, fmt.Errorf("verify erasures: %w", err)
	}
	report.add("erased for good", fault)
	files, read, err := a.Files.Verify(ctx)
	if err != nil {
		return report, fmt.Errorf("verify files: %w", err)
	}
	fault = ""
	if len(files) > 0 {
		fault = "file " + files[0].File + ", " + files[0].Detail
	}
	report.add(fmt.Sprintf("files as stored (%d)", read), fault)
	return report, nil
}

// VerifyAnchored is Verify, and compares the audit chains with the heads that earlier runs appended to a file kept outside
// the database. When everything holds, it appends the heads of today.
func (a *App) VerifyAnchored(ctx context.Context, file string) (Report, error) {
	report, err := a.Verify(ctx)
	if err != nil {
		return report, err
	}
	var anchors audit.Anchors
	// One run at a time compares and appends: a line that two begin from would break the file's own chain.
	err = a.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('audit.anchors'))`); err != nil {
			return fmt.Errorf("lock anchors: %w", err)
		}
		if anchors, err = audit.CompareAnchors(ctx, tx, file); err != nil || anchors.Fault != "" || !report.OK {
			return err
		}
		_, err = anchors.Append(ctx, tx, file)
		return err
	})
	report.add(fmt.Sprintf("heads kept outside (%d)", anchors.Heads), anchors.Fault)
	return report, err
}
