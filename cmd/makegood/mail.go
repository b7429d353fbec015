package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"makegood/inbox/parse"
	"makegood/internal/app"
)

type mailCommand struct {
	Parse     mailParse     `cmd:"" help:"Print what is understood of mail files, one JSON object per message."`
	Ingest    mailIngest    `cmd:"" help:"Run mail files, mbox files and maildirs through the whole intake and print each fate."`
	Reconcile mailReconcile `cmd:"" help:"Compare the mail servers with what is stored; exit 1 on a gap."`
}

type mailParse struct {
	Files []string `arg:"" name:"file" help:"Mail files (.eml); - reads standard input."`
}

// Run parses. It never fails on a message: what could not be read is in its defects.
func (c *mailParse) Run(s streams) error {
	out := bufio.NewWriter(s.out)
	code := 0
	for _, path := range c.Files {
		raw, err := readFile(path)
		if err != nil {
			_, _ = fmt.Fprintf(s.err, "makegood: %s: %v\n", path, err)
			code = 1
			continue
		}
		if err := parse.WriteJSON(out, parse.Parse(raw, parse.Options{})); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if code != 0 {
		return failure(code)
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

type mailReconcile struct{}

// Run compares each active mailbox with what is stored.
func (mailReconcile) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		boxes, err := a.Inbox.ActiveMailboxes(ctx)
		if err != nil {
			return err
		}
		out := json.NewEncoder(s.out)
		bad := false
		for _, box := range boxes {
			result, err := a.Mail.Reconcile(ctx, box)
			if err != nil {
				bad = true
				_, _ = fmt.Fprintf(s.err, "makegood: %s: %s\n", box.Address, strings.TrimSpace(err.Error()))
				continue
			}
			bad = bad || result.Gap()
			if err := out.Encode(result); err != nil {
				return err
			}
		}
		if bad {
			return failure(1)
		}
		return nil
	})
}
