package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"makegood/internal/scenario"
)

const deployed = "../../deploy/"

// Every figure that an alert or the dashboard asks for is one that the program tells, and each of the program's own is watched.
func TestAlertsAndDashboardAskForFiguresThatAreTold(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.page("/healthz")        // so that a request has been answered
	told := map[string]bool{} // whether a figure is the program's own
	for _, name := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(h.page("/metrics"), -1) {
		told[name[1]] = strings.HasPrefix(name[1], "makegood_")
		if name[2] == "histogram" {
			told[name[1]+"_bucket"], told[name[1]+"_count"] = false, false
		}
	}
	asked := strings.Join(append(alertExpressions(t), dashboardExpressions(t)...), "\n")
	for _, name := range regexp.MustCompile(`\b(?:makegood|go|process)_[a-z_]+`).FindAllString(asked, -1) {
		if _, ok := told[name]; !ok {
			t.Errorf("%s is asked for and not told", name)
		}
	}
	for name, own := range told {
		if own && !strings.Contains(asked, name) {
			t.Errorf("%s is told, and nobody watches it", name)
		}
	}
	if len(told) < 30 {
		t.Errorf("only %d figures", len(told))
	}
}

func (h *house) page(path string) string {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://"+h.app.Addr()+path, http.NoBody)
	must(h.t, err)
	answer, err := http.DefaultClient.Do(request)
	must(h.t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must(h.t, err)
	if answer.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d: %s", path, answer.StatusCode, body)
	}
	return string(body)
}

func alertExpressions(t *testing.T) []string {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	text, err := os.ReadFile(deployed + "prometheus/alerts.yaml")
	must(t, err)
	must(t, yaml.Unmarshal(text, &file))
	var all []string
	for _, rule := range file.Groups[0].Rules {
		if rule.Alert == "" || rule.Expr == "" || rule.Annotations["summary"] == "" || rule.Annotations["action"] == "" {
			t.Errorf("nobody knows what to do about %+v", rule)
		}
		all = append(all, rule.Expr)
	}
	return all
}

func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err := os.ReadFile(deployed + "grafana/makegood.json")
	must(t, err)
	must(t, json.Unmarshal(text, &board))
	var all []string
	for _, panel := range board.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}
