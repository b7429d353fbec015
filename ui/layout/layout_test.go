package layout_test

import (
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"makegood/ui/kit"
	"makegood/ui/layout"
)

func shell() layout.Shell {
	return layout.Shell{
		Title: "MG-004182", Crumbs: []layout.Crumb{{Text: "Handover today", Href: "/"}, {Text: "MG-004182"}},
		Lang: "de", Theme: "dark", Density: "compact", CSRF: "token-1", Active: "queue", Topics: []string{"queue", "case:42"},
		Zone: time.FixedZone("CET", 3600), Now: time.Date(2026, time.November, 12, 10, 6, 0, 0, time.UTC),
		User: layout.User{Name: "Mara Lindqvist", Role: "agent", Email: "mara@nordwall.example"}, Scripts: []string{"js/charts.js"},
		Nav: []layout.NavItem{
			{ID: "queue", Text: "Queue", Href: "/"},
			{ID: "approvals", Text: "Approve", Href: "/approvals"},
			{ID: "board", Text: "Board", Href: "/board"},
			{ID: "books", Text: "Books", Href: "/customers"},
			{ID: "reports", Text: "Reports", Href: "/reports/aging"},
			{ID: "intake", Text: "Intake", Href: "/intake"},
		},
		NewCase: "/cases/new", BodyClass: "page-case", Toasts: []kit.ToastView{{Text: "Reply sent", UndoURL: "/undo/1"}},
	}
}

func render(t *testing.T, component, children templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := component.Render(templ.WithChildren(t.Context(), children), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("%q is missing", part)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	html := render(t, layout.Page(shell()), templ.Raw("<p>content</p>"))
	must(
		t, html, `<!doctype html><html lang="de" data-bs-theme="dark" data-theme="dark" data-density="compact">`,
		`<title>MG-004182 · Makegood</title>`, `<meta name="csrf-token" content="token-1">`, `<body class="mg-app page-case" hx-boost:inherited="swap:outerSync">`,
		`class="mg-skip" href="#main"`, `<main class="mg-main" id="main" tabindex="-1" data-topics="queue case:42"><p>content</p></main>`,
		`href="/" data-go="queue" aria-current="page"`, `action="/logout"`, `name="csrf_token" value="token-1"`, `id="mg-toasts"`, `hx-post="/undo/1"`,
	)
}

// What stands inside a page is rendered in the page's language and zone, with its token.
func TestChildrenKnowTheReader(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 12, 10, 6, 0, 0, time.UTC)
	children := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if err := kit.CSRF().Render(ctx, w); err != nil {
			return err
		}
		return kit.DateTime(at).Render(ctx, w)
	})
	must(t, render(t, layout.Page(shell()), children), "Do 12.\u00a0Nov.\u00a02026, 11:06</time>", `name="csrf_token" value="token-1"><time`)
}

func TestPagesKeepToThePolicy(t *testing.T) {
	t.Parallel()
	fault := layout.ErrorView{Status: 404, Title: "No such case", Sentence: "MG-9 does not exist.", RequestID: "r-1", BackHref: "/", BackText: "Queue"}
	pages := map[string]string{
		"page":   render(t, layout.Page(shell()), kit.Storybook()),
		"wall":   render(t, layout.Page(layout.Shell{Wall: true}), templ.NopComponent),
		"plain":  render(t, layout.Plain(layout.PlainView{Title: "Sign in", Script: true, CSRF: "t"}), templ.Raw("<p>x</p>")),
		"portal": render(t, layout.Plain(layout.PlainView{Class: "po", Brand: "Nordwall Cloud", BrandHref: "/portal", Nav: []layout.Crumb{{Text: "Invoices"}}}), templ.NopComponent),
		"error":  render(t, layout.Error(fault), templ.NopComponent),
		"toast":  render(t, layout.ErrorFragment(fault), templ.NopComponent),
	}
	for name, html := range pages {
		for _, forbidden := range []string{`\sstyle\s*=`, `<style`, `<script>`, `\son[a-z]+\s*=`, `javascript:`, `hx-on`, `/static/missing/`, `(?:src|href)="(?:https?:)?//`} {
			if found := regexp.MustCompile(forbidden).FindString(html); found != "" {
				t.Errorf("%s: %q found", name, found)
			}
		}
		seen := map[string]bool{}
		for _, match := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(html, -1) {
			if seen[match[1]] {
				t.Errorf("%s: id %q twice", name, match[1])
			}
			seen[match[1]] = true
		}
	}
	must(t, pages["error"], "No such case", "MG-9 does not exist.", "Request r-1", `href="/"`)
	must(t, pages["toast"], `role="alert"`, "MG-9 does not exist.", "(r-1)")
}

func TestHtmxConfigIsJSON(t *testing.T) {
	t.Parallel()
	html := render(t, layout.Page(shell()), templ.NopComponent)
	content := regexp.MustCompile(`name="htmx-config" content="([^"]*)"`).FindStringSubmatch(html)[1]
	var config map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(content, "&#34;", `"`)), &config); err != nil {
		t.Fatal(err)
	}
	if config["includeIndicatorCSS"] != false {
		t.Error("htmx would inject a style sheet")
	}
}

func TestShortcutsAreOneTableWithoutDoubles(t *testing.T) {
	t.Parallel()
	html := render(t, layout.Page(shell()), templ.NopComponent)
	seen := map[string]bool{}
	for _, shortcut := range layout.Shortcuts() {
		if seen[shortcut.Key] {
			t.Errorf("key %q twice", shortcut.Key)
		}
		seen[shortcut.Key] = true
		if word := (kit.Locale{}).Word(shortcut.Word); word == shortcut.Word {
			t.Errorf("no English for %s", shortcut.Word)
		}
		must(t, html, `data-shortcut="`+shortcut.Key+`"`)
	}
	agent := shell()
	agent.Nav, agent.NewCase = agent.Nav[:1], ""
	html = render(t, layout.Page(agent), templ.NopComponent)
	must(t, html, `data-shortcut="g q"`, `data-shortcut="g n"`)
	if strings.Contains(html, `data-shortcut="g b"`) || strings.Contains(html, `data-shortcut="g c"`) {
		t.Error("a key leads to a place that the reader does not have")
	}
	for _, needed := range []string{"j", "k", "Enter", "r", "n", "a", "c", "e", "w", "p", "m", "/", "?", "Ctrl+k"} {
		if !seen[needed] {
			t.Errorf("no shortcut %q", needed)
		}
	}
}
