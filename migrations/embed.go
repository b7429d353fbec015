// Package migrations holds the numbered SQL files that make Makegood's schema.
package migrations

import "embed"

// FS holds every NNNN_what.sql in this folder.
//
//go:embed *.sql
var FS embed.FS
