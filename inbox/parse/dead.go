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
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return !fullWords.MatchString(b.Diagnostic)
	case "5.2.2", "5.2.3", "5.3.4":
		return false
	}
	if b.refusesSender() || fullWords.MatchString(b.Diagnostic) {
		return false
	}
	return b.Status == "5.1.0" || noSuch.MatchString(b.Diagnostic)
}

// ofSender are the words of servers that refuse us, whoever the mail is for: our address, our domain or our server.
var ofSender = regexp.MustCompile(`(?i)\bsender\b|mail[ _-]?from\b|\bclient host\b|\breverse[ -]path\b|\breturn[ -]path\b`)

// senderStatus is a status about the sender's address (RFC 3463, section 3.2), in the words of a server.
var senderStatus = regexp.MustCompile(`\b5\.1\.[78]\b`)

// refusesSender tells whether a report without a status about the reader is about us: by its status, or by words before or among those
// that say what is not there.
func (b Bounce) refusesSender() bool {
	if senderStatus.MatchString(b.Status + " " + b.Diagnostic) {
		return true
	}
	about := ofSender.FindStringIndex(b.Diagnostic)
	if about == nil {
		return false
	}
	missing := noSuch.FindStringIndex(b.Diagnostic)
	return missing == nil || about[0] < missing[1]
}
