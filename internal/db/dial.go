package db

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A machine that loses its power says nothing: whoever waits for it would wait for a quarter of an hour. A connection on which
// nothing happens is asked for a sign of life, and one whose words nobody takes is given up; that is later than the longest
// statement, which the server does not read while it works on another.
const (
	quietFor  = 10 * time.Second
	askEvery  = 5 * time.Second
	askTimes  = 3
	giveUp    = 40 * time.Second
	pingTakes = 5 * time.Second // at most, of a connection that was kept
)

func dial() pgconn.DialFunc {
	d := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: quietFor, Interval: askEvery, Count: askTimes}, Control: limitWaiting}
	return d.DialContext
}

// Connect opens one connection outside any pool, for what needs a session of its own. The caller closes it.
func Connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	cfg.DialFunc = dial()
	return pgx.ConnectConfig(ctx, cfg)
}
