package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

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
