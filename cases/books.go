package cases

import (
	"context"
	"fmt"
	"strconv"

	"makegood/billing"
	"makegood/internal/db"
)

// tellControllers tells everybody who answers for the books that they do not agree, once for each proof.
func (s *Service) tellControllers(ctx context.Context, found billing.BooksDoNotAgree) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		proof := strconv.FormatInt(found.ProofID, 10)
		users, err := db.Values[int64](ctx, tx, `select id from users u where active and 'controller' = any (roles)
			and not exists (select from notices n where n.user_id = u.id and n.key = $1 and n.params ->> 'proof' = $2) order by id`, booksNotice, proof)
		if err != nil {
			return fmt.Errorf("find controllers: %w", err)
		}
		for _, user := range users {
			if err := insertNotice(ctx, tx, Notice{UserID: user, Key: booksNotice, Params: map[string]string{
				"proof": proof, "point": found.Point, "first": found.First, "count": strconv.Itoa(found.Faults),
			}}); err != nil {
				return err
			}
		}
		return nil
	})
}

const booksNotice = "notice.books_do_not_agree"
