package credits

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/cases"
	"makegood/cases/letterbook"
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

// forCustomer is what the customer may read: the note meant for them, else the name of the reason. The explanation is
// for approvers only.
func (w words) forCustomer(req Request) string {
	if req.CustomerNote != "" {
		return req.CustomerNote
	}
	return w.ReasonName
}

// addressee is whom the letter about what was posted goes to, and what it refers to.
type addressee struct {
	ID             ID // of the request
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
	Held           decimal.Decimal // by disputes that go on: those that the request decides are released right after
	Account        string          // whose invoice it is
	PaymentLink    dunning.PayLink
	ReasonName     string
	InReplyTo      string
}

// readAddressees finds, for each request with a case, the case's contact, else the last accepted participant who wrote;
// ToAddress is "" when there is none.
func readAddressees(ctx context.Context, tx *db.Tx, ids []ID) ([]addressee, error) {
	list, err := db.List[addressee](ctx, tx, `select r.id, k.number as case_number, k.subject, coalesce(ct.email, w.author_address, '') as to_address,
			coalesce(ct.name, w.author_name, '') as to_name,
			said.language,
			e.name as entity_name, coalesce(nullif(e.signature, ''), e.name) as signature, e.support_address, e.support_name, e.time_zone,
			coalesce(i.number, '') as invoice_number, coalesce(o.open, 0) as open, case when cp.payment_link <> '' then coalesce((select sum(h.amount) from holds h where h.invoice_id = i.id and h.released_at is null
				and not exists (select from credit_request_lines l where l.credit_request_id = r.id and l.dispute_line_id = h.dispute_line_id)), 0) + said_disputed(i.id, $2) else 0 end as held,
			coalesce(b.account, '') as account,
			coalesce(cp.payment_link, '') as payment_link, wording_of(rc, said.language) as reason_name, coalesce(last.message_id, '') as in_reply_to
		from credit_requests r join cases k on k.id = r.case_id join legal_entities e on e.id = r.entity_id
		join reason_codes rc on rc.code = r.reason_code left join customers c on c.id = r.customer_id left join invoices i on i.id = r.invoice_id
		left join open_items o on o.kind = 'invoice' and o.document_id = i.id left join customers b on b.id = i.customer_id
		left join collection_policies cp on cp.entity_id = i.entity_id left join contacts ct on ct.id = k.contact_id and ct.retired_at is null and ct.customer_id = k.customer_id
		cross join lateral (select coalesce(nullif(ct.language, ''), nullif(k.language, ''), nullif(c.language, ''), e.language) as language) said
		left join lateral (select m.author_address, m.author_name from case_messages m
			join case_participants p on p.case_id = m.case_id and p.address = lower(m.author_address) and p.accepted
			where m.case_id = k.id and m.kind = 'inbound' and not m.machine order by m.at desc, m.id desc limit 1) w on true
		left join lateral (select message_id from inbound_messages m where m.case_id = k.id and m.message_id <> ''
			and m.fate in ('new_case', 'attached') order by m.id desc limit 1) last on true
		where r.id = any ($1)`, ids, tx.Now())
	if err != nil {
		return nil, fmt.Errorf("find addressees: %w", err)
	}
	return list, nil
}

// addressTx finds whom to write to about each posting, and in which words.
func addressTx(ctx context.Context, tx *db.Tx, list []*posting) error {
	ids := make([]ID, len(list))
	for i, p := range list {
		ids[i] = p.req.ID
	}
	addressees, err := readAddressees(ctx, tx, ids)
	if err != nil {
		return err
	}
	book, err := bookOf(ctx, tx, list)
	if err != nil {
		return err
	}
	for _, p := range list {
		p.book = book
	}
	for i := range addressees {
		list[slices.Index(ids, addressees[i].ID)].to = &addressees[i]
	}
	return nil
}

// writeLettersTx queues the letters about what was posted, to leave once their documents are attached where they have
// one. A posting has none when the customer gets no letter of it, or when there is nobody to write to.
func (s *Service) writeLettersTx(ctx context.Context, tx *db.Tx, list []*posting) error {
	if err := addressTx(ctx, tx, list); err != nil {
		return err
	}
	var mails []inbox.Outgoing
	var with []*posting
	for _, p := range list {
		mail, letter, err := p.write(tx.Now())
		if err != nil {
			// The money is right with or without a letter; a person has to write this one.
			s.logger.ErrorContext(ctx, "letter not written", "request_id", int64(p.req.ID), "error", err.Error())
			p.warnings = append(p.warnings, cases.Warning{Key: "credits.letter_not_written", Params: map[string]string{"memo": p.posted.Document.Number}})
		}
		if letter != nil {
			p.letter, p.key = letter, mail.Key
			mails, with = append(mails, mail), append(with, p)
		}
	}
	queued, err := s.inbox.QueueAllTx(ctx, tx, mails)
	if err != nil {
		return err
	}
	for i, p := range with {
		p.letter.OutgoingID = int64(queued[i])
	}
	return nil
}

// bookOf are the words in force for letters about postings.
func bookOf(ctx context.Context, tx *db.Tx, list []*posting) (letterbook.Book, error) {
	ids := make([]billing.EntityID, len(list))
	for i, p := range list {
		ids[i] = p.req.EntityID
	}
	return letterbook.Load(ctx, tx, []letters.Kind{letters.CreditPosted, letters.DebitPosted, letters.RefundPosted}, ids...)
}

// write writes the letter about a posting: the mail, and what the conversation shows of it; nil when there is none.
func (p *posting) write(now time.Time) (inbox.Outgoing, *cases.LetterInput, error) {
	req, to := p.req, p.to
	kind, vars := to.about(req, p.posted, p.settled, now)
	if kind == "" || to.ToAddress == "" {
		return inbox.Outgoing{}, nil, nil
	}
	letter, err := p.book.Write(req.EntityID, kind, to.Language, vars)
	if err != nil {
		return inbox.Outgoing{}, nil, fmt.Errorf("write letter: %w", err)
	}
	mail := inbox.Outgoing{
		Key: letterKey(kind, req.ID), CaseID: (*int64)(req.CaseID), Kind: string(kind), Automatic: true,
		FromAddress: to.SupportAddress, FromName: to.SupportName, ToAddress: to.ToAddress, ToName: to.ToName,
		Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML, Language: letter.Lang, LetterVersionID: letter.Version,
		AwaitsAttachment: hasDocument(p.posted.Document.Kind),
	}
	if to.InReplyTo != "" {
		mail.InReplyTo, mail.References = to.InReplyTo, []string{to.InReplyTo}
	}
	return mail, &cases.LetterInput{
		CaseID: *req.CaseID, Kind: string(kind), To: to.ToAddress, Subject: letter.Subject, Body: letter.Text, Language: letter.Lang,
	}, nil
}

// letterKey is why a letter exists, so that it is written once.
func letterKey(kind letters.Kind, id ID) string {
	return string(kind) + ":" + strconv.FormatInt(int64(id), 10)
}

// about is which letter tells of a posted document, and what it says; "" for none.
func (a addressee) about(req Request, posted billing.Posted, settled []settlement, now time.Time) (letters.Kind, any) {
	zone, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	now = now.In(zone)
	switch posted.Document.Kind {
	case billing.MemoDoc:
		return letters.CreditPosted, a.credit(req, posted, settled, now)
	case billing.DebitDoc:
		return letters.DebitPosted, a.debit(req, *posted.Invoice, now)
	case billing.RefundDoc:
		return letters.RefundPosted, a.refund(req, *posted.Refund, now)
	case billing.WriteOffDoc, billing.TransferDoc, billing.ReversalDoc, billing.InvoiceDoc:
	}
	return "", nil
}

func (a addressee) frame() letters.Frame {
	return letters.Frame{CaseNumber: a.CaseNumber, Subject: a.Subject, Entity: a.EntityName, Signature: a.Signature}
}

func (a addressee) words() words {
	return words{InvoiceNumber: a.InvoiceNumber, ReasonName: a.ReasonName}
}

func (a addressee) credit(req Request, posted billing.Posted, settled []settlement, now time.Time) letters.CreditPostedVars {
	memo := posted.Memo
	vars := letters.CreditPostedVars{
		Frame: a.frame(), Name: a.ToName, Memo: memo.Number, Amount: memo.Amount(memo.Total), PostedAt: now,
		Invoice: a.InvoiceNumber, Open: money.Of(a.Open, memo.Currency), MemoAttached: hasDocument(billing.MemoDoc), Refunded: memo.Amount(memo.ToRefund),
	}
	held := a.Held
	for _, one := range settled { // what was contested this morning and is not credited is not asked for on the day its hold ends
		held = held.Add(decimal.Max(decimal.Zero, one.dispute.Contested.Sub(one.credited)))
	}
	pay := money.Of(billing.OpenItem{Open: a.Open, Held: held}.Collectible(), memo.Currency)
	if vars.PayLink = a.PaymentLink.For(dunning.Pay{Amount: pay, Reference: a.InvoiceNumber, Account: a.Account}); vars.PayLink != "" {
		vars.PayNow = pay
	}
	if posted.Invoice == nil { // of a rebill the new invoice takes it
		vars.Kept = memo.Amount(memo.ToBalance)
	} else {
		vars.NewInvoice, vars.NewAmount = posted.Invoice.Number, posted.Invoice.Amount(posted.Invoice.Total)
	}
	for _, one := range settled {
		line := letters.Line{
			Description: one.line, Outcome: letters.Accepted,
			Contested: one.dispute.Amount(one.dispute.Contested), Credited: one.dispute.Amount(one.credited),
		}
		if one.credited.LessThan(one.dispute.Contested) {
			line.Outcome, line.Explanation = letters.PartlyAccepted, a.words().forCustomer(req)
		}
		vars.Lines = append(vars.Lines, line)
	}
	return vars
}

func (a addressee) debit(req Request, memo billing.Invoice, now time.Time) letters.DebitPostedVars {
	return letters.DebitPostedVars{
		Frame: a.frame(), Name: a.ToName, Memo: memo.Number, Amount: memo.Amount(memo.Total), PostedAt: now, DueOn: memo.DueOn,
		Reason: a.words().forCustomer(req), Invoice: a.InvoiceNumber, Attached: hasDocument(billing.DebitDoc),
	}
}

func (a addressee) refund(req Request, refund billing.Refund, now time.Time) letters.RefundPostedVars {
	vars := letters.RefundPostedVars{
		Frame: a.frame(), Name: a.ToName, Refund: refund.Number, Amount: money.Of(refund.Amount, refund.Currency), PostedAt: now,
		Destination: refund.Destination, Attached: hasDocument(billing.RefundDoc),
	}
	for _, item := range req.Content.Items {
		vars.From = append(vars.From, item.Number)
	}
	return vars
}
