package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/config"
	"makegood/internal/telemetry"
)

// open builds the services for a command that works on the database and exits.
func open(ctx context.Context, cfg config.Config, s streams) (*app.App, error) {
	if cfg.DatabaseURL == "" {
		return nil, fmt.Errorf("MAKEGOOD_DATABASE_URL is not set: name the PostgreSQL database, e.g. postgres://makegood:…@db/makegood")
	}
	cfg, err := app.WithSecret(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return app.New(ctx, cfg, app.Options{Logger: telemetry.NewLogger(s.err, max(cfg.Level(), slog.LevelWarn))})
}

// actorNamed is in whose name a command acts: a person by their address, who still has to have their access, or the command itself.
func actorNamed(ctx context.Context, a *app.App, email, command string) (access.Actor, error) {
	if email == "" {
		return access.SystemActor(command), nil
	}
	user, err := a.People.WhoActs(ctx, email)
	return user.Actor(), err
}

// closed runs work with the services and closes them.
func closed(ctx context.Context, set *settings, s streams, work func(a *app.App) error) error {
	a, err := open(ctx, set.config(), s)
	if err != nil {
		return err
	}
	defer a.DB.Close()
	return work(a)
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
