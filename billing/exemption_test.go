package billing_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

func certificate(number, from, to string) billing.NewExemption {
	n := billing.NewExemption{
		By: controller(), Account: "C-1", Certificate: number, Reason: "Hospital care", ReasonCode: "vatex-eu-132-1b", ValidFrom: day(from), Filename: "c.pdf", Content: []byte("%PDF-1.4 certificate"),
	}
	if to != "" {
		n.ValidTo = day(to)
	}
	return n
}

func exempt(net, number string) billing.NewLine {
	l := line(net, "0")
	l.TaxCategory, l.Exemption = "E", number
	return l
}

// TestExemptLinesNameTheirCertificate: the one they are told, which has to hold on the day, else the only one that does; documents say
// why, under which certificate, and by which code.
func TestExemptLinesNameTheirCertificate(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dbtest.AsOwner(t, s.db, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = '910000001', address = E'Weg 1\n20095 Hamburg'`)
	first, err := s.billing.AddExemption(t.Context(), certificate("F-1", "2026-01-01", "2026-12-31"))
	s.must(err)
	if first.ReasonCode != "VATEX-EU-132-1B" || first.MediaType != billing.PDF {
		t.Errorf("%+v", first)
	}
	i := s.issue(s.invoice("EUR", exempt("100", ""), line("50", "19")))
	if i.Lines[0].ExemptionID == nil || *i.Lines[0].ExemptionID != first.ID || i.Lines[1].ExemptionID != nil {
		t.Errorf("%+v", i.Lines)
	}
	_, err = s.billing.AddExemption(t.Context(), certificate("F-2", "2026-02-01", ""))
	s.must(err)
	if i := s.issue(s.invoice("EUR", exempt("100", ""))); i.Lines[0].ExemptionID != nil {
		t.Error("of two that hold one was guessed")
	}
	if i := s.issue(s.invoice("EUR", exempt("100", "F-2"))); i.Lines[0].ExemptionID == nil {
		t.Error("the one that was named is not there")
	}
	memo := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true}).Memo
	stored, err := s.billing.RenderXML(t.Context(), billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(memo.ID)})
	s.must(err)
	for _, want := range []string{"Hospital care (F-1)", "VATEX-EU-132-1B"} {
		if !strings.Contains(string(stored.Content), want) {
			t.Errorf("the electronic form does not say %q", want)
		}
	}
	_, content, err := s.billing.ExemptionFile(t.Context(), s.db, s.customer, first.ID)
	s.must(err)
	if !bytes.Equal(content, []byte("%PDF-1.4 certificate")) {
		t.Errorf("certificate %q", content)
	}
	s.sound()
}

// TestExemptionsThatDoNotHold are refused, by the line.
func TestExemptionsThatDoNotHold(t *testing.T) {
	t.Parallel()
	s := setup(t)
	e, err := s.billing.AddExemption(t.Context(), certificate("F-1", "2026-01-01", "2026-04-30"))
	s.must(err)
	refused := func(want string, lines ...billing.NewLine) {
		t.Helper()
		_, err := s.billing.IssueInvoice(t.Context(), s.invoice("EUR", lines...))
		var invalid *errs.Error
		if !errors.As(err, &invalid) || len(invalid.Fields) == 0 || invalid.Fields[0].Name+" "+invalid.Fields[0].Key != want {
			t.Errorf("want %s: %v", want, err)
		}
	}
	refused("lines.1.exemption billing.exemption_not_valid", line("1", "19"), exempt("1", "F-1")) // over
	refused("lines.0.exemption billing.exemption_not_valid", exempt("1", "F-9"))
	taxed := line("1", "19")
	taxed.Exemption = "F-1"
	refused("lines.0.tax_category billing.exemption_wants_category", taxed)
	_, err = s.billing.AddExemption(t.Context(), certificate("F-3", "2026-01-01", ""))
	s.must(err)
	s.issue(s.invoice("EUR", exempt("1", "F-3")))
	list, err := s.billing.Exemptions(t.Context(), s.db, s.customer)
	s.must(err)
	s.must(s.billing.EndExemption(t.Context(), controller(), "C-1", list[0].ID))
	s.must(s.billing.EndExemption(t.Context(), controller(), "C-1", list[0].ID))
	refused("lines.0.exemption billing.exemption_not_valid", exempt("1", "F-3"))
	if _, err := s.billing.AddExemption(t.Context(), certificate("F-1", "2026-01-01", "")); !errors.Is(err, billing.ErrExemptionHere) {
		t.Errorf("twice: %v", err)
	}
	if s.refused(`update tax_exemptions set valid_to = null where id = $1`, e.ID) == nil || s.refused(`delete from tax_exemptions`) == nil {
		t.Error("an exemption was changed")
	}
}

// TestExemptionsWithoutWhatTheyNeed name the field.
func TestExemptionsWithoutWhatTheyNeed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for field, change := range map[string]func(*billing.NewExemption){
		"certificate": func(n *billing.NewExemption) { n.Certificate = " " }, "reason": func(n *billing.NewExemption) { n.Reason = strings.Repeat("x", 501) },
		"reason_code": func(n *billing.NewExemption) { n.ReasonCode = "VATEX-EU-AE" }, "valid_from": func(n *billing.NewExemption) { n.ValidFrom = day("0001-01-01") },
		"valid_to": func(n *billing.NewExemption) { n.ValidTo = day("2025-12-31") }, "file": func(n *billing.NewExemption) { n.Content = []byte("<html>") },
	} {
		n := certificate("F-1", "2026-01-01", "")
		change(&n)
		_, err := s.billing.AddExemption(t.Context(), n)
		var invalid *errs.Error
		if !errors.As(err, &invalid) || len(invalid.Fields) == 0 || invalid.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
