package app

import (
	"context"
	"runtime/debug"
	"time"
)

// settleAfter is how long after the start what only the start needed is given back.
const settleAfter = 5 * time.Second

// settle gives back to the system, once, what only the start needed: memory of ours that is free, and the pages of the program's file that were read
// for it. What is needed again comes back from the system's cache of files.
func settle(ctx context.Context) {
	timer := time.NewTimer(settleAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return
	case <-timer.C:
	}
	debug.FreeOSMemory()
	dropFilePages()
}
