package desk_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

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
