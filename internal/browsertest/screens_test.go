//go:build browser

package browsertest_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	mara   = "mara.lindqvist@nordwall.example"
	tobias = "tobias.reuter@nordwall.example"
	sami   = "sami.haddad@nordwall.example"
	jonas  = "jonas.brandt@nordwall.example"
	katrin = "katrin.vogel@nordwall.example"
	daniel = "daniel.okafor@nordwall.example"
	noah   = "noah.fischer@nordwall.example"
)

// screen is a page to look at.
type screen struct {
	name, path string
	phone      bool // is used on a phone too
	wall       bool // hangs on a wall
}

// TestScreens keeps a picture of every main screen, light and dark, and of four on a phone. While they are looked at
// nothing may go wrong behind them.
func TestScreens(t *testing.T) {
	t.Parallel()
	p := places(t)
	for who, list := range map[string][]screen{
		mara: {
			{name: "queue", path: "/", phone: true},
			{name: "told", path: "/notices", phone: true},
			{name: "notices", path: "/settings/notices", phone: true},
			{name: "queue-narrowed", path: "/?view=all_open&q=disputed%3A%3E100+-waiting%3Acustomer", phone: true},
			{name: "view", path: "/queue/views/new?view=all_open&q=is%3Abreached", phone: true},
			{name: "many", path: "/queue/bulk?view=all_open&q=is%3Aopen", phone: true},
			{name: "case", path: "/cases/" + p.Case, phone: true},
			{name: "macros", path: "/settings/macros", phone: true},
			{name: "reasons", path: "/settings/reasons", phone: true},
			{name: "case-fields", path: "/settings/fields", phone: true},
			{name: "macro", path: "/settings/macros/3", phone: true},
			{name: "propose", path: "/cases/" + p.Contested + "/credit"},
			{name: "without-invoice", path: "/customers/" + p.Account + "/refund?kind=concession", phone: true},
			{name: "customers", path: "/customers"},
			{name: "customer", path: "/customers/" + p.Account},
			{name: "workbench", path: "/customers/" + p.Account + "/apply"},
			{name: "statement", path: "/customers/" + p.Account + "/statement"},
			{name: "statement-mail", path: "/customers/" + p.Account + "/statement/mail", phone: true},
			{name: "exemptions", path: "/customers/" + p.Account + "/exemptions"},
			{name: "ledger-account", path: "/books/ledger/DE/receivable"},
			{name: "invoice", path: "/invoices/" + p.Invoice},
			{name: "credit-memo", path: "/credit-memos/" + p.Memo},
		},
		jonas: {
			{name: "approve-several", path: "/approvals/several?" + p.Several, phone: true},
		},
		katrin: {
			{name: "approvals", path: "/approvals"},
			{name: "approval", path: fmt.Sprintf("/approvals/%d", p.Request), phone: true},
			{name: "board", path: "/board", phone: true},
			{name: "escalations", path: "/notices", phone: true},
			{name: "wall", path: "/board?wall=1", wall: true},
			{name: "aging", path: "/reports/aging", phone: true},
			{name: "dso", path: "/reports/dso"},
			{name: "reports-by-mail", path: "/reports/mail", phone: true},
			{name: "report-by-mail", path: "/reports/mail/new?report=work%2Fclocks&entity=DE", phone: true},
			{name: "work-reports", path: "/reports/work"},
			{name: "work-promises", path: "/reports/work/clocks?by=week&days=90"},
			{name: "work-rows", path: "/reports/work/opened/rows"},
			{name: "overrides", path: "/reports/work/overrides?by=level&days=90", phone: true},
			{name: "indicators", path: "/reports/kpis?money=base"},
			{name: "figure-rows", path: "/reports/kpis/dso?money=base&section=EUR"},
			{name: "credit-rows", path: "/reports/kpis/credits?by=reason"},
			{name: "rates", path: "/books/rates"},
			{name: "reminders", path: "/books/reminders"},
			{name: "budgets", path: "/books/budgets", phone: true},
			{name: "proofs", path: "/books/proofs"},
			{name: "refunds-to-pay", path: "/collections?show=refunds"},
			{name: "statements", path: "/collections/statements", phone: true},
			{name: "small-balances", path: "/collections/small-balances?threshold=1000&days_overdue=1", phone: true},
			{name: "authority", path: "/settings/authority"},
			{name: "level", path: "/settings/authority/levels/3", phone: true},
			{name: "policy", path: "/settings/authority/policy"},
			{name: "authority-changes", path: "/settings/authority/changes", phone: true},
			{name: "delegations", path: "/settings/delegations", phone: true},
			{name: "assignment", path: "/settings/assignment", phone: true},
			{name: "assignment-rule", path: "/settings/assignment/rules/1", phone: true},
			{name: "assignment-person", path: "/settings/assignment/people/1", phone: true},
			{name: "teams", path: "/settings/teams", phone: true},
			{name: "team", path: "/settings/teams/1", phone: true},
			{name: "team-new", path: "/settings/teams/new"},
			{name: "absences", path: "/settings/absences", phone: true},
			{name: "quality", path: "/quality", phone: true},
			{name: "quality-sheet", path: "/quality/cases/" + p.Settled, phone: true},
			{name: "quality-done", path: "/quality/done", phone: true},
			{name: "quality-review", path: "/quality/reviews/1", phone: true},
			{name: "quality-settings", path: "/settings/quality", phone: true},
			{name: "quality-figures", path: "/reports/work/criteria?by=part", phone: true},
			{name: "checklists", path: "/settings/checklists", phone: true},
			{name: "checklist", path: "/settings/checklists/dispute", phone: true},
			{name: "playbooks", path: "/settings/playbooks", phone: true},
			{name: "playbook", path: "/settings/playbooks/edit?reason=usage_wrong", phone: true},
			{name: "surveys", path: "/settings/surveys", phone: true},
			{name: "unanswered", path: "/settings/unanswered", phone: true},
			{name: "survey-scores", path: "/reports/work/scored?by=agent", phone: true},
			{name: "reviews", path: "/reviews", phone: true},
			{name: "samples", path: "/reviews/samples", phone: true},
			{name: "warnings", path: "/reviews/warnings", phone: true},
			{name: "pairs", path: "/reviews/pairs", phone: true},
			{name: "assistants", path: "/reviews/assistants", phone: true},
			{name: "authority-gaps", path: "/settings/authority/coverage", phone: true},
			{name: "who-would-approve", path: "/settings/authority/simulation?kind=sla_credit&amount=12400&currency=EUR&entity=1&requester=1", phone: true},
			{name: "intake-held", path: fmt.Sprintf("/intake/%d", p.Held), phone: true},
			{name: "intake-outgoing", path: "/intake?tab=outgoing", phone: true},
			{name: "intake-quarantined", path: fmt.Sprintf("/intake/%d", p.Quarantined), phone: true},
			{name: "new-case", path: "/cases/new?account=" + p.Account, phone: true},
			{name: "new-case-whose", path: "/cases/new", phone: true},
			{name: "triage", path: "/cases/" + p.Unknown, phone: true},
			{name: "rules", path: "/sorting", phone: true},
			{name: "rule", path: "/sorting/rules/new", phone: true},
			{name: "learned", path: "/sorting/model", phone: true},
			{name: "mailbox", path: "/demo/mailbox"},
			{name: "kit", path: "/demo/kit"},
		},
		daniel: {
			{name: "payment-new", path: "/customers/" + p.Account + "/payments/new", phone: true},
			{name: "contract", path: "/contracts/" + url.PathEscape(p.Contract), phone: true},
			{name: "contract-new", path: "/contracts/new?customer=" + p.Account, phone: true},
			{name: "new-customer", path: "/customers/new", phone: true},
			{name: "new-person", path: "/customers/" + p.Account + "/contacts/new", phone: true},
			{name: "particulars", path: "/customers/" + p.Account + "/edit", phone: true},
			{name: "broken-promises", path: "/collections?show=broken", phone: true},
			{name: "reminders-set", path: "/books/reminders"},
			{name: "rates-import", path: "/books/rates", phone: true},
		},
		noah: {
			{name: "past-of-another-desk", path: "/imports/cases", phone: true},
			{name: "mailboxes", path: "/settings/mailboxes", phone: true},
			{name: "mailbox-settings", path: fmt.Sprintf("/settings/mailboxes/%d", p.Mailbox), phone: true},
			{name: "mailbox-new", path: "/settings/mailboxes/new", phone: true},
			{name: "audit-package", path: "/reports/audit"},
			{name: "audit-log", path: "/reports/audit-log?what=credit_memo.", phone: true},
			{name: "calendars", path: "/settings/calendars", phone: true},
			{name: "calendar", path: "/settings/calendars/1", phone: true},
			{name: "calendar-new", path: "/settings/calendars/new", phone: true},
			{name: "entities", path: "/settings/entities"},
			{name: "entity", path: "/settings/entities/DE", phone: true},
			{name: "reason-new", path: "/settings/reasons/new", phone: true},
			{name: "case-field-new", path: "/settings/fields/new", phone: true},
			{name: "entity-new", path: "/settings/entities/new", phone: true},
			{name: "service-levels", path: "/settings/sla", phone: true},
			{name: "service-level", path: "/settings/sla/policies/1", phone: true},
			{name: "ladders", path: "/settings/ladders", phone: true},
			{name: "ladder", path: "/settings/ladders/1", phone: true},
			{name: "senders", path: "/settings/senders", phone: true},
			{name: "webhooks", path: "/settings/webhooks", phone: true},
			{name: "personal-data", path: "/settings/erasures", phone: true},
			{name: "tokens", path: "/settings/tokens", phone: true},
			{name: "people", path: "/settings/users", phone: true},
			{name: "person", path: "/settings/users/1", phone: true},
			{name: "person-new", path: "/settings/users/new"},
			{name: "people-changes", path: "/settings/users/changes", phone: true},
			{name: "door-rules", path: "/settings/users/rules", phone: true},
			{name: "forgot", path: "/login/forgot", phone: true},
			{name: "account", path: "/account", phone: true},
			{name: "prove", path: "/prove?next=/approvals", phone: true},
			{name: "second-step-gone", path: "/login/second"},
			{name: "letters", path: "/settings/letters", phone: true},
			{name: "letter", path: "/settings/letters/DE/acknowledgement/en", phone: true},
		},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			w := shared.window(t, who)
			w.open("/login")
			w.bothWays("sign-in")
			w.signIn(who, "/demo/kit")
			for _, s := range list {
				w.look(s)
			}
			w.onPhone()
			for _, s := range list {
				if s.phone {
					s.name += "-phone"
					w.look(s)
				}
			}
		})
	}
}

// look keeps a screen's pictures and tells what went wrong on it.
func (w *window) look(s screen) {
	w.t.Helper()
	if s.wall {
		w.do("hang it on a wall", chromedp.EmulateViewport(1920, 1080))
		defer w.do("sit down again", chromedp.EmulateViewport(wide, high))
	}
	w.open(s.path)
	w.until("the heading of "+s.name, `!!document.querySelector('h1, h2, .mg-crumb')`)
	w.bothWays(s.name)
	for _, scheme := range []string{"light", "dark"} {
		w.do(scheme, media(scheme))
		w.until(scheme+" colours", fmt.Sprintf(`document.documentElement.dataset.bsTheme === %s`, js(scheme)))
		w.barriers(s.name + " " + scheme)
	}
	w.do("light", media("light"))
	for _, fault := range w.watch.seen() {
		w.t.Errorf("%s (%s): %s", s.name, s.path, fault)
	}
	if over := value[int](w, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		w.t.Errorf("%s (%s) is %d pixels wider than the window", s.name, s.path, over)
	}
}

func (w *window) bothWays(name string) {
	w.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		w.do(scheme, media(scheme))
		w.until(scheme+" colours", fmt.Sprintf(`document.documentElement.dataset.bsTheme === %s`, js(scheme)))
		w.picture(name + "-" + scheme)
	}
	w.do("light", media("light"))
}

// atDesk makes the window one of a desk again.
func (w *window) atDesk() {
	w.t.Helper()
	w.do("sit at a desk", chromedp.EmulateViewport(wide, high))
}

// onPhone makes the window that of a phone.
func (w *window) onPhone() {
	w.t.Helper()
	w.do("take a phone", chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2)))
}
