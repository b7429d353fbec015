package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"makegood/internal/config"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/i18n"
)

// SecretFile is the installation fact that names the file of the demo's secret key.
const SecretFile = "secret_file"

// WithSecret fills in the secret key of a demo's database when the environment gives none, so that the commands beside a
// running demo need nothing but its database. A production key is never in a file that the database names.
func WithSecret(ctx context.Context, cfg config.Config) (config.Config, error) {
	if cfg.SecretKey != "" {
		return cfg, nil
	}
	d, err := db.Open(ctx, db.Options{URL: cfg.Sessions(), MaxConns: 1})
	if err != nil {
		return cfg, err
	}
	defer d.Close()
	path, err := db.Value[string](ctx, d, `select value from installation where key = $1`, SecretFile)
	if errors.Is(err, db.ErrNoRow) {
		return cfg, fmt.Errorf("MAKEGOOD_SECRET_KEY is not set: this command needs the key that the server runs with")
	}
	if err != nil {
		return cfg, fmt.Errorf("look for the secret key: %w", err)
	}
	secret, err := os.ReadFile(path)
	if err != nil {
		return cfg, fmt.Errorf("read the demo's secret key: %w", err)
	}
	cfg.SecretKey = strings.TrimSpace(string(secret))
	return cfg, nil
}

// CheckSchema refuses a database whose schema is not the one this program knows.
func (a *App) CheckSchema(ctx context.Context) error {
	steps, err := db.MigrationStatus(ctx, a.cfg.Sessions())
	if err != nil {
		return fmt.Errorf("look at the schema: %w", err)
	}
	for _, step := range steps {
		if !step.Applied {
			return fmt.Errorf("the schema lacks %s: run `makegood migrate up` as the schema's owner first", step.Name)
		}
	}
	elsewhere, err := a.Files.Elsewhere(ctx)
	if err == nil && elsewhere {
		err = fmt.Errorf("files lie outside the database, and MAKEGOOD_BLOB_URL does not say where")
	}
	return err
}

// Explain turns an error for people into its English sentence, for the command line.
func (a *App) Explain(err error) error {
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind == errs.Internal {
		return err
	}
	sentences := []string{a.words.Fill(i18n.Fallback, e.Key, e.Params)}
	for _, f := range e.Fields {
		sentences = append(sentences, f.Name+": "+a.words.Fill(i18n.Fallback, f.Key, f.Params))
	}
	return errors.New(strings.Join(sentences, " "))
}

// Say gives the English sentence of a message key, for what a command prints.
func (a *App) Say(key string, params errs.Params) string {
	return a.words.Fill(i18n.Fallback, key, params)
}
