package stripe_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/billing/importer/stripe"
)

type everything struct {
	records  []importer.Record
	rejected []importer.Rejection
	sum      importer.Summary
}

func read(t *testing.T, content string) everything {
	t.Helper()
	got, err := tryRead(t, content, stripe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tryRead(t *testing.T, content string, o stripe.Options) (everything, error) {
	t.Helper()
	var got everything
	sum, err := stripe.Read(t.Context(), strings.NewReader(content), o, importer.Sink{
		Record: func(r importer.Record) error { got.records = append(got.records, r); return nil },
		Reject: func(r importer.Rejection) error { got.rejected = append(got.rejected, r); return nil },
	})
	got.sum = sum
	return got, err
}

// one reads content that must give one record and nothing else.
func one(t *testing.T, content string) importer.Record {
	t.Helper()
	got := read(t, content)
	if len(got.records) != 1 || len(got.rejected) != 0 {
		t.Fatalf("%d records, rejected %+v", len(got.records), got.rejected)
	}
	return got.records[0]
}

// refused reads content that must give one rejection for this reason and nothing else.
func refused(t *testing.T, content, key string) importer.Rejection {
	t.Helper()
	got := read(t, content)
	if len(got.records) != 0 || len(got.rejected) != 1 || got.rejected[0].Key != key {
		t.Fatalf("want %s; %d records, rejected %+v", key, len(got.records), got.rejected)
	}
	return got.rejected[0]
}

type object = map[string]any

// with is an object with some members changed; nil takes one away.
func with(base, changes object) object {
	out := maps.Clone(base)
	for name, value := range changes {
		out[name] = value
		if value == nil {
			delete(out, name)
		}
	}
	return out
}

func text(t *testing.T, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func equal(t *testing.T, what string, have decimal.Decimal, want string) {
	t.Helper()
	if !have.Equal(dec(want)) {
		t.Errorf("%s is %s, want %s", what, have, want)
	}
}

func corpus(t *testing.T, name string) (string, bool) {
	t.Helper()
	root := os.Getenv("MAKEGOOD_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "corpus", name)
	if _, err := os.Stat(dir); err != nil {
		t.Logf("%s is not here; the excerpts of our own must do", name)
		return "", false
	}
	return dir, true
}

// An invoice of our own in Stripe's form: two lines at 19 % and 7 %, a discount on the first, in cents.
func invoice() object {
	return object{
		"object": "invoice", "id": "in_1", "number": "NW-0001", "customer": "cus_1", "customer_name": "Nordwind Handel", "currency": "eur",
		"created": 1767600000, "effective_at": 1767700000, "due_date": 1770300000, "period_start": 1764547200, "period_end": 1767139200,
		"status": "open", "subtotal": 15000, "total": 16515, "total_excluding_tax": 14000, "amount_paid": 1000, "amount_remaining": 15515,
		"custom_fields":          []object{{"name": "PO number", "value": "4500017"}},
		"total_discount_amounts": []object{{"amount": 1000, "discount": "di_1"}},
		"lines": object{"object": "list", "has_more": false, "data": []object{
			{
				"id": "il_1", "amount": 10000, "currency": "eur", "description": "Seats", "quantity": 4,
				"pricing":          object{"unit_amount_decimal": "2500", "price_details": object{"product": "prod_seat"}},
				"period":           object{"start": 1764547200, "end": 1767139200},
				"discount_amounts": []object{{"amount": 1000, "discount": "di_1"}},
				"taxes":            []object{{"amount": 1710, "tax_behavior": "exclusive", "taxability_reason": "standard_rated", "tax_rate_details": object{"tax_rate": "txr_19"}}},
			},
			{
				"id": "il_2", "amount": 5000, "currency": "eur", "description": "Handbook", "quantity": 1,
				"taxes": []object{{"amount": 805, "tax_behavior": "exclusive", "taxability_reason": "reduced_rated", "tax_rate_details": object{"tax_rate": "txr_161"}}},
			},
		}},
	}
}
