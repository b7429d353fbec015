package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/money"
)

// The warnings an agent finds on a case.
const (
	WarnUnknownSender  = "intake.unknown_sender"
	WarnSharedDomain   = "intake.shared_domain"
	WarnPassedOn       = "intake.passed_on" // by a group under its own address; nobody we trust has seen the sender write
	WarnFailedDMARC    = "intake.sender_failed_dmarc"
	WarnForeignInvoice = "intake.foreign_invoice"
	WarnSimilarCase    = "intake.similar_case"
	WarnAnswersMail    = "intake.answers_mail"   // of ours that nobody asked for, such as a statement of account
	WarnSameMatter     = "intake.same_matter"    // suggests to join the case named by number
	WarnNamesCustomer  = "intake.names_customer" // suggests to link the customer named by account
	WarnBounced        = "intake.bounced"
	WarnDoubtfulReport = "intake.doubtful_report" // a report of a bounce that anybody may have written
)

// openTx opens the case of a message: tied to its customer and invoices, in dispute where the message says clearly of
// what and how much, and acknowledged once.
func (h *handling) openTx(ctx context.Context, d Decision, follows *cases.ID) (cases.Case, error) {
	var s sender
	var err error
	if d.Trusted {
		if s, err = h.senderTx(ctx); err != nil {
			return cases.Case{}, err
		}
	}
	answered, err := h.answeredTx(ctx, d)
	if err != nil {
		return cases.Case{}, err
	}
	whose, err := h.whoseTx(ctx, s, follows)
	if err != nil {
		return cases.Case{}, err
	}
	if s.customer != nil {
		s.customer = whose.customer // what is named has to concern whose case it is
	}
	matches, err := h.matchTx(ctx, s)
	if err != nil {
		return cases.Case{}, err
	}
	warnings, again, err := h.warningsTx(ctx, s, matches, d.Trusted)
	if err != nil {
		return cases.Case{}, err
	}
	var disputes []cases.NewDispute
	if !again && !h.Quiet { // the same claim made twice would be held twice, and one of the past is settled
		if disputes, err = h.disputesTx(ctx, matches); err != nil {
			return cases.Case{}, err
		}
	}
	if answered != nil {
		warnings = append(warnings, cases.Warning{Key: WarnAnswersMail, Params: map[string]string{"subject": answered.Subject, "day": answered.CreatedAt.Format(time.DateOnly)}})
	}
	c, err := h.cases.OpenTx(ctx, h.tx, h.opening(d, s, found{matches, warnings, disputes, whose}))
	if err != nil {
		return cases.Case{}, fmt.Errorf("open case: %w", err)
	}
	if answered != nil {
		if err := h.inbox.AnswerTx(ctx, h.tx, answered.ID, int64(c.ID)); err != nil {
			return cases.Case{}, err
		}
	}
	if err := h.keepSortingTx(ctx, &c.ID); err != nil {
		return cases.Case{}, err
	}
	return c, nil
}

// answeredTx is the mail of ours without a case that a message answers; nil for most.
func (h *handling) answeredTx(ctx context.Context, d Decision) (*inbox.OutgoingMessage, error) {
	names := h.refersTo()
	if !d.Trusted || len(names) == 0 {
		return nil, nil //nolint:nilnil // it answers nothing, or nobody knows who writes
	}
	return h.inbox.UnaskedTo(ctx, h.tx, names, h.from().Address)
}

// found is what a message turned out to be about.
type found struct {
	matches  Matches
	warnings []cases.Warning
	disputes []cases.NewDispute
	whose    party
}

// party is whose case a message opens: the sender's, or where it continues a closed one that one's, whoever of those who take part wrote.
type party struct {
	customer *billing.Customer
	entity   *billing.EntityID
	follows  *cases.ID // the closed case
}

// own is what a message opens that continues no other.
func (h *handling) own(s sender) party { return party{customer: s.customer, entity: h.entityID(s)} }

func (h *handling) whoseTx(ctx context.Context, s sender, follows *cases.ID) (party, error) {
	whose := h.own(s)
	if whose.follows = follows; follows == nil {
		return whose, nil
	}
	before, err := h.cases.CaseByID(ctx, h.tx, *follows, system())
	if err != nil {
		return whose, fmt.Errorf("read case that is followed: %w", err)
	}
	if before.CustomerID != nil {
		customer, err := h.billing.CustomerByID(ctx, h.tx, *before.CustomerID)
		if err != nil {
			return whose, fmt.Errorf("read customer of case that is followed: %w", err)
		}
		whose.customer, whose.entity = &customer, &customer.EntityID
	}
	if before.EntityID != nil && (before.CustomerID != nil || whose.customer == nil) {
		whose.entity = before.EntityID
	}
	return whose, nil
}

// opening is the case that a message opens.
func (h *handling) opening(d Decision, s sender, f found) cases.OpenInput {
	message := h.message(s.trust(h.dmarc))
	message.Machine = false // a partner system's mail opens a case like a person's
	in := cases.OpenInput{
		Type: h.verdict.Type, Subject: h.subject(), Topic: h.verdict.Topic, Language: h.msg.Language, EntityID: f.whose.entity,
		TeamID: h.verdict.TeamID, Tags: h.verdict.Tags,
		Source: h.source(), Participants: h.people(s), Invoices: f.matches.Links, Disputes: f.disputes, Warnings: f.warnings,
		Message: &message, Follows: f.whose.follows, Acknowledge: h.acknowledgement(d), By: system(), ReceivedAt: h.receivedAt(),
		Past: h.Quiet,
	}
	in.Priority, in.PriorityReason = h.urgency()
	if c := f.whose.customer; c != nil {
		in.CustomerID, in.Customer = &c.ID, c
	}
	if s.contact != nil && s.contact.CustomerID == *in.CustomerID {
		in.ContactID = &s.contact.ID
	}
	return in
}

// acknowledgement is the one automatic answer a new case may have, nil when it has none.
func (h *handling) acknowledgement(d Decision) *cases.AcknowledgeInput {
	if !d.Acknowledge {
		return nil
	}
	in := cases.AcknowledgeInput{InReplyTo: inbox.Bracketed(h.msg.MessageID)}
	for _, ref := range append(slices.Clone(h.msg.References), h.msg.MessageID) {
		if ref = inbox.Bracketed(ref); ref != "" {
			in.References = append(in.References, ref)
		}
	}
	return &in
}

// matchTx looks up the invoices the message names. For a sender who is nobody's there is nothing to look up: a number
// one knows is no proof of being its customer.
func (h *handling) matchTx(ctx context.Context, s sender) (Matches, error) {
	if s.customer == nil {
		return Matches{}, nil
	}
	found, err := h.billing.InvoicesByReference(ctx, h.tx, h.references())
	if err != nil {
		return Matches{}, err
	}
	m := Match(s.customer, found, h.msg)
	if len(m.Links) > 0 {
		return m, nil
	}
	foreign := m.Foreign
	if m, err = h.matchAmountTx(ctx, *s.customer); err != nil {
		return Matches{}, err
	}
	m.Foreign = foreign
	return m, nil
}

// references are the numbers of documents, orders and payments the message names.
func (l letter) references() []string {
	return slices.Concat(l.msg.Refs.Invoices, l.msg.Refs.PurchaseOrders, l.msg.Refs.Payments)
}

// matchAmountTx finds the one invoice that total, day and customer point to. Of several none is linked.
func (h *handling) matchAmountTx(ctx context.Context, customer billing.Customer) (Matches, error) {
	found, err := h.billing.InvoicesByAmount(ctx, h.tx, h.amounts(customer))
	if err != nil {
		return Matches{}, err
	}
	if m := Match(&customer, found, h.msg); len(m.Links) == 1 {
		return m, nil
	}
	return Matches{}, nil
}

// amounts are what the message says of totals and days.
func (h *handling) amounts(customer billing.Customer) billing.AmountSearch {
	search := billing.AmountSearch{Sender: customer, Days: h.days()}
	for _, stated := range h.msg.Refs.Amounts {
		currency, err := money.ParseCurrency(stated.Currency)
		if err != nil {
			continue
		}
		if amount, err := money.Parse(stated.Amount, currency); err == nil {
			search.Totals = append(search.Totals, amount)
		}
	}
	return search
}

// days are those the message names, its files among it.
func (h *handling) days() []time.Time {
	if len(h.msg.Refs.Amounts) == 0 {
		return nil
	}
	texts := []string{h.msg.Subject, h.msg.Text[:min(len(h.msg.Text), maxSorted)]}
	for _, a := range h.msg.Attachments {
		texts = append(texts, string(a.Content[:min(len(a.Content), maxSorted)]))
	}
	return Days(strings.Join(texts, "\n"))
}

// disputesTx makes the one dispute line that is certain: one invoice, one amount, a reason that exists.
func (h *handling) disputesTx(ctx context.Context, m Matches) ([]cases.NewDispute, error) {
	if !h.claims(m) {
		return nil, nil
	}
	contestable, err := h.billing.Contestable(ctx, h.tx, m.Invoices[0].ID, nil)
	if err != nil {
		return nil, fmt.Errorf("read what may be contested: %w", err)
	}
	return h.claim(m, contestable), nil
}

// claims tells whether the message disputes one invoice for a reason that exists and names an amount.
func (h *handling) claims(m Matches) bool {
	return h.verdict.Type == cases.Dispute && h.desk.Reason(h.verdict.Reason) != "" && len(m.Invoices) == 1 && !m.Beside && len(h.msg.Refs.Amounts) > 0
}

// claim is what it disputes of the invoice, if that is clear.
func (h *handling) claim(m Matches, contestable decimal.Decimal) []cases.NewDispute {
	invoice := m.Invoices[0]
	amount, ok := contested(invoice, contestable, h.msg.Refs.Amounts)
	if !ok {
		return nil
	}
	return []cases.NewDispute{{
		InvoiceID: invoice.ID, Contested: amount, ReasonCode: h.desk.Reason(h.verdict.Reason), Claim: cut(h.msg.ReplyText, maxClaim),
	}}
}

// warningsTx says what the agent should know before believing the message, and whether the contact has written of the
// same invoice before in a case that is still open.
func (h *handling) warningsTx(ctx context.Context, s sender, m Matches, trusted bool) (out []cases.Warning, again bool, err error) {
	var suggested []cases.Warning
	if s.customer == nil && !s.shared && trusted && h.dmarc != Fail {
		if suggested, err = h.suggestTx(ctx); err != nil {
			return nil, false, err
		}
	}
	var about []cases.Case
	if len(m.Invoices) > 0 {
		if about, err = h.cases.OpenCasesAbout(ctx, h.tx, m.about(s)); err != nil {
			return nil, false, fmt.Errorf("look for similar cases: %w", err)
		}
	}
	similar, again := s.similar(about)
	return slices.Concat(h.doubts(s), suggested, m.foreign(), similar), again, nil
}

// doubts are what speaks against the sender being who they say, or against knowing whose mail it is.
func (h *handling) doubts(s sender) []cases.Warning {
	params := map[string]string{"sender": h.from().Address, "references": h.named()}
	switch {
	case h.unvouched():
		params["group"] = h.rewritten.group.Address
		return []cases.Warning{{Key: WarnPassedOn, Params: params}}
	case h.dmarc == Fail:
		return []cases.Warning{{Key: WarnFailedDMARC, Params: params}}
	case s.shared:
		return []cases.Warning{{Key: WarnSharedDomain, Params: params}}
	case s.customer == nil:
		return []cases.Warning{{Key: WarnUnknownSender, Params: params}}
	}
	return nil
}

// foreign warns of invoices that are not the sender's.
func (m Matches) foreign() []cases.Warning {
	var out []cases.Warning
	for _, number := range m.Foreign {
		out = append(out, foreign(number))
	}
	return out
}

// about are the invoices found, as the cases of their customer are looked up by.
func (m Matches) about(s sender) cases.About {
	about := cases.About{Customer: s.customer.ID}
	for _, invoice := range m.Invoices {
		about.Invoices = append(about.Invoices, invoice.ID)
	}
	return about
}

// suggestTx tells the agent whose account or invoice an unknown sender quotes, if it is one customer's. The sender is told
// nothing and the case is tied to nobody: a number proves nothing.
func (h *handling) suggestTx(ctx context.Context) ([]cases.Warning, error) {
	quoted, err := h.quoted(ctx)
	if err != nil || len(quoted) != 1 {
		return nil, err
	}
	customer, err := h.billing.CustomerByID(ctx, h.tx, quoted[0])
	if err != nil {
		return nil, fmt.Errorf("read quoted customer: %w", err)
	}
	return []cases.Warning{{Key: WarnNamesCustomer, Params: map[string]string{
		"sender": h.from().Address, "references": h.named(), "customer": customer.Name, "account": customer.Account,
	}}}, nil
}

// similar are the open cases about the same invoices. One of the same contact is suggested for joining.
func (s sender) similar(about []cases.Case) (out []cases.Warning, again bool) {
	for _, c := range about[:min(len(about), 3)] {
		w := cases.Warning{Key: WarnSimilarCase, Params: map[string]string{"number": c.Number}}
		if s.contact != nil && c.ContactID != nil && *c.ContactID == s.contact.ID {
			w.Key, again = WarnSameMatter, true
		}
		out = append(out, w)
	}
	return out, again
}

func foreign(number string) cases.Warning {
	return cases.Warning{Key: WarnForeignInvoice, Params: map[string]string{"number": number}}
}

// named lists the references of the message as its sender wrote them.
func (h *handling) named() string {
	refs := slices.Concat(h.msg.Refs.Invoices, h.msg.Refs.Accounts, h.msg.Refs.PurchaseOrders, h.msg.Refs.Payments)
	return strings.Join(refs[:min(len(refs), 10)], ", ")
}

// people are the sender, and those in copy, who get nothing before an agent accepts them.
func (h *handling) people(s sender) []cases.Participant {
	from := h.from()
	first := cases.Participant{Address: from.Address, Name: from.Name, Accepted: true}
	if s.contact != nil {
		first.ContactID = &s.contact.ID
		first.Name = orElse(first.Name, s.contact.Name)
	}
	list := []cases.Participant{first}
	for _, o := range h.others(h.sight.OwnAddresses) {
		list = append(list, cases.Participant{Address: o.Address, Name: o.Name})
	}
	return list
}

func (h *handling) source() string {
	switch h.Source {
	case inbox.SourceWeb:
		return "web"
	case inbox.SourceAPI:
		return "api"
	case inbox.SourceIMAP, inbox.SourceFile:
	}
	return "mail"
}
