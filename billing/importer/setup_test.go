package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
)

// everything is what reading a file gave.
type everything struct {
	records  []importer.Record
	rejected []importer.Rejection
	sum      importer.Summary
}

func read(t *testing.T, content string, o importer.Options) everything {
	t.Helper()
	got, err := tryRead(t, content, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tryRead(t *testing.T, content string, o importer.Options) (everything, error) {
	t.Helper()
	var got everything
	sum, err := importer.Read(t.Context(), strings.NewReader(content), o, importer.Sink{
		Record: func(r importer.Record) error { got.records = append(got.records, r); return nil },
		Reject: func(r importer.Rejection) error { got.rejected = append(got.rejected, r); return nil },
	})
	got.sum = sum
	return got, err
}

func (e everything) clean(t *testing.T) everything {
	t.Helper()
	for i, r := range e.rejected {
		if i < 10 && !r.Left {
			t.Errorf("row %d: %s at %s: %q, expected %s %v", r.Row, r.Key, r.Column, r.Got, r.Expected, r.Params)
		}
	}
	return e
}

func (e everything) invoices() []importer.Invoice {
	var list []importer.Invoice
	for _, r := range e.records {
		if r.Invoice != nil {
			list = append(list, *r.Invoice)
		}
	}
	return list
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// corpus is a folder of published data beside the repository, where there is one.
func corpus(t *testing.T, name string) (string, bool) {
	t.Helper()
	root := os.Getenv("MAKEGOOD_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "corpus", name)
	if _, err := os.Stat(dir); err != nil {
		t.Logf("%s is not here; the excerpts of our own must do", name)
		return "", false
	}
	return dir, true
}
