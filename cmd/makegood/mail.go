package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/app"
	"makegood/internal/mbox"
)

type mailCommand struct {
	Parse     mailParse     `cmd:"" help:"Print what is understood of mail files, one JSON object per message."`
	Ingest    mailIngest    `cmd:"" help:"Run .eml and mbox files through the whole intake and print each fate."`
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

type mailIngest struct {
	Paths []string `arg:"" name:"file" help:"Mail files, mbox files or folders of them."`
}

type ingested struct {
	File   string `json:"file"`
	ID     int64  `json:"id,omitempty"`
	Fate   string `json:"fate,omitempty"`
	Reason string `json:"reason,omitempty"`
	Case   int64  `json:"case,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Run ingests every message, one after the other, and prints one JSON object for each.
func (c *mailIngest) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		out := json.NewEncoder(s.out)
		failed := false
		err := eachMessage(c.Paths, func(name string, raw []byte) error {
			line := ingested{File: name}
			m, err := a.Intake.Ingest(ctx, raw, inbox.SourceFile)
			if err != nil {
				line.Error, failed = err.Error(), true
			} else {
				line.ID, line.Fate, line.Reason = int64(m.ID), string(m.Fate), m.FateReason
				if m.CaseID != nil {
					line.Case = *m.CaseID
				}
			}
			return errors.Join(out.Encode(line), ctx.Err())
		})
		if err == nil && failed {
			return failure(1)
		}
		return err
	})
}

// eachMessage walks files and folders; an mbox file holds several messages.
func eachMessage(paths []string, do func(name string, raw []byte) error) error {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			raw, err := os.ReadFile(file) //nolint:gosec // the operator names the files and reads with their own rights
			if err != nil {
				return err
			}
			if !mbox.Is(raw) {
				return do(file, raw)
			}
			for i, message := range mbox.Split(raw) {
				if err := do(fmt.Sprintf("%s#%d", file, i+1), message); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
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
