package parse_test

import (
	"testing"

	"makegood/inbox/parse"
)

func TestAddressDead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bounce parse.Bounce
		want   bool
	}{
		"no such user":              {parse.Bounce{Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 no such user"}, true},
		"no such domain":            {parse.Bounce{Action: "failed", Status: "5.1.2", Diagnostic: "host unknown"}, true},
		"recipient moved on":        {parse.Bounce{Action: "failed", Status: "5.1.10", Diagnostic: "RecipientNotFound"}, true},
		"disabled":                  {parse.Bounce{Action: "failed", Status: "5.2.1", Diagnostic: "mailbox disabled"}, true},
		"general code, plain word":  {parse.Bounce{Action: "failed", Status: "5.0.0", Diagnostic: "550 User unknown"}, true},
		"access denied, not there":  {parse.Bounce{Action: "failed", Status: "5.4.1", Diagnostic: "Recipient address rejected: mailbox not found"}, true},
		"full":                      {parse.Bounce{Action: "failed", Status: "5.2.2", Diagnostic: "mailbox is full"}, false},
		"full under another code":   {parse.Bounce{Action: "failed", Status: "5.1.1", Diagnostic: "quota exceeded"}, false},
		"too large":                 {parse.Bounce{Action: "failed", Status: "5.3.4", Diagnostic: "message too big"}, false},
		"taken for spam":            {parse.Bounce{Action: "failed", Status: "5.7.1", Diagnostic: "blocked as spam"}, false},
		"sender refused":            {parse.Bounce{Action: "failed", Status: "5.1.8", Diagnostic: "bad sender's system address"}, false},
		"our domain refused":        {parse.Bounce{Action: "failed", Status: "5.1.8", Diagnostic: "550 5.1.8 <billing@nordlicht.example>: Sender address rejected: Domain not found"}, false},
		"our domain, general code":  {parse.Bounce{Action: "failed", Status: "5.1.0", Diagnostic: "550 5.1.0 Sender address rejected: address not found"}, false},
		"our domain, another code":  {parse.Bounce{Action: "failed", Status: "5.0.0", Diagnostic: "smtp; 553 5.1.8 address unknown"}, false},
		"our syntax":                {parse.Bounce{Action: "failed", Status: "5.1.7", Diagnostic: "invalid address"}, false},
		"our server refused":        {parse.Bounce{Action: "failed", Status: "5.7.1", Diagnostic: "Client host rejected: address not found"}, false},
		"MAIL FROM refused":         {parse.Bounce{Action: "failed", Status: "5.5.0", Diagnostic: "550 MAIL FROM address unknown"}, false},
		"no such user, then sender": {parse.Bounce{Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 user unknown; the sender was told"}, true},
		"late":                      {parse.Bounce{Action: "delayed", Status: "5.1.1", Diagnostic: "no such user"}, false},
		"gave up on a server":       {parse.Bounce{Action: "failed", Status: "4.4.1", Diagnostic: "connection timed out"}, false},
		"unclear":                   {parse.Bounce{Action: "failed", Status: "5.0.0", Diagnostic: "delivery failed"}, false},
		"nothing said":              {parse.Bounce{}, false},
	} {
		if got := c.bounce.AddressDead(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
