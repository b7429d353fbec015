package configfile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/people"
)

// here is what names in a file stand for in this installation.
type here struct {
	by       access.Actor
	entities []billing.Entity
	teams    []people.Team
}

func (s Services) look(ctx context.Context, by access.Actor) (*here, error) {
	h := &here{by: by}
	var err error
	if h.entities, err = s.Billing.Entities(ctx); err != nil {
		return nil, err
	}
	h.teams, err = s.People.Teams(ctx)
	return h, err
}

// codes are the names of legal entities; none named is all.
func (h *here) codes(ids []int64) []string {
	var codes []string
	for _, e := range h.entities {
		if slices.Contains(ids, int64(e.ID)) {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

// ids are the legal entities of names. One that is not there is refused.
func (h *here) ids(codes []string) ([]int64, error) {
	ids := []int64{}
	for _, code := range codes {
		i := slices.IndexFunc(h.entities, func(e billing.Entity) bool { return e.Code == code })
		if i < 0 {
			return nil, errs.InvalidField("entities", "configfile.no_entity", "code", code)
		}
		ids = append(ids, int64(h.entities[i].ID))
	}
	return ids, nil
}

// Entity is a legal entity in a file.
type Entity struct {
	Code           string         `yaml:"code"`
	Name           string         `yaml:"name"`
	BaseCurrency   money.Currency `yaml:"base_currency"`
	Country        string         `yaml:"country"`
	FiscalMonth    int            `yaml:"fiscal_month,omitempty"`
	TaxID          string         `yaml:"tax_id,omitempty"`
	Address        string         `yaml:"address,omitempty"`
	Phone          string         `yaml:"phone,omitempty"`
	BankDetails    string         `yaml:"bank_details,omitempty"`
	BrandColor     string         `yaml:"brand_color,omitempty"`
	TimeZone       string         `yaml:"time_zone"`
	Language       string         `yaml:"language"`
	EndpointScheme string         `yaml:"endpoint_scheme,omitempty"`
	EndpointID     string         `yaml:"endpoint_id,omitempty"`
	TaxRelief      bool           `yaml:"write_off_tax_relief,omitempty"`
	MemoPeriod     string         `yaml:"memo_period_policy,omitempty"`
	Sender         Sender         `yaml:"sender"`
}

// Sender is as whom a legal entity writes.
type Sender struct {
	Address   string `yaml:"address"`
	Name      string `yaml:"name,omitempty"`
	Signature string `yaml:"signature,omitempty"`
}

func (e Entity) facts() billing.EntityFacts {
	return billing.EntityFacts{
		Name: e.Name, BaseCurrency: e.BaseCurrency, Country: e.Country, FiscalMonth: e.FiscalMonth, TaxID: e.TaxID, Address: e.Address, Phone: e.Phone,
		BankDetails: e.BankDetails, BrandColor: e.BrandColor, TimeZone: e.TimeZone, Language: e.Language, EndpointScheme: e.EndpointScheme,
		EndpointID: e.EndpointID, WriteOffTaxRelief: e.TaxRelief, MemoPeriodPolicy: e.MemoPeriod,
	}
}

func (s Services) entities(_ context.Context, h *here, f *File) error {
	for _, e := range h.entities {
		f.Entities = append(f.Entities, Entity{
			Code: e.Code, Name: e.Name, BaseCurrency: e.BaseCurrency, Country: e.Country, FiscalMonth: e.FiscalMonth, TaxID: e.TaxID, Address: e.Address,
			Phone: e.Phone, BankDetails: e.BankDetails, BrandColor: e.BrandColor, TimeZone: e.TimeZone, Language: e.Language, EndpointScheme: e.EndpointScheme,
			EndpointID: e.EndpointID, TaxRelief: e.WriteOffTaxRelief, MemoPeriod: e.MemoPeriodPolicy,
			Sender: Sender{Address: e.SupportAddress, Name: e.SupportName, Signature: e.Signature},
		})
	}
	return nil
}

func (s Services) planEntities(now, want File) []Change {
	return differing("entities", now.Entities, want.Entities, func(e Entity) string { return e.Code },
		func(old *Entity, e Entity) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				if old == nil {
					_, err := s.Billing.AddEntity(ctx, billing.NewEntity{
						By: o.By, Code: e.Code, EntityFacts: e.facts(), SupportAddress: e.Sender.Address, SupportName: e.Sender.Name, Signature: e.Sender.Signature,
					})
					return "added", err
				}
				return "changed", s.changeEntity(ctx, o.By, *old, e)
			}
		})
}

func (s Services) changeEntity(ctx context.Context, by access.Actor, old, e Entity) error {
	h, err := s.look(ctx, by)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(h.entities, func(one billing.Entity) bool { return one.Code == e.Code })
	if i < 0 {
		return billing.ErrNoEntity
	}
	changed, err := s.Billing.SetEntity(ctx, billing.EntityChange{By: by, Entity: e.Code, Version: h.entities[i].Version, EntityFacts: e.facts()})
	if err != nil || old.Sender == e.Sender {
		return err
	}
	_, err = s.Billing.SetSender(ctx, billing.SenderInput{
		By: by, Entity: e.Code, Version: changed.Version, Address: e.Sender.Address, Name: e.Sender.Name, Signature: e.Sender.Signature,
	})
	return err
}

// Person is somebody who works here. Roles, teams and legal entities hold when a second person has confirmed them; passwords and
// second factors are their own affair.
type Person struct {
	Email    string   `yaml:"email"`
	Name     string   `yaml:"name"`
	Roles    []string `yaml:"roles,flow"`
	Team     string   `yaml:"team,omitempty"`
	Entities []string `yaml:"entities,omitempty,flow"` // none named is all
	Language string   `yaml:"language,omitempty"`
	TimeZone string   `yaml:"time_zone,omitempty"`
	Inactive bool     `yaml:"inactive,omitempty"`
}

func (s Services) people(ctx context.Context, h *here, f *File) error {
	for after := int64(0); ; {
		page, err := s.People.Roster(ctx, h.by, "", after)
		if err != nil {
			return err
		}
		for _, row := range page[:min(len(page), people.RosterPage)] {
			f.People = append(f.People, Person{
				Email: row.Email, Name: row.Name, Roles: row.Roles, Team: row.TeamName, Entities: h.codes(row.EntityIDs), Language: row.Language,
				TimeZone: row.TimeZone, Inactive: !row.Active,
			})
			after = row.ID
		}
		if len(page) <= people.RosterPage {
			return nil
		}
	}
}

func (s Services) planPeople(now, want File) []Change {
	for i := range want.People {
		want.People[i].Email = strings.ToLower(want.People[i].Email)
	}
	return differing("people", now.People, want.People, func(p Person) string { return p.Email },
		func(_ *Person, p Person) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.proposePerson(ctx, o, p) }
		})
}

func (s Services) proposePerson(ctx context.Context, o Order, p Person) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in := people.ChangeInput{By: o.By, Kind: people.AddPerson, Reason: o.Comment, Person: people.Standing{
		Email: p.Email, Name: p.Name, Roles: p.Roles, Language: p.Language, TimeZone: p.TimeZone, Active: !p.Inactive,
	}}
	if in.Person.EntityIDs, err = h.ids(p.Entities); err != nil {
		return "", err
	}
	if p.Team != "" {
		i := slices.IndexFunc(h.teams, func(t people.Team) bool { return t.Name == p.Team })
		if i < 0 {
			return "", errs.InvalidField("team", "configfile.no_team", "team", p.Team)
		}
		in.Person.TeamID = &h.teams[i].ID
	}
	user, err := s.People.UserByEmail(ctx, p.Email)
	if err == nil {
		in.Kind, in.UserID, in.Person.Version = people.ChangePerson, user.ID, user.Version
	} else if errs.KindOf(err) != errs.NotFound {
		return "", err
	}
	change, err := s.People.Propose(ctx, in)
	return proposed(change.ID, change.Waited), err
}

func proposed(id int64, waited bool) string {
	if waited {
		return fmt.Sprintf("waits as %d already; somebody else confirms it", id)
	}
	return fmt.Sprintf("proposed as %d; somebody else confirms it", id)
}
