package parse

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Address is one mailbox of a header: the shown name, and the address with its domain in lower case.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Kind says who is behind a message: a person, or a machine and of which sort.
type Kind string

// The kinds of message. Only Person may start a clock, reopen a case or be acknowledged.
const (
	Person       Kind = "person"
	AutoReply    Kind = "auto_reply"
	Bounced      Kind = "bounce"
	List         Kind = "list"
	Notification Kind = "notification"
	Calendar     Kind = "calendar"
)

// Bounce is what a delivery report says of the first recipient it failed for. All fields are empty on other mail.
type Bounce struct {
	Recipient         string `json:"recipient"`
	Action            string `json:"action"`
	Status            string `json:"status"`
	Diagnostic        string `json:"diagnostic"`
	OriginalMessageID string `json:"original_message_id"`
	// Others are what the same report says of further recipients that failed.
	Others []Bounce `json:"others,omitempty"`
}

// Each is what a report says of every recipient, each by itself.
func (b Bounce) Each() []Bounce {
	others := b.Others
	b.Others = nil
	return append([]Bounce{b}, others...)
}

// Attachment is one file of a message. Content holds its bytes exactly as they were sent.
type Attachment struct {
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`
	SHA256      string `json:"sha256"`
	Inline      bool   `json:"inline"`
	ContentID   string `json:"content_id"`
	Content     []byte `json:"-"`
}

// Amount is a sum of money found in a text, exact, with the decimals of its currency.
type Amount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// Refs are the references to business documents found in subject, body and attachments, each once, in reading order.
type Refs struct {
	Invoices       []string `json:"invoices"`
	Accounts       []string `json:"accounts"`
	PurchaseOrders []string `json:"purchase_orders"`
	Payments       []string `json:"payments"`
	Amounts        []Amount `json:"amounts"`
}

// Message is a mail taken apart. Every string is valid UTF-8 without NUL, every list is non-nil.
type Message struct {
	MessageID   string       `json:"message_id"`
	InReplyTo   []string     `json:"in_reply_to"`
	References  []string     `json:"references"`
	From        []Address    `json:"from"`
	ReplyTo     []Address    `json:"reply_to"`
	To          []Address    `json:"to"`
	Cc          []Address    `json:"cc"`
	Subject     string       `json:"subject"`
	Date        string       `json:"date"`
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	ReplyText   string       `json:"reply_text"`
	Language    string       `json:"language"`
	Kind        Kind         `json:"kind"`
	Bounce      Bounce       `json:"bounce"`
	Attachments []Attachment `json:"attachments"`
	Refs        Refs         `json:"refs"`
	Defects     []string     `json:"defects"`

	Headers Headers `json:"-"`
	// Unlisted is what a message of the kind List would be without its list; else it is Kind.
	Unlisted Kind `json:"-"`
}

// Headers are the header fields that decide how a message is treated but are no part of its content.
type Headers struct {
	ReturnPath            string // address without brackets; "" when absent or null, see NullReturnPath
	NullReturnPath        bool   // the return path is present and empty: never answer
	AutoSubmitted         string
	Precedence            string
	ListID                string // as it stands, with the list's name in angle brackets (RFC 2919)
	ListPost              string // the address of its mailto, "" when there is none (RFC 2369)
	ContentLanguage       string
	Loop                  string   // X-Makegood-Loop
	AuthenticationResults []string // topmost first, nothing in them decoded
	DeliveredTo           []string // Delivered-To, X-Original-To and Envelope-To
	// OriginalFrom and OriginalSender are whom a group that put its own address into From names as the writer.
	OriginalFrom, OriginalSender []Address
	ARCResults                   []string // ARC-Authentication-Results, topmost first (RFC 8617)
	ARCSeals                     []string // ARC-Seal, topmost first
}

func empty() Message {
	return Message{
		InReplyTo: []string{}, References: []string{},
		From: []Address{}, ReplyTo: []Address{}, To: []Address{}, Cc: []Address{},
		Kind: Person, Attachments: []Attachment{}, Defects: []string{},
		Refs: Refs{
			Invoices: []string{}, Accounts: []string{}, PurchaseOrders: []string{},
			Payments: []string{}, Amounts: []Amount{},
		},
	}
}

// NothingVisible is what a reader is told of a mail that shows nothing. It is never stored as the sender's words: reply text,
// search and sorting see an empty text.
const NothingVisible = "no visible content"

// WriteJSON prints m, as a reader sees it, as one line of JSON with every key present.
func WriteJSON(w io.Writer, m Message) error {
	if strings.TrimSpace(m.Text) == "" {
		m.Text = NothingVisible
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return nil
}

// defects collects what could not be read, each sort once.
type defects map[string]bool

func (d defects) add(name string) {
	if name != "" {
		d[name] = true
	}
}

func (d defects) list() []string {
	if len(d) == 0 {
		return []string{}
	}
	return slices.Sorted(maps.Keys(d))
}

// clean makes s safe to store: valid UTF-8, no NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func cleanLines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(clean(s), "\r\n", "\n"), "\r", "\n")
}
