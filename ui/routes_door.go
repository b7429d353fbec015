package ui

import (
	"makegood/internal/access"
	"makegood/internal/web"
	"makegood/ui/account"
	"makegood/ui/awaiting"
	"makegood/ui/contact"
	"makegood/ui/palette"
	"makegood/ui/roster"
	"makegood/ui/signin"
	"makegood/ui/surveys"
	"makegood/ui/tokens"
)

func doorRoutes(s Services) []route {
	own := account.New(s.Desk, s.People)
	door := signin.New(s.Desk, s.People, s.Secure)
	form := contact.New(s.Desk, s.Intake, s.Billing)
	asking := surveys.New(s.Desk, s.Survey, s.Billing)
	again := awaiting.New(s.Desk, s.Awaiting, s.Billing)
	news := web.News{Hub: s.Hub, People: s.People, Sees: s.Reports.CaseFiles(s.Cases, s.Billing).Sees}
	finder := palette.New(s.Desk, s.Cases, s.Billing, s.Reports)
	return []route{
		{get, "/login", anyone, door.Page},
		{post, "/login", anyone, door.SignIn},
		{post, "/login/passkey/ask", anyone, door.AskPasskey},
		{post, "/login/passkey", anyone, door.EnterByPasskey},
		{get, "/login/second", anyone, door.Second},
		{post, "/login/second", anyone, door.Finish},
		{post, "/login/second/passkey/ask", anyone, door.AskSecondPasskey},
		{post, "/login/second/passkey", anyone, door.FinishByPasskey},
		{get, "/login/oidc", anyone, door.AskProvider},
		{get, "/login/oidc/callback", anyone, door.FromProvider},
		{get, "/account/oidc", access.ReadCases, door.Connect},
		{post, "/account/oidc/remove", access.ReadCases, own.Disconnect},
		{get, "/login/forgot", anyone, door.ForgotPage},
		{post, "/login/forgot", anyone, door.Forgot},
		{get, "/login/choose", anyone, door.ChoosePage},
		{post, "/login/choose", anyone, door.Choose},
		{get, "/prove", access.ReadCases, door.ProvePage},
		{post, "/prove", access.ReadCases, door.Prove},
		{post, "/prove/passkey/ask", access.ReadCases, door.AskProof},
		{post, "/prove/passkey", access.ReadCases, door.ProveByPasskey},
		{post, "/logout", anyone, door.SignOut},
		{get, "/account", access.ReadCases, own.Page},
		{post, "/account/password", access.ReadCases, own.Password},
		{post, "/account/language", access.ReadCases, own.Language},
		{post, "/account/app", access.ReadCases, own.BeginTOTP},
		{post, "/account/app/confirm", access.ReadCases, own.ConfirmTOTP},
		{post, "/account/app/remove", access.ReadCases, own.RemoveTOTP},
		{post, "/account/recovery", access.ReadCases, own.Recovery},
		{post, "/account/passkeys/ask", access.ReadCases, own.AskPasskey},
		{post, "/account/passkeys", access.ReadCases, own.AddPasskey},
		{post, "/account/passkeys/:id/remove", access.ReadCases, own.RemovePasskey},
		{post, "/account/sessions/:id/end", access.ReadCases, own.EndSession},
		{get, "/contact", anyone, form.Form},
		{post, "/contact", anyone, form.Send},
		{get, "/contact/sent", anyone, form.Sent},
		{get, "/contact/proof", anyone, form.Proof},
		{post, "/contact/proof", anyone, form.Prove},
		{get, "/reopen", anyone, again.Page},
		{post, "/reopen", anyone, again.Reopen},
		{get, "/survey", anyone, asking.Ask},
		{post, "/survey", anyone, asking.Answer},
		{get, "/brand/:entity", anyone, form.Brand},
		{get, "/live", access.ReadCases, news.Stream},
		{get, "/palette", access.ReadCases, finder.Find},
		{get, "/search", access.ReadCases, finder.Search},
	}
}

// peopleRoutes are who works here, with which rights, and by which tokens programs act for them.
func peopleRoutes(s Services) []route {
	keys := tokens.New(s.Desk, s.People)
	staff := roster.New(s.Desk, s.People, s.Billing)
	return []route{
		{get, "/settings/users", access.ReadPeople, staff.List},
		{post, "/settings/users", access.Administer, staff.Add},
		{get, "/settings/users/new", access.Administer, staff.New},
		{get, "/settings/users/changes", access.ReadPeople, staff.Changes},
		{post, "/settings/users/changes/:change/:verdict", access.ConfirmPeople, staff.Decide},
		{get, "/settings/users/rules", access.ReadPeople, staff.Rules},
		{post, "/settings/users/rules", access.Administer, staff.ChangeRules},
		{get, "/settings/users/:id", access.ReadPeople, staff.Person},
		{post, "/settings/users/:id", access.Administer, staff.Change},
		{post, "/settings/users/:id/:act", access.Administer, staff.Act},
		{get, "/settings/absences", access.ReadCases, staff.Absences},
		{post, "/settings/absences", access.ReadCases, staff.EnterAbsence},
		{post, "/settings/absences/:id/end", access.ReadCases, staff.EndAbsence},
		{get, "/settings/tokens", access.ReadCases, keys.Page},
		{post, "/settings/tokens", access.ReadCases, keys.Create},
		{post, "/settings/tokens/:id/revoke", access.ReadCases, keys.Revoke},
	}
}
