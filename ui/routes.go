package ui

import (
	"net/http"

	"makegood/internal/access"
	"makegood/internal/web"
	"makegood/ui/signin"
)

// routes is every page and fragment. The right stands beside it; scope (legal entities) is asked by the service called.
func routes(s Services) []route {
	const get, post = http.MethodGet, http.MethodPost
	door := signin.New(s.Desk, s.People, s.Secure)
	list := []route{
		// the door
		{get, "/login", anyone, door.Page},
		{post, "/login", anyone, door.SignIn},
		{post, "/logout", anyone, door.SignOut},
		{get, "/live", access.ReadCases, web.Live(s.Hub)},
	}
	return list
}
