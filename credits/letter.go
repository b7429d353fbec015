package credits

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/money"
)

// words is what a letter or a document says about a request beside its figures.
type words struct {
	InvoiceNumber string
	ReasonName    string
}

func readWords(ctx context.Context, r db.Reader, req Request) (words, error) {
	w, err := db.One[words](ctx, r, `select i.number as invoice_number, c.name as reason_name from invoices i, reason_codes c
		where i.id = $1 and c.code = $2`, req.InvoiceID, req.ReasonCode)
	if err != nil {
		return words{}, fmt.Errorf("read words: %w", err)
	}
	return w, nil
}

// forCustomer is what the customer may read: the note meant for them, else the name of the reason. The explanation is
// for approvers only.
func (w words) forCustomer(req Request) string {
	if req.CustomerNote != "" {
		return req.CustomerNote
	}
	return w.ReasonName
}

// addressee is whom the letter about a memo goes to, and what it refers to.
type addressee struct {
	CaseNumber     string
	Subject        string
	ToAddress      string
	ToName         string
	Language       string
	EntityName     string
	Signature      string
	SupportAddress string
	SupportName    string
	TimeZone       string
	InvoiceNumber  string
	Open           decimal.Decimal
	ReasonName     string
	InReplyTo      string
}

// readAddressee finds the case's contact, else the last accepted participant who wrote; ToAddress is "" when there is none.
func readAddressee(ctx context.Context, tx *db.Tx, req Request) (addressee, error) {
	a, err := db.One[addressee](ctx, tx, `select k.number as case_number, k.subject, coalesce(ct.email, w.author_address, '') as to_address,
			coalesce(ct.name, w.author_name, '') as to_name,
			coalesce(nullif(ct.language, ''), nullif(k.language, ''), nullif(c.language, ''), e.language) as language,
			e.name as entity_name, coalesce(nullif(e.signature, ''), e.name) as signature, e.support_address, e.support_name, e.time_zone,
			i.number as invoice_number, o.open, rc.name as reason_name, coalesce(last.message_id, '') as in_reply_to
		from credit_requests r join cases k on k.id = r.case_id join customers c on c.id = r.customer_id
		join legal_entities e on e.id = r.entity_id join invoices i on i.id = r.invoice_id join reason_codes rc on rc.code = r.reason_code
		join open_items o on o.kind = 'invoice' and o.document_id = i.id left join contacts ct on ct.id = k.contact_id
		left join lateral (select m.author_address, m.author_name from case_messages m
			join case_participants p on p.case_id = m.case_id and p.address = lower(m.author_address) and p.accepted
			where m.case_id = k.id and m.kind = 'inbound' and not m.machine order by m.at desc, m.id desc limit 1) w on true
		left join lateral (select message_id from inbound_messages m where m.case_id = k.id and m.message_id <> ''
			and m.fate in ('new_case', 'attached') order by m.id desc limit 1) last on true
		where r.id = $1`, req.ID)
	if err != nil {
		return addressee{}, fmt.Errorf("find addressee: %w", err)
	}
	return a, nil
}

// letterTx queues the letter about a posted memo, to leave once its document is attached, and gives its key. It gives ""
// when there is nobody to write to.
func (s *Service) letterTx(ctx context.Context, tx *db.Tx, req Request, memo billing.CreditMemo, settled []settlement) (string, error) {
	to, err := readAddressee(ctx, tx, req)
	if err != nil {
		return "", err
	}
	if to.ToAddress == "" {
		return "", nil
	}
	letter, err := letters.Write(letters.CreditPosted, to.Language, to.vars(req, memo, settled, tx.Now()))
	if err != nil {
		// The money is right with or without a letter; a person has to write this one.
		s.logger.ErrorContext(ctx, "letter not written", "request_id", int64(req.ID), "error", err.Error())
		return "", s.cases.AddWarningTx(ctx, tx, *req.CaseID, cases.Warning{Key: "credits.letter_not_written", Params: map[string]string{"memo": memo.Number}})
	}
	key := "credit_posted:" + strconv.FormatInt(int64(req.ID), 10)
	mail := inbox.Outgoing{
		Key: key, CaseID: (*int64)(req.CaseID), Kind: string(letters.CreditPosted), Automatic: true,
		FromAddress: to.SupportAddress, FromName: to.SupportName, ToAddress: to.ToAddress, ToName: to.ToName,
		Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML, Language: letter.Lang, AwaitsAttachment: true,
	}
	if to.InReplyTo != "" {
		mail.InReplyTo, mail.References = to.InReplyTo, []string{to.InReplyTo}
	}
	id, err := s.inbox.QueueTx(ctx, tx, mail)
	if err != nil {
		return "", err
	}
	_, err = s.cases.RecordLetterTx(ctx, tx, cases.LetterInput{
		CaseID: *req.CaseID, Kind: string(letters.CreditPosted), OutgoingID: int64(id), To: to.ToAddress,
		Subject: letter.Subject, Body: letter.Text, Language: letter.Lang,
	})
	return key, err
}

func (a addressee) vars(req Request, memo billing.CreditMemo, settled []settlement, now time.Time) letters.CreditPostedVars {
	zone, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	vars := letters.CreditPostedVars{
		Frame: letters.Frame{CaseNumber: a.CaseNumber, Subject: a.Subject, Entity: a.EntityName, Signature: a.Signature},
		Name:  a.ToName, Memo: memo.Number, Amount: memo.Amount(memo.Total), PostedAt: now.In(zone),
		Invoice: a.InvoiceNumber, Open: money.Of(a.Open, memo.Currency), MemoAttached: true,
	}
	w := words{InvoiceNumber: a.InvoiceNumber, ReasonName: a.ReasonName}
	for _, one := range settled {
		line := letters.Line{
			Description: one.line, Outcome: letters.Accepted,
			Contested: one.dispute.Amount(one.dispute.Contested), Credited: one.dispute.Amount(one.credited),
		}
		if one.credited.LessThan(one.dispute.Contested) {
			line.Outcome, line.Explanation = letters.PartlyAccepted, w.forCustomer(req)
		}
		vars.Lines = append(vars.Lines, line)
	}
	return vars
}
