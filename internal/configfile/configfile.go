// Package configfile carries what a company has set between installations as one YAML file: legal entities, teams, people, calendars,
// service levels, the company's own fields of cases, checklists, playbooks, the policy and levels of authority with who holds them, what is
// done about customers who do not answer, surveys, statements of account by mail, what is reviewed, and mailboxes. It writes nothing by itself: every
// change goes the way it goes on screen, with its rules, its second person and its evidence.
package configfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/clock"
	"makegood/cases/quality"
	"makegood/cases/statements"
	"makegood/cases/survey"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Services are the rooms whose settings are carried.
type Services struct {
	People     *people.Service
	Billing    *billing.Service
	Cases      *cases.Service
	Credits    *credits.Service
	Inbox      *inbox.Service
	Survey     *survey.Service
	Awaiting   *awaiting.Service
	Statements *statements.Service
	Quality    *quality.Service
	Env        func(name string) string // of the environment: where passwords of mailboxes come from
}

// File is what a file holds. A part that is left out is not touched; what an installation has beyond a part stays.
type File struct {
	Entities      []Entity           `yaml:"entities,omitempty"`
	Teams         []Team             `yaml:"teams,omitempty"`
	People        []Person           `yaml:"people,omitempty"`
	Calendars     []clock.Calendar   `yaml:"calendars,omitempty"`
	ServiceLevels []ServiceLevel     `yaml:"service_levels,omitempty"`
	CaseFields    []cases.FieldEntry `yaml:"case_fields,omitempty"`
	Checklists    []Checklist        `yaml:"checklists,omitempty"`
	Playbooks     []Playbook         `yaml:"playbooks,omitempty"`
	Policy        *policy.Policy     `yaml:"authority_policy,omitempty"`
	Levels        []Level            `yaml:"authority_levels,omitempty"`
	Holders       []Holder           `yaml:"authority_holders,omitempty"`
	Budgets       []Budget           `yaml:"concession_budgets,omitempty"`
	Unanswered    []Unanswered       `yaml:"unanswered,omitempty"`
	Surveys       []Survey           `yaml:"surveys,omitempty"`
	Statements    []StatementRule    `yaml:"statements,omitempty"`
	Card          []Criterion        `yaml:"review_card,omitempty"`
	Samples       []Sample           `yaml:"review_samples,omitempty"`
	Mailboxes     []Mailbox          `yaml:"mailboxes,omitempty"`
}

// Read reads a file. A word it does not know is refused with its line.
func Read(text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, errs.InvalidField("file", "configfile.unreadable", "problem", errs.OfYAML(err))
	}
	return f, nil
}

// Write writes a file.
func (f File) Write() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(f); err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return out.Bytes(), encoder.Close()
}

// Export reads what is set now, as far as somebody may see it. Secrets are never part of it.
func (s Services) Export(ctx context.Context, by access.Actor) (File, error) {
	var f File
	h, err := s.look(ctx, by)
	if err != nil {
		return f, err
	}
	for _, read := range []func(context.Context, *here, *File) error{s.entities, s.teams, s.people, s.calendars, s.serviceLevels, s.caseFields, s.checklists, s.playbooks, s.authority, s.budgets, s.afterwards, s.mailboxes} {
		if err := read(ctx, h, &f); err != nil {
			return f, err
		}
	}
	return f, nil
}

// Change is one thing that a file sets otherwise than it is.
type Change struct {
	Part  string   // of the file
	Name  string   // of the thing in it
	New   bool     // there is no such thing yet
	Lines []string // what differs, a line each

	carry func(ctx context.Context, order Order) (outcome string, err error)
}

// Order is who carries a file out, and why.
type Order struct {
	By      access.Actor
	Comment string
}

// Carry makes the change, or proposes it where that takes a second person, and says which.
func (c Change) Carry(ctx context.Context, o Order) (string, error) { return c.carry(ctx, o) }

// Plan is what a file would change, in the order in which it is carried out: what others lean on first.
func (s Services) Plan(ctx context.Context, by access.Actor, f File) ([]Change, error) {
	now, err := s.Export(ctx, by)
	if err != nil {
		return nil, err
	}
	var plan []Change
	plan = append(plan, s.planEntities(now, f)...)
	plan = append(plan, s.planTeams(now, f)...)
	plan = append(plan, s.planPeople(now, f)...)
	plan = append(plan, s.planCalendars(now, f)...)
	plan = append(plan, s.planServiceLevels(now, f)...)
	plan = append(plan, s.planCaseFields(now, f)...)
	plan = append(plan, s.planChecklists(now, f)...)
	plan = append(plan, s.planPlaybooks(now, f)...)
	plan = append(plan, s.planAuthority(now, f)...)
	plan = append(plan, s.planBudgets(now, f)...)
	plan = append(plan, s.planAfterwards(now, f)...)
	return append(plan, s.planMailboxes(now, f)...), nil
}

// differing are the changes between what is there and what is wanted of one part, by name.
func differing[T any](part string, now, want []T, name func(T) string, carry func(old *T, wanted T) func(context.Context, Order) (string, error)) []Change {
	there := make(map[string]*T, len(now))
	for i := range now {
		there[name(now[i])] = &now[i]
	}
	var list []Change
	for _, wanted := range want {
		old := there[name(wanted)]
		var lines []string
		if old == nil {
			lines = differences(nil, wanted)
		} else {
			lines = differences(*old, wanted)
		}
		if len(lines) > 0 {
			list = append(list, Change{Part: part, Name: name(wanted), New: old == nil, Lines: lines, carry: carry(old, wanted)})
		}
	}
	return list
}
