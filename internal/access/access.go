// Package access answers one question: may this actor do this, with this? Screens, the API, jobs, live streams,
// search and exports all ask here, so every way in is guarded alike.
package access

import (
	"slices"

	"makegood/internal/errs"
)

// Kind says what sort of actor acts.
type Kind string

// The kinds of actor.
const (
	Person   Kind = "person"   // somebody signed in, on screen or with a token
	System   Kind = "system"   // a job of ours
	Customer Kind = "customer" // whoever wrote to us; with an Address, somebody who has proven that mailbox
)

// Role is what a person is there for.
type Role string

// The roles of the desk.
const (
	Agent       Role = "agent"
	Senior      Role = "senior"
	Supervisor  Role = "supervisor"
	Controller  Role = "controller"
	Director    Role = "director"
	Collections Role = "collections"
	Auditor     Role = "auditor"
	Admin       Role = "admin"
)

// Roles are all of them.
func Roles() []Role {
	return []Role{Agent, Senior, Supervisor, Controller, Director, Collections, Auditor, Admin}
}

// Actor is who acts. It is a field of every command's input; it never hides in a context.
type Actor struct {
	Kind      Kind
	UserID    int64
	Name      string
	Roles     []Role
	TeamID    int64
	EntityIDs []int64 // legal entities in scope; empty means all
	RequestID string
	Scopes    []string // of an API token; empty means everything the person may do
	StepUpDue bool     // has to prove themselves anew before they decide about money or people, by the rules of the door
	Address   string   // of a customer who has proven that the mailbox is theirs
	TokenID   int64    // of the API token that was shown; 0 without one
	Assistant bool     // a token of kind assistant: may draft and propose, never decide or post
}

// SystemActor is the program itself, doing the named job.
func SystemActor(job string) Actor { return Actor{Kind: System, Name: job} }

// Has tells whether the actor has one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// SeesEntity tells whether a legal entity is in the actor's scope; 0 stands for things without one.
func (a Actor) SeesEntity(id int64) bool {
	return a.Kind == System || id == 0 || len(a.EntityIDs) == 0 || slices.Contains(a.EntityIDs, id)
}

// SeenEntities are the legal entities in the actor's scope, as a list for a query; empty means all.
func (a Actor) SeenEntities() []int64 {
	if a.Kind == System || len(a.EntityIDs) == 0 {
		return []int64{}
	}
	return a.EntityIDs
}

// Action is something one may do.
type Action string

// The actions.
const (
	ReadCases     Action = "cases.read"
	WorkCases     Action = "cases.work" // reply, note, status, assign, dispute lines
	AssignOthers  Action = "cases.assign_others"
	ReadBooks     Action = "books.read"
	RecordPayment Action = "books.record_payment"
	IssueInvoice  Action = "books.issue_invoice"
	ManagePeriods Action = "books.manage_periods"
	ConfirmReopen Action = "books.confirm_reopening"
	ManageRates   Action = "books.manage_rates"
	Collect       Action = "books.collect" // promises, dunning blocks
	LogIncident   Action = "books.log_incident"
	EnterContract Action = "books.enter_contract"
	KeepCustomers Action = "books.keep_customers" // what stands of customers on documents
	KeepContacts  Action = "books.keep_contacts"  // whose mail is a customer's, and who signs in for it
	Reconcile     Action = "books.reconcile"      // compare with another system, explain what differs, make cases of it
	ReadCredits   Action = "credits.read"
	Propose       Action = "credits.propose"
	Decide        Action = "credits.decide"
	ManageBudgets Action = "credits.manage_budgets"
	SignImports   Action = "credits.sign_imports" // credits that another system gave, as far as one's authority reaches

	ReadReviews Action = "credits.read_reviews" // samples, warnings, and who signs for whom
	Review      Action = "credits.review"       // of what was drawn from own limits, and of warnings

	// ManageEntities says what a legal entity is, where its customers pay, and how it keeps its books.
	ManageEntities Action = "books.manage_entities"

	// SendStatements mails customers their statements of account, and says who gets them each month.
	SendStatements Action = "books.send_statements"

	// ManageAuthority proposes and confirms changes of policy, levels and holders; two people make one.
	ManageAuthority Action = "credits.manage_authority"

	ReadBoard     Action = "board.read"
	ManageDealing Action = "cases.manage_assignment" // rules of who gets a case, and how many each may have
	ManageClocks  Action = "cases.manage_clocks"     // calendars, what is promised, who is told when it is not kept
	ReadReports   Action = "reports.read"
	ReadIntake    Action = "intake.read"
	WorkIntake    Action = "intake.work"
	ManageSorting Action = "intake.manage_sorting" // rules, models, threshold
	ReadAudit     Action = "audit.read"
	Administer    Action = "settings.administer"
	ReadPeople    Action = "people.read"    // who works here, with which rights, and how that changed
	ConfirmPeople Action = "people.confirm" // as the second person of a change of rights

	// ManageQuality says what customers are asked once a case is settled, and by what their cases are reviewed.
	ManageQuality Action = "cases.manage_quality"

	// ReadQuality reads what supervisors say about how cases were settled; one's own reviews everybody reads.
	ReadQuality Action = "cases.read_quality"
	// ReviewQuality scores how others settled their cases.
	ReviewQuality Action = "cases.review_quality"

	// ManagePlaybooks says what is to be done with cases of a type, and how a claim of a reason is worked.
	ManagePlaybooks Action = "cases.manage_playbooks"

	// ManageReasons keeps the reasons of claims and credits, and the root causes behind them.
	ManageReasons Action = "cases.manage_reasons"

	// ErasePeople asks for, agrees to and holds back the erasure of what is kept about people outside, and takes copies of it.
	ErasePeople Action = "people.erase"

	ManageTeams    Action = "people.manage_teams"    // what teams there are, and who leads them
	ManageAbsences Action = "people.manage_absences" // of others; one's own everybody enters
	UsePortal      Action = "portal.use"             // a customer's own invoices and requests, and nobody else's
)

// Actions are all that people of the desk may do.
func Actions() []Action {
	return []Action{
		ReadCases, WorkCases, AssignOthers, ReadBooks, RecordPayment, IssueInvoice,
		ManagePeriods, ConfirmReopen, ManageRates, Collect, LogIncident, EnterContract,
		KeepCustomers, KeepContacts, SendStatements, ManageEntities, Reconcile, ReadCredits, Propose, Decide, ManageBudgets, SignImports,
		ReadReviews, Review, ManageAuthority, ReadBoard, ManageDealing, ManageClocks, ManageReasons, ManagePlaybooks, ManageQuality, ReadQuality, ReviewQuality, ReadReports, ReadIntake, WorkIntake, ManageSorting,
		ReadAudit, Administer, ReadPeople, ConfirmPeople, ErasePeople, ManageTeams, ManageAbsences,
	}
}

// Object is what the action concerns, as far as scope asks.
type Object struct {
	EntityID int64 // 0 when it belongs to no legal entity
}

// ErrForbidden is refused for lack of a role; ErrOutOfScope looks like "not found" on purpose.
var (
	ErrForbidden  = errs.New(errs.Forbidden, "access.forbidden")
	ErrOutOfScope = errs.New(errs.NotFound, "error.not_found")
	ErrSignIn     = errs.New(errs.Unauthenticated, "access.sign_in")
	// ErrStepUp asks for a fresh proof of who one is; with it, the same is asked for again.
	ErrStepUp = errs.New(errs.Forbidden, "access.step_up")
)

// Proven refuses with ErrStepUp somebody whose last proof of who they are lies too far back for a decision about money or people.
// Commands that decide ask it beside Can.
func Proven(a Actor) error {
	if a.Kind == Person && a.StepUpDue {
		return ErrStepUp
	}
	return nil
}

// Can refuses with ErrSignIn, ErrForbidden or ErrOutOfScope, and returns nil when the actor may.
// The system may do everything; a customer only use the portal, which shows nothing but their own.
func Can(a Actor, do Action, on Object) error {
	switch {
	case a.Kind == System:
		return nil
	case a.Kind == Customer && do == UsePortal && a.Address != "":
		return nil
	case a.Kind != Person || a.UserID == 0:
		return ErrSignIn
	case len(a.Scopes) > 0 && !slices.Contains(a.Scopes, string(do)):
		return errs.New(ErrForbidden.Kind, ErrForbidden.Key, "action", string(do))
	case a.Assistant && !assists(do), !a.Has(rolesFor(do)...):
		return errs.New(ErrForbidden.Kind, ErrForbidden.Key, "action", string(do))
	case !a.SeesEntity(on.EntityID):
		return ErrOutOfScope
	}
	return nil
}

// assists lists what a token of kind assistant may do for its owner: read, work on cases, draft and propose. Nothing else, so that what is
// added later is closed to it until somebody decides otherwise.
func assists(do Action) bool {
	return slices.Contains([]Action{
		ReadCases, WorkCases, ReadBooks, ReadCredits, Propose, ReadReviews, ReadBoard, ReadReports, ReadIntake, ReadAudit, ReadPeople,
	}, do)
}

// May is Can as yes or no, for screens that show or hide a button.
func May(a Actor, do Action) bool { return Can(a, do, Object{}) == nil }

func rolesFor(do Action) []Role {
	everyone := Roles()
	desk := []Role{Agent, Senior, Supervisor}
	switch do { //nolint:exhaustive // the rest is of overseersFor
	case ReadCases, ReadBooks, ReadCredits:
		return everyone
	case WorkCases, Propose, LogIncident, KeepContacts:
		return append(desk, Controller)
	case SendStatements:
		return append(desk, Controller, Collections)
	case AssignOthers:
		return []Role{Senior, Supervisor, Admin}
	case RecordPayment:
		return []Role{Controller, Collections}
	case IssueInvoice, ManagePeriods, ManageRates, EnterContract, Reconcile, KeepCustomers:
		return []Role{Controller}
	case ConfirmReopen, ManageBudgets, SignImports:
		return []Role{Controller, Director}
	case ReadReviews:
		return []Role{Supervisor, Controller, Director, Auditor}
	case Review:
		return []Role{Supervisor, Controller, Director}
	case ManageAuthority:
		return []Role{Controller, Director, Admin}
	case ManageEntities:
		return []Role{Controller, Admin}
	case Collect:
		return []Role{Controller, Collections}
	case Decide:
		return []Role{Agent, Senior, Supervisor, Controller, Director}
	case ReadBoard:
		return []Role{Senior, Supervisor, Controller, Director, Auditor, Admin}
	case ReadReports:
		return []Role{Supervisor, Controller, Director, Collections, Auditor, Admin}
	case ReadIntake:
		return append(desk, Auditor, Admin)
	case WorkIntake:
		return append(desk, Admin)
	case ManageSorting, ManageTeams, ManageAbsences, ManageDealing, ManageClocks, ManageReasons, ManagePlaybooks, ManageQuality:
		return []Role{Supervisor, Admin}
	}
	return overseersFor(do)
}

// overseersFor are the roles of what is done over the work of others, and over people.
func overseersFor(do Action) []Role {
	switch do { //nolint:exhaustive // the rest is of rolesFor
	case ReadQuality:
		return []Role{Supervisor, Director, Auditor, Admin}
	case ReviewQuality:
		return []Role{Supervisor}
	case ReadAudit:
		return []Role{Auditor, Controller, Admin}
	case Administer:
		return []Role{Admin}
	case ReadPeople:
		return []Role{Controller, Director, Auditor, Admin}
	case ConfirmPeople, ErasePeople:
		return []Role{Director, Admin}
	case UsePortal: // no role of the desk: people of ours are not our customers
		return nil
	}
	return nil
}
