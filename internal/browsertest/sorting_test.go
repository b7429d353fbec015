//go:build browser

package browsertest_test

import "testing"

// TestSortingOnScreen has a supervisor try a rule on past mail and keep it, then look at what was learned.
func TestSortingOnScreen(t *testing.T) {
	t.Parallel()
	w := shared.window(t, "supervisor of the rules")
	w.signIn(katrin, "/sorting/rules/new")
	w.fill("[name=name]", "Invoices by name")
	w.choose("[name='field.0']", "subject")
	w.fill("[name='values.0']", "rechnung\ninvoice")
	w.fill("[name=tags]", "invoice")
	w.click("[formaction='/sorting/rules/try']")
	w.says("#so-trial", "of the last")
	w.picture("rule-tried")
	w.click(".so-foot .btn-primary")
	w.says(".so-t", "subject contains rechnung or invoice")
	w.picture("rules-kept")
	w.open("/sorting/model")
	w.within(3*patience, "a model, which the program makes when it begins", `!!document.querySelector('.so-x td.ok')`)
	value[bool](w, `document.querySelector('.so-x').scrollIntoView() === undefined`)
	w.picture("learned-confusion")
}
