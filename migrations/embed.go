// Package migrations holds the numbered SQL files that make Makegood's schema.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
)

// FS holds every NNNN_what.sql in this folder.
//
//go:embed *.sql
var FS embed.FS

//go:embed without/extension.sql
var without embed.FS

// needs is the line by which a step says that it is for servers with an extension.
var needs = regexp.MustCompile(`(?m)^-- needs extension (\w+)$`)

// For is the steps as a server takes them: one that needs an extension the server does not have is taken there too, and does nothing.
func For(files fs.FS, has func(extension string) (bool, error)) (fs.FS, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list steps: %w", err)
	}
	empty := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read step: %w", err)
		}
		said := needs.FindSubmatch(text)
		if said == nil {
			continue
		}
		there, err := has(string(said[1]))
		if err != nil {
			return nil, err
		}
		empty[name] = !there
	}
	return steps{files, empty}, nil
}

type steps struct {
	fs.FS

	empty map[string]bool
}

// Open opens a step.
func (s steps) Open(name string) (fs.File, error) {
	if s.empty[name] {
		return without.Open("without/extension.sql")
	}
	return s.FS.Open(name) //nolint:wrapcheck // as fs.FS has it
}
