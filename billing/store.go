package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm/clause"

	"makegood/internal/db"
)

// found turns "no such row" into the error a caller knows.
func found[T any](value T, err error, missing error, doing string) (T, error) {
	if errors.Is(err, db.ErrNoRow) {
		return value, missing
	}
	if err != nil {
		return value, fmt.Errorf("%s: %w", doing, err)
	}
	return value, nil
}

const nextIDsQuery = `select nextval((select pg_get_serial_sequence($1, 'id')::regclass)) from generate_series(1, $2)`

// nextIDs takes n ids of a table ahead of inserting its rows, so that rows that point at one another go in together.
func nextIDs[T ~int64](ctx context.Context, tx *db.Tx, table string, n int) ([]T, error) {
	ids, err := db.Values[T](ctx, tx, nextIDsQuery, table, n)
	if err != nil {
		return nil, fmt.Errorf("take ids of %s: %w", table, err)
	}
	return ids, nil
}

func insertContact(ctx context.Context, tx *db.Tx, c Contact) (Contact, error) {
	result := tx.Gorm(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "email"}}, DoNothing: true}).Create(&c)
	if result.Error != nil {
		return Contact{}, fmt.Errorf("learn contact: %w", db.Explain(result.Error))
	}
	if result.RowsAffected == 1 {
		return c, nil
	}
	known, err := db.One[Contact](ctx, tx, `with back as (update contacts set retired_at = null, version = version + 1
			where email = $1 and customer_id = $2 and retired_at is not null returning *)
		select * from back union all select * from contacts where email = $1 and not exists (select from back)`, c.Email, c.CustomerID)
	return found(known, err, ErrNoContact, "read contact")
}

func insertStoredDocument(ctx context.Context, tx *db.Tx, doc StoredDocument) error {
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&doc).Error
	if err != nil {
		return fmt.Errorf("store document: %w", db.Explain(err))
	}
	return nil
}

func listEntities(ctx context.Context, r db.Reader) ([]Entity, error) {
	var list []Entity
	if err := r.Gorm(ctx).Order("code").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list entities: %w", db.Explain(err))
	}
	return list, nil
}

func listContacts(ctx context.Context, r db.Reader, customer CustomerID) ([]Contact, error) {
	var list []Contact
	if err := r.Gorm(ctx).Where("customer_id = ?", customer).Order("retired_at is not null, name, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list contacts: %w", db.Explain(err))
	}
	return list, nil
}

// conditions gathers the parts of a where clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// add takes a condition with one or more "?", all of which stand for the same argument.
func (c *conditions) add(condition string, arg any) {
	c.args = append(c.args, arg)
	c.parts = append(c.parts, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(c.args))))
}

// value takes an argument of the rest of the statement and gives its place.
func (c *conditions) value(arg any) string {
	c.args = append(c.args, arg)
	return fmt.Sprintf("$%d", len(c.args))
}

// also takes a condition without an argument.
func (c *conditions) also(condition string) { c.parts = append(c.parts, condition) }

// where writes the clause; without conditions it is empty.
func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(c.parts, " and ")
}

// contains makes a pattern for "somewhere in it, in any case".
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text)) + "%"
}
