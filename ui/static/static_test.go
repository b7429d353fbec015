package static_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"makegood/ui/static"
)

func get(t *testing.T, path string, header map[string]string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	static.Handler().ServeHTTP(recorder, request)
	return recorder.Result()
}

func TestFingerprintedAssetIsKeptForever(t *testing.T) {
	t.Parallel()
	answer := get(t, static.URL("css/kit.css"), map[string]string{"Accept-Encoding": "gzip, br"})
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Fatalf("status %d, cache %q", answer.StatusCode, answer.Header.Get("Cache-Control"))
	}
	if answer.Header.Get("Content-Encoding") != "gzip" || answer.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("headers %v", answer.Header)
	}
	unzipped, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzipped)
	if err != nil || !strings.Contains(string(text), ".mg-clk") {
		t.Fatalf("kit.css does not unpack to itself: %v", err)
	}
}

// What is kept compressed is the same file for a browser that wants it plain.
func TestPackedAssetsReadBothWays(t *testing.T) {
	t.Parallel()
	for name, word := range map[string]string{"vendor/tabler/tabler.min.css": "@charset", "vendor/echarts/echarts.common.min.js": "echarts"} {
		zipped := get(t, static.URL(name), map[string]string{"Accept-Encoding": "gzip"})
		plain := get(t, static.URL(name), nil)
		reader, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		from, err := io.ReadAll(reader)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(plain.Body)
		if err != nil || string(from) != string(body) || !strings.Contains(string(body), word) {
			t.Errorf("%s: %d bytes unpacked, %d plain: %v", name, len(from), len(body), err)
		}
		if plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Content-Type") != zipped.Header.Get("Content-Type") || zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %v, %v", name, plain.Header, zipped.Header)
		}
	}
}

func TestAssetRules(t *testing.T) {
	t.Parallel()
	url := static.URL("css/kit.css")
	tag := get(t, url, nil).Header.Get("ETag")
	cases := map[string]struct {
		path   string
		header map[string]string
		status int
		cache  string
	}{
		"same tag":         {url, map[string]string{"If-None-Match": tag}, http.StatusNotModified, "public, max-age=31536000, immutable"},
		"other build":      {"/static/000000000000/css/kit.css", nil, http.StatusOK, "no-cache"},
		"unknown":          {static.URL("css/none.css"), nil, http.StatusNotFound, ""},
		"outside":          {"/static/x/../../static.go", nil, http.StatusNotFound, ""},
		"gzip not wanted":  {url, map[string]string{"Accept-Encoding": "gzip;q=0"}, http.StatusOK, "public, max-age=31536000, immutable"},
		"font is not gzip": {static.URL("vendor/inter/inter-latin-wght-normal.woff2"), map[string]string{"Accept-Encoding": "gzip"}, http.StatusOK, "public, max-age=31536000, immutable"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := get(t, c.path, c.header)
			if answer.StatusCode != c.status || answer.Header.Get("Cache-Control") != c.cache {
				t.Fatalf("status %d, cache %q", answer.StatusCode, answer.Header.Get("Cache-Control"))
			}
			if answer.Header.Get("Content-Encoding") != "" {
				t.Fatal("compressed though it should not be")
			}
		})
	}
}

// Every name given to static.URL anywhere in the screens, and every reference inside our own styles and
// modules, must exist.
func TestEveryUsedNameExists(t *testing.T) {
	t.Parallel()
	used := regexp.MustCompile(`static\.URL\("([^"]+)"\)|Scripts:\s*\[\]string\{([^}]*)\}`)
	quoted := regexp.MustCompile(`"([^"]+)"`)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		ours := strings.HasSuffix(path, ".templ") || (strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"))
		if err != nil || entry.IsDir() || !ours {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range used.FindAllStringSubmatch(string(text), -1) {
			names := []string{match[1]}
			if match[1] == "" {
				names = nil
				for _, name := range quoted.FindAllStringSubmatch(match[2], -1) {
					names = append(names, name[1])
				}
			}
			for _, name := range names {
				if !static.Has(name) {
					t.Errorf("%s uses the asset %q, which does not exist", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReferencesInsideAssetsExist(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`url\("(\.\.?/[^"]+)"\)|from '(\./[^']+)'|import '(\./[^']+)'`)
	for _, folder := range []string{"css", "js"} {
		files, err := os.ReadDir(filepath.Join("assets", folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join("assets", folder, file.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range reference.FindAllStringSubmatch(string(text), -1) {
				name := filepath.Join(folder, match[1]+match[2]+match[3])
				if !static.Has(filepath.ToSlash(name)) {
					t.Errorf("%s/%s refers to %q, which does not exist", folder, file.Name(), name)
				}
			}
		}
	}
}

// A first visit to a list page loads these; the limit leaves room for the page itself.
func TestColdWeight(t *testing.T) {
	t.Parallel()
	total := 0
	for _, name := range []string{
		"vendor/tabler/tabler.min.css", "css/kit.css", "css/screens.css", "css/app.css", "vendor/inter/inter-latin-wght-normal.woff2",
		"vendor/htmx/htmx.min.js", "vendor/htmx/hx-preload.min.js", "js/app.js", "js/keys.js", "js/live.js", "js/here.js", "js/clocks.js", "js/dialogs.js", "js/toasts.js", "js/look.js",
	} {
		body, err := io.ReadAll(get(t, static.URL(name), map[string]string{"Accept-Encoding": "gzip"}).Body)
		if err != nil || len(body) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		total += len(body)
	}
	if total > 220<<10 {
		t.Fatalf("first visit loads %d KB of assets, more than 220", total>>10)
	}
	t.Logf("first visit: %d KB", total>>10)
}
