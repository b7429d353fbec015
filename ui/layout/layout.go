// Package layout is the page around every screen: rail, top bar, palette, toasts, dialogs and the sheet of
// shortcuts; the plain page for sign-in and customers; and the page that says what went wrong.
package layout

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"makegood/ui/kit"
	"makegood/ui/static"
)

// Shell is everything a page needs to know besides its content.
type Shell struct {
	Title    string          // of the browser's tab
	Heading  string          // h1 in the top bar; without one the crumbs stand there
	Sub      string          // grey figures beside the heading
	Crumbs   []Crumb         // where this is
	TopExtra templ.Component // beside the crumbs
	Lang     string
	Theme    string // light, dark, or "" to follow the system
	Density  string // compact or comfortable
	CSRF     string
	Zone     *time.Location
	Now      time.Time
	Say      func(key string, params ...string) string
	User     User
	Active   string // ID of the NavItem this page belongs to
	Nav      []NavItem
	Bell     Bell
	Topics   []string // live topics besides those of data-live elements
	Scripts  []string // further modules, such as "js/charts.js"
	// BodyClass names the screen, as in "page-queue".
	BodyClass string
	Toasts    []kit.ToastView
	NewCase   string // where the reader opens a case; "" for who may not
	Wall      bool   // board: neither rail nor top bar
}

// User is who is signed in.
type User struct {
	Name, Role, Email string
	Settings          []NavItem // what they may set
}

// Bell is how many notices somebody has not read, "" for none, and the live topic that tells of more.
type Bell struct {
	Unread, Topic string
}

// Crumb is one step of where a page is; the last has no Href.
type Crumb struct {
	Text, Href string
}

// NavItem is one place in the rail. Hot makes its badge red.
type NavItem struct {
	ID, Text, Icon, Href, Badge string
	Hot                         bool
}

func (s Shell) context(ctx context.Context) context.Context {
	ctx = kit.WithLocale(ctx, kit.Locale{Lang: s.Lang, Zone: s.Zone, Now: s.Now, Say: s.Say, Said: kit.LocaleOf(ctx).Said})
	if s.CSRF != "" {
		ctx = kit.WithCSRF(ctx, s.CSRF)
	}
	return ctx
}

// reaches tells whether a key leads somewhere on this page: of those that go to a place, only to one that the reader has.
func (s Shell) reaches(k Shortcut) bool {
	return k.Do != "go" || k.Target == "notices" || k.Target == "new-case" && s.NewCase != "" || slices.ContainsFunc(s.Nav, func(i NavItem) bool { return i.ID == k.Target })
}

func (s Shell) bodyClass() string {
	if s.Wall {
		return strings.TrimSpace("bd " + s.BodyClass)
	}
	return strings.TrimSpace("mg-app " + s.BodyClass)
}

func (u User) title() string {
	if u.Role == "" {
		return u.Name
	}
	return u.Name + ", " + u.Role
}

func lang(code string) string {
	if code == "" {
		return "en"
	}
	return code
}

func density(value string) string {
	if value == "compact" {
		return value
	}
	return "comfortable"
}

// theme is what the page starts with; look.js resolves "" to the system's choice before the first paint.
func theme(value string) string {
	if value == "dark" || value == "light" {
		return value
	}
	return "light"
}

func themeChoice(value string) string {
	if value == "dark" || value == "light" {
		return value
	}
	return "system"
}

// htmxConfig keeps htmx from injecting styles and names the one extension it may load. Links fetch ahead on
// our own event, sent after a pointer has rested on them.
const htmxConfig = `{"includeIndicatorCSS":false,"extensions":"preload","defaultSwap":"innerHTML","defaultTimeout":30000,"morphScanLimit":60,"morphIgnore":["data-htmx-powered","open","data-scrolled","aria-busy"],"morphSkip":"[data-keep]","preload":{"boostEvent":"mg:hover","boostTimeout":"4s"}}`

// boost makes links and forms change the body instead of loading a new document. The body is replaced, not
// morphed: what was typed on one page must never turn up on another.
const boost = "swap:outerSync"

func modules() []string {
	return []string{"js/keys.js", "js/live.js", "js/here.js", "js/clocks.js", "js/passkeys.js", "js/dialogs.js", "js/toasts.js"}
}

func asset(name string) string { return static.URL(name) }
