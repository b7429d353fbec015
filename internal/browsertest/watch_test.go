//go:build browser

package browsertest_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch keeps what must not happen in a window: errors in the console, uncaught exceptions, breaches of the content
// security policy, answers that say the server failed, and requests to other hosts.
type watch struct {
	mu     sync.Mutex
	faults []string
	host   string
}

// see is called for each event of the window.
func (w *watch) see(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.note("exception: %s", exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.note("console: %s", spoken(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			w.note("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if address, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(address.Scheme, "http") && address.Host != w.host {
			w.note("asked another host: %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 {
			w.note("answered with %d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if e.BlockedReason != "" {
			w.note("blocked (%s): %s", e.BlockedReason, e.ErrorText)
		}
	}
}

func (w *watch) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if text := fmt.Sprintf(format, args...); !slices.Contains(w.faults, text) {
		w.faults = append(w.faults, text)
	}
}

// seen is what happened since it was asked last.
func (w *watch) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	faults := w.faults
	w.faults = nil
	return faults
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text + " " + d.URL
}

func spoken(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		if a.Description != "" {
			words = append(words, a.Description)
		} else {
			words = append(words, string(a.Value))
		}
	}
	return strings.Join(words, " ")
}
