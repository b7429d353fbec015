package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"makegood/internal/scenario"
)

// Whatever stands in braces in an address is a parameter of the operation: one that is not stays empty, and nothing is found.
func TestAddressesHaveTheirParameters(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	handler := p2(h.app.Handler())(t)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/openapi.json", nil))
	var described struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	must(t, json.Unmarshal(answer.Body.Bytes(), &described))
	if len(described.Paths) < 80 {
		t.Fatalf("%d addresses", len(described.Paths))
	}
	braces := regexp.MustCompile(`\{(\w+)\}`)
	for path, methods := range described.Paths {
		for method, operation := range methods {
			for _, name := range braces.FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(operation.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && p.Name == name[1] }) {
					t.Errorf("%s %s does not read its %s", method, path, name[1])
				}
			}
		}
	}
}

var (
	toldWithMethod = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE) +(/[a-z][^\s` + "`" + `;,)]*)`)
	toldAlone      = regexp.MustCompile("`(/[a-z][a-z0-9/_.:{}…-]*)`")
)

// Every address of pages and operations that the texts name is there.
func TestDocsTellTrueAddresses(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	server, ok := p2(h.app.Handler())(t).(*echo.Echo)
	if !ok {
		t.Fatal("the handler is something else")
	}
	var routes [][2]string
	firsts := map[string]bool{}
	for _, r := range server.Routes() {
		routes = append(routes, [2]string{r.Method, r.Path})
		firsts[strings.Split(r.Path+"/", "/")[1]] = true
	}
	files := p2(filepath.Glob("../../docs/*.md"))(t)
	told := 0
	for _, path := range append(files, "../../README.md", "../../CHANGELOG.md") {
		text := string(p2(os.ReadFile(path))(t))
		named := toldWithMethod.FindAllStringSubmatch(text, -1)
		for _, alone := range toldAlone.FindAllStringSubmatch(text, -1) {
			named = append(named, []string{alone[0], "", alone[1]})
		}
		for _, one := range named {
			address, _, _ := strings.Cut(one[2], "?")
			if !firsts[strings.Split(address+"/", "/")[1]] {
				continue // a folder of the machine, or a file
			}
			told++
			if !slices.ContainsFunc(routes, func(r [2]string) bool { return (one[1] == "" || one[1] == r[0]) && leadsTo(address, r[1]) }) {
				t.Errorf("%s tells of %s %s, which is not there", path, one[1], address)
			}
		}
	}
	if told < 60 {
		t.Errorf("only %d addresses found", told)
	}
}

// leadsTo: an address, whatever stands in the places of its parameters, is one of the route; one that ends in … begins like it.
func leadsTo(address, route string) bool {
	want, have := strings.Split(strings.TrimSuffix(address, "/"), "/"), strings.Split(strings.TrimSuffix(route, "/"), "/")
	for i, part := range want {
		switch {
		case part == "…":
			return true
		case i >= len(have):
			return len(have) > 0 && have[len(have)-1] == "*"
		case have[i] == "*":
			return true
		case part != have[i] && !strings.HasPrefix(have[i], ":"):
			return false
		}
	}
	return len(want) == len(have)
}
