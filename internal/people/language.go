package people

import (
	"context"
	"slices"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/i18n"
)

// ChooseLanguage sets the language somebody reads the desk in, one of those it is whole in. The version stays, as with a password: a
// proposed change is about rights, and whoever it concerns must not foil it by another language.
func (s *Service) ChooseLanguage(ctx context.Context, by access.Actor, language string) error {
	if !slices.Contains(i18n.Offered(), language) {
		return errs.InvalidField("language", "people.no_language", "language", language)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update users set language = $2 where id = $1 and active and language <> $2`, by.UserID, language)
		if err != nil || n == 0 { // it is already so
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "user.language_chosen", Data: map[string]any{"language": language}})
	})
}
