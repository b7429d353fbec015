package importer

import (
	"slices"

	"makegood/internal/errs"
)

// preset knows the exports of one system: the names of its columns, best first, and what its rows mean. Adapt may set
// fields of a row itself and says by a message key that a row is rightly left out.
type preset struct {
	name     string
	title    string
	kinds    []Kind
	columns  map[Field][]string
	reads    []string // columns that adapt looks at
	defaults map[Field]string
	grouped  bool
	adapt    func(w *row) (left string)
}

// PresetInfo is a preset as people choose it.
type PresetInfo struct {
	Name  string
	Title string
	Kinds []Kind
}

// Presets lists the systems whose exports are known by name.
func Presets() []PresetInfo {
	var list []PresetInfo
	for _, p := range presets() {
		list = append(list, PresetInfo{Name: p.name, Title: p.title, Kinds: p.kinds})
	}
	return list
}

func presetNamed(name string, kind Kind) (preset, error) {
	if name == "" {
		return preset{}, nil
	}
	for _, p := range presets() {
		if p.name == name {
			if !slices.Contains(p.kinds, kind) {
				return preset{}, errs.New(errs.Invalid, "billing.import.preset_for_other", "preset", p.title, "kind", string(kind))
			}
			return p, nil
		}
	}
	return preset{}, errs.New(errs.Invalid, "billing.import.unknown_preset", "preset", name)
}

// cellNamed is a cell by the name of its column, for presets.
func (w *row) cellNamed(column string) string {
	if i, there := w.r.byName[column]; there && i < len(w.Cells) && !nothing(w.Cells[i].Text) {
		return w.Cells[i].Text
	}
	return ""
}

func presets() []preset {
	documents := []Kind{Invoices, CreditNotes, Payments, Customers, OpenBalances}
	return []preset{
		{name: "makegood", title: "Makegood", kinds: Kinds()},
		{name: "netsuite", title: "NetSuite", kinds: documents, columns: netsuiteColumns(), adapt: adaptNetSuite},
		{name: "oracle", title: "Oracle Receivables", kinds: documents, columns: oracleColumns()},
		{name: "salesforce", title: "Salesforce Billing", kinds: documents, columns: salesforceColumns()},
		{
			name: "aws-marketplace", title: "AWS Marketplace billing events", kinds: []Kind{Payments}, columns: awsColumns(), reads: awsReads(),
			defaults: map[Field]string{FieldMethod: "aws_marketplace"}, grouped: true, adapt: awsEvents{}.adapt,
		},
		{
			name: "ebanx", title: "EBANX settlements", kinds: []Kind{Payments}, columns: ebanxColumns(), reads: ebanxReads(),
			defaults: map[Field]string{FieldMethod: "ebanx"}, adapt: adaptEBANX,
		},
		{name: "tesorio", title: "Tesorio open receivables", kinds: []Kind{OpenBalances, Invoices, Customers}, columns: tesorioColumns()},
		{name: "open-balances", title: "Open balances", kinds: []Kind{OpenBalances}},
	}
}
