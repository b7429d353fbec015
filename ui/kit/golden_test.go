package kit_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/ui/kit"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, component templ.Component) string {
	t.Helper()
	berlin := time.FixedZone("CET", 3600)
	ctx := kit.WithLocale(t.Context(), kit.Locale{Lang: "en", Zone: berlin, Now: time.Date(2026, time.November, 12, 10, 6, 0, 0, time.UTC)})
	return renderIn(t, kit.WithCSRF(ctx, "token-1"), component)
}

func renderIn(t *testing.T, ctx context.Context, component templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := component.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lines puts each element on its own line, so that a difference can be read.
func lines(html string) string { return strings.ReplaceAll(html, "><", ">\n<") + "\n" }

func TestGolden(t *testing.T) {
	t.Parallel()
	body := templ.Raw("<p>Dear Ms Köhler</p>")
	at := time.Date(2026, time.November, 12, 10, 6, 0, 0, time.UTC)
	eur := func(text string) money.Amount { return money.MustParse(text, "EUR") }
	components := map[string]templ.Component{
		"icon":           kit.Icon("inbox"),
		"clock_running":  kit.Clock(kit.RunningClock(109*time.Minute, 4*time.Hour, at.Add(109*time.Minute))),
		"clock_breached": kit.Clock(kit.HaltedClock(-42*time.Minute, 4*time.Hour, at.Add(-42*time.Minute))),
		"clock_paused":   kit.Clock(kit.PausedClock(50*time.Hour, "Waiting on customer")),
		"clock_met":      kit.Clock(kit.DoneClock(32*time.Minute, 4*time.Hour)),
		"money":          kit.Money(eur("1240.00")),
		"money_zero":     kit.Money(money.Zero("EUR")),
		"money_out":      kit.MoneyDir(eur("844.90"), "out"),
		"money_in":       kit.MoneyDir(eur("6827.27"), "in"),
		"tag_link":       kit.Tag(kit.TagView{Text: "Mail", Icon: "paperclip", Href: "/evidence/1"}),
		"avatar":         kit.Avatar(kit.AvatarView{Name: "Chen Wei", On: "typing"}),
		"avatar_nobody":  kit.Avatar(kit.AvatarView{}),
		"message":        withBody(kit.Message(kit.MessageView{ID: "7", Kind: "note", Name: "Jonas Brandt", At: at}), body),
		"composer":       kit.Composer(kit.ComposerView{ID: "composer-4182", Action: "/cases/MG-004182/messages", Target: "#thread", Kind: "reply", To: "to Sabine Köhler", Version: 3, Why: "Nobody approved 844.90 EUR yet."}),
		"notice":         kit.Notice(kit.NoticeView{Tone: "bad", Title: "Period closed.", Text: "Nothing was booked.", LinkText: "Post on 1 Dec", Href: "/post"}),
		"stat":           kit.Stat(kit.StatView{Label: "Breached", Value: "3", Detail: "worst −0:42", Tone: "bad", Href: "/?view=breached"}),
		"button_why":     kit.Button(kit.ButtonView{Text: "Resolve", Icon: "circle-check", Key: "e", Why: "Line 5 is undecided"}),
		"input_error":    kit.Input(kit.FieldView{Name: "amount", Label: "Amount", Value: "<1>", Required: true, Error: "Only 12.30 EUR is left"}),
		"select":         kit.Select(kit.FieldView{Name: "reason", Label: "Reason", Value: "b"}, []kit.Option{{Value: "a", Text: "Price"}, {Value: "b", Text: "Quantity"}}),
		"toast_partial":  kit.ToastPartial(kit.ToastView{Text: "Reply sent", UndoURL: "/undo/1"}),
		"palette":        kit.PaletteResults([]kit.PaletteGroup{{Label: "Cases", Items: []kit.PaletteItem{{Icon: "inbox", Text: "Brückner", Mark: "BRÜ", End: "MG-004182", Href: "/cases/MG-004182"}}}}),
		"storybook":      kit.Storybook(),
	}
	for name, component := range components {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lines(render(t, component))
			path := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from %s; look at it and run with -update\n%s", name, path, got)
			}
		})
	}
}

func withBody(component, body templ.Component) templ.ComponentFunc {
	return func(ctx context.Context, w io.Writer) error {
		return component.Render(templ.WithChildren(ctx, body), w)
	}
}

// A strict policy allows neither style attributes nor inline handlers nor scripts; the storybook shows every
// component, so what it renders stands for all of them.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	html := render(t, kit.Storybook())
	for _, forbidden := range []string{`\sstyle\s*=`, `<style`, `<script`, `\son[a-z]+\s*=`, `javascript:`, `hx-on`} {
		if found := regexp.MustCompile(forbidden).FindString(html); found != "" {
			t.Errorf("%q found", found)
		}
	}
	seen := map[string]bool{}
	for _, match := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if seen[match[1]] {
			t.Errorf("id %q twice", match[1])
		}
		seen[match[1]] = true
	}
}

func TestSentencesComeFromTheCatalogue(t *testing.T) {
	t.Parallel()
	say := func(key string, params ...string) string {
		if key == "kit.on.here" {
			return params[1] + " ist da"
		}
		return key
	}
	ctx := kit.WithLocale(t.Context(), kit.Locale{Lang: "de", Say: say})
	if html := renderIn(t, ctx, kit.Avatar(kit.AvatarView{Name: "Mara", On: "here"})); !strings.Contains(html, `aria-label="Mara ist da"`) {
		t.Error(html)
	}
	if html := renderIn(t, ctx, kit.Avatar(kit.AvatarView{})); !strings.Contains(html, `aria-label="Unassigned"`) {
		t.Error("a key nobody translated is said in English: " + html)
	}
	if html := renderIn(t, ctx, kit.Money(money.MustParse("-1240.5", "EUR"))); !strings.Contains(html, "\u22121.240,50<abbr>EUR</abbr>") {
		t.Error(html)
	}
}

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	say := func(key string, params ...string) string { return key + ":" + strings.Join(params, "=") }
	got := kit.FieldErrors(errs.InvalidField("amount", "credit.over_headroom", "remaining", "12.30 EUR"), say)
	if got["amount"] != "credit.over_headroom:remaining=12.30 EUR" {
		t.Error(got)
	}
	if kit.FieldErrors(os.ErrNotExist, say) != nil {
		t.Error("an error without fields has no sentences")
	}
}
