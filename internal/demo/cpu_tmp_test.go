package demo_test

import (
	"context"
	"fmt"
	"github.com/jackc/pgx/v5"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"sort"
	"sync"

	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func cpuSelf() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func cpuPG(t *testing.T) string {
	out, _ := exec.Command("bash", "-c", "ps -eo ppid,cputimes,times,etimes,args | grep 'postgres: makegood test_' | grep -v grep | grep -- \"$(pgrep -P "+pid()+" postgres | head -1)\"").Output()
	return strings.TrimSpace(string(out))
}
func pid() string { return itoa(os.Getpid()) }
func itoa(n int) string {
	s := ""
	for n > 0 {
		s = string(rune('0'+n%10)) + s
		n /= 10
	}
	return s
}

func sample(t *testing.T, d *db.DB) func() {
	ctx, cancel := context.WithCancel(context.Background())
	conn, err := pgx.Connect(ctx, dbtest.OwnerURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			rows, err := conn.Query(context.Background(), `select left(regexp_replace(query, '\\s+', ' ', 'g'), 110) from pg_stat_activity where state='active' and pid<>pg_backend_pid() and datname=current_database()`)
			if err != nil {
				return
			}
			list, _ := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, q := range list {
				counts[q]++
			}
			if len(list) == 0 {
				counts["idle"]++
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	return func() {
		cancel()
		wg.Wait()
		var keys []string
		total := 0
		for k, n := range counts {
			keys = append(keys, k)
			total += n
		}
		sort.Slice(keys, func(i, j int) bool { return counts[keys[i]] > counts[keys[j]] })
		for i, k := range keys {
			if i < 40 {
				fmt.Printf("%5.1f%% %s\n", float64(counts[k])*100/float64(total), k)
			}
		}
	}
}

func logAll(t *testing.T, url string) {
	if os.Getenv("LOGALL") == "" {
		return
	}
	d := dbtest.Open(t, url, nil)
	conn, err := pgx.Connect(t.Context(), dbtest.OwnerURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "do $$ begin execute format('alter database %I set log_min_duration_statement = 0', current_database()); end $$"); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	t.Cleanup(func() {
		out, _ := exec.Command("bash", "-c", "cp $(ls -td /tmp/makegood-test-*/postgres/postgres.log | head -1) /tmp/demofill/").CombinedOutput()
		t.Log(string(out))
	})
}
