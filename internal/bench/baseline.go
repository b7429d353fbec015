package bench

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"makegood/internal/pgserver"
)

//go:embed baseline/*.sql
var scripts embed.FS

// baseline is PostgreSQL's own load program on a small schema of its own: what the machine gives at this moment to a
// transaction that writes as much as a credit memo does and follows no rule.
type baseline struct {
	program string
	scripts string // the folder of its scripts: pgbench reads them from files
	url     string
	h       *house
}

const (
	baselineDatabase = "baseline"
	memoScript       = "memo.sql" // a credit memo
	caseScript       = "open.sql" // a case opened
)

func newBaseline(ctx context.Context, h *house) (*baseline, error) {
	bin, err := pgserver.Find(ctx)
	if err != nil {
		return nil, err
	}
	b := &baseline{h: h, program: filepath.Join(bin, "pgbench"), url: h.server.AdminURL(baselineDatabase), scripts: h.scratch}
	if _, err := os.Stat(b.program); err != nil {
		return nil, fmt.Errorf("the baseline needs pgbench, which stands beside PostgreSQL's other programs: %w", err)
	}
	for _, script := range []string{memoScript, caseScript} {
		text, err := scripts.ReadFile("baseline/" + script)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(b.scripts, script), text, 0o600); err != nil {
			return nil, err
		}
	}
	schema, err := scripts.ReadFile("baseline/schema.sql")
	if err != nil {
		return nil, err
	}
	if err := h.admin(ctx, "postgres", `drop database if exists `+baselineDatabase+` with (force)`, `create database `+baselineDatabase); err != nil {
		return nil, err
	}
	return b, h.admin(ctx, baselineDatabase, string(schema))
}

// ceiling is what pgbench reached: transactions a second, and processor milliseconds for each, its own and the server's.
type ceiling struct{ rate, cost float64 }

// run has clients work a script on a number of accounts.
func (b *baseline) run(ctx context.Context, script string, accounts, clients, seconds int) (ceiling, error) {
	before, err := b.h.spentByEnded(ctx)
	if err != nil {
		return ceiling{}, err
	}
	cmd := exec.CommandContext(ctx, b.program, "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(clients), //nolint:gosec // a program of the machine
		"--jobs="+strconv.Itoa(min(clients, 2)), "--time="+strconv.Itoa(seconds), "--define=accounts="+strconv.Itoa(accounts), "--file="+filepath.Join(b.scripts, script), b.url)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return ceiling{}, fmt.Errorf("run pgbench: %w: %s", err, out)
	}
	after, err := b.h.spentByEnded(ctx)
	if err != nil {
		return ceiling{}, err
	}
	rate, err := figureIn(string(out), "tps = ")
	if err != nil {
		return ceiling{}, err
	}
	done, err := figureIn(string(out), "number of transactions actually processed: ")
	if err != nil {
		return ceiling{}, err
	}
	return ceiling{rate: rate, cost: milliseconds(after-before+timeOf(cmd)) / done}, nil
}

// figureIn finds a figure in what pgbench prints: "tps = 1234.5 (without initial connection time)".
func figureIn(printed, name string) (float64, error) {
	for line := range strings.Lines(printed) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			number, _, _ = strings.Cut(number, "/")
			return strconv.ParseFloat(number, 64)
		}
	}
	return 0, fmt.Errorf("pgbench does not tell %q: %s", name, printed)
}
