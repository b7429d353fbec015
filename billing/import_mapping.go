package billing

import (
	"context"
	"encoding/json"
	"fmt"

	"makegood/billing/importer"
	"makegood/internal/db"
)

// ImportMapping is how a system's files of a kind were read last; nil when nobody has had one remembered.
func (s *Service) ImportMapping(ctx context.Context, system string, kind importer.Kind) (*importer.Mapping, error) {
	list, err := db.Values[*importer.Mapping](ctx, s.db, `select mapping from import_mappings where system = $1 and kind = $2`, system, kind)
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nothing remembered is no error
	}
	return list[0], nil
}

func rememberMapping(ctx context.Context, tx *db.Tx, in NewImport, m importer.Mapping) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep mapping: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into import_mappings (system, kind, mapping, updated_by, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (system, kind) do update set mapping = excluded.mapping, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
		in.System, in.Kind, content, in.By.UserID, tx.Now()); err != nil {
		return fmt.Errorf("keep mapping: %w", err)
	}
	return nil
}
