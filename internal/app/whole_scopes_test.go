package app_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// asForeignScope: a token that is limited to what no route is for is refused everywhere but at what is its owner's own, whatever its owner may do.
func (p premises) asForeignScope(t *testing.T, handler http.Handler, routes []string, rights map[string]string) {
	t.Helper()
	user := p2(p.app.People.AddUser(t.Context(), people.NewUser{
		Email: "everything@ostwind.example", Name: "May Everything", Password: scenario.Password, Roles: access.Roles(), By: access.SystemActor("test"),
	}))(t)
	token := p2(p.app.People.CreateToken(t.Context(), people.NewToken{UserID: user.ID, Name: "foreign", Scopes: []string{string(access.UsePortal)}, By: access.SystemActor("test")}))(t)
	answers := map[string]int{
		"GET /api/v1/me": http.StatusOK, // who one is
		// what one may not see is not there
		"GET /api/v1/statement-rounds/:entity": http.StatusNotFound, "POST /api/v1/absences/:id/end": http.StatusNotFound,
	}
	for _, route := range routes {
		if !strings.Contains(route, " /api/v1/") || rights[route] == public {
			continue
		}
		got := p.walk(t, handler, pass{role: "foreign", token: token}, route)
		if got.Code != cmp.Or(answers[route], http.StatusForbidden) {
			t.Errorf("%s answers %d: %s", route, got.Code, got.Body)
		}
	}
}
