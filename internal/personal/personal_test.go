package personal_test

import (
	"testing"
	"unicode/utf8"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/personal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// An address is found where it stands for itself, not where it is a part of another: in the bytes of a mail as in texts of the database.
func TestAnAddressStandsForItself(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	p := personal.Person{Addresses: []string{"smith@acme.example", "x@acme.example"}}
	for raw, want := range map[string]bool{
		"smith@acme.example":                                true,
		"Final-Recipient: rfc822; SMITH@Acme.example\r\n":   true,
		"to <smith@acme.example>, today":                    true,
		"It is smith@acme.example.":                         true,
		"It is smith@acme.example. And so on":               true,
		"john.smith@acme.example":                           false,
		"xsmith@acme.example":                               false,
		"a+smith@acme.example a-smith@acme.example":         false,
		"ösmith@acme.example":                               false,
		"»smith@acme.example«":                              true,
		"smith@acme.example.au":                             false,
		"smith@acme.examples":                               false,
		"smith@acme.example-y.example":                      false,
		"john.smith@acme.example then smith@acme.example ?": true,
		"y.x@acme.example":                                  false,
		"X@ACME.EXAMPLE":                                    true,
		"":                                                  false,
		"\xe4smith@acme.example":                            true,
	} {
		if got := p.In([]byte(raw)); got != want {
			t.Errorf("%q: %t", raw, got)
		}
		if !utf8.ValidString(raw) {
			continue
		}
		if got, err := db.Value[bool](t.Context(), d, `select without_person($1::text, $2, '') <> $1`, raw, p.Sure()); err != nil || got != want {
			t.Errorf("%q in the database: %t, %v", raw, got, err)
		}
	}
	if (personal.Person{Names: []string{"Accounts Payable"}}).Likely() != "" || (personal.Person{Names: []string{"Accounts Payable"}, Typed: true}).Likely() == "" {
		t.Error("parts are of names that were typed, and of no others")
	}
}
