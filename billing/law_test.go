package billing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// abroad moves the company to another country: its books stay what they are.
func (s *shop) abroad(country, taxID, language string) {
	s.t.Helper()
	dbtest.AsOwner(s.t, s.db, `update legal_entities set country = '`+country+`', tax_id = '`+taxID+`', language = '`+language+`'`,
		`update customers set language = '`+language+`', tax_id = '12.345.678/0001-95'`)
}

// lacks are the fields that an adjustment was refused for want of.
func lacks(err error) []string {
	var e *errs.Error
	if !errors.As(err, &e) || !errors.Is(err, billing.ErrLawAsks) {
		return nil
	}
	var list []string
	for _, f := range e.Fields {
		if f.Params["law"] == "" {
			list = append(list, "no law: "+f.Name)
		}
		list = append(list, strings.TrimPrefix(f.Name, "law."))
	}
	return list
}

const (
	accessKey = "35260612345678000190550010000012341000012345"
	folio     = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
)

// What the law of the entity's country asks is missing in the proposal already, and nothing is reserved or numbered.
func TestAProposalWithoutWhatTheLawAsksIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		country, taxID, language string
		change                   []string
		want                     []string
	}{
		"Austria, complete":                       {"AT", "ATU12345678", "de", nil, nil},
		"Austria, no number of the seller":        {"AT", "", "de", nil, []string{"seller_tax_id"}},
		"Austria, no address of the buyer":        {"AT", "ATU12345678", "de", []string{`update customers set address = ''`}, []string{"buyer_address"}},
		"Germany, complete":                       {"DE", "DE318842071", "de", nil, nil},
		"Germany, the original unnamed":           {"DE", "DE318842071", "de", []string{`update invoices set number = ''`}, []string{"original_number"}},
		"Singapore, complete":                     {"SG", "M9-0012345-6", "en", nil, nil},
		"Singapore, complete in another language": {"SG", "M9-0012345-6", "de", nil, nil},
		"Singapore, no address of the seller":     {"SG", "M9-0012345-6", "en", []string{`update legal_entities set address = ' '`}, []string{"seller_address"}},
		"Japan, complete":                         {"JP", "T9810456723001", "ja", nil, nil},
		"Japan, without a registered number":      {"JP", "JP1234", "ja", nil, []string{"seller_tax_id"}},
		"Brazil, no access key":                   {"BR", "12.345.678/0001-95", "pt", nil, []string{"original_stamp"}},
		"Mexico, no folio":                        {"MX", "NOR123456AB1", "en", nil, []string{"original_stamp"}},
		"Mexico, no number of the buyer":          {"MX", "NOR123456AB1", "en", []string{`update customers set tax_id = ''`}, []string{"original_stamp", "buyer_tax_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			i := s.issue(s.invoice("EUR", line("20000", "10")))
			s.abroad(c.country, c.taxID, c.language)
			dbtest.AsOwner(t, s.db, c.change...)
			in := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("15000")})
			_, err := s.billing.PrepareAdjustment(t.Context(), s.db, in)
			if got := lacks(err); !slices.Equal(got, c.want) || err != nil && got == nil {
				t.Errorf("%v, want %v", err, c.want)
			}
			if c.want != nil {
				return
			}
			posted := s.carried(in)
			if _, err := s.billing.Render(t.Context(), posted.Document); err != nil {
				t.Errorf("what the law lets pass has no paper: %v", err)
			}
		})
	}
}

// With the stamp that its authority gave the invoice it is posted, and the stamp is on paper.
func TestAStampedInvoiceIsCredited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, language, stamp string }{{"BR", "pt", accessKey}, {"MX", "en", folio}} {
		t.Run(c.country, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			i := s.issue(s.invoice("EUR", line("100", "10")))
			s.abroad(c.country, "123", c.language)
			in := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("40")})
			for _, wrong := range []string{"", c.stamp[1:]} {
				if err := s.billing.RecordStamp(t.Context(), billing.StampInput{By: controller(), Invoice: i.Number, Stamp: wrong}); errs.KindOf(err) != errs.Invalid {
					t.Errorf("stamp %q: %v", wrong, err)
				}
			}
			agent := access.Actor{Kind: access.Person, UserID: 3, Roles: []access.Role{access.Agent}}
			if err := s.billing.RecordStamp(t.Context(), billing.StampInput{By: agent, Invoice: i.Number, Stamp: c.stamp}); errs.KindOf(err) != errs.Forbidden {
				t.Errorf("an agent records it: %v", err)
			}
			for range 2 {
				s.must(s.billing.RecordStamp(t.Context(), billing.StampInput{By: controller(), Invoice: i.Number, Stamp: " " + c.stamp + " "}))
			}
			if n := value[int](t, s.db, `select count(*) from invoice_stamps`); n != 1 {
				t.Errorf("the same stamp again makes %d", n)
			}
			memo, err := s.billing.PrintedMemo(t.Context(), s.db, s.carried(in).Memo.ID)
			s.must(err)
			if memo.Originals[0].Stamp != c.stamp {
				t.Errorf("on paper: %q", memo.Originals[0].Stamp)
			}
		})
	}
}

// What went missing between approval and posting is asked for again, and no number is used.
func TestPostingAsksTheLawBeforeItTakesANumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   billing.Kind
		change string
		reason string
		want   string
	}{
		"a credit memo without reason":              {billing.BillingError, `select 1`, "", "reason"},
		"a credit memo of a seller without address": {billing.Concession, `update legal_entities set address = ''`, "Because.", "seller_address"},
		"a debit memo of one without tax number":    {billing.Debit, `update legal_entities set tax_id = ''`, "Because.", "seller_tax_id"},
		"a rebill to a buyer without address":       {billing.Rebill, `update customers set address = ''`, "Because.", "buyer_address"},
		"by the entity's own rules":                 {billing.BillingError, `update legal_entities set document_rules = 'credit_note: {inherit: true, require: [buyer_tax_id]}'`, "Because.", "buyer_tax_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			i := s.issue(s.invoice("EUR", line("100", "19")))
			in := credit(c.kind, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("40")})
			if c.kind == billing.Debit || c.kind == billing.Rebill {
				in.Lines, in.Bill = nil, &billing.Bill{Lines: []billing.NewLine{line("50", "19")}}
			}
			request, a := s.reserve(in)
			post := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: c.reason, By: controller()}
			dbtest.AsOwner(t, s.db, c.change)
			numbers := value[string](t, s.db, `select string_agg(series || last_no, ' ' order by series) from document_sequences`)
			if _, err := s.post(post); !slices.Equal(lacks(err), []string{c.want}) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if now := value[string](t, s.db, `select string_agg(series || last_no, ' ' order by series) from document_sequences`); now != numbers {
				t.Errorf("numbers were used: %s, now %s", numbers, now)
			}
			err := s.db.Do(t.Context(), func(tx *db.Tx) error {
				_, err := s.billing.ReadyMemosTx(t.Context(), tx, []billing.PostAdjustment{post})
				return err
			})
			if !slices.Equal(lacks(err), []string{c.want}) {
				t.Errorf("posted with others: %v", err)
			}
		})
	}
}

// The kinds of document that a country does not know are refused.
func TestACountryThatKnowsNoDebitMemo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "20")))
	s.abroad("FR", "FR12345678901", "en")
	_, err := s.carry(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("50", "20")}}})
	if !slices.Equal(lacks(err), []string{"heading"}) || fieldKey(err) != "document.law_kind" {
		t.Errorf("%v", err)
	}
}

// A credit on account names no invoice and needs none.
func TestTheLawLetsACreditOnAccountPass(t *testing.T) {
	t.Parallel()
	for _, country := range []string{"DE", "SG", "JP", "BR"} {
		s := setup(t)
		s.abroad(country, "T9810456723001", "ja")
		s.carried(billing.AdjustmentInput{Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Lines: []billing.AdjustLine{
			{Description: "Goodwill", Amount: d("20000"), Tax: billing.LineTax{Category: "S", Rate: d("10")}},
		}})
	}
}

// Exemptions need their reason, which the entity gives once.
func TestAnExemptCreditSaysWhy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	exempt := line("100", "0")
	exempt.TaxCategory = "E"
	i := s.issue(s.invoice("EUR", exempt))
	in := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("40")})
	if _, err := s.carry(in); !slices.Equal(lacks(err), []string{"exemption_reason"}) {
		t.Errorf("%v", err)
	}
	s.must(s.billing.SetDocumentRules(t.Context(), billing.DocumentRules{By: administrator(), Entity: "DE", ExemptionReason: "§ 4 Nr. 21 UStG"}))
	memo, err := s.billing.PrintedMemo(t.Context(), s.db, s.carried(in).Memo.ID)
	s.must(err)
	if memo.Taxes[0].Note != "§ 4 Nr. 21 UStG" {
		t.Errorf("on paper: %q", memo.Taxes[0].Note)
	}
}

func administrator() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 9, Name: "Bo Falk", Roles: []access.Role{access.Admin}}
}

// Rules of an entity are data: refused when they cannot be read, in force from the next proposal on.
func TestRulesOfAnEntity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	in := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")})
	set := func(by access.Actor, entity, rules string) error {
		return s.billing.SetDocumentRules(t.Context(), billing.DocumentRules{By: by, Entity: entity, Rules: rules})
	}
	if err := set(administrator(), "DE", "credit_note: {require: [shoe_size]}"); fieldKey(err) != "document.law_unreadable" || errs.KindOf(err) != errs.Invalid {
		t.Errorf("rules that cannot be read: %v", err)
	}
	if err := set(controller(), "DE", ""); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a controller sets them: %v", err)
	}
	if err := set(administrator(), "XX", ""); !errors.Is(err, billing.ErrNoEntity) {
		t.Errorf("of no entity: %v", err)
	}
	s.must(set(administrator(), "DE", "credit_note:\n  titles: {de: Korrekturbeleg}\n  inherit: true\n  require: [buyer_tax_id]\n"))
	if _, err := s.carry(in); !slices.Equal(lacks(err), []string{"buyer_tax_id"}) {
		t.Errorf("%v", err)
	}
	dbtest.AsOwner(t, s.db, `update customers set tax_id = 'DE811223344'`)
	memo, err := s.billing.PrintedMemo(t.Context(), s.db, s.carried(in).Memo.ID)
	s.must(err)
	if memo.Heading() != "Korrekturbeleg" {
		t.Errorf("called %q", memo.Heading())
	}
	if n := value[int](t, s.db, `select count(*) from audit_log where what = 'entity.document_rules_set'`); n != 1 {
		t.Errorf("%d audit events", n)
	}
}

// Papers of Singapore and Japan are headed by the words of their law, whatever the language.
func TestHeadingsFollowTheLaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, taxID, language, memo, account, debit string }{
		{"SG", "M9-0012345-6", "en", "Credit note", "Credit note", "Tax invoice"},
		{"SG", "M9-0012345-6", "de", "Credit note", "Credit note", "Tax invoice"},
		{"JP", "T9810456723001", "ja", "適格返還請求書", "クレジットノート", "適格請求書"},
		{"JP", "T9810456723001", "en", "Qualified return invoice", "Credit memo", "Qualified invoice"},
		{"DE", "DE318842071", "de", "Rechnungskorrektur", "Kaufmännische Gutschrift", "Nachbelastung"},
		{"DE", "DE318842071", "en", "Credit memo", "Credit memo", "Debit memo"},
		{"PT", "PT123456789", "pt", "Nota de crédito", "Nota de crédito", "Nota de débito"},
	} {
		t.Run(c.country+" "+c.language, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			i := s.issue(s.invoice("EUR", line("200", "10")))
			s.abroad(c.country, c.taxID, c.language)
			memo := s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("100")}))
			account := s.carried(billing.AdjustmentInput{Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Lines: []billing.AdjustLine{
				{Description: "Goodwill", Amount: d("20"), Tax: billing.LineTax{Category: "S", Rate: d("10")}},
			}})
			debit := s.carried(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("5", "10")}}})
			for want, posted := range map[string]billing.Posted{c.memo: memo, c.account + " ": account} {
				m, err := s.billing.PrintedMemo(t.Context(), s.db, posted.Memo.ID)
				s.must(err)
				if m.Heading() != strings.TrimSpace(want) {
					t.Errorf("credit memo is called %q, want %q", m.Heading(), want)
				}
			}
			m, err := s.billing.PrintedDebit(t.Context(), s.db, debit.Invoice.ID)
			s.must(err)
			if m.Heading() != c.debit {
				t.Errorf("debit memo is called %q, want %q", m.Heading(), c.debit)
			}
		})
	}
}

// In foreign currency the tax stands in the entity's own too, on what is credited and on what is charged.
func TestForeignTaxIsStatedAtHome(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("USD", line("100", "19")))
	memo := s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	debit := s.carried(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("5", "19")}}})
	m, err := s.billing.PrintedMemo(t.Context(), s.db, memo.Memo.ID)
	s.must(err)
	b, err := s.billing.PrintedDebit(t.Context(), s.db, debit.Invoice.ID)
	s.must(err)
	if m.HomeTax == nil || m.HomeTax.Tax.String() != "1.52 EUR" || b.HomeTax == nil || b.HomeTax.Tax.String() != "0.76 EUR" {
		t.Errorf("credit %+v, debit %+v", m.HomeTax, b.HomeTax)
	}
	untaxed := line("100", "0")
	untaxed.TaxCategory = "G"
	export := s.issue(s.invoice("USD", untaxed))
	s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: export.ID, ReasonCode: "overcharge", Whole: true})
}
