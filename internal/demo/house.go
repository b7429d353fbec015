package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/billing"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/people"
)

// months is how far back the company's books go.
const months = 14

// house makes the legal entities, the desk, its authority and its mailbox.
func (f *filler) house(ctx context.Context) error {
	f.Clock.Set(f.founded())
	f.admin = access.SystemActor("demo")
	f.entities = map[string]billing.Entity{}
	err := f.DB.Do(ctx, func(tx *db.Tx) error {
		for _, e := range legalEntities() {
			made, err := f.Billing.SeedEntityTx(ctx, tx, e)
			if err != nil {
				return err
			}
			f.entities[e.Code] = made
		}
		return f.rates(ctx, tx)
	})
	if err != nil {
		return err
	}
	if err := f.Billing.SetRateAge(ctx, ratesLast, f.admin); err != nil {
		return err
	}
	if err := f.desk(ctx); err != nil {
		return err
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		if err := f.Credits.SeedLevelsTx(ctx, tx, credits.DemoSeeds(f.holders())); err != nil {
			return err
		}
		if err := f.tokens(ctx, tx); err != nil {
			return err
		}
		entity := int64(f.entities[codeDE].ID)
		_, err := f.Inbox.AddMailboxTx(ctx, tx, inbox.NewMailbox{
			Address: mailDE, EntityID: &entity, IMAPAddress: f.MailServer, Security: "none", Username: SupportUser, Password: MailPassword,
		})
		return err
	})
}

// founded is when the company begins: a little before its first invoices.
func (f *filler) founded() time.Time {
	return time.Date(f.now.Year(), f.now.Month()-months-1, 1, 6, 0, 0, 0, time.UTC)
}

func legalEntities() []billing.Entity {
	return []billing.Entity{
		{
			Code: codeDE, Name: "Nordwall Cloud GmbH", BaseCurrency: "EUR", Country: "DE", TaxID: "DE999241807",
			Address: "Speicherkai 12\n20457 Hamburg\nGermany", SupportAddress: mailDE, SupportName: "Nordwall Cloud Billing",
			Signature: "Nordwall Cloud GmbH\nBilling support\nSpeicherkai 12, 20457 Hamburg", BrandColor: "#0b5a7d",
			BankDetails: "Hanseatische Musterbank, IBAN DE00 0000 0000 0000 0000 00, BIC XXXXDEXX", TimeZone: zoneDE, Language: "de",
			Phone: "+49 40 000000", EndpointScheme: "0060", EndpointID: "900000001",
		},
		{
			Code: codeSG, Name: "Nordwall Cloud APAC Pte. Ltd.", BaseCurrency: "SGD", Country: "SG", TaxID: "M9-0000000-X",
			Address: "21 Harbourlight Walk #08-02\nSingapore 000021", SupportAddress: mailSG, SupportName: "Nordwall Cloud APAC Billing",
			Signature: "Nordwall Cloud APAC Pte. Ltd.\nBilling support\n21 Harbourlight Walk #08-02, Singapore", BrandColor: "#8a3b12",
			BankDetails: "Straits Sample Bank, account 000-00000-0, SWIFT XXXXSGSG", TimeZone: zoneSG, Language: "en",
			Phone: "+65 0000 0000", EndpointScheme: "0060", EndpointID: "900000002",
		},
	}
}

// ratesLast is how many days the demo's rates may be used after the last was fixed: nobody records new ones in a demo that
// is kept, and it must still post in Singapore dollars a year later.
const ratesLast = 400

// rates are made up: a slow walk of the Singapore dollar around 0.68 euros.
func (f *filler) rates(ctx context.Context, tx *db.Tx) error {
	from := billing.Date(f.founded())
	days := int(f.now.Sub(from)/(24*time.Hour)) + 1
	toEUR, toSGD := make([]decimal.Decimal, days), make([]decimal.Decimal, days)
	rate := 6800
	for i := range days {
		rate = min(max(rate+f.rng.IntN(31)-15, 6620), 6980)
		toEUR[i] = decimal.New(int64(rate), -4)
		toSGD[i] = decimal.NewFromInt(1).DivRound(toEUR[i], 6)
	}
	const source = "demo reference rates"
	if err := f.Billing.SeedRatesTx(ctx, tx, billing.SeedRates{Base: "SGD", Quote: "EUR", From: from, Rates: toEUR, Source: source}); err != nil {
		return err
	}
	return f.Billing.SeedRatesTx(ctx, tx, billing.SeedRates{Base: "EUR", Quote: "SGD", From: from, Rates: toSGD, Source: source})
}

// desk adds the people with their teams.
func (f *filler) desk(ctx context.Context) error {
	teams := map[string]int64{}
	err := f.DB.Do(ctx, func(tx *db.Tx) error {
		for _, name := range []string{teamEMEA, teamAPAC} {
			team, err := f.People.AddTeamTx(ctx, tx, name)
			if err != nil {
				return err
			}
			teams[name] = team.ID
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := f.hire(ctx, teams); err != nil {
		return err
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		for _, team := range []string{teamEMEA, teamAPAC} {
			if err := f.People.SetLeadTx(ctx, tx, teams[team], f.byEmail(leads()[team]).ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// hire adds the people. Hashing their passwords takes longest, so several are added at a time.
func (f *filler) hire(ctx context.Context, teams map[string]int64) error {
	f.users = make([]member, len(People()))
	var group errgroup.Group
	group.SetLimit(connections)
	for i, p := range People() {
		group.Go(func() error {
			in := people.NewUser{
				Email: p.Email, Name: p.Name, Password: Password, Roles: []access.Role{p.Role}, Language: p.Language, TimeZone: p.TimeZone, By: f.admin,
			}
			if id, ok := teams[p.Team]; ok {
				in.TeamID = &id
			}
			for _, code := range p.EntityCodes {
				in.EntityIDs = append(in.EntityIDs, int64(f.entities[code].ID))
			}
			user, err := f.People.AddUser(ctx, in)
			if err != nil {
				return fmt.Errorf("add %s: %w", p.Name, err)
			}
			f.users[i] = member{User: user, actor: user.Actor(), role: p.Role, codes: p.EntityCodes}
			return nil
		})
	}
	return group.Wait()
}

func (f *filler) byEmail(email string) member {
	return f.users[slices.IndexFunc(f.users, func(m member) bool { return m.Email == email })]
}

func (f *filler) first(role access.Role) member {
	return f.users[slices.IndexFunc(f.users, func(m member) bool { return m.role == role })]
}

func (f *filler) byID(id int64) member {
	return f.users[slices.IndexFunc(f.users, func(m member) bool { return m.ID == id })]
}

// holders says who holds which level of authority, by rank.
func (f *filler) holders() map[int][]int64 {
	holders := map[int][]int64{}
	ranks := map[access.Role]int{access.Agent: 1, access.Senior: 2, access.Supervisor: 3, access.Controller: 4}
	for _, m := range f.users {
		if rank, ok := ranks[m.role]; ok {
			holders[rank] = append(holders[rank], m.ID)
		}
	}
	director, finance := f.first(access.Director).ID, f.byEmail(cfo).ID
	holders[5], holders[6] = []int64{director}, []int64{director, finance}
	return holders
}

// tokens gives the first person of each role an API token.
func (f *filler) tokens(ctx context.Context, tx *db.Tx) error {
	for _, role := range TokenRoles() {
		owner := f.first(access.Role(role))
		if err := f.People.KeepTokenTx(ctx, tx, people.NewToken{UserID: owner.ID, Name: "demo " + role, By: f.admin}, f.Token(role)); err != nil {
			return err
		}
	}
	return nil
}
