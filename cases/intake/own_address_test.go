package intake_test

import (
	"slices"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// TestOurSupportAddresses: what comes from an address that a legal entity writes from is ours, whether we read a mailbox of that address or not.
func TestOurSupportAddresses(t *testing.T) {
	t.Parallel()
	const help = "help@nordlicht.example"
	d := setup(t)
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update legal_entities set support_address = 'Help@nordlicht.example'`)
		return err
	})
	d.want(d.deliver(post{from: help, subject: "Question", id: "1@nordlicht.example", text: "Our own words."}), inbox.Ignored, intake.ReasonOwnMail)
	list, err := d.intake.OurAddresses(t.Context())
	d.must(err)
	if !slices.Equal(list, []string{"accounts@nordlicht.example", ours, help}) {
		t.Errorf("ours are %q", list)
	}
}
