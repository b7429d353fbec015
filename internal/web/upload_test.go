package web_test

import (
	"bytes"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/telemetry"
	"makegood/internal/web"
)

// sent is what a page gets of a form.
type sent struct {
	text  string
	files []web.Upload
	err   error
	again bool // files have to be chosen again
}

// post sends a form with a text and files to a page.
func post(t *testing.T, page, text string, files ...[]byte) sent {
	t.Helper()
	var got sent
	e := web.New(web.Options{
		Logger: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(),
		Fail: func(_ echo.Context, _ int, err error) { got.err = err },
	})
	e.Use(web.CheckForm)
	e.POST(page, func(c echo.Context) error {
		got.text = c.FormValue("text")
		got.files, got.err = web.Uploads(c, "files", 3, 20_000_000)
		got.again = web.SentFiles(c)
		return c.NoContent(http.StatusNoContent)
	})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, content := range files {
		part, err := form.CreateFormFile("files", "scan.pdf")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	if err := form.WriteField("text", text); err != nil { // below the files, so that it is there only when they were read past
		t.Fatal(err)
	}
	_ = form.Close()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, page, &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	e.ServeHTTP(httptest.NewRecorder(), request)
	return got
}

func reason(err error) string {
	if wrong, ok := err.(*errs.Error); ok && len(wrong.Fields) > 0 { //nolint:errorlint // as it was made
		return wrong.Fields[0].Key
	}
	return errs.KeyOf(err)
}

// TestFormsOfCustomersAreReadToTheirEnd: whatever is too much, the text is there and the sentence is clear.
func TestFormsOfCustomersAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	mega := func(n int) []byte { return bytes.Repeat([]byte("x"), n*1_000_000) }
	for name, c := range map[string]struct {
		files [][]byte
		want  string
	}{
		"nothing":                        {nil, ""},
		"as much as may be":              {[][]byte{mega(9), mega(11)}, ""},
		"a little more":                  {[][]byte{mega(9), mega(12)}, "error.files_too_large"},
		"more than is kept":              {[][]byte{mega(26)}, "error.files_too_large"},
		"more than is kept, then little": {[][]byte{mega(40), mega(1)}, "error.files_too_large"},
		"sixty megabytes":                {[][]byte{mega(60)}, "error.files_too_large"},
		"too many files":                 {[][]byte{mega(1), mega(1), mega(1), mega(1)}, "error.too_many_files"},
	} {
		got := post(t, "/contact", "Typed with care", c.files...)
		if reason(got.err) != c.want || got.text != "Typed with care" || got.again != (len(c.files) > 0) {
			t.Errorf("%s: %v, text %q, again %t", name, got.err, got.text, got.again)
		}
		if c.want != "" {
			continue
		}
		for n, file := range got.files {
			if len(got.files) != len(c.files) || !bytes.Equal(file.Content, c.files[n]) || file.Name != "scan.pdf" {
				t.Errorf("%s: file %d of %d has %d bytes", name, n, len(got.files), len(file.Content))
			}
		}
	}
	if got := post(t, "/contact", strings.Repeat("x", 2<<20)); reason(got.err) != "error.too_large" || len(got.text) != 1<<20 {
		t.Errorf("a text of two megabytes: %v, %d bytes of it", got.err, len(got.text))
	}
	if got := post(t, "/contact", "Typed with care", mega(140)); reason(got.err) != "error.files_too_large" || !got.again {
		t.Errorf("more than is read: %v", got.err)
	}
	if got := post(t, "/elsewhere", "x", mega(1)); got.err == nil || errs.KindOf(got.err) != errs.Internal {
		t.Errorf("a page that is none of these loses files silently: %v", got.err)
	}
	if got := post(t, "/elsewhere", "x", mega(2)); web.Status(got.err) != http.StatusRequestEntityTooLarge {
		t.Errorf("other pages take 1 MB: %v", got.err)
	}
}
