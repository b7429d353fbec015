package intake_test

import (
	"fmt"

	"makegood/cases/intake"
	"makegood/inbox"
)

// twoReadings: a domain that passed DMARC proves nothing of an address that its owner writes into From for us alone to read.
func twoReadings(v *victim) {
	passed := "Authentication-Results: " + receiver + "; spf=pass smtp.mailfrom=evil.example; dmarc=pass (p=none) header.from=evil.example"
	for n, from := range []string{
		"=?utf-8?q?Anna_=3Canna=40aster.example=3E?=@evil.example", "=?utf-8?q?anna=40aster.example=2C?=@evil.example",
		"<=?utf-8?q?anna=40aster.example=3E?=@evil.example>", "=?utf-8?b?YW5uYUBhc3Rlci5leGFtcGxl?=@evil.example (Anna)",
		anna, "Anna <" + anna + ">", anna + ", " + mallory, `"x" <` + anna + `> <` + mallory + `>`, mallory + " (\n <" + anna + ">",
	} {
		answer := v.deliver(post{from: from, subject: "Re: Invoice", id: fmt.Sprintf("%d@evil.example", 2*n), text: "New bank account.", headers: []string{"In-Reply-To: " + v.token, passed}})
		v.want(answer, inbox.Held, intake.ReasonUnverified)
		opened := v.deliver(post{from: from, subject: "Invoice", id: fmt.Sprintf("%d@evil.example", 2*n+1), text: v.astersInvoice.Number + " is wrong by 119,00 EUR.", headers: []string{passed}})
		v.want(opened, inbox.NewCase, intake.ReasonOpened)
		if c := v.caseOf(opened); c.CustomerID != nil || v.count(`dispute_lines where case_id = $1`, c.ID) != 0 {
			v.t.Errorf("%s is taken for Anna: customer %v", from, c.CustomerID)
		}
	}
	v.untouched()
}

// verdictInAddress: what the sender has our mail server copy into its verdict is none.
func verdictInAddress(v *victim) {
	for n, local := range []string{
		"=?us-ascii?q?=3B=20dmarc=3Dpass=20header.from=3Daster.example=3B=20=28?=", `"; dmarc=pass header.from=aster.example; ("`,
		`"\"; dmarc=pass header.from=aster.example; ("`, "=?us-ascii?b?OyBkbWFyYz1wYXNzIGhlYWRlci5mcm9tPWFzdGVyLmV4YW1wbGU7ICg=?=", "(", `"`,
	} {
		verdict := "Authentication-Results: " + receiver + "; spf=pass smtp.mailfrom=" + local + "@evil.example; dmarc=fail header.from=aster.example"
		m := v.deliver(post{from: anna, subject: "Re: Invoice", id: fmt.Sprintf("%d@evil.example", n), text: "New bank account.", headers: []string{"In-Reply-To: " + v.token, verdict}})
		v.want(m, inbox.Held, intake.ReasonUnverified)
	}
	v.untouched()
}
