package ui

import (
	"slices"

	"makegood/internal/access"
	"makegood/ui/assignment"
	"makegood/ui/authority"
	"makegood/ui/awaiting"
	"makegood/ui/casefields"
	"makegood/ui/entities"
	"makegood/ui/erasures"
	"makegood/ui/guides"
	"makegood/ui/letters"
	"makegood/ui/macros"
	"makegood/ui/mailboxes"
	"makegood/ui/notices"
	"makegood/ui/reasons"
	"makegood/ui/senders"
	"makegood/ui/surveys"
	"makegood/ui/teams"
	"makegood/ui/terms"
	"makegood/ui/webhooks"
)

// settingRoutes are what is set: who decides, how the desk works, and how mail comes and goes.
func settingRoutes(s Services) []route {
	return slices.Concat(authorityRoutes(s), termRoutes(s), deskRoutes(s), postRoutes(s))
}

// authorityRoutes are levels, policy, and who stands in for whom.
func authorityRoutes(s Services) []route {
	who := authority.New(s.Desk, s.Billing, s.Credits, s.People, s.Cases)
	return []route{
		{get, "/settings/authority", access.ReadCredits, who.Levels},
		{get, "/settings/authority/levels/:level", access.ReadCredits, who.Level},
		{post, "/settings/authority/levels/:level", access.ManageAuthority, who.ProposeLevel},
		{post, "/settings/authority/levels/:level/holders", access.ManageAuthority, who.ProposeHolder},
		{get, "/settings/authority/policy", access.ReadCredits, who.Policy},
		{post, "/settings/authority/policy", access.ManageAuthority, who.ChangePolicy},
		{get, "/settings/authority/changes", access.ReadCredits, who.Changes},
		{post, "/settings/authority/changes/:change/:verdict", access.ManageAuthority, who.Decide},
		{get, "/settings/authority/simulation", access.ReadCredits, who.Simulation},
		{get, "/settings/authority/coverage", access.ReadCredits, who.Coverage},
		{get, "/settings/delegations", access.ReadCredits, who.Delegations},
		{post, "/settings/delegations", access.Decide, who.Delegate},
		{post, "/settings/delegations/:id/revoke", access.ReadCredits, who.Revoke},
	}
}

// deskRoutes are legal entities, macros, who gets a case, who is told what, and who is erased.
func deskRoutes(s Services) []route {
	files := s.Reports.CaseFiles(s.Cases, s.Billing)
	houses := entities.New(s.Desk, s.Billing)
	often := macros.New(s.Desk, files, s.Cases)
	who := assignment.New(s.Desk, s.Cases, s.Billing, s.People)
	groups := teams.New(s.Desk, s.People)
	asked := surveys.New(s.Desk, s.Survey, s.Billing)
	silent := awaiting.New(s.Desk, s.Awaiting, s.Billing)
	told := notices.New(s.Desk, s.Telling, s.Cases)
	hooks := webhooks.New(s.Desk, s.Webhooks)
	privacy := erasures.New(s.Desk, s.Erasure)
	return []route{
		{get, "/settings/unanswered", access.ManageClocks, silent.Settings},
		{post, "/settings/unanswered/:entity", access.ManageClocks, silent.SetRules},
		{get, "/settings/surveys", access.ManageQuality, asked.Settings},
		{post, "/settings/surveys/:entity", access.ManageQuality, asked.SetRules},
		{get, "/settings/erasures", access.ErasePeople, privacy.Show},
		{post, "/settings/erasures", access.ErasePeople, privacy.Ask},
		{post, "/settings/erasures/copy", access.ErasePeople, privacy.Copy},
		{post, "/settings/erasures/:id/:verdict", access.ErasePeople, privacy.Decide},
		{post, "/settings/legal-holds", access.ErasePeople, privacy.SetHold},
		{post, "/settings/legal-holds/:id/lift", access.ErasePeople, privacy.LiftHold},
		{get, "/settings/webhooks", access.Administer, hooks.List},
		{post, "/settings/webhooks", access.Administer, hooks.Add},
		{post, "/settings/webhooks/:id", access.Administer, hooks.Save},
		{post, "/settings/webhooks/deliveries/:id/replay", access.Administer, hooks.Replay},
		{get, "/notices", access.ReadCases, told.List},
		{get, "/notices/bell", access.ReadCases, told.Bell},
		{get, "/notices/newer", access.ReadCases, told.Newer},
		{post, "/notices/read", access.ReadCases, told.Read},
		{post, "/notices/:id/acknowledge", access.ReadCases, told.Acknowledge},
		{get, "/settings/notices", access.ReadCases, told.Show},
		{post, "/settings/notices", access.ReadCases, told.Save},
		{get, "/settings/entities", access.ManageEntities, houses.List},
		{get, "/settings/entities/new", access.ManageEntities, houses.Form},
		{post, "/settings/entities", access.ManageEntities, houses.Add},
		{get, "/settings/entities/:entity", access.ManageEntities, houses.Show},
		{post, "/settings/entities/:entity", access.ManageEntities, houses.Save},
		{post, "/settings/entities/:entity/accounts", access.ManageEntities, houses.SaveAccounts},
		{get, "/settings/teams", access.ManageTeams, groups.List},
		{get, "/settings/teams/new", access.ManageTeams, groups.Add},
		{post, "/settings/teams", access.ManageTeams, groups.Save},
		{get, "/settings/teams/:id", access.ManageTeams, groups.Edit},
		{get, "/settings/assignment", access.ManageDealing, who.Show},
		{get, "/settings/assignment/rules/new", access.ManageDealing, who.AddRule},
		{post, "/settings/assignment/rules", access.ManageDealing, who.SaveRule},
		{get, "/settings/assignment/rules/:id", access.ManageDealing, who.EditRule},
		{post, "/settings/assignment/rules/:id/remove", access.ManageDealing, who.RemoveRule},
		{get, "/settings/assignment/people/:id", access.ManageDealing, who.EditAgent},
		{post, "/settings/assignment/people/:id", access.ManageDealing, who.SaveAgent},
		{get, "/settings/macros", access.WorkCases, often.List},
		{get, "/settings/macros/new", access.WorkCases, often.Add},
		{get, "/settings/macros/:id", access.WorkCases, often.Edit},
		{post, "/settings/macros", access.WorkCases, often.Save},
		{post, "/settings/macros/:id/remove", access.WorkCases, often.Remove},
	}
}

// termRoutes are calendars and promises, and how claims are called and worked.
func termRoutes(s Services) []route {
	files := s.Reports.CaseFiles(s.Cases, s.Billing)
	clocks := terms.New(s.Desk, s.Cases, s.Billing, files)
	codes := reasons.New(s.Desk, s.Cases)
	guide := guides.New(s.Desk, s.Cases)
	own := casefields.New(s.Desk, s.Cases)
	return []route{
		{get, "/settings/calendars", access.ReadCases, clocks.Calendars},
		{get, "/settings/calendars/new", access.ManageClocks, clocks.NewCalendar},
		{post, "/settings/calendars", access.ManageClocks, clocks.AddCalendar},
		{get, "/settings/calendars/:id", access.ReadCases, clocks.Calendar},
		{get, "/settings/calendars/:id/edit", access.ManageClocks, clocks.EditCalendar},
		{post, "/settings/calendars/:id", access.ManageClocks, clocks.SaveCalendar},
		{get, "/settings/sla", access.ReadCases, clocks.Policies},
		{get, "/settings/sla/new", access.ManageClocks, clocks.NewPolicy},
		{get, "/settings/sla/policies/:id", access.ReadCases, clocks.Policy},
		{post, "/settings/sla/drafts", access.ManageClocks, clocks.DraftPolicy},
		{get, "/settings/sla/drafts/:id", access.ManageClocks, clocks.Draft},
		{post, "/settings/sla/drafts/:id", access.ManageClocks, clocks.PutInForce},
		{get, "/settings/reasons", access.ReadCases, codes.List},
		{get, "/settings/reasons/new", access.ManageReasons, codes.NewReason},
		{post, "/settings/reasons", access.ManageReasons, codes.SaveReason},
		{post, "/settings/reasons/starter", access.ManageReasons, codes.Starter},
		{get, "/settings/reasons/:code", access.ReadCases, codes.Reason},
		{get, "/settings/root-causes/new", access.ManageReasons, codes.NewCause},
		{post, "/settings/root-causes", access.ManageReasons, codes.SaveCause},
		{get, "/settings/root-causes/:code", access.ReadCases, codes.Cause},
		{get, "/settings/fields", access.ReadCases, own.List},
		{get, "/settings/fields/new", access.ManageReasons, own.NewField},
		{post, "/settings/fields", access.ManageReasons, own.Save},
		{get, "/settings/fields/:code", access.ReadCases, own.Field},
		{get, "/settings/checklists", access.ReadCases, guide.Checklists},
		{get, "/settings/checklists/:type", access.ManagePlaybooks, guide.Checklist},
		{post, "/settings/checklists/:type", access.ManagePlaybooks, guide.SaveChecklist},
		{get, "/settings/playbooks", access.ReadCases, guide.Playbooks},
		{get, "/settings/playbooks/edit", access.ManagePlaybooks, guide.Playbook},
		{post, "/settings/playbooks", access.ManagePlaybooks, guide.SavePlaybook},
		{get, "/settings/ladders", access.ReadCases, clocks.Ladders},
		{get, "/settings/ladders/:id", access.ReadCases, clocks.Ladder},
		{post, "/settings/ladders/:id", access.ManageClocks, clocks.SaveLadder},
	}
}

// postRoutes are mailboxes, senders and letters.
func postRoutes(s Services) []route {
	words := letters.New(s.Desk, s.Letters, s.Billing, s.Cases)
	from := senders.New(s.Desk, s.Billing, s.Inbox)
	boxes := mailboxes.New(s.Desk, mailboxes.Services{Inbox: s.Inbox, Mail: s.Mail, Billing: s.Billing, Reports: s.Reports})
	return []route{
		{get, "/settings/letters", access.Administer, words.List},
		{get, "/settings/letters/:entity/:kind/:language", access.Administer, words.Edit},
		{post, "/settings/letters/:entity/:kind/:language", access.Administer, words.Save},
		{post, "/settings/letters/:entity/:kind/:language/preview", access.Administer, words.Preview},
		{post, "/settings/letters/:entity/:kind/:language/restore", access.Administer, words.Restore},
		{get, "/settings/senders", access.Administer, from.List},
		{post, "/settings/senders/bounds", access.Administer, from.SetBounds},
		{post, "/settings/senders/keys/:domain", access.Administer, from.SetKey},
		{post, "/settings/senders/keys/:domain/switch", access.Administer, from.SwitchKey},
		{post, "/settings/senders/:entity", access.Administer, from.Save},
		{get, "/settings/mailboxes", access.Administer, boxes.List},
		{get, "/settings/mailboxes/new", access.Administer, boxes.New},
		{post, "/settings/mailboxes", access.Administer, boxes.Add},
		{get, "/settings/mailboxes/:id", access.Administer, boxes.Show},
		{post, "/settings/mailboxes/:id", access.Administer, boxes.Save},
		{post, "/settings/mailboxes/:id/test", access.Administer, boxes.Test},
		{post, "/settings/mailboxes/:id/compare", access.Administer, boxes.Compare},
		{post, "/settings/mailboxes/:id/switch", access.Administer, boxes.Switch},
	}
}
