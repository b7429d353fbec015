package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/internal/errs"
)

// Mapping says how the columns of a source are to be read. It is guessed from the names of the columns, a person may
// change it, and it is remembered per source as JSON. What it leaves open is guessed again for each file.
type Mapping struct {
	Preset  string           `json:"preset,omitempty"`
	Columns map[Field]string `json:"columns,omitempty"` // our field → the file's column: its name, or #3 for the third
	// Defaults stand in where a field has no column or its cell is empty: a fixed currency, an account for sales without customer.
	Defaults    map[Field]string `json:"defaults,omitempty"`
	HeaderRow   int              `json:"header_row,omitempty"` // 0: found; -1: there is none, columns are named #1, #2, …
	DateOrder   DateOrder        `json:"date_order,omitempty"`
	DecimalMark string           `json:"decimal_mark,omitempty"` // "." or ","
	Zone        string           `json:"zone,omitempty"`         // time zone in which moments become days; UTC if empty
	// NegativeIsCredit makes credit notes of invoices below zero; else they are refused.
	NegativeIsCredit bool   `json:"negative_is_credit,omitempty"`
	CreditPrefix     string `json:"credit_prefix,omitempty"` // invoice numbers that begin with it are credit notes
	Only             bool   `json:"only,omitempty"`          // nothing is guessed beside what Columns says
}

// columnsFor finds the column of each field: what the mapping says, else what the preset knows, else by name.
func (m Mapping) columnsFor(kind Kind, headers []string, p preset) (map[Field]int, error) {
	byName := namesOf(headers)
	columns := map[Field]int{}
	for field, column := range m.Columns {
		i, ok := columnNamed(column, byName, len(headers))
		if !ok {
			return nil, errs.InvalidField("mapping", "billing.import.column_absent", "column", column, "field", string(field))
		}
		columns[field] = i
	}
	if m.Only {
		return columns, nil
	}
	taken := map[int]bool{}
	for _, i := range columns {
		taken[i] = true
	}
	known, guesses := map[Field][]string{}, map[Field][]string{}
	for _, s := range specs(kind) {
		known[s.field] = p.columns[s.field]
		guesses[s.field] = strings.Split(s.names, ", ")
	}
	lookUp(columns, taken, byName, known)
	guessInOrder(kind, columns, taken, byName, guesses)
	perLine(columns, headers, m.Columns)
	return columns, nil
}

// namesOf finds columns by the plain form of their names; of two alike the first counts.
func namesOf(headers []string) map[string]int {
	byName := map[string]int{}
	for i, h := range headers {
		name := plainName(h)
		if _, taken := byName[name]; !taken && name != "" {
			byName[name] = i
		}
	}
	return byName
}

func lookUp(columns map[Field]int, taken map[int]bool, byName map[string]int, names map[Field][]string) {
	for field, list := range names {
		if _, known := columns[field]; known {
			continue
		}
		for _, name := range list {
			if i, there := byName[plainName(name)]; there {
				columns[field], taken[i] = i, true
				break
			}
		}
	}
}

// guessInOrder gives each column to one field only: first to the fields whose best name it is, so that "Invoice" goes to
// the number of an invoice where nothing better is there, and "Amount" to its total only if no column is called so.
func guessInOrder(kind Kind, columns map[Field]int, taken map[int]bool, byName map[string]int, names map[Field][]string) {
	deepest := 0
	for _, list := range names {
		deepest = max(deepest, len(list))
	}
	for depth := range deepest {
		for _, s := range specs(kind) {
			list := names[s.field]
			if _, known := columns[s.field]; known || depth >= len(list) {
				continue
			}
			if i, there := byName[plainName(list[depth])]; there && !taken[i] {
				columns[s.field], taken[i] = i, true
			}
		}
	}
}

// perLine reads a column called just "Amount" or "Tax" as that of the line where each row has quantity and price.
func perLine(columns map[Field]int, headers []string, said map[Field]string) {
	_, quantity := columns[FieldQuantity]
	_, price := columns[FieldUnitPrice]
	if !quantity && !price {
		return
	}
	move := func(from, to Field, names string) {
		i, there := columns[from]
		_, taken := columns[to]
		_, fixed := said[from]
		if there && !taken && !fixed && slices.Contains(strings.Split(names, ", "), plainName(headers[i])) {
			columns[to] = i
			delete(columns, from)
		}
	}
	move(FieldTotal, FieldLineNet, "amount, betrag, montant, importe, valor, importo, bedrag, 金额, 金額")
	move(FieldNet, FieldLineNet, "net, netamount, nettobetrag, netto, montantht, amountexcltax")
	move(FieldTax, FieldLineTax, "tax, taxamount, vat, vatamount, gst, steuer, steuerbetrag, mwst, tva, iva, btw")
}

func columnNamed(column string, byName map[string]int, width int) (int, bool) {
	if digits, ok := strings.CutPrefix(column, "#"); ok {
		if n, err := strconv.Atoi(digits); err == nil {
			return n - 1, n >= 1 && n <= width
		}
	}
	i, ok := byName[plainName(column)]
	return i, ok
}

// check refuses a mapping that says something impossible.
func (m Mapping) check() error {
	switch m.DateOrder {
	case "", DayFirst, MonthFirst, YearFirst, UnixTime:
	default:
		return errs.InvalidField("date_order", "billing.import.bad_date_order", "order", string(m.DateOrder))
	}
	if m.DecimalMark != "" && m.DecimalMark != "." && m.DecimalMark != "," {
		return errs.InvalidField("decimal_mark", "billing.import.bad_decimal_mark", "mark", m.DecimalMark)
	}
	return nil
}

// missing lists the fields that a kind cannot do without and that have neither column nor default.
func (m Mapping) missing(kind Kind, columns map[Field]int) []errs.Field {
	var out []errs.Field
	has := func(f Field) bool {
		_, column := columns[f]
		return column || m.Defaults[f] != ""
	}
	for _, alternatives := range needs(kind) {
		found := false
		for _, f := range alternatives {
			found = found || has(f)
		}
		if !found {
			out = append(out, errs.Field{
				Name: fmt.Sprintf("columns.%s", alternatives[0]), Key: "billing.import.column_missing",
				Params: errs.Params{"field": string(alternatives[0])},
			})
		}
	}
	return out
}

// needs are the fields of which each kind must have one or another.
func needs(kind Kind) [][]Field {
	switch kind {
	case Customers:
		return [][]Field{{FieldAccount}, {FieldName}}
	case Invoices, CreditNotes:
		return [][]Field{{FieldNumber}, {FieldCustomer, FieldCustomerName}, {FieldCurrency}, {FieldIssuedOn}, {FieldTotal, FieldNet, FieldLineNet, FieldUnitPrice}}
	case Payments:
		return [][]Field{{FieldNumber, FieldBankReference}, {FieldCustomer, FieldCustomerName, FieldInvoice}, {FieldCurrency}, {FieldReceivedOn}, {FieldAmount}}
	case OpenBalances:
		return [][]Field{{FieldNumber}, {FieldCustomer, FieldCustomerName}, {FieldCurrency}, {FieldIssuedOn}, {FieldOpen}}
	case Rates:
		return [][]Field{{FieldBase}, {FieldQuote}, {FieldOn}, {FieldRate}}
	default:
		return nil
	}
}
