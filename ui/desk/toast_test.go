package desk_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// TestToastsAreReadInEveryLanguage: a browser reads a header as Latin-1, so nothing of another alphabet may stand in it as it is.
func TestToastsAreReadInEveryLanguage(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk.Desk{Catalogue: words}
	for lang, want := range map[string]string{"en": "MG-7 is yours.", "ja": "MG-7 を引き受けました。", "zh-Hans": "MG-7 由您处理。"} {
		c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), "GET", "/contact?language="+lang, nil), httptest.NewRecorder())
		done := func(c echo.Context) error {
			return d.Toast(c, desk.Toast{Text: i18n.F("{number} is yours.", "number", "MG-7") + " 🧾\u007f", Undo: "/a?b&c"}, "mg:worked")
		}
		if err := web.CustomerLanguage(true)(done)(c); err != nil {
			t.Fatal(err)
		}
		sent := c.Response().Header().Get("HX-Trigger")
		if strings.ContainsFunc(sent, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%s: %q does not pass a header", lang, sent)
		}
		var told struct {
			Toast  desk.Toast `json:"mg:toast"`
			Worked *struct{}  `json:"mg:worked"`
		}
		if err := json.Unmarshal([]byte(sent), &told); err != nil || told.Toast.Text != want+" 🧾\u007f" || told.Toast.Undo != "/a?b&c" || told.Worked == nil {
			t.Errorf("%s: %s says %+v, want %q (%v)", lang, sent, told, want, err)
		}
	}
}

// What was done is said once, on the page that the answer sends to, and never from a cookie that says nothing readable.
func TestWhatWasDoneIsSaidOnTheNextPage(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk.Desk{Catalogue: words, Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Badges: func(context.Context, access.Actor) (desk.Badges, error) { return desk.Badges{}, nil }}
	visit := func(cookies ...*http.Cookie) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		if err := d.Page(echo.New().NewContext(r, w), http.StatusOK, desk.View{Title: "Queue"}, templ.NopComponent); err != nil {
			t.Fatal(err)
		}
		return w
	}
	posted := httptest.NewRecorder()
	d.SayNext(echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), posted), i18n.F("{number} is yours.", "number", "MG-7 <b>"))
	said := posted.Result().Cookies()
	page := visit(said...)
	if !strings.Contains(page.Body.String(), "MG-7 &lt;b&gt; is yours.") {
		t.Errorf("the next page says nothing: %v", said)
	}
	if gone := page.Result().Cookies(); len(gone) != 1 || gone[0].Name != said[0].Name || gone[0].MaxAge >= 0 {
		t.Errorf("it would be said again: %v", gone)
	}
	for _, value := range []string{"", "%", "_w"} {
		if page := visit(&http.Cookie{Name: said[0].Name, Value: value}); strings.Contains(page.Body.String(), `class="mg-toast"`) {
			t.Errorf("%q is said", value)
		}
	}
}
