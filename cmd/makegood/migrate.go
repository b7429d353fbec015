package main

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/db"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Bring the schema up to date. The URL must belong to the schema's owner."`
	Status migrateStatus `cmd:"" help:"List the steps of the schema."`
}

type migrateUp struct{}

type migrateStatus struct{}

var errNoDatabase = errors.New("MAKEGOOD_DATABASE_URL is not set: name the database as the schema's owner sees it")

// Run migrates.
func (migrateUp) Run(ctx context.Context, set *settings, s streams) error {
	if set.DatabaseURL == "" {
		return errNoDatabase
	}
	if err := db.Migrate(ctx, set.DatabaseURL); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, "the schema is up to date")
	return err
}

// Run lists the steps.
func (migrateStatus) Run(ctx context.Context, set *settings, s streams) error {
	if set.DatabaseURL == "" {
		return errNoDatabase
	}
	steps, err := db.MigrationStatus(ctx, set.DatabaseURL)
	if err != nil {
		return err
	}
	for _, step := range steps {
		state := "pending"
		if step.Applied {
			state = "applied"
		}
		if _, err := fmt.Fprintf(s.out, "%-8s %s\n", state, step.Name); err != nil {
			return err
		}
	}
	return nil
}
