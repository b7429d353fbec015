//go:build browser

package browsertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// wide and high are the size of a window, unless it is a phone's.
const wide, high = 1440, 900

// window is somebody's browser: its cookies are its own.
type window struct {
	t     *testing.T
	who   string
	ctx   context.Context //nolint:containedctx // chromedp hands the window on in a context
	watch *watch

	pressed int // keys, without what was written into fields
}

// window opens a browser for somebody. At the end of the test nothing may have gone wrong in it.
func (s *stage) window(t *testing.T, who string) *window {
	t.Helper()
	address, err := url.Parse(s.demo.Info.URL)
	must(t, err)
	w := &window{t: t, who: who, watch: &watch{host: address.Host}}
	ctx, cancel := chromedp.NewContext(s.browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.watch.see))
	t.Cleanup(cancel)
	w.ctx = ctx
	must(t, chromedp.Do(ctx)) // the window lives as long as the context of its first step, so that has no deadline
	w.do("open a window", chromedp.EmulateViewport(wide, high), media("light"))
	t.Cleanup(w.wentWell)
	return w
}

// media is how the system of the person is set. Movement is off, so that pictures do not depend on the moment.
func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	})
}

func (w *window) wentWell() {
	for _, fault := range w.watch.seen() {
		w.t.Errorf("%s: %s", w.who, fault)
	}
}

// do performs steps that are quick.
func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.fail("%s: %v", what, err)
	}
}

// open goes to an address of the demo and waits until the page is complete.
func (w *window) open(path string) {
	w.t.Helper()
	w.do("open "+path, chromedp.Navigate(shared.demo.Info.URL+path))
	w.settle()
}

// settle waits until nothing is being fetched or drawn.
func (w *window) settle() {
	w.t.Helper()
	w.until("the page to settle", `document.readyState === 'complete' && document.fonts.status === 'loaded' &&
		!document.querySelector('.htmx-request, .mg-sk:not(.page-kit *)')`)
}

// signIn fills the form in with the mouse.
func (w *window) signIn(email, next string) {
	w.t.Helper()
	w.open("/login?next=" + url.QueryEscape(next))
	w.fill("#f-email", email)
	w.fill("#f-password", shared.password(w.t, email))
	w.click("form[action='/login'] [type=submit]")
	w.until("sign-in of "+email, `location.pathname !== '/login'`)
	w.settle()
}

// until waits for an expression to be true, across page changes. The page looks itself, several times a second.
func (w *window) until(what, expression string) {
	w.t.Helper()
	w.within(patience, what, expression)
}

func (w *window) within(limit time.Duration, what, expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, limit)
	defer cancel()
	if err := await(ctx, expression); err != nil {
		w.fail("waited in vain for %s: %v", what, err)
	}
}

func await(ctx context.Context, expression string) error {
	script := `new Promise((done) => { const look = () => (` + expression + `) ? done(true) : setTimeout(look, 30); look(); })`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		// The page went away while it looked: the next one looks on. Anything else is wrong for good.
		if text := err.Error(); !strings.Contains(text, "navigated") && !strings.Contains(text, "context") {
			return err
		}
	}
}

// value is what an expression gives in the page.
func value[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.fail("%s: %v", expression, err)
	}
	return v
}

// text is what an element says, one space between words.
func (w *window) text(selector string) string {
	w.t.Helper()
	w.until(selector, shown(selector))
	return value[string](w, one(selector)+`.innerText.replace(/\s+/g, ' ').trim()`)
}

// says waits until an element contains a text.
func (w *window) says(selector, text string) {
	w.t.Helper()
	w.until(selector+" to say "+text, fmt.Sprintf(`%s?.innerText.replace(/\s+/g, ' ').includes(%s)`, one(selector), js(text)))
}

// one is the first element of a selector that can be seen.
func one(selector string) string {
	return `[...document.querySelectorAll(` + js(selector) + `)].find((e) => e.checkVisibility({ visibilityProperty: true }))`
}

func shown(selector string) string { return "!!" + one(selector) }

// picture stores what the window shows.
func (w *window) picture(name string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Errorf("%s: picture of %s: %v", w.who, name, err)
		return
	}
	dir := os.Getenv("MAKEGOOD_SCREENSHOTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "screenshots")
	}
	must(w.t, os.MkdirAll(dir, 0o755))
	must(w.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// fail ends the test with a picture of the window.
func (w *window) fail(format string, args ...any) {
	w.t.Helper()
	name := "failed-" + strings.ReplaceAll(w.t.Name(), "/", "-") + "-" + w.who
	w.t.Errorf("%s: %s (at %s; see %s.png)", w.who, fmt.Sprintf(format, args...), w.address(), name)
	w.picture(name)
	w.t.FailNow()
}

func (w *window) address() string {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	address, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return address
}

// js is a text as a script writes it.
func js(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(raw)
}
