package billing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ExemptionID names a customer's exemption from tax.
type ExemptionID int64

// Exemption is why a customer is charged no tax. It is ended, never changed.
type Exemption struct {
	ID          ExemptionID
	CustomerID  CustomerID
	EntityID    EntityID
	Certificate string
	Reason      string
	ReasonCode  string // of the VATEX list, "" for none
	ValidFrom   time.Time
	ValidTo     *time.Time // the last day; nil while no end is known
	Filename    string
	MediaType   string
	SHA256      []byte `gorm:"column:sha256"`
	AddedAt     time.Time
	AddedBy     int64
	AddedName   string
	EndedAt     *time.Time
}

// exemptionColumns are those without the certificate's file.
const exemptionColumns = `id, customer_id, entity_id, certificate, reason, reason_code, valid_from, valid_to, filename, media_type, sha256, added_at, added_by, added_name, ended_at`

// ValidOn tells whether an invoice of a day may name it.
func (e Exemption) ValidOn(on time.Time) bool {
	return e.EndedAt == nil && !on.Before(e.ValidFrom) && (e.ValidTo == nil || !on.After(*e.ValidTo))
}

// What exemptions refuse.
var (
	ErrNoExemption   = errs.New(errs.NotFound, "billing.no_exemption")
	ErrExemptionHere = errs.New(errs.Conflict, "billing.exemption_here")
)

// maxCertificate is how large the file of a certificate may be.
const maxCertificate = 5 << 20

// NewExemption is an exemption to enter, with its certificate as PDF, PNG or JPEG.
type NewExemption struct {
	By          access.Actor
	Account     string
	Certificate string
	Reason      string
	ReasonCode  string
	ValidFrom   time.Time
	ValidTo     time.Time // zero: no end is known
	Filename    string
	Content     []byte
}

// AddExemption enters why a customer is charged no tax, for a controller. Bad input names the field; ErrExemptionHere when the
// certificate is here already from the same day on.
func (s *Service) AddExemption(ctx context.Context, in NewExemption) (Exemption, error) {
	customer, err := s.CustomerByAccount(ctx, s.db, in.Account)
	if err != nil {
		return Exemption{}, err
	}
	if err := access.Can(in.By, access.KeepCustomers, access.Object{EntityID: int64(customer.EntityID)}); err != nil {
		return Exemption{}, err
	}
	in.Certificate, in.Reason, in.ReasonCode = strings.TrimSpace(in.Certificate), strings.TrimSpace(in.Reason), strings.ToUpper(strings.TrimSpace(in.ReasonCode))
	media := http.DetectContentType(in.Content)
	if fields := in.check(media); len(fields) > 0 {
		return Exemption{}, errs.InvalidFields(fields...)
	}
	sum := sha256.Sum256(in.Content)
	var until *time.Time
	if !in.ValidTo.IsZero() {
		until = new(Date(in.ValidTo))
	}
	var e Exemption
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		list, err := db.List[Exemption](ctx, tx, `insert into tax_exemptions (customer_id, entity_id, certificate, reason, reason_code, valid_from, valid_to, filename, media_type, sha256,
				content, added_at, added_by, added_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			on conflict on constraint exemption_once do nothing returning `+exemptionColumns,
			customer.ID, customer.EntityID, in.Certificate, in.Reason, in.ReasonCode, Date(in.ValidFrom), until, in.Filename, media, sum[:], in.Content, tx.Now(), in.By.UserID, in.By.Name)
		if err != nil {
			return fmt.Errorf("add exemption: %w", err)
		}
		if len(list) == 0 {
			return ErrExemptionHere
		}
		e = list[0]
		tx.Did(fmt.Sprintf("customer.exemption_added %d", e.ID))
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: in.By, What: "customer.exemption_added", Data: map[string]any{
			"account": customer.Account, "exemption": e.ID, "certificate": e.Certificate, "reason_code": e.ReasonCode, "valid_from": e.ValidFrom.Format(time.DateOnly),
			"valid_to": dayOrNone(e.ValidTo), "sha256": hex.EncodeToString(e.SHA256),
		}})
	})
	return e, err
}

func dayOrNone(on *time.Time) string {
	if on == nil {
		return ""
	}
	return on.Format(time.DateOnly)
}

func (in NewExemption) check(media string) []errs.Field {
	var wrong []errs.Field
	say := func(name, key string, params errs.Params) {
		wrong = append(wrong, errs.Field{Name: name, Key: key, Params: params})
	}
	const longCertificate, longReason = 100, 500
	for _, text := range []struct {
		name, value string
		most        int
	}{{"certificate", in.Certificate, longCertificate}, {"reason", in.Reason, longReason}} {
		if text.value == "" {
			say(text.name, "error.required", nil)
		} else if utf8.RuneCountInString(text.value) > text.most {
			say(text.name, "billing.exemption_too_long", errs.Params{"most": fmt.Sprint(text.most)})
		}
	}
	if in.ReasonCode != "" && !ubl.Exempts(in.ReasonCode) {
		say("reason_code", "billing.exemption_bad_code", errs.Params{"code": in.ReasonCode})
	}
	if in.ValidFrom.IsZero() {
		say("valid_from", "error.required", nil)
	}
	if !in.ValidTo.IsZero() && in.ValidTo.Before(in.ValidFrom) {
		say("valid_to", "error.period_ends_before_it_begins", nil)
	}
	switch {
	case len(in.Content) == 0 || in.Filename == "":
		say("file", "error.required", nil)
	case len(in.Content) > maxCertificate || !slices.Contains([]string{PDF, "image/png", "image/jpeg"}, media):
		say("file", "billing.exemption_bad_file", nil)
	}
	return wrong
}

// EndExemption ends an exemption at once: no invoice names it any more. It is harmless when repeated.
func (s *Service) EndExemption(ctx context.Context, by access.Actor, account string, id ExemptionID) error {
	customer, err := s.CustomerByAccount(ctx, s.db, account)
	if err != nil {
		return err
	}
	if err := access.Can(by, access.KeepCustomers, access.Object{EntityID: int64(customer.EntityID)}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		e, err := db.One[Exemption](ctx, tx, `select `+exemptionColumns+` from tax_exemptions where id = $1 and customer_id = $2 for update`, id, customer.ID)
		if e, err = found(e, err, ErrNoExemption, "read exemption"); err != nil || e.EndedAt != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update tax_exemptions set ended_at = $2, ended_by = $3 where id = $1`, id, tx.Now(), by.UserID); err != nil {
			return fmt.Errorf("end exemption: %w", err)
		}
		tx.Did(fmt.Sprintf("customer.exemption_ended %d", id))
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: by, What: "customer.exemption_ended", Data: map[string]any{
			"account": customer.Account, "exemption": id, "certificate": e.Certificate,
		}})
	})
}

// Exemptions lists a customer's exemptions, the newest first.
func (s *Service) Exemptions(ctx context.Context, r db.Reader, customer CustomerID) ([]Exemption, error) {
	list, err := db.List[Exemption](ctx, r, `select `+exemptionColumns+` from tax_exemptions where customer_id = $1 order by valid_from desc, id desc`, customer)
	if err != nil {
		return nil, fmt.Errorf("list exemptions: %w", err)
	}
	return list, nil
}

// ExemptionFile reads the certificate of a customer's exemption.
func (s *Service) ExemptionFile(ctx context.Context, r db.Reader, customer CustomerID, id ExemptionID) (Exemption, []byte, error) {
	file, err := db.One[struct {
		Exemption

		Content []byte
	}](ctx, r, `select `+exemptionColumns+`, content from tax_exemptions where id = $1 and customer_id = $2`, id, customer)
	if errors.Is(err, db.ErrNoRow) {
		return Exemption{}, nil, ErrNoExemption
	}
	if err != nil {
		return Exemption{}, nil, fmt.Errorf("read certificate: %w", err)
	}
	return file.Exemption, file.Content, nil
}

// exempt gives exempt lines their exemption: the one whose certificate they name, which has to hold on the day of the invoice, else
// the only one that the customer has on that day. What was approved keeps the one it was approved with, and has to hold still; what was
// issued elsewhere names none.
func (b *issuing) exempt(ctx context.Context, in []invoiceOrder) error {
	var customers []CustomerID
	for i, n := range in {
		if n.imported == nil && slices.ContainsFunc(n.Lines, NewLine.concernsExemption) {
			customers = append(customers, b.drafts[i].CustomerID)
		}
	}
	if len(customers) == 0 {
		return nil
	}
	list, err := db.List[Exemption](ctx, b.tx, `select `+exemptionColumns+` from tax_exemptions where customer_id = any ($1) order by id for share`, customers)
	if err != nil {
		return fmt.Errorf("read exemptions: %w", err)
	}
	for i, n := range in {
		if n.imported != nil {
			continue
		}
		d := &b.drafts[i]
		if fields := d.priced.exempt(n.Lines, exemptionsFor(list, d.CustomerID, d.EntityID), d.IssuedOn, n.stated != nil); len(fields) > 0 {
			return errs.InvalidFields(fields...)
		}
	}
	return nil
}

func exemptionsFor(list []Exemption, customer CustomerID, entity EntityID) []Exemption {
	return slices.DeleteFunc(slices.Clone(list), func(e Exemption) bool { return e.CustomerID != customer || e.EntityID != entity })
}

func (l NewLine) concernsExemption() bool {
	return l.Exemption != "" || l.TaxCategory == document.Exempt
}

// exempt gives the lines their exemption out of a customer's. Where they were approved, none that they did not have by then is guessed.
func (p *priced) exempt(lines []NewLine, list []Exemption, on time.Time, approved bool) []errs.Field {
	holds := slices.DeleteFunc(slices.Clone(list), func(e Exemption) bool { return !e.ValidOn(on) })
	var wrong []errs.Field
	for i, l := range lines {
		name, given := strings.TrimSpace(l.Exemption), p.Lines[i].ExemptionID
		if at := slices.IndexFunc(list, func(e Exemption) bool { return given != nil && e.ID == *given }); at >= 0 {
			name = list[at].Certificate
		}
		at := slices.IndexFunc(holds, func(e Exemption) bool { return e.Certificate == name && (given == nil || e.ID == *given) })
		switch {
		case !l.concernsExemption():
		case l.TaxCategory != document.Exempt:
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("lines.%d.tax_category", i), Key: "billing.exemption_wants_category"})
		case at >= 0:
			p.Lines[i].ExemptionID = &holds[at].ID
		case name != "":
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("lines.%d.exemption", i), Key: "billing.exemption_not_valid", Params: errs.Params{
				"certificate": name, "on": on.Format(time.DateOnly),
			}})
		case len(holds) == 1 && !approved:
			p.Lines[i].ExemptionID = &holds[0].ID
		}
	}
	return wrong
}

// exemptGround is why lines of an exempt tax are that: an exemption, or none of them named.
type exemptGround struct {
	Code        string
	Rate        decimal.Decimal
	Certificate string // "" where lines name none
	Reason      string
	ReasonCode  string
}

// exemptGrounds reads why the exempt lines of an invoice are that, those of a memo's lines where one is given.
func exemptGrounds(ctx context.Context, r db.Reader, invoice InvoiceID, memo MemoID) ([]exemptGround, error) {
	list, err := db.List[exemptGround](ctx, r, `select t.code, t.rate, coalesce(x.certificate, '') as certificate, coalesce(x.reason, '') as reason, coalesce(x.reason_code, '') as reason_code
		from invoice_lines l join invoice_line_taxes m on m.invoice_line_id = l.id join invoice_taxes t on t.id = m.invoice_tax_id left join tax_exemptions x on x.id = l.exemption_id
		where l.invoice_id = $1 and t.category = 'E' and ($2::bigint = 0 or exists (select from credit_memo_lines c where c.credit_memo_id = $2 and c.invoice_line_id = l.id))
		group by t.code, t.rate, x.id order by x.id`, invoice, memo)
	if err != nil {
		return nil, fmt.Errorf("read exemptions of lines: %w", err)
	}
	return list, nil
}

// exempted completes each exempt tax of a paper with the exemptions that its lines name, by certificate. Lines that name none keep the
// entity's own reason, which stands there.
func exempted(taxes []document.TaxGroup, list []exemptGround) {
	for i := range taxes {
		if taxes[i].Category != document.Exempt {
			continue
		}
		var reasons, codes []string
		for _, g := range list {
			switch {
			case g.Code != taxes[i].Code || !g.Rate.Equal(taxes[i].Rate):
				continue
			case g.Certificate != "":
				reasons = append(reasons, g.Reason+" ("+g.Certificate+")")
			case taxes[i].Note != "":
				reasons = append(reasons, taxes[i].Note)
			}
			codes = append(codes, g.ReasonCode)
		}
		if len(reasons) == 0 {
			continue
		}
		taxes[i].Note, taxes[i].NoteCode = strings.Join(reasons, "; "), ""
		if len(slices.Compact(codes)) == 1 { // several reasons have no one code
			taxes[i].NoteCode = codes[0]
		}
	}
}

// hasExempt tells whether a paper has an exempt tax, so that others need not look for exemptions.
func hasExempt(taxes []document.TaxGroup) bool {
	return slices.ContainsFunc(taxes, func(t document.TaxGroup) bool { return t.Category == document.Exempt })
}
