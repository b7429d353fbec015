//go:build browser

package browsertest_test

import (
	"fmt"
	"regexp"
	"testing"
)

// customer is a contact of the demo with an invoice to contest and a request under way.
type customer struct{ Email, Invoice, Number string }

// TestCustomersPages looks at everything customers see: the contact form, the way in, and each page of the portal, in the light, in
// the dark and on a phone.
func TestCustomersPages(t *testing.T) {
	t.Parallel()
	c := found[customer](t, `select k.email, i.number as invoice, s.number from contacts k join customers u on u.id = k.customer_id
		join cases s on s.customer_id = u.id and s.contact_id = k.id join invoices i on i.customer_id = u.id
		join open_items o on o.kind = 'invoice' and o.document_id = i.id
		where u.kind = 'direct' and s.disputed > 0 and o.open > 0 and k.bounced_at is null order by s.id desc, i.id desc limit 1`)
	w := shared.window(t, "a customer")
	for _, size := range []string{"", "-phone"} {
		if size != "" {
			w.onPhone()
		}
		for _, s := range []screen{{name: "contact", path: "/contact"}, {name: "portal-sign-in", path: "/portal/sign-in"}} {
			s.name += size
			w.look(s)
		}
	}
	w.atDesk()
	w.writeToUs(c)
	w.enterPortal(c.Email)
	pages := []screen{
		{name: "portal-invoices", path: "/portal?all=1"},
		{name: "portal-invoice", path: "/portal/invoices/" + c.Invoice},
		{name: "portal-requests", path: "/portal/requests"},
		{name: "portal-request", path: "/portal/requests/" + c.Number},
		{name: "portal-balance", path: "/portal/balance"},
	}
	for _, s := range pages {
		w.look(s)
	}
	w.onPhone()
	for _, s := range pages {
		s.name += "-phone"
		w.look(s)
	}
}

// writeToUs fills in the contact form and follows the link that is mailed to its writer.
func (w *window) writeToUs(c customer) {
	w.t.Helper()
	n := listen(w.t)
	w.open("/contact")
	w.fill("[name=name]", "A customer")
	w.fill("[name=email]", c.Email)
	w.fill("[name=invoice]", c.Invoice)
	w.fill("[name=text]", "The second position is wrong.")
	w.click("form[action='/contact'] [type=submit]")
	w.until("that it was sent", `location.pathname === '/contact/sent'`)
	w.look(screen{name: "contact-sent", path: value[string](w, `location.pathname + location.search`)})
	text := n.wait(w.t, `select text_body from outgoing_messages where kind = 'contact_proof' and to_address = $1 order by id desc limit 1`, c.Email)
	w.look(screen{name: "contact-proof", path: regexp.MustCompile(`/contact/proof\?t=\S+`).FindString(text)})
	w.click("form[action^='/contact/proof'] [type=submit]")
	w.until("that it was proven", `!document.querySelector("form[action^='/contact/proof']")`)
	w.bothWays("contact-proven")
	w.barriers("contact proven")
}

// enterPortal signs a customer in with the code that was mailed to them.
func (w *window) enterPortal(email string) {
	w.t.Helper()
	n := listen(w.t)
	w.open("/portal/sign-in")
	w.fill("[name=email]", email)
	w.click("form[action='/portal/sign-in'] [type=submit]")
	w.until("the page for the code", `location.pathname === '/portal/code'`)
	w.look(screen{name: "portal-code", path: "/portal/code"})
	text := n.wait(w.t, `select text_body from outgoing_messages where kind = 'portal_code' and to_address = $1 order by id desc limit 1`, email)
	code := regexp.MustCompile(`\d{4} \d{4}`).FindString(text)
	w.fill("[name=code]", code)
	w.click("form[action='/portal/code'] [type=submit]")
	w.until("the portal", fmt.Sprintf(`location.pathname === %s`, js("/portal")))
}
