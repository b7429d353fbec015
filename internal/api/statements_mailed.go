package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/cases/statements"
	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// StatementAsked is a statement to be mailed.
type StatementAsked struct {
	Contact  int64  `json:"contact,omitempty" query:"contact" doc:"one of the customer's people; whom its settings say without it, else the first whose mail arrives"`
	From     string `json:"from,omitempty" query:"from" doc:"three months back without it"`
	To       string `json:"to,omitempty" query:"to" doc:"today without it"`
	Currency string `json:"currency,omitempty" query:"currency" doc:"without it one paper for each currency in which something is open"`
}

// StatementLetter is a statement as it would be mailed.
type StatementLetter struct {
	To         string   `json:"to,omitempty"`
	Contact    int64    `json:"contact,omitempty"`
	LeftOut    string   `json:"left_out,omitempty" enum:"no_contact,dead_address" doc:"why it cannot be sent: nobody is known, or mail to them comes back"`
	Sender     string   `json:"sender"`
	Subject    string   `json:"subject"`
	Text       string   `json:"text"`
	Language   string   `json:"language"`
	Currencies []string `json:"currencies" doc:"one paper is attached for each"`
}

// MailedStatement is a statement that was mailed, and how its mail fared.
type MailedStatement struct {
	ID      int64      `json:"id" doc:"of the mail, as in /intake/out"`
	State   string     `json:"state" enum:"queued,sending,sent,bounced,failed,unknown,cancelled,stopped"`
	To      string     `json:"to"`
	Month   string     `json:"month,omitempty" doc:"whose round it belongs to; absent for what a person sent"`
	By      string     `json:"by,omitempty" doc:"who sent it"`
	MadeAt  time.Time  `json:"made_at"`
	Leaves  *time.Time `json:"leaves_at,omitempty" doc:"it can be taken back until then, and while it waits"`
	SentAt  *time.Time `json:"sent_at,omitempty"`
	Problem string     `json:"problem,omitempty" doc:"the server's words"`
}

// RoundStatement is a customer of a month's round: who got a statement and how it fared, or why not.
type RoundStatement struct {
	Customer string    `json:"customer" doc:"account number"`
	Name     string    `json:"name"`
	LeftOut  string    `json:"left_out,omitempty" enum:"no_contact,dead_address,not_drawn" doc:"absent for who got one"`
	State    string    `json:"state,omitempty" enum:"queued,sending,sent,bounced,failed,unknown,cancelled,stopped" doc:"of the mail"`
	To       string    `json:"to,omitempty"`
	MadeAt   time.Time `json:"made_at"`
}

// StatementReader says whether a customer wants statements each month.
type StatementReader struct {
	Wanted  bool  `json:"wanted"`
	Contact int64 `json:"contact,omitempty" doc:"who gets them; without it the first of the customer's people whose mail arrives"`
	Version int   `json:"version" doc:"as it was read, 0 when nothing was said yet; a stale one is refused with 409"`
}

// StatementRuleBody says whether a legal entity sends statements each month.
type StatementRuleBody struct {
	Active  bool `json:"active" doc:"to the customers who want them and have something open"`
	OnDay   int  `json:"on_day" doc:"of each month, 1 to 31; one that a month does not have is its last"`
	Version int  `json:"version" doc:"as it was read, 0 when nothing was set yet; a stale one is refused with 409"`
}

// StatementRule is that of one legal entity.
type StatementRule struct {
	Entity string `json:"entity" doc:"its code"`
	Name   string `json:"name"`
	Wanted int    `json:"wanted" doc:"how many customers want statements"`
	StatementRuleBody
}

// StatementRound is what was sent in a month, and to whom nothing was.
type StatementRound struct {
	Month      string           `json:"month"`
	BeganAt    *time.Time       `json:"began_at,omitempty"`
	EndedAt    *time.Time       `json:"ended_at,omitempty"`
	Sent       int              `json:"sent"`
	LeftOut    map[string]int   `json:"left_out" doc:"how many got none, by reason"`
	Items      []RoundStatement `json:"items"`
	NextCursor string           `json:"next_cursor,omitempty"`
}

type (
	statementLetterIn struct {
		CustomerRef
		StatementAsked
	}
	sendStatementIn struct {
		CustomerRef
		Body StatementAsked
	}
	mailedRef struct {
		CustomerRef
		ID int64 `path:"id"`
	}
	setStatementReaderIn struct {
		CustomerRef
		Body StatementReader
	}
	setStatementRuleIn struct {
		Signed
		Entity string `path:"entity" example:"DE"`
		Body   StatementRuleBody
	}
	statementRoundIn struct {
		Signed
		Paging
		Entity  string `path:"entity" example:"DE"`
		Month   string `query:"month" example:"2026-11" doc:"this one without it"`
		LeftOut bool   `query:"left_out" doc:"only those who got none"`
	}

	statementLetterOut struct{ Body StatementLetter }
	mailedOut          struct{ Body MailedStatement }
	statementReaderOut struct{ Body StatementReader }
	statementRuleOut   struct{ Body StatementRule }
	statementRoundOut  struct{ Body StatementRound }
)

func (h *handlers) mailedStatements(api huma.API) {
	const tag = "customers"
	add(h, api, operation[statementLetterIn, statementLetterOut]{at(http.MethodGet, "/customers/{account}/statement/letter", "preview-statement-mail", "Read what a statement by mail would say, and to whom; nothing is kept", tag), h.statementLetter})
	add(h, api, operation[sendStatementIn, mailedOut]{created("/customers/{account}/statement", "mail-statement", "Mail a statement of account to one of the customer's people, with the papers as they are kept", tag), h.sendStatement})
	add(h, api, operation[CustomerRef, listOut[MailedStatement]]{at(http.MethodGet, "/customers/{account}/statement/mails", "list-statement-mails", "List the statements mailed to a customer, the latest first", tag), h.listMailed})
	add(h, api, operation[mailedRef, mailedOut]{at(http.MethodPost, "/customers/{account}/statement/mails/{id}/take-back", "take-back-statement-mail", "Keep a statement from leaving that has not left yet", tag), h.takeBackStatement})
	add(h, api, operation[CustomerRef, statementReaderOut]{at(http.MethodGet, "/customers/{account}/statement/reader", "get-statement-reader", "Whether a customer wants statements each month", tag), h.statementReader})
	add(h, api, operation[setStatementReaderIn, statementReaderOut]{at(http.MethodPut, "/customers/{account}/statement/reader", "set-statement-reader", "Say whether a customer wants statements each month", tag), h.setStatementReader})
	add(h, api, operation[Signed, listOut[StatementRule]]{at(http.MethodGet, "/statement-rules", "list-statement-rules", "Which legal entities send statements each month, and when", "entities"), h.statementRules})
	add(h, api, operation[setStatementRuleIn, statementRuleOut]{at(http.MethodPut, "/statement-rules/{entity}", "set-statement-rule", "Say whether a legal entity sends statements each month, and when", "entities"), h.setStatementRule})
	add(h, api, operation[statementRoundIn, statementRoundOut]{at(http.MethodGet, "/statement-rounds/{entity}", "get-statement-round", "Who got a statement in a month's round, and who did not and why", "collections"), h.statementRound})
}

// mailing is what is asked for of a statement by mail.
func (h *handlers) mailing(in CustomerRef, asked StatementAsked) (statements.Input, error) {
	out := statements.Input{By: in.by, Account: in.Account, Contact: billing.ContactID(asked.Contact)}
	var err error
	if out.From, err = parseDate("from", asked.From); err != nil {
		return out, err
	}
	if out.To, err = parseDate("to", asked.To); err != nil || asked.Currency == "" {
		return out, err
	}
	if out.Currency, err = money.ParseCurrency(asked.Currency); err != nil {
		return out, errs.InvalidField("currency", errs.KeyOf(err), "currency", asked.Currency)
	}
	return out, nil
}

func (h *handlers) statementLetter(ctx context.Context, in *statementLetterIn) (*statementLetterOut, error) {
	asked, err := h.mailing(in.CustomerRef, in.StatementAsked)
	if err != nil {
		return nil, err
	}
	v, err := h.Statements.Preview(ctx, asked)
	if err != nil {
		return nil, err
	}
	out := StatementLetter{
		To: v.To.Email, Contact: int64(v.To.ID), LeftOut: string(v.LeftOut), Sender: v.Entity.SupportAddress, Subject: v.Letter.Subject, Text: v.Letter.Text,
		Language: v.Letter.Lang, Currencies: []string{},
	}
	for _, st := range v.Open {
		out.Currencies = append(out.Currencies, string(st.Currency))
	}
	return &statementLetterOut{Body: out}, nil
}

func (h *handlers) sendStatement(ctx context.Context, in *sendStatementIn) (*mailedOut, error) {
	asked, err := h.mailing(in.CustomerRef, in.Body)
	if err != nil {
		return nil, err
	}
	sent, err := h.Statements.Send(ctx, asked)
	if err != nil {
		return nil, err
	}
	return h.mailed(ctx, in.CustomerRef, int64(*sent.OutgoingMessageID))
}

// mailed is a statement as it fared; what was just written is read where it was written.
func (h *handlers) mailed(ctx context.Context, in CustomerRef, mail int64) (*mailedOut, error) {
	row, err := h.Statements.MailedAs(ctx, in.by, in.Account, inbox.OutgoingID(mail))
	return &mailedOut{Body: mailedOf(row)}, err
}

func mailedOf(r statements.Row) MailedStatement {
	m := MailedStatement{State: string(r.State), To: r.ToAddress, By: r.UserName, MadeAt: r.MadeAt, SentAt: r.SentAt, Problem: r.Error}
	if r.OutgoingMessageID != nil {
		m.ID = int64(*r.OutgoingMessageID)
	}
	if r.Month != nil {
		m.Month = r.Month.Format("2006-01")
	}
	if r.Waits() {
		m.Leaves = r.NotBefore
	}
	return m
}

func (h *handlers) listMailed(ctx context.Context, in *CustomerRef) (*listOut[MailedStatement], error) {
	c, err := h.customer(ctx, in)
	if err != nil {
		return nil, err
	}
	const most = 200
	rows, err := h.Statements.Mailed(ctx, h.Reports.Reader(), c.ID, most)
	out := &listOut[MailedStatement]{Body: list[MailedStatement]{Items: []MailedStatement{}}}
	for _, r := range rows {
		if r.LeftOut == "" {
			out.Body.Items = append(out.Body.Items, mailedOf(r))
		}
	}
	return out, err
}

func (h *handlers) takeBackStatement(ctx context.Context, in *mailedRef) (*mailedOut, error) {
	if err := h.Statements.TakeBack(ctx, in.by, in.Account, inbox.OutgoingID(in.ID)); err != nil {
		return nil, err
	}
	return h.mailed(ctx, in.CustomerRef, in.ID)
}

func readerOf(r statements.Reader) *statementReaderOut {
	out := &statementReaderOut{Body: StatementReader{Wanted: r.Wanted, Version: r.Version}}
	if r.ContactID != nil {
		out.Body.Contact = int64(*r.ContactID)
	}
	return out
}

func (h *handlers) statementReader(ctx context.Context, in *CustomerRef) (*statementReaderOut, error) {
	c, err := h.customer(ctx, in)
	if err != nil {
		return nil, err
	}
	r, err := h.Statements.ReaderOf(ctx, h.Reports.Reader(), c.ID)
	return readerOf(r), err
}

func (h *handlers) setStatementReader(ctx context.Context, in *setStatementReaderIn) (*statementReaderOut, error) {
	r, err := h.Statements.SetReader(ctx, statements.ReaderInput{
		By: in.by, Account: in.Account, Wanted: in.Body.Wanted, Contact: billing.ContactID(in.Body.Contact), Version: in.Body.Version,
	})
	return readerOf(r), err
}

func statementRuleOf(r statements.Rule) StatementRule {
	return StatementRule{Entity: r.Entity, Name: r.EntityName, Wanted: r.Wanted, StatementRuleBody: StatementRuleBody{Active: r.Active, OnDay: r.OnDay, Version: r.Version}}
}

func (h *handlers) statementRules(ctx context.Context, in *Signed) (*listOut[StatementRule], error) {
	found, err := h.Statements.Rules(ctx, in.by)
	out := &listOut[StatementRule]{Body: list[StatementRule]{Items: []StatementRule{}}}
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, statementRuleOf(r))
	}
	return out, err
}

func (h *handlers) setStatementRule(ctx context.Context, in *setStatementRuleIn) (*statementRuleOut, error) {
	kept, err := h.Statements.SetRule(ctx, statements.RuleInput{By: in.by, Entity: in.Entity, Active: in.Body.Active, OnDay: in.Body.OnDay, Version: in.Body.Version})
	return &statementRuleOut{Body: statementRuleOf(kept)}, err
}

func (h *handlers) statementRound(ctx context.Context, in *statementRoundIn) (*statementRoundOut, error) {
	q := statements.Query{By: in.by, Entity: in.Entity, LeftOut: in.LeftOut, Limit: in.Limit}
	var err error
	if in.Month != "" {
		if q.Month, err = h.monthFrom(in.Month); err != nil {
			return nil, err
		}
	}
	if in.Cursor != "" {
		if q.After, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil {
			return nil, errs.InvalidField("cursor", "case.bad_cursor")
		}
	}
	m, err := h.Statements.Of(ctx, h.Reports.Reader(), q)
	if err != nil {
		return nil, err
	}
	out := StatementRound{Month: m.Month.Format("2006-01"), BeganAt: m.BeganAt, EndedAt: m.EndedAt, Sent: m.Sent, LeftOut: map[string]int{}, Items: []RoundStatement{}}
	for why, n := range m.LeftOut {
		out.LeftOut[string(why)] = n
	}
	for _, r := range m.Rows {
		out.Items = append(out.Items, RoundStatement{Customer: r.Account, Name: r.Name, LeftOut: string(r.LeftOut), State: string(r.State), To: r.ToAddress, MadeAt: r.MadeAt})
	}
	if m.Next != 0 {
		out.NextCursor = strconv.FormatInt(m.Next, 10)
	}
	return &statementRoundOut{Body: out}, nil
}
