// Package demo is the believable company behind `makegood demo`: two legal entities, their customers, invoices and cases.
// All people and companies in it are invented. It is made from a seed, the same each time, with dates relative to today.
package demo

import (
	"sync"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/people"
)

// Password is what every invented user signs in with. The demo listens on loopback only.
const Password = "makegood-demo"

// Person is a user of the demo.
type Person struct {
	Email, Name string
	Role        access.Role
	Team        string
	EntityCodes []string // empty: all
	TimeZone    string
	Language    string
}

// Services are the doors through which the company is filled in: the same commands and steps that screens call.
type Services struct {
	DB      *db.DB
	People  *people.Service
	Billing *billing.Service
	Inbox   *inbox.Service
	Cases   *cases.Service
	Credits *credits.Service
	Clock   *Clock
	// Now is the moment the demo starts; everything lies before it.
	Now time.Time
	// Token gives the API token to be made for a role; MailServer is where the company's mailboxes are read.
	Token      func(role string) string
	MailServer string
}

// Clock is the clock of the company's past: it shows the moment that is being filled in.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at the given moment.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is the moment shown.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set shows another moment, later or earlier.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// SupportUser and CustomersUser are the accounts of the demo's mail server.
const (
	SupportUser   = "support"
	CustomersUser = "customers"
	MailPassword  = "makegood-mail"
)

// Receiver is how the demo's mail server calls itself; its Authentication-Results are believed.
const Receiver = "mail.makegood.example"
