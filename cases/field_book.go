package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// FieldKind is what a company's own field of a case holds.
type FieldKind string

// The kinds of field. A number has six decimals at most, a date is a day, a choice is one of the field's own.
const (
	FieldText   FieldKind = "text"
	FieldNumber FieldKind = "number"
	FieldDate   FieldKind = "date"
	FieldChoice FieldKind = "choice"
	FieldYesNo  FieldKind = "yes_no"
)

// FieldKinds lists them, in the order in which they are offered.
func FieldKinds() []FieldKind {
	return []FieldKind{FieldText, FieldNumber, FieldDate, FieldChoice, FieldYesNo}
}

// FieldEntry is a field as the company keeps it. Code and kind never change; Version is counted up by every change, and 0 takes
// whatever there is.
type FieldEntry struct {
	Code     string    `yaml:"code"               json:"code"               doc:"small letters, digits and low lines; it never changes"`
	Name     string    `yaml:"name"               json:"name"               doc:"what the desk reads"`
	Kind     FieldKind `yaml:"kind"               json:"kind"               enum:"text,number,date,choice,yes_no" doc:"it never changes"`
	Choices  []string  `yaml:"choices,omitempty"  json:"choices,omitempty"  doc:"of a choice, in their order; what carries one that is gone keeps it" maxItems:"100" nullable:"false"`
	Types    []Type    `yaml:"types,omitempty"    json:"types,omitempty"    doc:"of cases that are asked for it; none: of every type" maxItems:"6" nullable:"false"`
	Position int       `yaml:"position,omitempty" json:"position,omitempty" doc:"its place; without it the one it has, or the last" minimum:"0" maximum:"10000"`
	Needed   bool      `yaml:"needed,omitempty"   json:"needed,omitempty"   doc:"people resolve a case only once it is said"`
	Retired  bool      `yaml:"retired,omitempty"  json:"retired,omitempty"  doc:"asked for no more; what was said stays"`
	Version  int       `yaml:"-"                  json:"version,omitempty"  doc:"as it was read; a stale one is refused with 409; without it whatever there is"`
}

// Asked tells whether cases of a type are asked for the field.
func (e FieldEntry) Asked(t Type) bool {
	return !e.Retired && (len(e.Types) == 0 || slices.Contains(e.Types, t))
}

// KeepFieldsInput keeps fields; codes that it does not name stay as they are. New refuses codes that are there already. DryRun
// keeps nothing.
type KeepFieldsInput struct {
	By     access.Actor
	Fields []FieldEntry
	New    bool
	DryRun bool
}

// FieldChange is what became of a field: added, changed, retired or taken up.
type FieldChange struct {
	Code string `json:"code"`
	What string `json:"what" enum:"added,changed,retired,taken_up"`
}

// The bounds of fields.
const (
	mostFields        = 60
	mostFieldChoices  = 100
	longestFieldName  = 60
	longestFieldValue = 500
)

// What is refused about fields.
var (
	ErrNoField    = errs.New(errs.NotFound, "fields.no_field")
	ErrFieldTaken = errs.New(errs.Conflict, "fields.code_taken")
	ErrFieldMoved = errs.New(errs.Conflict, "fields.changed_meanwhile")
)

const readFields = `select code, name, kind, choices, types, position, needed, not active as retired, version from case_fields order by position, code`

// Fields reads the company's own fields of cases in their order, also those that are retired.
func (s *Service) Fields(ctx context.Context, by access.Actor) ([]FieldEntry, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[FieldEntry](ctx, s.db, readFields)
	if err != nil {
		return nil, fmt.Errorf("read fields: %w", err)
	}
	return list, nil
}

// KeepFields adds fields and changes them, all or nothing, and answers what differs; each is an audit row. A field is retired and
// taken up again, never deleted. It refuses stale versions (ErrFieldMoved), another kind, and, with New, codes that are there
// (ErrFieldTaken).
func (s *Service) KeepFields(ctx context.Context, in KeepFieldsInput) ([]FieldChange, error) {
	if err := access.Can(in.By, access.ManageReasons, access.Object{}); err != nil {
		return nil, err
	}
	fields, err := levelFields(in.Fields)
	if err != nil {
		return nil, err
	}
	changes := []FieldChange{}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		there, err := db.List[FieldEntry](ctx, tx, readFields+` for update`)
		if err != nil {
			return fmt.Errorf("read fields: %w", err)
		}
		changes, err = keepFieldsTx(ctx, tx, in, fields, there)
		return err
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

func keepFieldsTx(ctx context.Context, tx *db.Tx, in KeepFieldsInput, fields, there []FieldEntry) ([]FieldChange, error) {
	changes, last, count := []FieldChange{}, 0, len(there)
	for _, e := range there {
		last = max(last, e.Position)
	}
	for n, e := range fields {
		var was *FieldEntry
		if at := slices.IndexFunc(there, func(x FieldEntry) bool { return x.Code == e.Code }); at >= 0 {
			was = &there[at]
		} else {
			count++
		}
		switch {
		case count > mostFields:
			return nil, errs.InvalidField(fieldAt(fields, n, "code"), "fields.too_many")
		case was != nil && was.Kind != e.Kind:
			return nil, errs.InvalidField(fieldAt(fields, n, "kind"), "fields.kind_stays", "code", e.Code)
		case e.Position == 0 && was != nil:
			e.Position = was.Position
		case e.Position == 0:
			e.Position = last + 1
		}
		last = max(last, e.Position)
		what, err := fate(in.New, was, e, ErrFieldTaken, ErrFieldMoved)
		if err != nil {
			return nil, err
		}
		if what == "" {
			continue
		}
		changes = append(changes, FieldChange{Code: e.Code, What: what})
		if in.DryRun {
			continue
		}
		if err := keepFieldTx(ctx, tx, in.By, what, was, e); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func (e FieldEntry) facts() (code string, retired bool, version int) {
	return e.Code, e.Retired, e.Version
}

func (e FieldEntry) same(o FieldEntry) bool {
	return e.Name == o.Name && e.Position == o.Position && e.Needed == o.Needed && slices.Equal(e.Choices, o.Choices) && slices.Equal(e.Types, o.Types)
}

func keepFieldTx(ctx context.Context, tx *db.Tx, by access.Actor, what string, was *FieldEntry, e FieldEntry) error {
	query := `update case_fields set name = $2, choices = $4, types = $5, position = $6, active = $7, needed = $8, version = version + 1 where code = $1 and kind = $3`
	if was == nil {
		query = `insert into case_fields (code, name, kind, choices, types, position, active, needed) values ($1, $2, $3, $4, $5, $6, $7, $8)`
	}
	if _, err := tx.Exec(ctx, query, e.Code, e.Name, e.Kind, e.Choices, e.Types, e.Position, !e.Retired, e.Needed); err != nil {
		if db.Violates(err, "case_fields_code_key") { // somebody added it at the same moment
			return errs.New(ErrFieldTaken.Kind, ErrFieldTaken.Key, "code", e.Code)
		}
		return fmt.Errorf("keep field %s: %w", e.Code, err)
	}
	e.Version = 0
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "field." + what, Data: map[string]any{"code": e.Code, "was": was, "is": e}}); err != nil {
		return fmt.Errorf("record field.%s: %w", what, err)
	}
	return nil
}

// fieldAt names what is wrong by its place: fields.2.code; of a single field by its name alone.
func fieldAt(list []FieldEntry, n int, name string) string {
	if len(list) == 1 {
		return name
	}
	return fmt.Sprintf("fields.%d.%s", n, name)
}

// levelFields are fields without what nobody meant to write. It refuses what is wrong with them, each fault at its field.
func levelFields(list []FieldEntry) ([]FieldEntry, error) {
	var wrong []errs.Field
	out, seen := make([]FieldEntry, 0, len(list)), map[string]bool{}
	for n, e := range list {
		e.Code, e.Name = strings.TrimSpace(e.Code), strings.Join(strings.Fields(e.Name), " ")
		e.Choices, e.Types = levelChoices(e.Choices), append([]Type{}, e.Types...)
		if e.Kind == "" {
			e.Kind = FieldText
		}
		add := func(bad bool, name, key string) {
			if bad {
				wrong = append(wrong, errs.Field{Name: fieldAt(list, n, name), Key: key})
			}
		}
		add(!codeForm.MatchString(e.Code) || e.Code == "new", "code", "reasons.bad_code")
		add(seen[e.Code], "code", "fields.twice")
		add(e.Name == "" || utf8.RuneCountInString(e.Name) > longestFieldName, "name", "fields.needs_name")
		add(!slices.Contains(FieldKinds(), e.Kind), "kind", "fields.unknown_kind")
		add(slices.ContainsFunc(e.Types, func(t Type) bool { return !slices.Contains(Types(), t) }), "types", "reasons.unknown_type")
		add(e.Position < 0 || e.Position > 10000, "position", "reasons.bad_position")
		add((e.Kind == FieldChoice) != (len(e.Choices) > 0), "choices", "fields.needs_choices")
		add(len(e.Choices) > mostFieldChoices || slices.ContainsFunc(e.Choices, func(c string) bool { return utf8.RuneCountInString(c) > longestFieldName }), "choices", "fields.bad_choices")
		slices.Sort(e.Types)
		e.Types = slices.Compact(e.Types)
		seen[e.Code] = true
		out = append(out, e)
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return out, nil
}

// levelChoices are the choices in their order, each once, without blanks around them.
func levelChoices(list []string) []string {
	out := []string{}
	for _, c := range list {
		c = strings.Join(strings.Fields(c), " ")
		if c != "" && !slices.ContainsFunc(out, func(there string) bool { return strings.EqualFold(there, c) }) {
			out = append(out, c)
		}
	}
	return out
}
