package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"makegood/internal/app"
	"makegood/internal/telemetry"
)

type serveCommand struct {
	Role string `env:"MAKEGOOD_ROLE" default:"all" help:"all, or web and worker by comma."`
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, set *settings, s streams) error {
	roles := words(c.Role)
	if len(roles) == 1 && roles[0] == "all" {
		roles = []string{"web", "worker"}
	}
	cfg := set.config(roles...)
	if err := cfg.Check(); err != nil {
		return err
	}
	logger := telemetry.NewLogger(s.err, cfg.Level())
	a, err := app.New(ctx, cfg, app.Options{Logger: logger, Version: version})
	if err != nil {
		return err
	}
	if err := a.CheckSchema(ctx); err != nil {
		a.DB.Close()
		return err
	}
	if err := a.Start(ctx); err != nil {
		_ = a.Stop(ctx)
		return err
	}
	debug.FreeOSMemory() // building everything leaves several times of what stays
	logger.InfoContext(ctx, "serving", "address", a.Addr(), "roles", fmt.Sprint(roles))
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return a.Stop(stopping)
}
