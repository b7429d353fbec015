package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"makegood/internal/app"
	"makegood/internal/blob"
)

type blobsCommand struct {
	Move    moveBlobsCommand    `cmd:"" help:"Move files of 64 KB and more from the database to MAKEGOOD_BLOB_URL now; --back brings all of them into the database."`
	Collect collectBlobsCommand `cmd:"" help:"Remove files that nobody names any more, a day after they were kept."`
}

type moveBlobsCommand struct {
	Back bool `help:"Bring files into the database. Stop the servers first: they would move them out again."`
}

// Run moves until nothing is left to move. It may be stopped and run again at any time, and beside running servers.
func (c *moveBlobsCommand) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		if !a.Files.Moves() {
			return fmt.Errorf("MAKEGOOD_BLOB_URL is not set: name the place outside, file:///folder or s3://bucket/prefix")
		}
		if c.Back {
			return back(ctx, a, s.out)
		}
		if err := moving(s.out, "large mails put among the files", func() (int, error) { return a.Inbox.StowLarge(ctx, atOnce) }); err != nil {
			return err
		}
		return a.Explain(moving(s.out, "files moved outside", func() (int, error) { return a.Files.MoveOut(ctx, atOnce) }))
	})
}

// back tells every file that is lost or altered, after all others were brought.
func back(ctx context.Context, a *app.App, out io.Writer) error {
	total, err := a.Files.MoveBack(ctx, func(brought int) {
		if brought%atOnce == 0 {
			_, _ = fmt.Fprintln(out, brought, "…")
		}
	})
	if errors.Is(err, blob.ErrLost) || errors.Is(err, blob.ErrAltered) {
		_, _ = fmt.Fprintln(out, total, "files are back in the database; some are not, and nothing outside is to be deleted")
		return err
	}
	if err != nil {
		return a.Explain(err)
	}
	_, err = fmt.Fprintln(out, total, "files are back in the database; what lies outside can be deleted once `makegood verify` has said ok")
	return err
}

// atOnce is after how many files the count is told.
const atOnce = 500

// moving repeats a step until it finds nothing to do, and tells how many there were.
func moving(out io.Writer, what string, step func() (int, error)) error {
	total := 0
	for {
		n, err := step()
		total += n
		if err == nil && n == atOnce {
			_, err = fmt.Fprintln(out, total, "…")
		}
		if err != nil {
			return err
		}
		if n < atOnce {
			_, err = fmt.Fprintln(out, total, what)
			return err
		}
	}
}

type collectBlobsCommand struct{}

// Run removes what nobody names.
func (c *collectBlobsCommand) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		n, err := a.Files.Collect(ctx, blob.Grace)
		if err == nil {
			_, err = fmt.Fprintln(s.out, n, "files that nobody names removed")
		}
		return a.Explain(err)
	})
}
