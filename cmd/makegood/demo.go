package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"makegood/internal/app"
	"makegood/internal/telemetry"
)

type demoCommand struct {
	Dir  string `env:"MAKEGOOD_DEMO_DIR" default:".makegood" help:"Where database, mail and secret are kept."`
	HTTP string `env:"MAKEGOOD_DEMO_HTTP" default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes a free one."`
	Live bool   `help:"Let customers keep writing."`
	JSON bool   `help:"Print how to use it as one line of JSON when ready."`
}

// Run starts the demo and stops it when told to.
func (c *demoCommand) Run(ctx context.Context, s streams) error {
	dieWithGoRun()
	say := func(format string, args ...any) {
		if !c.JSON {
			_, _ = fmt.Fprintf(s.err, format+"\n", args...)
		}
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("name the folder: %w", err)
	}
	logger, closeLog, err := demoLog(dir)
	if err != nil {
		return err
	}
	defer closeLog()
	say("Starting database, mail server and company in %s …", dir)
	d, err := app.StartDemo(ctx, app.DemoOptions{Dir: dir, HTTPAddr: c.HTTP, Live: c.Live, Logger: logger})
	if err != nil {
		return err
	}
	if d.Dir != dir {
		_, _ = fmt.Fprintf(s.err, "The database's user cannot reach %s, so the data is kept in %s\n", dir, d.Dir)
	}
	if err := d.Print(s.out, c.JSON); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-d.Done():
		err = fmt.Errorf("the database has ended; see %s", filepath.Join(d.Dir, "postgres.log"))
	}
	say("Stopping …")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if stopErr := d.Stop(stopping); err == nil {
		err = stopErr
	}
	return err
}

// demoLog writes what the parts report to a file beside the data, so that the terminal shows only what one needs.
func demoLog(dir string) (*slog.Logger, func(), error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the database's own user must pass through
		return nil, nil, fmt.Errorf("make the folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "makegood.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return telemetry.NewLogger(io.Discard, slog.LevelInfo), func() {}, nil //nolint:nilerr // a folder that cannot be written costs the log only
	}
	return telemetry.NewLogger(file, slog.LevelInfo), func() { _ = file.Close() }, nil
}
