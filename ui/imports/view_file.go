package imports

import (
	"maps"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// fileView is a file whose reading is being settled.
type fileView struct {
	ID                         billing.UploadID
	File, Kind, System         string
	Refusal                    string
	Stripe, Workbook           bool
	Preset, Sheet, Prefix      string
	Fields                     []fieldChoice // those that are read, and those that must be
	More                       []fieldChoice
	DateOrders, DecimalMarks   []kit.Option
	Currency, Customer         string
	Missing, Uncertain         []string
	Headers                    []headerView
	Rows                       [][]string
	Whole, Remember, Documents bool
}

// fieldChoice is a field of ours with the columns it may be read from.
type fieldChoice struct {
	Name, Label string
	Options     []kit.Option
}

type headerView struct{ Name, Field string }

const previewed = 8

// read fills in how the file would be read.
func (v *fileView) read(up billing.ImportUpload, seen importer.Examination, o importer.Options, r reader) {
	m := seen.Mapping
	v.Preset, v.Sheet, v.Prefix = m.Preset, o.Table.Sheet, m.CreditPrefix
	v.Workbook = strings.HasSuffix(strings.ToLower(up.Filename), ".xlsx")
	v.Documents = up.Kind == importer.Invoices
	v.Currency, v.Customer = m.Defaults[importer.FieldCurrency], m.Defaults[importer.FieldCustomer]
	for _, field := range importer.Fields(up.Kind) {
		choice := fieldChoice{Name: "col_" + string(field), Label: fieldName(field), Options: []kit.Option{{Text: "–"}}}
		for _, h := range seen.Headers {
			choice.Options = append(choice.Options, kit.Option{Value: h, Text: h, Selected: m.Columns[field] == h})
		}
		missing := slices.ContainsFunc(seen.Missing, func(f errs.Field) bool { return f.Params["field"] == string(field) })
		if missing || m.Columns[field] != "" || len(seen.Headers) == 0 {
			v.Fields = append(v.Fields, choice)
		} else {
			v.More = append(v.More, choice)
		}
	}
	for _, h := range seen.Headers {
		head := headerView{Name: h}
		for field, column := range m.Columns {
			if column == h {
				head.Field = fieldName(field)
			}
		}
		v.Headers = append(v.Headers, head)
	}
	v.Rows = seen.Sample[:min(previewed, len(seen.Sample))]
	for _, f := range seen.Missing {
		said := maps.Clone(f.Params)
		said["field"] = i18n.Lower(fieldName(importer.Field(said["field"])))
		v.Missing = append(v.Missing, r.say(f.Key, said))
	}
	for _, f := range seen.Uncertain {
		v.Uncertain = append(v.Uncertain, fieldName(f))
	}
	v.DateOrders = choices(string(m.DateOrder), i18n.T("As the file shows"), string(importer.DayFirst), string(importer.MonthFirst), string(importer.YearFirst))
	v.DecimalMarks = choices(m.DecimalMark, i18n.T("As the file shows"), ".", ",")
}

func choices(current, none string, values ...string) []kit.Option {
	list := []kit.Option{{Text: none}}
	for _, value := range values {
		list = append(list, kit.Option{Value: value, Text: value, Selected: value == current})
	}
	return list
}
