package importer_test

import (
	"bytes"
	"testing"

	"makegood/billing/importer"
	"makegood/billing/importer/table"
)

func bounds() table.Options {
	return table.Options{Bounds: table.Bounds{Bytes: 1 << 20, Rows: 2000, Columns: 100, CellBytes: 4096, RowBytes: 64 << 10}}
}

// checkWhole: nothing is lost and nothing is made up. Every row is in a record or rejected, and documents add up.
func checkWhole(t *testing.T, content []byte, o importer.Options) {
	t.Helper()
	o.Table = bounds()
	rows, records := map[int]bool{}, 0
	sum, err := importer.Read(t.Context(), bytes.NewReader(content), o, importer.Sink{
		Record: func(r importer.Record) error {
			records++
			for _, row := range r.Rows {
				rows[row] = true
			}
			checkSums(t, r)
			_, err := r.ContentHash()
			return err
		},
		Reject: func(r importer.Rejection) error { rows[r.Row] = true; return nil },
	})
	if err == nil && (len(rows) != sum.Rows || records != sum.Records) {
		t.Errorf("%d rows accounted for of %+v", len(rows), sum)
	}
}

func checkSums(t *testing.T, r importer.Record) {
	t.Helper()
	var d importer.Document
	switch {
	case r.Invoice != nil:
		d = r.Invoice.Document
	case r.CreditNote != nil:
		d = r.CreditNote.Document
	default:
		return
	}
	net, tax := dec("0"), dec("0")
	for _, l := range d.Lines {
		net, tax = net.Add(l.Net), tax.Add(l.Tax)
	}
	if !net.Equal(d.Net) || !tax.Equal(d.Tax) || !d.Net.Add(d.Tax).Equal(d.Total) || !d.Total.Equal(d.Total.Truncate(d.Currency.Digits())) {
		t.Errorf("%s does not add up: %+v", d.Number, d)
	}
}

func FuzzCSV(f *testing.F) {
	for _, content := range []string{
		lineHead + "N1,C1,2026-01-05,,A,x,3,10.01,19,35.74\nN1,C1,2026-01-05,,A,x,1,-2,19,\n",
		"number;customer;date;net;vat;total;open;disputed\nN1;C1;05.01.2026;1.000,00;190,00;1.190,00;10,00;ja\nTotal;;;;;1.190,00;;\n",
		"number\ttype\tcustomer\tdate\ttotal\nC1\tCredit Memo\tK\t1/13/2026\t(5.00)\n",
		"\xff\xfen\x00u\x00m\x00b\x00e\x00r\x00",
		"sep=|\nnumber|customer|date|qty|price|tax inclusive|tax rate\nN|C|2026-01-05|2|1.999999|yes|7\n",
		"payment number,customer,amount,payment date,invoice,applied amount\nP1,C1,100,2026-01-05,N1,60\nP1,,,,N2,30\n",
		"customer,number,date,open,original\nC1,N1,2026-01-05,-3,-4\n",
	} {
		f.Add([]byte(content), uint8(0))
	}
	kinds := importer.Kinds()
	f.Fuzz(func(t *testing.T, content []byte, pick uint8) {
		o := mapped(kinds[int(pick)%len(kinds)], "currency", []string{"EUR", "JPY", "KWD"}[int(pick/16)%3])
		o.Mapping.NegativeIsCredit, o.HeldRows = pick%2 == 0, int(pick)
		checkWhole(t, content, o)
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(sheet(f, map[float64]string{12.5: "0.00", 7: "General"}))
	f.Fuzz(func(t *testing.T, content []byte) {
		checkWhole(t, append([]byte("PK\x03\x04"), bytes.TrimPrefix(content, []byte("PK\x03\x04"))...), mapped(importer.Payments))
	})
}
