package web_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/telemetry"
	"makegood/internal/web"
)

// answered is what a server says to a request: the status, and the key of the sentence or what its page was given.
func answered(t *testing.T, method, target, contentType string, body io.Reader) string {
	t.Helper()
	said := ""
	e := web.New(web.Options{
		Logger: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(),
		Fail: func(_ echo.Context, status int, err error) { said = fmt.Sprint(status, " ", errs.KeyOf(err)) },
	})
	e.Use(web.CheckForm)
	e.Any("/*", func(c echo.Context) error {
		content, err := io.ReadAll(c.Request().Body)
		said = fmt.Sprintf("%q %q %d", c.QueryParam("q"), c.FormValue("text"), len(content))
		return err
	})
	e.POST("/contact", func(c echo.Context) error {
		said = fmt.Sprintf("%q", c.FormValue("text"))
		return nil
	})
	request := httptest.NewRequestWithContext(t.Context(), method, target, body)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	e.ServeHTTP(httptest.NewRecorder(), request)
	return said
}

// form is a form of several parts: a text, and a file with a name.
func form(t *testing.T, field, text, name string) (contentType string, body io.Reader) {
	t.Helper()
	var sent bytes.Buffer
	w := multipart.NewWriter(&sent)
	part, err := w.CreatePart(map[string][]string{"Content-Disposition": {`form-data; name*=UTF-8''` + field}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(text))
	part, err = w.CreatePart(map[string][]string{"Content-Disposition": {`form-data; name="file"; filename*=UTF-8''` + name}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("\x00\x01 a file may hold what it likes"))
	_ = w.Close()
	return w.FormDataContentType(), &sent
}

// TestNULIsRefused wherever a browser can send one, and nothing else is.
func TestNULIsRefused(t *testing.T) {
	t.Parallel()
	const refused, urlencoded = "400 error.no_text", "application/x-www-form-urlencoded"
	for _, c := range []struct{ method, target, kind, body, want string }{
		{"GET", "/?q=what", "", "", `"what" "" 0`},
		{"GET", "/?q=%2500", "", "", `"%00" "" 0`},
		{"GET", "/?q=%00(Save%00)", "", "", refused},
		{"GET", "/?%00=1", "", "", refused},
		{"GET", "/cases/%00", "", "", refused},
		{"GET", "/api/v1/cases/a%2f%00", "", "", refused},
		{"POST", "/login", urlencoded, "text=ada%40lumen.example&more=1", `"" "ada@lumen.example" 0`},
		{"POST", "/login?q=what&x=50%off", urlencoded, "text=typed", `"what" "typed" 0`},
		{"POST", "/login?x=50%off&q=%00", urlencoded, "text=typed", refused},
		{"POST", "/login", urlencoded, "text=%00%28", refused},
		{"POST", "/login", "Application/X-WWW-Form-Urlencoded; charset=utf-8", "te\x00xt=1", refused},
		{"POST", "/login", urlencoded, "text=%zz", "400 error.no_form"},
		{"POST", "/login", urlencoded, "text=" + strings.Repeat("x", 11<<20), "413 error.too_large"},
		{"POST", "/login", "multipart/form-data", "--x\r\n", "400 error.no_form"},
		{"POST", "/api/v1/cases", "application/json", `{"subject":"\u0000"}`, `"" "" 20`},
	} {
		if got := answered(t, c.method, c.target, c.kind, strings.NewReader(c.body)); got != c.want {
			t.Errorf("%s %s %.40q: %s, want %s", c.method, c.target, c.body, got, c.want)
		}
	}
	for _, page := range []string{"/contact", "/elsewhere"} { // one of them reads its forms itself
		for _, c := range []struct{ field, text, name, want string }{
			{"text", "typed", "scan.pdf", `"typed"`},
			{"text", "typed\x00(", "scan.pdf", refused},
			{"te%00xt", "typed", "scan.pdf", refused},
			{"text", "typed", "scan%00.pdf", refused},
		} {
			kind, body := form(t, c.field, c.text, c.name)
			if got := answered(t, "POST", page, kind, body); !strings.Contains(got, c.want) {
				t.Errorf("%s with %q and %s: %s, want %s", page, c.text, c.name, got, c.want)
			}
		}
	}
}
