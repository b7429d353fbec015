package authority_test

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/authority"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := authority.New(r.Desk, r.Billing, r.Credits, r.People, r.Cases)
	r.Echo.GET("/settings/authority", s.Levels, web.Need(access.ReadCredits))
	r.Echo.GET("/settings/authority/levels/:level", s.Level, web.Need(access.ReadCredits))
	r.Echo.POST("/settings/authority/levels/:level", s.ProposeLevel, web.Need(access.ManageAuthority))
	r.Echo.POST("/settings/authority/levels/:level/holders", s.ProposeHolder, web.Need(access.ManageAuthority))
	r.Echo.GET("/settings/authority/policy", s.Policy, web.Need(access.ReadCredits))
	r.Echo.POST("/settings/authority/policy", s.ChangePolicy, web.Need(access.ManageAuthority))
	r.Echo.GET("/settings/authority/changes", s.Changes, web.Need(access.ReadCredits))
	r.Echo.POST("/settings/authority/changes/:change/:verdict", s.Decide, web.Need(access.ManageAuthority))
	r.Echo.GET("/settings/authority/simulation", s.Simulation, web.Need(access.ReadCredits))
	return r
}

func has(t *testing.T, a screentest.Answer, status int, wants ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

func went(t *testing.T, a screentest.Answer) {
	t.Helper()
	if to := a.Header.Get("Location"); a.Status != http.StatusSeeOther || strings.HasPrefix(to, "/prove") {
		t.Errorf("status %d to %q: %s", a.Status, to, a.Text)
	}
}

const draft = "cooling_days: 5\nrules:\n  - name: a controller looks\n    if: amount > 500\n    then: {step: {role: controller}}\n"

func TestAPolicyIsChangedByTwoPeopleOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, director, agent := r.As(access.Controller), r.As(access.Director), r.As(access.Agent)
	has(t, agent.Get("/settings/authority/policy"), 200, "Policy, as YAML", "cooling_days: 14")
	has(t, controller.Post("/settings/authority/policy", url.Values{"policy": {draft}, "do": {"replay"}}), 200, "0 requests, 0 as before")
	for wrong, says := range map[string]string{
		strings.Replace(draft, "amount >", "amonut >", 1):            "unknown name amonut",
		strings.Replace(draft, "role: controller", "role: king", 1):  "There is nothing called king.",
		strings.Replace(draft, "cooling_days: 5", "cooling: 5", 1):   "field cooling not found",
		strings.Replace(draft, "amount > 500", "amount > region", 1): "mismatched types",
		strings.Replace(draft, "role: controller", "level: 77", 1):   "There is no level of rank 77.",
	} {
		has(t, controller.Post("/settings/authority/policy", url.Values{"policy": {wrong}, "comment": {"x"}, "do": {"propose"}}), 422, "The policy cannot be saved.", says)
	}
	has(t, controller.Post("/settings/authority/policy", url.Values{"policy": {draft}, "do": {"propose"}}), 422, "Why")
	went(t, controller.Post("/settings/authority/policy", url.Values{"policy": {draft}, "comment": {"Finance asked for it"}, "do": {"propose"}}))
	has(t, controller.Get("/settings/authority/changes"), 200, "Finance asked for it", "You proposed it, so somebody else must confirm it.")
	if a := controller.Post("/settings/authority/changes/1/confirm", nil); a.Status != http.StatusForbidden {
		t.Errorf("who proposed it confirms it: %d", a.Status)
	}
	if a := agent.Post("/settings/authority/changes/1/confirm", nil); a.Status != http.StatusForbidden {
		t.Errorf("an agent confirms it: %d", a.Status)
	}
	has(t, director.Get("/settings/authority"), 200, "A change waits for a second person.", "No policy of your own")
	has(t, director.Post("/settings/authority/changes/1/refuse", nil), 422)
	went(t, director.Post("/settings/authority/changes/1/confirm", nil))
	has(t, director.Post("/settings/authority/changes/1/confirm", nil), 409, "Somebody has decided this change already.")
	has(t, agent.Get("/settings/authority/policy"), 200, "Policy 1, in force", "a controller looks")
}

func TestLevelsAndHoldersAreProposedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Clock.Add(time.Hour)
	controller, director, auditor := r.As(access.Controller), r.As(access.Director), r.As(access.Auditor)
	matrix := auditor.Get("/settings/authority")
	has(t, matrix, 200, "L2 senior", "1,000.00", "Write-off", "no limit")
	_, rest, _ := strings.Cut(matrix.HTML, "/settings/authority/levels/")
	level, _, _ := strings.Cut(rest, `"`)
	path := "/settings/authority/levels/" + level
	if page := auditor.Get(path); strings.Contains(page.HTML, "Propose these limits") || page.Status != 200 {
		t.Errorf("the auditor can propose: %d", page.Status)
	}
	terms := url.Values{"signatures": {"1"}, "max.billing_error": {"150"}, "own.billing_error": {"75"}, "comment": {"Agents decide more"}}
	wrong := url.Values{"signatures": {"9"}, "max.billing_error": {"much"}, "comment": {"x"}}
	has(t, controller.Post(path, wrong), 422, "This is not a number.")
	went(t, controller.Post(path, terms))
	went(t, director.Post("/settings/authority/changes/1/confirm", nil))
	has(t, auditor.Get("/settings/authority"), 200, "150.00")
	before := r.Clock.Now().AddDate(0, 0, -1).Format("2006-01-02")
	if a := auditor.Get("/settings/authority?on=" + before); strings.Contains(a.Text, "150.00") || a.Status != 200 {
		t.Errorf("the day before shows today's limit: %d %s", a.Status, a.Text)
	}
	page := controller.Get(path)
	_, rest, _ = strings.Cut(page.HTML, `name="user"`)
	_, rest, _ = strings.Cut(rest, `<option value="`)
	user, _, _ := strings.Cut(rest, `"`)
	went(t, controller.Post(path+"/holders", url.Values{"user": {user}, "holds": {"no"}, "comment": {"Moves to sales"}}))
	went(t, director.Post("/settings/authority/changes/2/refuse", url.Values{"note": {"Stays"}}))
	has(t, auditor.Get("/settings/authority/changes"), 200, "Moves to sales", "refused", "Stays")
}

func TestWhoWouldApproveOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	auditor := r.As(access.Auditor)
	form := auditor.Get("/settings/authority/simulation")
	has(t, form, 200, "Who would approve?", "Asked by")
	pick := func(name string) string {
		_, rest, _ := strings.Cut(form.HTML, `name="`+name+`"`)
		_, rest, _ = strings.Cut(rest, `<option value="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	ask := "/settings/authority/simulation?kind=sla_credit&currency=EUR&entity=" + pick("entity") + "&requester=" + pick("requester")
	has(t, auditor.Get(ask+"&amount=12400"), 200, "12400.00 EUR is compared with limits", "L4 controller", "above the limit of")
	has(t, auditor.Get(ask+"&amount=a+lot"), 422, "This is not a number.")
	has(t, auditor.Get(strings.Replace(ask, "sla_credit", "gift", 1)+"&amount=1"), 422)
}

func TestWhoWouldApproveAsksForReasonTierAndRegion(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, director := r.As(access.Controller), r.As(access.Director)
	form := controller.Get("/settings/authority/simulation")
	pick := func(name string, nth int) string {
		_, rest, _ := strings.Cut(form.HTML, `name="`+name+`"`)
		value := ""
		for range nth {
			_, rest, _ = strings.Cut(rest, `<option value="`)
			value, _, _ = strings.Cut(rest, `"`)
		}
		return value
	}
	reason, entity, requester := pick("reason", 2), pick("entity", 1), pick("requester", 1)
	rules := "rules:\n  - name: gold in the north\n    when: {tiers: [gold], regions: [EMEA], reasons: [" + reason + "]}\n    then: {step: {role: controller}}\n"
	went(t, controller.Post("/settings/authority/policy", url.Values{"policy": {rules}, "comment": {"x"}, "do": {"propose"}}))
	went(t, director.Post("/settings/authority/changes/1/confirm", nil))
	query := url.Values{
		"kind": {"sla_credit"}, "currency": {"EUR"}, "entity": {entity}, "requester": {requester}, "amount": {"500"},
		"reason": {reason}, "tier": {"gold"}, "region": {"EMEA"},
	}
	if requester == strconv.FormatInt(r.Actor(access.Controller).UserID, 10) || requester == strconv.FormatInt(r.Actor(access.Director).UserID, 10) {
		query.Set("requester", strconv.FormatInt(r.Actor(access.Agent).UserID, 10)) // it binds those at once who did not make it
	}
	has(t, controller.Get("/settings/authority/simulation?"+query.Encode()), 200, "gold in the north applies: step")
	for field, why := range map[string]string{"reason": "reasons", "tier": "tiers", "region": "regions"} {
		other := maps.Clone(query)
		other.Del(field)
		has(t, controller.Get("/settings/authority/simulation?"+other.Encode()), 200, "gold in the north does not apply: "+why)
	}
}

// TestAuthorityLeadsToAFreshProof: whoever proved themselves too long ago is asked to do so and comes back to the page.
func TestAuthorityLeadsToAFreshProof(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, director := r.As(access.Controller), r.As(access.Director)
	change := url.Values{"policy": {draft}, "comment": {"x"}, "do": {"propose"}}
	went(t, controller.Post("/settings/authority/policy", change))
	r.Clock.Add(16 * time.Minute)
	for path, send := range map[string]func(string) screentest.Answer{
		"/settings/authority/policy":            func(p string) screentest.Answer { return controller.Post(p, change) },
		"/settings/authority/changes/1/confirm": func(p string) screentest.Answer { return director.Post(p, nil) },
	} {
		if a := send(path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/prove?next=") {
			t.Errorf("%s without a fresh proof: %d to %q", path, a.Status, a.Header.Get("Location"))
		}
	}
}

func TestALevelIsGivenToARoleOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Clock.Add(time.Hour)
	controller, director, auditor := r.As(access.Controller), r.As(access.Director), r.As(access.Auditor)
	matrix := auditor.Get("/settings/authority")
	_, rest, _ := strings.Cut(matrix.HTML, "/settings/authority/levels/")
	level, _, _ := strings.Cut(rest, `"`)
	path := "/settings/authority/levels/" + level
	has(t, controller.Get(path), 200, "Everybody with the role Senior", "Only for customers of these regions")
	give := url.Values{"user": {"role:senior"}, "holds": {"yes"}, "regions": {"DE, Atlantis"}, "comment": {"Whoever is a senior"}}
	has(t, controller.Post(path+"/holders", give), 422, "There is nothing called Atlantis.")
	has(t, controller.Post(path+"/holders", url.Values{"user": {"role:"}, "holds": {"yes"}, "comment": {"x"}}), 422, "Who")
	give.Set("regions", "DE, AT")
	went(t, controller.Post(path+"/holders", give))
	has(t, director.Get("/settings/authority/changes"), 200, "Everybody with the role Senior at")
	went(t, director.Post("/settings/authority/changes/1/confirm", nil))
	has(t, auditor.Get("/settings/authority"), 200, "Everybody with the role Senior", r.Company.Users[access.Senior].Name)
	has(t, controller.Get(path), 200, "for customers of DE, AT")
	before := r.Clock.Now().AddDate(0, 0, -1).Format("2006-01-02")
	if a := auditor.Get("/settings/authority?on=" + before); strings.Contains(a.Text, "Everybody with the role") {
		t.Errorf("the day before shows it: %s", a.Text)
	}
	went(t, controller.Post(path+"/holders", url.Values{"user": {"role:senior"}, "holds": {"no"}, "comment": {"By name again"}}))
	r.Clock.Add(time.Minute)
	went(t, director.Post("/settings/authority/changes/2/confirm", nil))
	if a := auditor.Get("/settings/authority"); strings.Contains(a.Text, "Everybody with the role") {
		t.Errorf("it was taken away: %s", a.Text)
	}
}
