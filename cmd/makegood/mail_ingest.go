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
	"slices"

	"makegood/inbox"
	"makegood/internal/app"
	"makegood/internal/mbox"
)

type mailIngest struct {
	Paths []string `arg:"" name:"file" help:"Mail files, mbox files, maildirs, or folders of them."`
	Past  bool     `help:"The mail is of the past: its cases are opened closed, nobody is answered, and what we sent is filed with what it answers."`
}

type ingested struct {
	File   string `json:"file"`
	ID     int64  `json:"id,omitempty"`
	Fate   string `json:"fate,omitempty"`
	Reason string `json:"reason,omitempty"`
	Case   int64  `json:"case,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Run ingests every message, one after the other, and prints one JSON object for each; how far it has come stands on standard
// error. Run again after a stop it goes on: what was stored before is found to be a duplicate.
func (c *mailIngest) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		files, err := mailFiles(c.Paths)
		if err != nil {
			return err
		}
		run := ingesting{mailIngest: c, app: a, out: json.NewEncoder(s.out), progress: progress{out: s.err, files: len(files)}}
		if err := run.all(ctx, files); err != nil {
			return err
		}
		if run.failed {
			return failure(1)
		}
		return nil
	})
}

// ingesting is one run over all files.
type ingesting struct {
	*mailIngest

	app      *app.App
	out      *json.Encoder
	progress progress
	failed   bool
	own      []string        // addresses of our mailboxes
	sent     map[string]bool // messages we sent, by the names of their files: they wait for the second pass
}

// all goes through the files once. Of mail of the past what we sent waits until all that came is in, and is filed with what it
// answers.
func (i *ingesting) all(ctx context.Context, files []string) error {
	i.sent = map[string]bool{}
	if i.Past {
		var err error
		if i.own, err = i.app.Intake.OurAddresses(ctx); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := eachMessage(file, func(name string, raw []byte) error { return i.first(ctx, name, raw) }); err != nil {
			return err
		}
		i.progress.file()
	}
	if len(i.sent) > 0 {
		for _, file := range files {
			if err := eachMessage(file, func(name string, raw []byte) error { return i.second(ctx, name, raw) }); err != nil {
				return err
			}
		}
	}
	i.progress.end()
	return nil
}

func (i *ingesting) first(ctx context.Context, name string, raw []byte) error {
	if i.Past && i.app.Intake.SentBy(i.own, raw) {
		i.sent[name] = true
		return ctx.Err()
	}
	return i.one(ctx, name, raw)
}

func (i *ingesting) second(ctx context.Context, name string, raw []byte) error {
	if !i.sent[name] {
		return ctx.Err()
	}
	return i.one(ctx, name, raw)
}

func (i *ingesting) one(ctx context.Context, name string, raw []byte) error {
	line := i.ingest(ctx, i.app, name, raw)
	i.failed = i.failed || line.Error != ""
	i.progress.message()
	return errors.Join(i.out.Encode(line), ctx.Err())
}

func (c *mailIngest) ingest(ctx context.Context, a *app.App, name string, raw []byte) ingested {
	line := ingested{File: name}
	ingest := func() (inbox.Inbound, error) { return a.Intake.Ingest(ctx, raw, inbox.SourceFile) }
	if c.Past {
		ingest = func() (inbox.Inbound, error) { return a.Intake.IngestPast(ctx, raw) }
	}
	m, err := ingest()
	if err != nil {
		line.Error = err.Error()
		return line
	}
	line.ID, line.Fate, line.Reason = int64(m.ID), string(m.Fate), m.FateReason
	if m.CaseID != nil {
		line.Case = *m.CaseID
	}
	return line
}

// progress says now and then how far the work is.
type progress struct {
	out                   io.Writer
	files, done, messages int
}

const tellEvery = 500

func (p *progress) message() {
	if p.messages++; p.messages%tellEvery == 0 {
		p.tell()
	}
}

func (p *progress) file() { p.done++ }

func (p *progress) end() { p.tell() }

func (p *progress) tell() {
	_, _ = fmt.Fprintf(p.out, "makegood: %d messages, %d of %d files\n", p.messages, p.done, p.files)
}

// mailFiles lists the files below the paths that hold mail, in order. Of a maildir those are the files in cur and new: what lies in
// tmp is not delivered yet, and what lies beside the three is the mail server's own.
func mailFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir():
				if filepath.Base(file) == "tmp" && isMaildir(filepath.Dir(file)) {
					return fs.SkipDir
				}
			case !isMaildir(filepath.Dir(file)):
				files = append(files, file)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Clip(files), nil
}

func isMaildir(folder string) bool {
	for _, part := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(folder, part)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// eachMessage gives the messages of one file; an mbox file holds several, of which one at a time is in memory.
func eachMessage(file string, do func(name string, raw []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReader(f)
	head, err := in.Peek(len("From "))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if !mbox.Is(head) {
		raw, err := io.ReadAll(in)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		return do(file, raw)
	}
	n := 0
	return mbox.Each(in, func(message []byte) error {
		n++
		return do(fmt.Sprintf("%s#%d", file, n), message)
	})
}
