// Package scenario builds small companies for tests, through the same commands and steps that the program uses. All
// people and companies in it are invented.
package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/people"
)

// QuickPasswords is a cost of hashing that tests can afford for each of their people. The product never uses it.
func QuickPasswords() people.Cost { return people.Cost{MemoryKiB: 64, Passes: 1} }

// Password is what every invented user signs in with.
const Password = "correct horse battery"

// Services are the doors the company is built through.
type Services struct {
	DB      *db.DB
	People  *people.Service
	Billing *billing.Service
	Inbox   *inbox.Service
	Cases   *cases.Service
	Credits *credits.Service
}

// Options vary the company.
type Options struct {
	// FirstResponse is how soon the first answer is promised, in calendar time; 0 means 8 hours.
	FirstResponse time.Duration
	// MailServer is where the support mailbox is read by IMAP; empty means that there is none.
	MailServer             string
	MailUser, MailPassword string
}

// Company is one legal entity with two customers, their invoices and a desk of six.
type Company struct {
	Entity     billing.Entity
	Lumen      billing.Customer // gold; contact Ada Lumen <ada@lumen.example>
	Ferro      billing.Customer // silver; contact Finn Ferro <finn@ferro.example>
	Ada, Finn  billing.Contact
	LumenBill  billing.Invoice // two lines: 1,000.00 and 500.00 net, 19 % VAT
	FerroBill  billing.Invoice // one line: 100.00 net, 7 % VAT
	Users      map[access.Role]people.User
	RootCauses map[string]int64
}

// Actor is the company's person of a role, as somebody who acts.
func (c Company) Actor(role access.Role) access.Actor { return c.Users[role].Actor() }

// SupportAddress is where customers write.
const SupportAddress = "billing@ostwind.example"

// Build makes the company.
func Build(ctx context.Context, s Services, o Options) (Company, error) {
	c := Company{Users: map[access.Role]people.User{}}
	if err := c.house(ctx, s, o); err != nil {
		return c, fmt.Errorf("build company: %w", err)
	}
	if err := c.desk(ctx, s); err != nil {
		return c, fmt.Errorf("build desk: %w", err)
	}
	if err := c.books(ctx, s); err != nil {
		return c, fmt.Errorf("build books: %w", err)
	}
	return c, nil
}

func (c *Company) house(ctx context.Context, s Services, o Options) error {
	if o.FirstResponse == 0 {
		o.FirstResponse = 8 * time.Hour
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		c.Entity, err = s.Billing.SeedEntityTx(ctx, tx, billing.Entity{
			Code: "DE", Name: "Ostwind Netz GmbH", BaseCurrency: "EUR", Country: "DE", TaxID: "DE000000001", Address: "Probeweg 1\n10999 Berlin",
			SupportAddress: SupportAddress, SupportName: "Ostwind Billing", BankDetails: "Probebank, IBAN DE00 0000", Signature: "Ostwind Netz GmbH", TimeZone: "Europe/Berlin", Language: "de",
		})
		if err != nil {
			return err
		}
		if err := s.Cases.SeedReasonsTx(ctx, tx, reasons()); err != nil {
			return err
		}
		if c.RootCauses, err = s.Cases.SeedRootCausesTx(ctx, tx, []cases.RootCause{
			{Code: "order_entry", Name: "Order keyed wrongly", UpstreamOwner: "Sales operations", Active: true},
		}); err != nil {
			return err
		}
		if err := promise(ctx, s, tx, o); err != nil {
			return err
		}
		if o.MailServer == "" {
			return nil
		}
		entity := int64(c.Entity.ID)
		_, err = s.Inbox.AddMailboxTx(ctx, tx, inbox.NewMailbox{
			Address: SupportAddress, EntityID: &entity, IMAPAddress: o.MailServer, Security: "none", Username: o.MailUser, Password: o.MailPassword,
		})
		return err
	})
}

func reasons() []cases.Reason {
	var list []cases.Reason
	for i, code := range []string{
		"overcharge", "duplicate_charge", "charged_after_cancellation", "not_delivered", "usage_wrong", "contract_terms", "discount_missing",
		"sla_credit", "tax_wrong", "wrong_currency", "wrong_bill_to", "payment_not_applied", "refund_not_received", "invoice_missing", "unknown_charge",
	} {
		list = append(list, cases.Reason{Code: code, Name: code, CaseType: cases.Dispute, Position: i + 1, Active: true})
	}
	return list
}

func promise(ctx context.Context, s Services, tx *db.Tx, o Options) error {
	always, err := clock.ParseCalendar([]byte("name: Round the clock\nzone: Europe/Berlin\nweekly: {mon: [\"00:00-24:00\"], tue: [\"00:00-24:00\"], wed: [\"00:00-24:00\"], " +
		"thu: [\"00:00-24:00\"], fri: [\"00:00-24:00\"], sat: [\"00:00-24:00\"], sun: [\"00:00-24:00\"]}\n"))
	if err != nil {
		return err
	}
	calendar, err := s.Cases.SaveCalendarTx(ctx, tx, always)
	if err != nil {
		return err
	}
	targets := map[clock.Kind]map[clock.Priority]clock.Target{clock.FirstResponse: {}, clock.NextResponse: {}, clock.Resolution: {}, clock.ApprovalStep: {}}
	for _, p := range []clock.Priority{clock.P1, clock.P2, clock.P3, clock.P4} {
		targets[clock.FirstResponse][p] = clock.WithinCalendar(o.FirstResponse)
		targets[clock.NextResponse][p] = clock.WithinCalendar(8 * time.Hour)
		targets[clock.Resolution][p] = clock.WithinCalendar(72 * time.Hour)
		targets[clock.ApprovalStep][p] = clock.WithinCalendar(8 * time.Hour)
	}
	_, err = s.Cases.SavePolicyTx(ctx, tx, cases.Policy{
		Name: "Everybody", Position: 1, CalendarID: calendar, Active: true, Ladder: escalation.Default(),
		Definition: clock.Policy{
			Name: "Everybody", Calendar: always.Name, Targets: targets, ReopenWithin: clock.WithinDays(14),
			Pauses: map[clock.Kind]clock.PauseRule{clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer}}},
		},
	})
	return err
}

func (c *Company) desk(ctx context.Context, s Services) error {
	var team people.Team
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		team, err = s.People.AddTeamTx(ctx, tx, "Billing")
		return err
	})
	if err != nil {
		return err
	}
	holders := map[int][]int64{}
	for _, p := range []struct {
		name string
		role access.Role
		rank int
	}{
		{"Alma Agent", access.Agent, 1},
		{"Sven Senior", access.Senior, 2},
		{"Sina Supervisor", access.Supervisor, 3},
		{"Carl Controller", access.Controller, 4},
		{"Dora Director", access.Director, 5},
		{"Aron Auditor", access.Auditor, 0},
		{"Ada Admin", access.Admin, 0},
	} {
		user, err := s.People.AddUser(ctx, people.NewUser{
			Email: string(p.role) + "@ostwind.example", Name: p.name, Password: Password, Roles: []access.Role{p.role}, TeamID: &team.ID,
			TimeZone: "Europe/Berlin", By: access.SystemActor("scenario"),
		})
		if err != nil {
			return err
		}
		c.Users[p.role] = user
		if p.rank > 0 {
			holders[p.rank] = append(holders[p.rank], user.ID)
		}
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		if err := s.People.SetLeadTx(ctx, tx, team.ID, c.Users[access.Senior].ID); err != nil {
			return err
		}
		return s.Credits.SeedLevelsTx(ctx, tx, credits.DemoSeeds(holders))
	})
}

func (c *Company) books(ctx context.Context, s Services) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		made, err := s.Billing.SeedCustomersTx(ctx, tx, []billing.SeedCustomer{
			customer(c.Entity, "100001", "Lumen Optik GmbH", "gold", "Ada Lumen", "ada@lumen.example"),
			customer(c.Entity, "100002", "Ferro Werke AG", "silver", "Finn Ferro", "finn@ferro.example"),
		})
		if err != nil {
			return err
		}
		c.Lumen, c.Ferro, c.Ada, c.Finn = made[0].Customer, made[1].Customer, made[0].Contacts[0], made[1].Contacts[0]
		if c.LumenBill, err = s.Billing.IssueInvoiceTx(ctx, tx, bill(tx.Now(), c.Lumen, 19, 1000, 500)); err != nil {
			return err
		}
		c.FerroBill, err = s.Billing.IssueInvoiceTx(ctx, tx, bill(tx.Now(), c.Ferro, 7, 100))
		return err
	})
}

func customer(e billing.Entity, account, name, tier, contact, email string) billing.SeedCustomer {
	return billing.SeedCustomer{
		Customer: billing.Customer{
			Account: account, Name: name, Kind: billing.Direct, Tier: billing.Tier(tier), Region: "EMEA", Country: "DE", Language: "en", EntityID: e.ID,
			Currency: "EUR", TermsDays: 30, Address: name + "\nMusterstr. 1\n20095 Hamburg", EmailDomains: []string{},
		},
		Contacts: []billing.Contact{{Name: contact, Email: email, Language: "en"}},
	}
}

func bill(now time.Time, c billing.Customer, rate int64, nets ...int64) billing.NewInvoice {
	day := billing.Date(now)
	n := billing.NewInvoice{
		EntityID: c.EntityID, CustomerID: c.ID, SoldToID: c.ID, Currency: "EUR", IssuedOn: day, DueOn: day.AddDate(0, 0, 30),
		ServiceFrom: day.AddDate(0, -1, 0), ServiceTo: day, By: access.SystemActor("scenario"),
	}
	for _, net := range nets {
		n.Lines = append(n.Lines, billing.NewLine{
			Product: "NET", Description: "Managed network", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(net),
			TaxCategory: "S", TaxRate: decimal.NewFromInt(rate),
		})
	}
	return n
}
