package cases

import "time"

// MessageID names a message of a case.
type MessageID int64

// MessageKind says what a message is. A reply goes to the customer, a note never does, and neither becomes the other.
type MessageKind string

// The kinds of message.
const (
	Inbound     MessageKind = "inbound"
	PublicReply MessageKind = "reply"
	Note        MessageKind = "note"
	Letter      MessageKind = "letter"
)

// AuthorKind says who wrote.
type AuthorKind string

// The kinds of author.
const (
	ByCustomer AuthorKind = "customer"
	ByPerson   AuthorKind = "person"
	BySystem   AuthorKind = "system"
)

// Trust is how well the sender of an inbound message is known.
type Trust string

// The degrees of trust.
const (
	TrustNone  Trust = ""
	Verified   Trust = "verified"
	Known      Trust = "known"
	Unverified Trust = "unverified"
)

// Message is one entry of the conversation. Body is what the writer wrote; FullBody keeps the whole when a quote or a
// signature was folded away.
type Message struct {
	ID                MessageID
	CaseID            ID
	Kind              MessageKind
	AuthorKind        AuthorKind
	AuthorID          *int64
	AuthorName        string
	AuthorAddress     string
	Recipients        []string
	Subject           string
	Body              string
	FullBody          string
	Language          string
	Trust             Trust
	Machine           bool // it changes nothing: written by a program, or Apart
	Apart             bool // written by somebody who takes no part in the case: kept for those inside
	Formatted         bool // has a part in HTML; of a reply or note, its Body may have marks
	InboundMessageID  *int64
	OutgoingMessageID *int64
	At                time.Time

	Attachments []Attachment `db:"-"`
}

// Attachment describes a file of a message. Its bytes are in the raw mail that came, or else kept by themselves.
type Attachment struct {
	ID            int64 // 0 of one that went with a reply
	CaseMessageID MessageID
	Position      int
	Filename      string
	MediaType     string
	Size          int64
	SHA256        []byte
	Inline        bool // part of how the mail is made, such as a picture its HTML shows: no file that its sender sends
	ContentID     string
	Blob          []byte // the hash its bytes are kept by; nil of a message that came in
}

// InboundMessage is a message that came in, as intake hands it over. A zero At means now.
type InboundMessage struct {
	InboundID     *int64
	AuthorName    string
	AuthorAddress string
	Recipients    []string
	Subject       string
	Body          string
	FullBody      string // "" when it is the same as Body
	Language      string
	Trust         Trust
	Formatted     bool // has a part in HTML, which can be shown as its sender saw it
	Machine       bool // written by a program: kept and shown, but it changes nothing
	Apart         bool // its writer takes no part in the case: it changes nothing either, and nobody outside is shown it
	Past          bool // brought in from the past: kept at its own time, and it changes nothing
	Attachments   []Attachment
	At            time.Time
	For           ID // the joined case it was written to; 0 for one of the case itself
}

// Draft is what somebody has begun to write.
type Draft struct {
	CaseID    ID
	UserID    int64
	Kind      MessageKind
	Body      string
	UpdatedAt time.Time
}
