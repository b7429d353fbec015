// Package copies runs copies of the program as processes of their own, as an operator does: for what can only be measured
// from outside, and for what must survive that they are killed.
package copies

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Settings say what to start.
type Settings struct {
	Program string    // the file; "" means the one that runs now
	Args    []string  // nil means serve
	Env     []string  // NAME=value, beside the environment of this process
	Log     io.Writer // what the copy writes; nil means nowhere
	Address string    // where it listens; "" means a free port
}

// Copy is a running copy of the program.
type Copy struct {
	Address string        // host:port of its web server
	Took    time.Duration // from starting the process until it said that it was ready

	cmd    *exec.Cmd
	exited chan struct{}
}

const (
	lookEvery = 2 * time.Millisecond
	longest   = time.Minute
)

// Start starts a copy and returns when it answers that it is ready. The copy ends with this process.
func Start(ctx context.Context, s Settings) (*Copy, error) {
	c := &Copy{Address: s.Address, exited: make(chan struct{})}
	var err error
	if s.Program == "" {
		if s.Program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the program: %w", err)
		}
	}
	if c.Address == "" {
		if c.Address, err = FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	if s.Args == nil {
		s.Args = []string{"serve"}
	}
	c.cmd = exec.CommandContext(context.WithoutCancel(ctx), s.Program, s.Args...) //nolint:gosec // a copy of this program
	c.cmd.Env = append(append(os.Environ(), s.Env...), "MAKEGOOD_HTTP_ADDR="+c.Address)
	c.cmd.Stdout, c.cmd.Stderr = s.Log, s.Log
	c.cmd.SysProcAttr = attributes()
	began := time.Now() //nolint:forbidigo // how long it takes is what is asked
	if err := c.run(); err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		c.Kill()
		return nil, err
	}
	c.Took = time.Since(began)
	return c, nil
}

// run starts the process from a thread of its own that stays until it has ended: the kernel's "die with the parent" means the
// very thread that started it.
func (c *Copy) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // how it ended is for its log
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start a copy: %w", err)
	}
	return nil
}

func (c *Copy) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for !c.Answers(ctx) {
		select {
		case <-tick.C:
		case <-c.exited:
			return errors.New("the copy ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("wait for the copy: %w", ctx.Err())
		}
	}
	return nil
}

// Answers tells whether the copy says that it is ready.
func (c *Copy) Answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// PID is the number of its process.
func (c *Copy) PID() int { return c.cmd.Process.Pid }

// Exited is closed when its process has ended.
func (c *Copy) Exited() <-chan struct{} { return c.exited }

// Kill ends it as a power cut would and returns when it is gone.
func (c *Copy) Kill() {
	_ = c.cmd.Process.Kill() // it may have ended already, which is what is wanted
	<-c.exited
}

// Stop has it end in order, and kills it when ctx ends first.
func (c *Copy) Stop(ctx context.Context) {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.exited:
	case <-ctx.Done():
		c.Kill()
	}
}

// Memory is how much of the machine's memory it holds, in MB; 0 where the system does not tell.
func (c *Copy) Memory() float64 { return Memory(c.PID()) }

// Memory is how much of the machine's memory a process holds, in MB; 0 where the system does not tell.
func Memory(pid int) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024
		}
	}
	return 0
}

// FreeAddress is a loopback address with a port that nobody uses at this moment.
func FreeAddress(ctx context.Context) (string, error) {
	var listen net.ListenConfig
	port, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return port.Addr().String(), port.Close()
}
