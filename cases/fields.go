package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// FieldValue is one of the company's own fields as it stands in a case. Value is "" while nothing is said; a number is written with a
// point, a date as 2026-05-31, yes or no as "yes" or "no".
type FieldValue struct {
	Code    string
	Name    string
	Kind    FieldKind
	Choices []string
	Asked   bool // of cases of this type; otherwise it was said earlier
	Needed  bool // of those, before somebody resolves the case
	Value   string
}

// SetFieldsInput says what fields hold, by their codes; "" takes a value away. Fields that it does not name stay as they are.
type SetFieldsInput struct {
	On
	Values map[string]string
}

// FieldsQuery reads the fields of the case $1 of the type $2: those that are asked for, and those that something was said of.
const FieldsQuery = `select f.code, f.name, f.kind, f.choices, f.active and (cardinality(f.types) = 0 or $2::text = any (f.types)) as asked,
		f.needed and f.active and (cardinality(f.types) = 0 or $2::text = any (f.types)) as needed,
		coalesce(v.text_value, trim_scale(v.number_value)::text, v.date_value::text, '') as value
	from case_fields f left join case_field_values v on v.field_id = f.id and v.case_id = $1
	where v.case_id is not null or f.active and (cardinality(f.types) = 0 or $2::text = any (f.types)) order by f.position, f.code`

// CaseFields reads the company's own fields of a case. The caller has asked for the case.
func (s *Service) CaseFields(ctx context.Context, r db.Reader, c Case) ([]FieldValue, error) {
	list, err := db.List[FieldValue](ctx, r, FieldsQuery, c.ID, c.Type)
	if err != nil {
		return nil, fmt.Errorf("read fields of the case: %w", err)
	}
	return list, nil
}

// ErrUnsaidFields refuses to resolve a case of which something that the company must know is not said.
var ErrUnsaidFields = errs.New(errs.Conflict, "case.unsaid_fields")

// unsaidOf names, of each case, what must be said of it and is not.
func unsaidOf(ctx context.Context, r db.Reader, ids []ID) (map[ID]string, error) {
	list, err := db.List[struct {
		CaseID ID
		Names  string
	}](ctx, r, `select c.id as case_id, string_agg(f.name, ', ' order by f.position, f.code) as names from cases c
		join case_fields f on f.needed and f.active and (cardinality(f.types) = 0 or c.type = any (f.types))
		where c.id = any ($1) and not exists (select from case_field_values v where v.case_id = c.id and v.field_id = f.id) group by c.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read what is not said: %w", err)
	}
	of := make(map[ID]string, len(list))
	for _, one := range list {
		of[one.CaseID] = one.Names
	}
	return of, nil
}

// allSaid refuses to resolve a case of which something is not said.
func allSaid(c Case, unsaid string) error {
	if unsaid == "" {
		return nil
	}
	return errs.New(ErrUnsaidFields.Kind, ErrUnsaidFields.Key, "number", c.Number, "fields", unsaid)
}

// keptField is a field with what a case says of it.
type keptField struct {
	ID int64
	FieldEntry
	Value string
}

// SetFields says what fields of a case hold, all or nothing. It refuses a stale version, fields that cases of this type are not asked
// for, and values that are not of the field's kind, each at fields.<code>. Saying again what is said changes nothing.
func (s *Service) SetFields(ctx context.Context, in SetFieldsInput) (Case, error) {
	in.Values = maps.Clone(in.Values)
	return s.command(ctx, in.On, true, func(w *work) error {
		there, err := db.List[keptField](ctx, w.tx, `select f.id, f.code, f.name, f.kind, f.choices, f.types, f.position, f.needed, not f.active as retired, f.version,
				coalesce(v.text_value, trim_scale(v.number_value)::text, v.date_value::text, '') as value
			from case_fields f left join case_field_values v on v.field_id = f.id and v.case_id = $1 where f.code = any ($2) for share of f`,
			w.c.ID, slices.Sorted(maps.Keys(in.Values)))
		if err != nil {
			return fmt.Errorf("read fields: %w", err)
		}
		changed, err := w.setting(there, in.Values)
		if err != nil || len(changed) == 0 {
			return err
		}
		b := &batch{}
		from, to, names := map[string]string{}, map[string]string{}, map[string]string{}
		for _, f := range changed {
			from[f.Code], to[f.Code], names[f.Code] = f.Value, in.Values[f.Code], f.Name
			queueFieldValue(b, w.c.ID, f, to[f.Code])
		}
		if err := w.tx.Batch(ctx, b); err != nil {
			return fmt.Errorf("keep fields of the case: %w", err)
		}
		w.note("fields.set", map[string]any{"from": from, "to": to, "names": names})
		return nil
	})
}

// setting are the fields whose value differs, their values in the form in which they are kept put into said.
func (w *work) setting(there []keptField, said map[string]string) ([]keptField, error) {
	var wrong []errs.Field
	var changed []keptField
	for _, code := range slices.Sorted(maps.Keys(said)) {
		at := slices.IndexFunc(there, func(f keptField) bool { return f.Code == code })
		if at < 0 {
			wrong = append(wrong, errs.Field{Name: "fields." + code, Key: "fields.no_field"})
			continue
		}
		f := there[at]
		value, key := f.read(said[code])
		switch {
		case strings.TrimSpace(said[code]) == f.Value || key == "" && value == f.Value: // also a choice that is gone
			continue
		case key != "":
			wrong = append(wrong, errs.Field{Name: "fields." + code, Key: key, Params: errs.Params{"name": f.Name}})
		case value != "" && !f.Asked(w.c.Type):
			wrong = append(wrong, errs.Field{Name: "fields." + code, Key: "fields.not_asked", Params: errs.Params{"name": f.Name}})
		default:
			said[code] = value
			changed = append(changed, f)
		}
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return changed, nil
}

// read is a value in the form in which it is kept, or the key of what is wrong with it.
func (e FieldEntry) read(text string) (value, key string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", ""
	}
	switch e.Kind {
	case FieldNumber:
		n, err := decimal.NewFromString(text)
		if err != nil || len(text) > 26 || n.Abs().Exponent() < -6 || n.Abs().Cmp(decimal.New(1, 18)) >= 0 || strings.ContainsAny(text, "eE") {
			return "", "fields.bad_number"
		}
		return n.String(), ""
	case FieldDate:
		day, err := time.Parse(time.DateOnly, text)
		if err != nil || day.Year() < 1900 || day.Year() > 9998 {
			return "", "fields.bad_date"
		}
		return day.Format(time.DateOnly), ""
	case FieldChoice:
		at := slices.IndexFunc(e.Choices, func(c string) bool { return strings.EqualFold(c, text) })
		if at < 0 {
			return "", "fields.no_such_choice"
		}
		return e.Choices[at], ""
	case FieldYesNo:
		if text = strings.ToLower(text); text != "yes" && text != "no" {
			return "", "fields.yes_or_no"
		}
		return text, ""
	default:
		if utf8.RuneCountInString(text) > longestFieldValue || strings.ContainsAny(text, "\r\n\x00") {
			return "", "fields.bad_text"
		}
		return text, ""
	}
}

func queueFieldValue(b *batch, id ID, f keptField, value string) {
	if value == "" {
		b.Queue(`delete from case_field_values where case_id = $1 and field_id = $2`, id, f.ID)
		return
	}
	column, cast := "text_value", "text"
	switch f.Kind {
	case FieldNumber:
		column, cast = "number_value", "numeric"
	case FieldDate:
		column, cast = "date_value", "date"
	case FieldText, FieldChoice, FieldYesNo:
	}
	b.Queue(`insert into case_field_values (case_id, field_id, kind, `+column+`) values ($1, $2, $3, $4::text::`+cast+`)
		on conflict (case_id, field_id) do update set `+column+` = excluded.`+column, id, f.ID, f.Kind, value)
}
