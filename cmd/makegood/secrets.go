package main

import (
	"context"
	"fmt"

	"makegood/internal/app"
)

type secretsCommand struct {
	Rotate secretsRotate `cmd:"" help:"Seal everything anew that lies sealed under an older key (MAKEGOOD_OLDER_KEYS)."`
}

type secretsRotate struct{}

// Run seals anew, while copies of the program go on.
func (c *secretsRotate) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		all, err := a.RotateSecrets(ctx)
		for _, r := range all {
			if _, err := fmt.Fprintf(s.out, "%s.%s: %d found, %d sealed anew, %d open with no key\n", r.Table, r.Column, r.Found, r.Anew, r.Shut); err != nil {
				return err
			}
		}
		if err != nil {
			return a.Explain(err)
		}
		return nil
	})
}
