package importer

import (
	"cmp"
	"slices"
)

// LinePlace is a line of a document.
type LinePlace struct {
	Document string
	Line     int // place in its Lines, from 0
}

// Cancelled pairs a line of a credit note that names no invoice with the invoice line it takes back.
type Cancelled struct {
	Note    LinePlace
	Invoice LinePlace
	Found   bool
}

type sale struct{ customer, product, quantity string }

// MatchCancellations finds, for each line of credit notes that name no invoice, the earlier invoice line of the same
// customer, product and quantity: the last one before it, each line at most once. Documents of one day count in the order
// given. Lines without customer or product match nothing.
func MatchCancellations(records []Record) []Cancelled {
	documents := slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return r.Invoice == nil && r.CreditNote == nil })
	slices.SortStableFunc(documents, func(a, b Record) int { return cmp.Compare(a.document().IssuedOn.Unix(), b.document().IssuedOn.Unix()) })
	sold := map[sale][]LinePlace{}
	var out []Cancelled
	for _, r := range documents {
		d := r.document()
		for i, l := range d.Lines {
			key, here := sale{d.Customer, l.Product, l.Quantity.String()}, LinePlace{d.Number, i}
			known := d.Customer != "" && l.Product != ""
			switch earlier := sold[key]; {
			case r.Invoice != nil && known:
				sold[key] = append(earlier, here)
			case r.Invoice != nil || r.CreditNote.Invoice != "":
			case known && len(earlier) > 0:
				last := len(earlier) - 1
				out = append(out, Cancelled{Note: here, Invoice: earlier[last], Found: true})
				sold[key] = earlier[:last]
			default:
				out = append(out, Cancelled{Note: here})
			}
		}
	}
	return out
}

func (r Record) document() *Document {
	if r.CreditNote != nil {
		return &r.CreditNote.Document
	}
	return &r.Invoice.Document
}
