package desk

import (
	"strings"

	"makegood/internal/access"
	"makegood/internal/i18n"
)

// Coded says a code of ours, kept as one word, as people read it: end_customer, "End customer". A code that has no sentence, such as that of
// a reason or of a program a company uses, is theirs and stands in their own words.
func Coded(code string) string {
	if said, ok := coded[code]; ok {
		return said
	}
	return i18n.Upper(strings.ReplaceAll(code, "_", " "))
}

var coded = map[string]string{ //nolint:gochecknoglobals // never changed
	// documents, and what credits are
	"invoice": i18n.T("Invoice"), "payment": i18n.T("Payment"), "credit_memo": i18n.T("Credit memo"), "debit_memo": i18n.T("Debit memo"), "refund": i18n.T("Refund"),
	"write_off": i18n.T("Write-off"), "transfer": i18n.T("Transfer"), "reversal": i18n.T("Reversal"), "chargeback": i18n.T("Chargeback"), "allocation": i18n.T("Allocation"),
	"dispute": i18n.T("Dispute"), "request": i18n.T("Request"), "billing_error": i18n.T("Billing error"), "concession": i18n.T("Concession"), "sla_credit": i18n.T("SLA credit"),
	"rebill": i18n.T("Rebill"), "debit": i18n.T("Debit memo"),

	// customers, and how money comes
	"direct": i18n.T("Direct"), "partner": i18n.T("Partner"), "end_customer": i18n.T("End customer"),
	"platinum": i18n.T("Platinum"), "gold": i18n.T("Gold"), "silver": i18n.T("Silver"),
	"bank_transfer": i18n.T("Bank transfer"), "direct_debit": i18n.T("Direct debit"), "card": i18n.T("Card"), "check": i18n.In("payment", "Check"),
	"withholding": i18n.T("Certificate of tax withheld"), "opening_balance": i18n.T("Opening balance"),

	// cases: what they are, where they stand, whom they wait for, and their clocks
	"inquiry": i18n.T("Inquiry"), "cancellation": i18n.T("Cancellation"), "remittance": i18n.T("Remittance"),
	"new": i18n.T("New"), "open": i18n.In("case", "Open"), "waiting": i18n.T("Waiting"), "resolved": i18n.T("Resolved"), "closed": i18n.In("case", "Closed"),
	"customer": i18n.T("Customer"), "approver": i18n.T("Approver"), "billing": i18n.T("Billing"), "upstream": i18n.T("Upstream"), "third_party": i18n.T("Third party"), "nobody": i18n.T("Us"),
	"first_response": i18n.T("First response"), "next_response": i18n.T("Next response"), "resolution": i18n.T("Resolution"), "approval_step": i18n.T("Approval"),
	"posting": i18n.T("Posting"), "statutory": i18n.T("Statutory"),

	// disputes, overrides, mail that goes out
	"disputed": i18n.T("Disputed"), "clear": i18n.T("Clear"), "under_review": i18n.T("Under review"), "accepted": i18n.T("Accepted"), "partly_accepted": i18n.T("Partly accepted"),
	"rejected": i18n.T("Rejected"), "withdrawn": i18n.T("Withdrawn"),
	"late": i18n.T("Late"), "nobody_there": i18n.T("Nobody there"), "through_a_stand_in": i18n.T("Through a stand-in"), "holds_a_higher_level": i18n.T("Holds a higher level"),
	"queued": i18n.T("Queued"), "sending": i18n.T("Sending"), "sent": i18n.T("Sent"), "bounced": i18n.T("Bounced"), "failed": i18n.T("Failed"), "unknown": i18n.T("Unknown"),
	"cancelled": i18n.T("Cancelled"), "stopped": i18n.T("Stopped"),

	// ways to tell figures apart
	"kind": i18n.T("Kind"), "reason": i18n.T("Reason"), "root_cause": i18n.T("Root cause"),
}

// RoleName is what somebody is at the desk.
func RoleName(role string) string {
	switch access.Role(role) {
	case access.Agent:
		return i18n.In("role", "Agent")
	case access.Senior:
		return i18n.In("role", "Senior")
	case access.Supervisor:
		return i18n.T("Supervisor")
	case access.Controller:
		return i18n.In("role", "Controller")
	case access.Director:
		return i18n.In("role", "Director")
	case access.Collections:
		return i18n.T("Collections")
	case access.Auditor:
		return i18n.In("role", "Auditor")
	case access.Admin:
		return i18n.In("role", "Admin")
	}
	return role
}

// RoleNames are several of them, in a list.
func RoleNames(roles []string) string {
	said := make([]string, len(roles))
	for i, role := range roles {
		said[i] = RoleName(role)
	}
	return strings.Join(said, ", ")
}
