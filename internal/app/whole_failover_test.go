//go:build ha

package app_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"makegood/internal/db"
)

var failovers = flag.Int("failovers", 3, "how often the node that leads is killed; it leads over in order once besides")

// cluster is three nodes of PostgreSQL with a pooler before each, as deploy/ha starts them on one machine.
type cluster struct {
	t        *testing.T
	dir      string
	settings map[string]string
}

const clusterScript = "../../deploy/ha/cluster"

// openCluster starts the nodes. They end with the test, or with its process when that is killed.
func openCluster(t *testing.T) *cluster {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = "" // where the system has files for the moment
	}
	dir, err := os.MkdirTemp(parent, "makegood-ha-") //nolint:usetesting // in memory, and another user has to pass
	must(t, err)
	must(t, os.Chmod(dir, 0o711)) // the nodes' user has to pass
	c := &cluster{t: t, dir: dir + "/nodes", settings: map[string]string{}}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), clusterScript, "hold", c.dir)
	log := &record{}
	cmd.Stderr, cmd.WaitDelay = log, time.Minute
	hold, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		err := errors.Join(hold.Close(), cmd.Wait())
		if t.Failed() || err != nil {
			t.Logf("%v: %s\nthe nodes' logs are kept in %s", err, log.text(), c.dir)
			return
		}
		must(t, os.RemoveAll(dir))
	})
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the nodes do not start: %v: %s", err, log.text())
		}
		if line == "ready\n" {
			return c
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		c.settings[name] = strings.Trim(value, "'")
	}
}

// do has the script do something and answers what it says.
func (c *cluster) do(command string, args ...string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), clusterScript, append([]string{command, c.dir}, args...)...)
	cmd.WaitDelay = time.Minute
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%s %v: %v: %s", command, args, err, said.String())
	}
	return strings.TrimSpace(string(out))
}

// takeover is what happened when another node came to lead.
type takeover struct {
	how, from, to       string
	posted, answered    time.Duration // until a credit, and a mail, that came after it were done
	whole               time.Duration // until the node of before followed and a second one had each commit again
	mails, credits      int           // begun, from the start of the work on
	lost, doubled, more int           // of those; answers that were refused or cut off and asked for again
}

// TestFailover kills the node that leads again and again, with everything on it, while people write and credits are asked for,
// approved and posted in two copies of the program, through the poolers. The killed node is started again each time and follows.
// Nothing is lost and nothing doubled, and in the end books, chains, deadlines and mail are sound.
func TestFailover(t *testing.T) {
	t.Parallel()
	c := openCluster(t)
	must(t, db.Migrate(t.Context(), c.settings["OWNER_URL"]))
	s := openSoakOn(t, c.settings["MAKEGOOD_DATABASE_URL"], c.settings["MAKEGOOD_SESSION_DATABASE_URL"])
	var all []takeover
	for range *failovers {
		all = append(all, s.takeOver(c, "killed", func(leader string) { c.do("kill", leader) }))
	}
	all = append(all, s.takeOver(c, "leads over in order", func(string) { c.do("switchover") }))
	t.Log(takeovers(t, all))
	s.proves(int(s.desk.mails.Load()))
}

func (s *soak) takeOver(c *cluster, how string, cause func(leader string)) takeover {
	s.t.Helper()
	refused, lost, doubled := s.desk.refused.Load(), s.lost, s.doubled
	s.desk.start(2, 2)
	s.desk.credit() // so that all of them are at work
	c.do("ready")
	one := takeover{how: how, from: c.do("leader")}
	began := time.Now()
	cause(one.from)
	var writing sync.WaitGroup
	writing.Go(func() {
		s.desk.mail()
		one.answered = time.Since(began)
	})
	s.desk.credit()
	one.posted = time.Since(began)
	writing.Wait()
	one.to = c.do("leader")
	if one.to == one.from {
		s.t.Errorf("%s leads as before", one.to)
	}
	c.do("begin", one.from)
	c.do("ready")
	one.whole = time.Since(began)
	s.listening()
	s.desk.end()
	one.mails, one.credits = int(s.desk.mails.Load()), int(s.desk.credits.Load())
	s.lost, s.doubled = s.balance(one.mails, one.credits)
	one.lost, one.doubled, one.more = s.lost-lost, s.doubled-doubled, int(s.desk.refused.Load()-refused)
	return one
}

// listening waits until both copies hear of changes again and give a sign of life, on sessions of the node that leads.
func (s *soak) listening() {
	s.t.Helper()
	s.desk.until("both copies to listen", func(ctx context.Context) bool {
		heard, err := db.Value[bool](ctx, s.app.DB, `select count(*) filter (where query = $1) = 2
			and (select count(*) from pg_locks where locktype = 'advisory' and classid = 28007 and granted) >= 2
			from pg_stat_activity where datname = current_database()`, "listen "+db.Channel)
		return err == nil && heard
	})
}

func takeovers(t *testing.T, all []takeover) string {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\n\tnode\tthen leads\tposting goes on, s\tmail goes on, s\twhole again, s\tmails\tcredits\tlost\tdoubled\tasked again")
	for i, o := range all {
		fmt.Fprintf(w, "%d\t%s %s\t%s\t%.1f\t%.1f\t%.1f\t%d\t%d\t%d\t%d\t%d\n", i+1, o.from, o.how, o.to,
			o.posted.Seconds(), o.answered.Seconds(), o.whole.Seconds(), o.mails, o.credits, o.lost, o.doubled, o.more)
	}
	must(t, w.Flush())
	return text.String()
}
