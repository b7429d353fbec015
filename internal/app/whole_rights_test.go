package app_test

// public marks a route that needs no sign-in.
const public = "public"

// The sets of roles that routes are for, written down a second time on purpose: who may do what is promised here, and a
// change of the rules in the program has to be made in both places.
const (
	everyone  = "agent senior supervisor controller director collections auditor admin"
	workers   = "agent senior supervisor controller"
	deciders  = "agent senior supervisor controller director"
	assigners = "senior supervisor admin"
	watchers  = "senior supervisor controller director auditor admin"
	readMail  = "agent senior supervisor auditor admin"
	workMail  = "agent senior supervisor admin"
	sorters   = "supervisor admin"
	dealers   = "supervisor admin"
	treasury  = "controller collections"
	issuers   = "controller"
	reporters = "supervisor controller director collections auditor admin"
	auditors  = "controller auditor admin"
	seconds   = "controller director"
	reviewers = "supervisor controller director" // of what passed within an own limit, and of warnings
	lookers   = "supervisor controller director auditor"
	// who reads what was said about how others settled their cases; who says it
	judges  = "supervisor"
	lookOn  = "supervisor director auditor admin"
	theirs  = "customer" // somebody who has signed in to the portal; no role of the desk
	admins  = "admin"
	keepers = "controller admin" // of what legal entities are
	// who sees who works here, and who confirms changes of rights
	watchPeople = "controller director auditor admin"
	confirmers  = "director admin"
	changers    = "controller director admin" // of policy, levels and holders, two for each change
)

// pageRights is every page, fragment and form with the roles it is for.
func pageRights() map[string]string {
	return map[string]string{
		"GET /login/second": public, "POST /login/second": public, "POST /login/passkey/ask": public, "POST /login/passkey": public,
		"POST /login/second/passkey/ask": public, "POST /login/second/passkey": public,
		"GET /account": everyone, "POST /account/password": everyone, "POST /account/language": everyone, "POST /account/app": everyone, "POST /account/app/confirm": everyone,
		"POST /account/app/remove": everyone, "POST /account/recovery": everyone, "POST /account/passkeys/ask": everyone, "POST /account/passkeys": everyone,
		"POST /account/passkeys/:id/remove": everyone, "POST /account/sessions/:id/end": everyone,
		"GET /login/oidc": public, "GET /login/oidc/callback": public, "GET /account/oidc": everyone, "POST /account/oidc/remove": everyone,
		"GET /login/forgot": public, "POST /login/forgot": public, "GET /login/choose": public, "POST /login/choose": public,
		"GET /settings/tokens": everyone, "POST /settings/tokens": everyone, "POST /settings/tokens/:id/revoke": everyone,
		"GET /settings/users": watchPeople, "POST /settings/users": admins, "GET /settings/users/new": admins, "GET /settings/users/changes": watchPeople,
		"POST /settings/users/changes/:change/:verdict": confirmers, "GET /settings/users/rules": watchPeople, "POST /settings/users/rules": admins,
		"GET /settings/users/:id": watchPeople, "POST /settings/users/:id": admins, "POST /settings/users/:id/:act": admins,
		"GET /prove": everyone, "POST /prove": everyone, "POST /prove/passkey/ask": everyone, "POST /prove/passkey": everyone,
		"GET /static/*": public, "GET /login": public, "POST /login": public, "POST /logout": public,
		"GET /contact": public, "POST /contact": public, "GET /contact/sent": public, "GET /contact/proof": public, "POST /contact/proof": public,
		"GET /brand/:entity": public, "GET /reopen": public, "POST /reopen": public, "GET /survey": public, "POST /survey": public,

		"GET /portal/sign-in": public, "POST /portal/sign-in": public, "GET /portal/code": public, "POST /portal/code": public,
		"GET /portal/link": public, "POST /portal/link": public, "POST /portal/sign-out": public,
		"GET /portal": theirs, "GET /portal/invoices/:number": theirs, "POST /portal/invoices/:number/dispute": theirs,
		"GET /portal/requests": theirs, "GET /portal/requests/:number": theirs, "GET /portal/requests/:number/messages/:id/files/:position": theirs, "POST /portal/requests/:number/messages": theirs,
		"POST /portal/requests/:number/outcome": theirs, "GET /portal/balance": theirs,
		"GET /portal/credit-memos/:number/pdf": theirs, "GET /portal/credit-memos/:number/xml": theirs,

		"GET /healthz": public, "GET /readyz": public, "GET /metrics": public,

		"GET /": everyone, "GET /live": everyone, "GET /palette": everyone, "GET /search": everyone,
		"GET /queue/more": everyone, "GET /queue/preview/:number": everyone,
		"GET /queue/bulk": workers, "POST /queue/bulk": workers, "POST /queue/bulk/start": workers, "GET /queue/bulk/:id": workers, "POST /queue/bulk/:id/undo": workers,
		"POST /cases/:number/follow-up": workers, "POST /cases/:number/follow-up/end": workers,
		"POST /api/v1/cases/:number/follow-up": workers, "POST /api/v1/cases/:number/follow-up/end": workers,
		"POST /cases/:number/watch": everyone, "POST /cases/:number/watch/end": everyone, "POST /cases/:number/links": workers, "POST /cases/:number/links/end": workers,
		"GET /api/v1/cases/:number/watchers": everyone, "POST /api/v1/cases/:number/watchers": everyone, "POST /api/v1/cases/:number/watchers/end": everyone,
		"GET /api/v1/cases/:number/links": everyone, "POST /api/v1/cases/:number/links": workers, "POST /api/v1/cases/:number/links/end": workers,
		"GET /settings/teams": sorters, "GET /settings/teams/new": sorters, "POST /settings/teams": sorters, "GET /settings/teams/:id": sorters,
		"GET /api/v1/teams": sorters, "POST /api/v1/teams": sorters, "PUT /api/v1/teams/:id": sorters,
		"GET /settings/assignment": dealers, "GET /settings/assignment/rules/new": dealers, "POST /settings/assignment/rules": dealers,
		"GET /settings/assignment/rules/:id": dealers, "POST /settings/assignment/rules/:id/remove": dealers, "GET /settings/assignment/people/:id": dealers,
		"POST /settings/assignment/people/:id": dealers, "GET /api/v1/assignment/rules": dealers, "POST /api/v1/assignment/rules": dealers,
		"PUT /api/v1/assignment/rules/:id": dealers, "POST /api/v1/assignment/rules/:id/remove": dealers, "GET /api/v1/assignment/people": dealers,
		"PUT /api/v1/assignment/people/:id": dealers,
		"GET /settings/reasons":             everyone, "GET /settings/reasons/new": sorters, "POST /settings/reasons": sorters, "POST /settings/reasons/starter": sorters,
		"GET /settings/reasons/:code": everyone, "GET /settings/root-causes/new": sorters, "POST /settings/root-causes": sorters, "GET /settings/root-causes/:code": everyone,
		"GET /settings/fields": everyone, "GET /settings/fields/new": sorters, "POST /settings/fields": sorters, "GET /settings/fields/:code": everyone,
		"POST /cases/:number/fields": workers, "GET /api/v1/cases/:number/fields": everyone, "PUT /api/v1/cases/:number/fields": workers,
		"GET /settings/checklists": everyone, "GET /settings/checklists/:type": sorters, "POST /settings/checklists/:type": sorters,
		"POST /cases/:number/checklist/:code": workers,
		"GET /api/v1/checklists":              everyone, "POST /api/v1/checklists": sorters, "GET /api/v1/cases/:number/checklist": everyone,
		"PUT /api/v1/cases/:number/checklist/:code": workers,
		"GET /live/cases/:number":                   everyone, "GET /queue/here": everyone, "GET /cases/:number/here": everyone, "POST /cases/:number/typing": workers,
		"GET /cases/:number/similar": everyone, "GET /api/v1/cases/:number/similar": everyone,
		"GET /settings/playbooks": everyone, "GET /settings/playbooks/edit": sorters, "POST /settings/playbooks": sorters,
		"GET /api/v1/playbooks": everyone, "POST /api/v1/playbooks": sorters, "GET /api/v1/cases/:number/playbooks": everyone,
		"GET /settings/macros": workers, "GET /settings/macros/new": workers, "GET /settings/macros/:id": workers, "POST /settings/macros": workers,
		"POST /settings/macros/:id/remove": workers, "GET /cases/:number/macros": workers, "POST /cases/:number/macros": workers,
		"GET /queue/views/new": everyone, "GET /queue/views/:id": everyone, "POST /queue/views": everyone, "POST /queue/views/:id/remove": everyone,
		"POST /queue/claim": workers, "POST /queue/assign": workers, "POST /queue/:number/claim": workers,

		"GET /cases/:number": everyone, "GET /cases/:number/messages/:id": everyone, "GET /cases/:number/messages/:id/raw": everyone,
		"GET /cases/:number/messages/:id/files/:position": everyone, "GET /cases/:number/messages/:id/mail": everyone, "GET /mail-pictures/:token": public, "GET /intake/:id/mail": readMail, "GET /cases/:number/dispute": workers,
		"POST /cases/:number/messages": workers, "POST /cases/:number/messages/:id/undo": workers, "POST /cases/:number/draft": workers,
		"POST /cases/:number/claim": workers, "POST /cases/:number/assign": workers, "POST /cases/:number/waiting": workers,
		"POST /cases/:number/resolve": workers, "POST /cases/:number/reopen": workers, "POST /cases/:number/priority": workers,
		"POST /cases/:number/topic":              workers,
		"POST /cases/:number/mails/:mail/resend": workers, "POST /cases/:number/mails/:mail/cancel": workers,
		"POST /cases/:number/mails/:mail/release": workers,
		"POST /cases/:number/link-invoice":        workers, "POST /cases/:number/link-customer": workers,
		"POST /cases/:number/join": workers, "POST /cases/:number/unjoin": workers, "POST /cases/:number/split": workers,
		"POST /api/v1/cases/:number/join": workers, "POST /api/v1/cases/:number/unjoin": workers, "POST /api/v1/cases/:number/split": workers,
		"POST /cases/:number/participants/accept": workers, "POST /cases/:number/dispute": workers,
		"POST /cases/:number/disputes/:id/decide": workers,

		"GET /cases/:number/credit": workers, "POST /cases/:number/credit": workers, "POST /cases/:number/credit/preview": workers,
		"GET /invoices/:number/credit": workers, "POST /invoices/:number/credit": workers, "POST /invoices/:number/credit/preview": workers,
		"GET /collections/small-balances": workers, "POST /collections/small-balances": workers, "POST /collections/small-balances/preview": workers,
		"GET /customers/:account/refund": workers, "POST /customers/:account/refund": workers, "POST /customers/:account/refund/preview": workers,
		"GET /adjustments/:number/reversal": workers, "POST /adjustments/:number/reversal": workers, "POST /adjustments/:number/reversal/preview": workers,
		"GET /approvals/several": deciders, "POST /approvals/several": deciders,
		"GET /approvals": everyone, "GET /approvals/rows": everyone, "GET /approvals/:id": everyone,
		"POST /approvals/:id/approve": deciders, "POST /approvals/:id/reject": deciders, "POST /approvals/:id/withdraw": workers, "POST /approvals/:id/submit": workers,
		"POST /approvals/:id/retry": workers, "POST /approvals/:id/ask-back": deciders, "POST /approvals/:id/less": deciders,
		"POST /approvals/:id/answer": workers, "POST /approvals/:id/evidence": workers, "GET /approvals/:id/change": workers, "POST /approvals/:id/change": workers,
		"POST /approvals/:id/change/preview": workers,

		"GET /reviews": lookers, "GET /reviews/done": lookers, "GET /reviews/samples": lookers, "GET /reviews/samples/:month": lookers, "GET /reviews/:id": lookers,
		"POST /reviews/:id": reviewers, "GET /reviews/warnings": lookers, "GET /reviews/pairs": lookers, "GET /reviews/assistants": lookers, "POST /reviews/warnings/:id": reviewers,

		"POST /contracts/:number/incidents": workers, "POST /contracts/:number/incidents/:id/end": workers, "POST /contracts/:number/exclusions": workers,
		"GET /contracts/new": issuers, "POST /contracts/new": issuers,
		"GET /contracts": everyone, "GET /contracts/:number": everyone, "GET /service-credits": everyone, "GET /service-credits/:id": everyone,
		"POST /service-credits": workers,
		"GET /customers":        everyone, "GET /customers/:account": everyone, "GET /invoices/:number": everyone,
		"GET /customers/new": issuers, "POST /customers/new": issuers, "GET /customers/:account/contacts/new": workers, "POST /customers/:account/contacts/new": workers,
		"GET /customers/:account/contacts/:id": workers, "POST /customers/:account/contacts/:id": workers,
		"GET /customers/:account/edit": issuers, "POST /customers/:account/edit": issuers, "POST /customers/:account/credit-terms": issuers,
		"GET /credit-memos/:number": everyone, "GET /credit-memos/:number/pdf": everyone,
		"GET /customers/:account/apply": everyone, "POST /customers/:account/apply": treasury, "POST /customers/:account/apply/preview": treasury,
		"POST /customers/:account/apply/take-back": treasury, "GET /customers/:account/statement": everyone,
		"GET /customers/:account/statement.pdf": everyone, "GET /customers/:account/statements/:id/pdf": everyone, "GET /documents/:number/pdf": everyone, "GET /documents/:number/xml": everyone,
		"GET /customers/:account/payments/new": treasury, "POST /customers/:account/payments/new": treasury,
		"GET /payments/:number": everyone, "POST /payments/:number/charge-back": treasury, "POST /payments/:number/chargebacks/:id/won": treasury,
		"GET /books/ledger/:entity/:account": everyone, "GET /books/extracts/:entity/:what": everyone, "GET /documents/:number": everyone,

		"GET /customers/:account/exemptions": everyone, "POST /customers/:account/exemptions": issuers, "POST /customers/:account/exemptions/:id/end": issuers,
		"GET /customers/:account/exemptions/:id/certificate": everyone,
		"GET /api/v1/customers/:account/exemptions":          everyone, "POST /api/v1/customers/:account/exemptions": issuers,
		"POST /api/v1/customers/:account/exemptions/:id/end": issuers, "GET /api/v1/customers/:account/exemptions/:id/certificate": everyone,
		"GET /imports": everyone, "POST /imports": treasury, "GET /imports/files/:id": treasury, "POST /imports/files/:id": treasury,
		"POST /imports/live/:entity/read": issuers, "POST /imports/live/:entity": admins,
		"GET /imports/cases": admins, "POST /imports/cases": admins, "GET /imports/cases/:id": admins, "GET /imports/cases/:id/rejected": admins,
		"POST /imports/cases/:id/start": admins, "POST /imports/cases/:id/discard": admins,
		"GET /imports/:id": everyone, "GET /imports/:id/rejected": everyone, "POST /imports/:id/start": treasury,
		"POST /imports/:id/discard": treasury, "POST /imports/:id/approve": "controller director", "POST /imports/:id/refuse": "controller director",

		"GET /settings/authority": everyone, "GET /settings/authority/levels/:level": everyone, "POST /settings/authority/levels/:level": changers,
		"POST /settings/authority/levels/:level/holders": changers, "GET /settings/authority/policy": everyone, "POST /settings/authority/policy": changers,
		"GET /settings/authority/changes": everyone, "POST /settings/authority/changes/:change/:verdict": changers,
		"GET /settings/authority/simulation": everyone, "GET /settings/authority/coverage": everyone, "GET /settings/delegations": everyone,
		"GET /api/v1/authority/changes": everyone, "POST /api/v1/authority/changes/:id/:verdict": changers, "POST /api/v1/authority/policy/replay": changers,
		"POST /api/v1/authority/policy/changes": changers, "POST /api/v1/authority/levels": changers,
		"POST /api/v1/authority/levels/:id/changes": changers, "POST /api/v1/authority/levels/:id/holders": changers,
		"GET /reports/audit-log": auditors, "GET /api/v1/audit": auditors,
		"POST /collections/refunds/:number/paid": treasury, "GET /api/v1/refunds-to-pay": everyone, "POST /api/v1/refunds/:number/paid-out": treasury,
		"GET /settings/absences": everyone, "POST /settings/absences": everyone, "POST /settings/absences/:id/end": everyone,
		"POST /settings/delegations": deciders, "POST /settings/delegations/:id/revoke": everyone,

		"GET /notices": everyone, "GET /notices/bell": everyone, "GET /notices/newer": everyone, "POST /notices/read": everyone, "POST /notices/:id/acknowledge": everyone,
		"GET /api/v1/me/notices/received": everyone, "POST /api/v1/me/notices/received/read": everyone, "POST /api/v1/me/notices/received/:id/acknowledge": everyone,
		"GET /settings/notices": everyone, "POST /settings/notices": everyone, "GET /api/v1/me/notices": everyone, "PUT /api/v1/me/notices": everyone,
		"GET /settings/calendars": everyone, "GET /settings/calendars/new": sorters, "POST /settings/calendars": sorters,
		"GET /settings/calendars/:id": everyone, "GET /settings/calendars/:id/edit": sorters, "POST /settings/calendars/:id": sorters,
		"GET /api/v1/calendars": everyone, "GET /api/v1/calendars/:id": everyone, "POST /api/v1/calendars": sorters, "POST /api/v1/calendars/preview": sorters,
		"GET /settings/sla": everyone, "GET /settings/sla/new": sorters, "GET /settings/sla/policies/:id": everyone, "POST /settings/sla/drafts": sorters,
		"GET /settings/ladders": everyone, "GET /settings/ladders/:id": everyone, "POST /settings/ladders/:id": sorters,
		"GET /api/v1/ladders": everyone, "POST /api/v1/ladders/:id": sorters,
		"GET /settings/sla/drafts/:id": sorters, "POST /settings/sla/drafts/:id": sorters,
		"GET /api/v1/sla-policies": everyone, "POST /api/v1/sla-drafts": sorters, "GET /api/v1/sla-drafts/:id": sorters, "POST /api/v1/sla-drafts/:id/put-in-force": sorters,
		"POST /api/v1/calendars/read-ical": everyone, "GET /api/v1/public-holidays/:country/:year": everyone, "GET /api/v1/clock-changes": everyone,
		"GET /settings/erasures": confirmers, "POST /settings/erasures": confirmers, "POST /settings/erasures/copy": confirmers, "POST /settings/erasures/:id/:verdict": confirmers,
		"POST /settings/legal-holds": confirmers, "POST /settings/legal-holds/:id/lift": confirmers,
		"GET /settings/webhooks": admins, "POST /settings/webhooks": admins, "POST /settings/webhooks/:id": admins, "POST /settings/webhooks/deliveries/:id/replay": admins,
		"POST /api/v1/personal-copies": confirmers, "POST /api/v1/erasures/preview": confirmers, "GET /api/v1/erasures": confirmers, "POST /api/v1/erasures": confirmers,
		"GET /api/v1/erasures/:id": confirmers, "POST /api/v1/erasures/:id/confirm": confirmers, "POST /api/v1/erasures/:id/refuse": confirmers, "POST /api/v1/erasures/:id/withdraw": confirmers,
		"GET /api/v1/legal-holds": confirmers, "POST /api/v1/legal-holds": confirmers, "POST /api/v1/legal-holds/:id/lift": confirmers,
		"GET /api/v1/webhooks": admins, "POST /api/v1/webhooks": admins, "PUT /api/v1/webhooks/:id": admins, "GET /api/v1/webhooks/:id/deliveries": admins,
		"POST /api/v1/webhooks/deliveries/:id/replay": admins,
		"GET /settings/entities":                      keepers, "GET /settings/entities/new": keepers, "POST /settings/entities": keepers, "GET /settings/entities/:entity": keepers,
		"POST /settings/entities/:entity": keepers, "POST /settings/entities/:entity/accounts": keepers,
		"GET /api/v1/entities": keepers, "POST /api/v1/entities": keepers, "GET /api/v1/entities/:entity": keepers, "PUT /api/v1/entities/:entity": keepers,
		"PUT /api/v1/entities/:entity/accounts": keepers,
		"GET /settings/letters":                 admins, "GET /settings/letters/:entity/:kind/:language": admins, "POST /settings/letters/:entity/:kind/:language": admins,
		"POST /settings/letters/:entity/:kind/:language/preview": admins, "POST /settings/letters/:entity/:kind/:language/restore": admins,
		"GET /api/v1/letters": admins, "GET /api/v1/entities/:entity/letters/:kind/:language": admins, "PUT /api/v1/entities/:entity/letters/:kind/:language": admins,
		"POST /api/v1/entities/:entity/letters/:kind/:language/preview": admins, "POST /api/v1/entities/:entity/letters/:kind/:language/restore": admins,
		"GET /quality": lookOn, "GET /quality/done": lookOn, "GET /quality/weeks": lookOn, "GET /quality/weeks/:week": lookOn,
		"GET /quality/pick": judges, "GET /quality/cases/:number": judges, "POST /quality/cases/:number": judges,
		"GET /quality/mine": everyone, "GET /quality/reviews/:id": lookOn, "POST /quality/reviews/:id/acknowledge": everyone,
		"GET /settings/quality": sorters, "POST /settings/quality/card": sorters, "POST /settings/quality/teams/:id": sorters,
		"GET /api/v1/quality/card": lookOn, "POST /api/v1/quality/cards": sorters, "GET /api/v1/quality/rules": sorters, "PUT /api/v1/quality/rules/:id": sorters,
		"GET /api/v1/quality/queue": lookOn, "GET /api/v1/quality/reviews": lookOn, "POST /api/v1/quality/reviews": judges,
		"GET /api/v1/quality/reviews/:id": lookOn, "GET /api/v1/quality/my-reviews": everyone, "POST /api/v1/quality/reviews/:id/acknowledge": everyone, "GET /api/v1/quality/weeks/:week": lookOn,
		"GET /settings/unanswered": sorters, "POST /settings/unanswered/:entity": sorters, "GET /api/v1/waiting-rules": sorters, "PUT /api/v1/waiting-rules/:entity": sorters,
		"GET /settings/surveys": sorters, "POST /settings/surveys/:entity": sorters, "GET /api/v1/survey-rules": sorters, "PUT /api/v1/survey-rules/:entity": sorters,
		"GET /api/v1/cases/:number/survey": everyone,
		"GET /settings/senders":            admins, "POST /settings/senders/:entity": admins, "GET /api/v1/senders": admins, "PUT /api/v1/entities/:entity/sender": admins,
		"POST /settings/senders/bounds": admins, "POST /settings/senders/keys/:domain": admins, "POST /settings/senders/keys/:domain/switch": admins,
		"GET /api/v1/signing-keys": admins, "PUT /api/v1/signing-keys/:domain": admins, "POST /api/v1/signing-keys/:domain/switch": admins,
		"GET /api/v1/mail-bounds": admins, "PUT /api/v1/mail-bounds": admins,
		"GET /settings/mailboxes": admins, "GET /settings/mailboxes/new": admins, "POST /settings/mailboxes": admins, "GET /settings/mailboxes/:id": admins,
		"POST /settings/mailboxes/:id": admins, "POST /settings/mailboxes/:id/test": admins, "POST /settings/mailboxes/:id/compare": admins,
		"POST /settings/mailboxes/:id/switch": admins,

		"GET /reports": reporters, "GET /reports/aging": reporters, "GET /reports/aging/items": reporters, "GET /reports/dso": reporters,
		"GET /reports/mail": reporters, "POST /reports/mail": reporters, "GET /reports/mail/new": reporters, "GET /reports/mail/:id": reporters, "POST /reports/mail/:id": reporters,
		"POST /reports/mail/:id/stop": reporters, "POST /reports/mail/:id/resume": reporters,
		"GET /api/v1/report-schedules": reporters, "POST /api/v1/report-schedules": reporters, "GET /api/v1/report-schedules/:id": reporters,
		"PUT /api/v1/report-schedules/:id": reporters, "POST /api/v1/report-schedules/:id/stop": reporters, "POST /api/v1/report-schedules/:id/resume": reporters,
		"GET /api/v1/report-schedules/:id/sendings": reporters,
		"GET /reports/work":                         reporters, "GET /reports/work/:fact": reporters, "GET /reports/work/:fact/rows": reporters,
		"GET /cases/:number/evidence": everyone, "GET /api/v1/cases/:number/evidence": everyone,
		"GET /reports/audit": auditors, "POST /reports/audit": auditors, "GET /api/v1/audit/packages/:entity": auditors,
		"GET /reports/dso/trend": reporters, "GET /reports/kpis": reporters, "GET /reports/kpis/:figure": reporters,
		"GET /books/periods": everyone, "GET /books/periods/grid": everyone,
		"POST /books/periods/:entity/:month/soft-close": issuers, "POST /books/periods/:entity/:month/lift": issuers,
		"POST /books/periods/:entity/:month/close": issuers, "POST /books/periods/:entity/:month/reopen": issuers,
		"POST /books/periods/:entity/:month/reopen/confirm": seconds, "POST /books/periods/:entity/:month/reopen/withdraw": seconds,
		"GET /reconciliations": everyone, "POST /reconciliations": issuers, "GET /reconciliations/:id": everyone, "POST /reconciliations/:id/again": issuers,
		"POST /reconciliations/:id/findings/:finding/case": issuers, "POST /reconciliations/:id/findings/:finding/explain": issuers,
		"GET /books/proofs": everyone, "POST /books/proofs": issuers, "GET /books/rates": everyone, "POST /books/rates": issuers, "POST /books/rates/age": issuers,
		"POST /books/rates/import": issuers,
		"GET /books/reminders":     everyone, "POST /books/reminders/:entity": issuers, "GET /books/budgets": everyone, "POST /books/budgets": seconds,
		"GET /books/gateways": everyone, "POST /books/gateways/:entity": admins, "POST /credit-memos/:number/elsewhere/:action": issuers, "POST /credit-memos/:number/elsewhere/:action/by-hand": issuers,
		"GET /collections": everyone, "POST /collections/promises": treasury, "POST /collections/promises/:id/withdraw": treasury,
		"POST /collections/blocks": treasury, "POST /collections/blocks/:id/lift": treasury,

		"GET /board": watchers, "GET /board/:part": watchers, "GET /board/people": assigners, "POST /board/assign": assigners,
		"POST /board/notices/:id/acknowledge": watchers,

		"GET /intake": readMail, "GET /intake/list": readMail, "GET /intake/health": readMail, "GET /intake/out/:id": readMail,
		"GET /intake/out/:id/preview": readMail, "GET /intake/:id": readMail, "GET /intake/:id/preview": readMail,
		"GET /intake/:id/notice": readMail, "GET /intake/:id/eml": readMail, "GET /intake/:id/files/:n": readMail,
		"POST /intake/:id/release": workMail, "POST /intake/:id/open": workMail, "POST /intake/:id/retry": workMail,
		"POST /intake/:id/discard": workMail, "POST /intake/out/:id/settle": workMail, "POST /intake/out/:id/resend": workMail,
		"GET /sorting": readMail, "GET /sorting/rules/new": readMail, "GET /sorting/rules/:id": readMail, "POST /sorting/rules/try": readMail,
		"POST /sorting/rules": sorters, "POST /sorting/rules/:id/move": sorters, "POST /sorting/rules/:id/switch": sorters,
		"POST /sorting/rules/:id/remove": sorters, "GET /sorting/model": readMail, "POST /sorting/model/train": sorters,
		"POST /sorting/model/threshold": sorters, "POST /sorting/model/:id/activate": sorters,

		"GET /demo/mailbox": everyone, "GET /demo/mailbox/list": everyone, "GET /demo/mailbox/write": everyone,
		"GET /demo/mailbox/:uid": everyone, "GET /demo/mailbox/:uid/preview": everyone, "GET /demo/mailbox/:uid/eml": everyone,
		"GET /demo/mailbox/:uid/files/:n": everyone, "POST /demo/mailbox/write": everyone, "POST /demo/mailbox/:uid/reply": everyone,
		"GET /demo/kit": everyone,
	}
}

// apiRights is every operation of the API with the roles it is for.
func apiRights() map[string]string {
	return map[string]string{
		"GET /api/docs": public, "GET /api/openapi.json": public, "GET /api/openapi.yaml": public,
		"GET /api/v1/sorting/rules": readMail, "PUT /api/v1/sorting/rules": sorters, "POST /api/v1/sorting/rules/try": readMail,
		"GET /api/v1/reasons": everyone, "POST /api/v1/reasons": sorters, "POST /api/v1/reasons/starter": sorters,
		"GET /api/v1/case-fields": everyone, "POST /api/v1/case-fields": sorters,
		"GET /api/v1/macros": workers, "POST /api/v1/macros": workers, "PUT /api/v1/macros/:id": workers, "POST /api/v1/macros/:id/remove": workers,
		"GET /api/v1/cases/:number/macros/:id": workers, "POST /api/v1/cases/:number/macros/:id": workers,
		"POST /api/v1/bulk-runs/preview": workers, "POST /api/v1/bulk-runs": workers, "GET /api/v1/bulk-runs": workers, "GET /api/v1/bulk-runs/:id": workers,
		"GET /api/v1/bulk-runs/:id/results": workers, "POST /api/v1/bulk-runs/:id/undo": workers,
		"GET /api/v1/sorting/state": readMail, "PUT /api/v1/sorting/threshold": sorters, "GET /api/v1/sorting/models": readMail,
		"GET /api/v1/sorting/models/:id": readMail, "POST /api/v1/sorting/models/train": sorters, "POST /api/v1/sorting/models/:id/activate": sorters,
		"GET /api/v1/cases/:number/sorting": everyone, "POST /api/v1/cases/:number/topic": workers,

		"GET /api/openapi-3.0.json": public, "GET /api/openapi-3.0.yaml": public, "GET /api/schemas/:schema": public,

		"GET /api/v1/me": everyone, "GET /api/v1/cases": everyone, "POST /api/v1/cases": workers,
		"GET /api/v1/cases/:number": everyone, "PATCH /api/v1/cases/:number": workers,
		"GET /api/v1/cases/:number/messages": everyone, "POST /api/v1/cases/:number/messages": workers, "POST /api/v1/cases/:number/notes": workers,
		"GET /api/v1/cases/:number/disputes": everyone, "POST /api/v1/cases/:number/disputes": workers,
		"POST /api/v1/cases/:number/disputes/:id/decision": workers, "POST /api/v1/cases/:number/status": workers,
		"GET /api/v1/cases/:number/mails": everyone, "POST /api/v1/cases/:number/mails/:id/resend": workers,
		"POST /api/v1/cases/:number/mails/:id/cancel": workers, "POST /api/v1/cases/:number/mails/:id/release": workers,
		"POST /api/v1/cases/:number/assign": workers, "GET /api/v1/cases/:number/clocks": everyone, "GET /api/v1/cases/:number/timeline": everyone,

		"POST /api/v1/customers": issuers, "GET /api/v1/customers/:account/contacts": everyone, "POST /api/v1/customers/:account/contacts": workers,
		"PUT /api/v1/customers/:account/contacts/:id": workers,
		"PUT /api/v1/customers/:account/particulars":  issuers, "PUT /api/v1/customers/:account/credit-terms": issuers,
		"GET /api/v1/customers": everyone, "GET /api/v1/customers/:account": everyone, "GET /api/v1/customers/:account/balance": everyone,
		"GET /api/v1/entities/:entity/extracts/:what": everyone, "GET /api/v1/invoices": everyone, "GET /api/v1/invoices/:number": everyone, "POST /api/v1/invoices": issuers,
		"GET /api/v1/payments": everyone, "GET /api/v1/payments/:number": everyone, "POST /api/v1/payments": treasury,
		"GET /api/v1/customers/:account/statement.pdf": everyone, "GET /api/v1/customers/:account/statements": everyone,
		"GET /api/v1/customers/:account/statements/:id/pdf": everyone,
		"GET /api/v1/customers/:account/statement":          everyone, "GET /api/v1/customers/:account/apply-proposals": everyone,
		"GET /api/v1/allocations": everyone, "POST /api/v1/allocations": treasury, "POST /api/v1/allocations/:id/take-back": treasury,
		"POST /api/v1/payments/:number/chargeback": treasury, "POST /api/v1/chargebacks/:id/won": treasury,
		"POST /api/v1/invoices/:number/stamp": issuers, "PUT /api/v1/entities/:entity/document-rules": admins,
		"PUT /api/v1/entities/:entity/gateway": admins, "POST /api/v1/credit-memos/:number/elsewhere/:action/retry": issuers, "POST /api/v1/credit-memos/:number/elsewhere/:action/settle": issuers,
		"GET /api/v1/credit-memos": everyone, "GET /api/v1/credit-memos/:number": everyone,
		"GET /api/v1/debit-memos": everyone, "GET /api/v1/debit-memos/:number": everyone,
		"GET /api/v1/refunds": everyone, "GET /api/v1/refunds/:number": everyone,
		"GET /api/v1/write-offs": everyone, "GET /api/v1/write-offs/:number": everyone,

		"GET /api/v1/credit-requests": everyone, "GET /api/v1/credit-requests/:id": everyone, "POST /api/v1/credit-requests": workers,
		"POST /api/v1/credit-requests/preview": workers, "POST /api/v1/credit-requests/:id/submit": workers,
		"POST /api/v1/credit-requests/:id/approve": deciders, "POST /api/v1/credit-requests/:id/reject": deciders,
		"POST /api/v1/credit-requests/:id/withdraw": workers, "POST /api/v1/credit-requests/:id/retry": workers,
		"GET /api/v1/authority/levels": everyone, "GET /api/v1/authority/policy": everyone, "POST /api/v1/authority/simulation": everyone,
		"GET /api/v1/authority/gaps": everyone, "GET /api/v1/delegations": everyone, "POST /api/v1/delegations": deciders,
		"POST /api/v1/delegations/:id/revoke": everyone,
		"GET /api/v1/absences":                everyone, "POST /api/v1/absences": everyone, "POST /api/v1/absences/:id/end": everyone,
		"POST /api/v1/credit-requests/delegate": deciders, "POST /api/v1/credit-requests/:id/ask-back": deciders,
		"POST /api/v1/credit-requests/:id/approve-less": deciders, "POST /api/v1/credit-requests/:id/answer": workers,
		"POST /api/v1/credit-requests/:id/change": workers, "POST /api/v1/credit-requests/:id/evidence": workers,
		"POST /api/v1/credit-requests/approve-several": deciders,

		"GET /api/v1/own-limit-samples": lookers, "POST /api/v1/own-limit-samples/:id/review": reviewers, "GET /api/v1/own-limit-samples/months/:month": lookers,
		"GET /api/v1/reports/own-limits": lookers, "GET /api/v1/credit-warnings": lookers, "GET /api/v1/reports/pairs": lookers, "GET /api/v1/reports/assistants": lookers, "POST /api/v1/credit-warnings/:id/look": reviewers,

		"GET /api/v1/live-sources": everyone, "PUT /api/v1/live-sources/:entity": admins, "POST /api/v1/live-sources/:entity/readings": issuers,
		"GET /api/v1/case-imports": admins, "POST /api/v1/case-imports": admins, "GET /api/v1/case-imports/:id": admins, "GET /api/v1/case-imports/:id/rejected": admins,
		"POST /api/v1/case-imports/:id/start": admins, "POST /api/v1/case-imports/:id/discard": admins,
		"GET /api/v1/imports": everyone, "POST /api/v1/imports": treasury, "GET /api/v1/imports/:id": everyone, "GET /api/v1/imports/:id/rows": everyone,
		"GET /api/v1/imports/:id/rejected": everyone, "POST /api/v1/imports/:id/start": treasury, "POST /api/v1/imports/:id/discard": treasury,
		"POST /api/v1/imports/:id/approve": "controller director", "POST /api/v1/imports/:id/refuse": "controller director",

		"GET /api/v1/reports/aging": reporters, "GET /api/v1/reports/aging/customers": reporters, "GET /api/v1/reports/aging/items": reporters,
		"GET /api/v1/reports/cases": reporters, "GET /api/v1/reports/cases/:fact": reporters, "GET /api/v1/reports/cases/:fact/rows": reporters,
		"GET /api/v1/reports/sla": reporters, "GET /api/v1/reports/root-causes": reporters,
		"GET /api/v1/reports/dso": reporters, "GET /api/v1/reports/kpis": reporters, "GET /api/v1/reports/kpis/:figure/rows": reporters,
		"GET /api/v1/periods": everyone, "GET /api/v1/periods/:entity/:month": everyone,
		"POST /api/v1/periods/:entity/:month/soft-close": issuers, "POST /api/v1/periods/:entity/:month/lift": issuers,
		"POST /api/v1/periods/:entity/:month/close": issuers, "POST /api/v1/periods/:entity/:month/reopen": issuers,
		"POST /api/v1/periods/:entity/:month/reopen/confirm": seconds, "POST /api/v1/periods/:entity/:month/reopen/withdraw": seconds,
		"GET /api/v1/reconciliations": everyone, "POST /api/v1/reconciliations": issuers, "GET /api/v1/reconciliations/:id": everyone,
		"POST /api/v1/reconciliations/:id/again": issuers, "GET /api/v1/reconciliations/:id/findings": everyone,
		"POST /api/v1/reconciliations/:id/findings/:finding/case": issuers, "POST /api/v1/reconciliations/:id/findings/:finding/explain": issuers,
		"GET /api/v1/promises": everyone, "GET /api/v1/promises/:id": everyone, "POST /api/v1/promises": treasury, "POST /api/v1/promises/:id/withdraw": treasury,
		"GET /api/v1/small-balances": everyone,
		"GET /api/v1/dunning":        everyone, "GET /api/v1/dunning/late-fees/:number": everyone, "GET /api/v1/dunning/blocks": everyone,
		"POST /api/v1/dunning/blocks": treasury, "POST /api/v1/dunning/blocks/:id/lift": treasury,
		"GET /api/v1/exchange-rates": everyone, "GET /api/v1/exchange-rates/:base/:quote": everyone, "GET /api/v1/exchange-rates/:base/:quote/fixings": everyone,
		"GET /api/v1/exchange-rates/age": everyone, "PUT /api/v1/exchange-rates/age": issuers,
		"GET /api/v1/collection-policies": everyone, "PUT /api/v1/collection-policies/:entity": issuers,
		"GET /api/v1/concession-budgets": everyone, "PUT /api/v1/concession-budgets/:team/:month": seconds,
		"GET /api/v1/proofs": everyone, "POST /api/v1/proofs": issuers,
		"POST /api/v1/exchange-rates": issuers, "POST /api/v1/exchange-rates/corrections": issuers,

		"GET /api/v1/contracts": everyone, "GET /api/v1/contracts/:number": everyone, "POST /api/v1/contracts": issuers,
		"POST /api/v1/contracts/:number/exclusions": workers, "GET /api/v1/incidents": everyone, "POST /api/v1/incidents": workers,
		"GET /api/v1/service-credits/owed": everyone, "GET /api/v1/service-credits/:id": everyone, "POST /api/v1/service-credits": workers,

		"GET /api/v1/intake/messages": readMail, "GET /api/v1/intake/messages/:id": readMail, "GET /api/v1/intake/messages/:id/raw": readMail,
		"POST /api/v1/intake/messages/:id/retry": workMail, "POST /api/v1/intake/messages/:id/release": workMail,
		"POST /api/v1/intake/messages/:id/discard": workMail, "GET /api/v1/intake/out": readMail,
		"POST /api/v1/intake/out/:id/settle": workMail, "POST /api/v1/intake/out/:id/resend": workMail,
	}
}
