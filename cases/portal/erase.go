package portal

import (
	"context"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/personal"
	"makegood/internal/throttle"
)

// EraseTx ends what somebody signed in with and to, and forgets what was tried under their addresses.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, p personal.Person) (personal.Counts, error) {
	counts := personal.Counts{}
	for _, statement := range []string{`delete from portal_sessions where address = any ($1)`, `delete from portal_sign_ins where address = any ($1)`} {
		n, err := tx.Exec(ctx, statement, p.Addresses)
		if err != nil {
			return nil, fmt.Errorf("end portal access: %w", err)
		}
		counts.Add("sign_ins", n)
	}
	_, err := throttle.ForgetTx(ctx, tx, p.Addresses)
	return counts, err
}
