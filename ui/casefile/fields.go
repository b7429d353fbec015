package casefile

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// fieldView is one of the company's own fields beside the case: as it reads, and as it is typed.
type fieldView struct {
	Code, Name, Shown, Typed string
	Kind                     cases.FieldKind
	Options                  []kit.Option
	Asked, Needed            bool
}

func (v fieldView) input() kit.FieldView {
	f := kit.FieldView{Name: "field_" + v.Code, ID: "own-" + v.Code, Label: v.Name, Value: v.Typed, Autocomplete: "off"}
	if v.Needed {
		f.Hint = i18n.T("Needed before the case is resolved.")
	}
	switch v.Kind {
	case cases.FieldNumber:
		f.InputMode = "decimal"
	case cases.FieldDate:
		f.Type = "date"
	case cases.FieldText, cases.FieldChoice, cases.FieldYesNo:
	}
	return f
}

// unsaid names what must be said before the case is resolved.
func unsaid(f reports.CaseFile) string {
	var left []string
	for _, one := range f.Fields {
		if one.Needed && one.Value == "" {
			left = append(left, one.Name)
		}
	}
	if len(left) == 0 {
		return ""
	}
	return i18n.F("Not said yet: {left}.", "left", strings.Join(left, ", "))
}

func (r reader) fields(f reports.CaseFile) []fieldView {
	var list []fieldView
	for _, one := range f.Fields {
		v := fieldView{Code: one.Code, Name: one.Name, Kind: one.Kind, Typed: one.Value, Shown: r.held(one.Kind, one.Value), Asked: one.Asked, Needed: one.Needed}
		choices := one.Choices
		if one.Kind == cases.FieldYesNo {
			choices = []string{"yes", "no"}
		}
		if len(choices) > 0 {
			v.Options = append(v.Options, kit.Option{Text: i18n.T("not said"), Selected: one.Value == ""})
			if one.Value != "" && !slices.Contains(choices, one.Value) {
				choices = append([]string{one.Value}, choices...) // a choice that is gone
			}
		}
		for _, c := range choices {
			v.Options = append(v.Options, kit.Option{Value: c, Text: r.held(one.Kind, c), Selected: c == one.Value})
		}
		list = append(list, v)
	}
	return list
}

// held is a value as the reader writes it.
func (r reader) held(kind cases.FieldKind, value string) string {
	switch kind {
	case cases.FieldNumber:
		if n, err := decimal.NewFromString(value); err == nil {
			return kit.FormatQuantity(n, r.Lang)
		}
	case cases.FieldDate:
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return r.date(day)
		}
	case cases.FieldYesNo:
		switch value {
		case "yes":
			return i18n.T("yes")
		case "no":
			return i18n.T("no")
		}
	case cases.FieldText, cases.FieldChoice:
	}
	return value
}

// fieldsSet says what fields of the company's own were set to, and of which a value was taken away.
func (e data) fieldsSet() told {
	to, _ := e.row.Data["to"].(map[string]any)
	names, _ := e.row.Data["names"].(map[string]any)
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(to)) {
		name, _ := names[code].(string)
		value, _ := to[code].(string)
		if value == "" {
			parts = append(parts, i18n.F("{name}: taken away", "name", name))
			continue
		}
		kind := cases.FieldText
		if at := slices.IndexFunc(e.file.Fields, func(f cases.FieldValue) bool { return f.Code == code }); at >= 0 {
			kind = e.file.Fields[at].Kind
		}
		parts = append(parts, name+": "+e.held(kind, value))
	}
	return told{icon: "list-details", kind: showSystem, text: i18n.F("{who} wrote {fields}", "who", e.who(), "fields", strings.Join(parts, " · "))}
}

// SetFields says what the company's own fields of the case hold: POST /cases/:number/fields. Fields: one field_ for each code.
func (s *Screen) SetFields(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return errs.InvalidField("fields", "error.required")
	}
	values := map[string]string{}
	for name, said := range form {
		if code, own := strings.CutPrefix(name, "field_"); own && len(said) == 1 {
			values[code] = said[0]
		}
	}
	if _, err := s.cases.SetFields(c.Request().Context(), cases.SetFieldsInput{On: on, Values: values}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("Written down.")}, nil)
}
