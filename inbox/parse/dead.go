package parse

import (
	"regexp"
	"strings"
)

// noSuch are the words of servers that say the same as a status about the address: nobody is there.
var noSuch = regexp.MustCompile(`(?i)user unknown|unknown user|no such (?:user|mailbox|recipient|address|person)|(?:user|mailbox|recipient|address|account)[^\n]{0,60}(?:does(?:n't| not) exist|not found|unknown|disabled)|invalid (?:recipient|mailbox|address)|no mailbox here|unrouteable address`)

// AddressDead tells whether a report says for good that the recipient's address takes no mail: RFC 3463 status 5.1.x about
// the destination address or 5.2.1 (mailbox disabled), or any other permanent status whose words say so. A full mailbox, a mail
// that is too large, or one refused as unwanted is none of the address's fault, and neither is a delay.
func (b Bounce) AddressDead() bool {
	if b.Action == "delayed" || b.Action == "relayed" || b.Action == "delivered" || !strings.HasPrefix(b.Status, "5.") {
		return false
	}
	switch b.Status {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return !fullWords.MatchString(b.Diagnostic)
	case "5.2.2", "5.2.3", "5.3.4":
		return false
	}
	return noSuch.MatchString(b.Diagnostic) && !fullWords.MatchString(b.Diagnostic)
}
