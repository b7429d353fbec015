package cases_test

import (
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
)

// What a person files without letting its sender take part changes nothing: the case stays resolved, and whoever is remembered is the
// one who takes part.
func TestWhatIsKeptApartChangesNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.mail()
	in.Type, in.CustomerID = cases.Inquiry, nil
	was := k.set(k.open(in), cases.StatusResolved, cases.OnNobody)
	k.clock.Add(time.Hour)
	is := k.receive(was.ID, cases.InboundMessage{AuthorName: "Mallory", AuthorAddress: "mallory@evil.example", Body: "Me too.", Trust: cases.Unverified, Apart: true})
	if is.Status != cases.StatusResolved || is.UnansweredSince != nil || is.Snippet != was.Snippet || !is.LastCustomerAt.Equal(*was.LastCustomerAt) {
		t.Errorf("changed to %+v", is)
	}
	linked, err := k.cases.LinkCustomer(t.Context(), cases.LinkCustomerInput{On: k.on(is), CustomerID: k.customer, Remember: true})
	k.must(err)
	contact, _, err := k.billing.ContactByAddress(t.Context(), k.db, "anna@brandung.example")
	if err != nil || linked.ContactID == nil || *linked.ContactID != contact.ID {
		t.Errorf("remembered %v, the contact is %+v, %v", linked.ContactID, contact, err)
	}
	if _, _, err := k.billing.ContactByAddress(t.Context(), k.db, "mallory@evil.example"); !errors.Is(err, billing.ErrNoContact) {
		t.Error("a stranger is a contact")
	}
	k.sound()
}
