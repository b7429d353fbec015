package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Statement is a customer's account over a period.
type Statement struct {
	Customer  string          `json:"customer"`
	From      string          `json:"from"`
	To        string          `json:"to"`
	Opening   Money           `json:"opening"`
	Lines     []StatementLine `json:"lines"`
	Closing   Money           `json:"closing"`
	Open      []StatementItem `json:"open_items"`
	Disputed  Money           `json:"disputed" doc:"of what is open: in dispute at the end of the period"`
	NotDue    Money           `json:"not_due" doc:"not in dispute, and due after the period"`
	Due       Money           `json:"due" doc:"not in dispute, and due by the end of the period"`
	Unapplied Money           `json:"unapplied" doc:"money and credits that no invoice has taken"`
	PayNow    Money           `json:"pay_now" doc:"what is due less what is unapplied, never below zero"`
	PayLink   string          `json:"pay_link,omitempty" doc:"where that is paid"`
}

// StatementLine is one document on a statement.
type StatementLine struct {
	On      string `json:"on"`
	Kind    string `json:"kind"`
	Number  string `json:"number"`
	Refers  string `json:"refers_to,omitempty"`
	DueOn   string `json:"due_on,omitempty"`
	Charge  Money  `json:"charge"`
	Credit  Money  `json:"credit"`
	Balance Money  `json:"balance"`
}

// StatementItem is something open at the end of the period.
type StatementItem struct {
	Kind     string `json:"kind"`
	Number   string `json:"number"`
	DueOn    string `json:"due_on"`
	Open     Money  `json:"open"`
	Disputed Money  `json:"disputed"`
}

// StatementIn asks for a statement.
type StatementIn struct {
	CustomerRef
	From     string `query:"from" doc:"three months back without it"`
	To       string `query:"to" doc:"today without it"`
	Currency string `query:"currency" doc:"the customer's own without it"`
	KnownOn  string `query:"known_on" doc:"as it was known that evening where the legal entity is; as it is known now without it"`
}

type statementPDFIn struct {
	StatementIn
	Language string `query:"language" doc:"en, de, zh, ja or pt; the customer's without it"`
}

// statementPDFOut is the paper. What is handed out is kept; the same account on the same day has the same hash.
type statementPDFOut struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	CacheControl       string `header:"Cache-Control"`
	ETag               string `header:"ETag" doc:"SHA-256 of the document"`
	Body               []byte
}

type statementOut struct{ Body Statement }

func (h *handlers) statements(api huma.API) {
	add(h, api, operation[StatementIn, statementOut]{at(http.MethodGet, "/customers/{account}/statement", "statement", "Statement of account", "customers"), h.statement})
	add(h, api, operation[statementPDFIn, statementPDFOut]{at(http.MethodGet, "/customers/{account}/statement.pdf", "statement-pdf", "Statement of account as PDF; what is handed out is kept", "customers"), h.statementPDF})
	add(h, api, operation[CustomerRef, keptOut]{at(http.MethodGet, "/customers/{account}/statements", "list-statements", "List the statements handed out, with their hashes", "customers"), h.keptStatements})
	add(h, api, operation[keptRef, statementPDFOut]{at(http.MethodGet, "/customers/{account}/statements/{id}/pdf", "kept-statement", "Read a statement as it was handed out", "customers"), h.keptStatement})
}

func (h *handlers) statement(ctx context.Context, in *StatementIn) (*statementOut, error) {
	st, err := h.statementOf(ctx, in)
	if err != nil {
		return nil, err
	}
	return &statementOut{Body: statementOf(st)}, nil
}

// statementOf reads the statement that is asked for, for somebody who may see the customer's books.
func (h *handlers) statementOf(ctx context.Context, in *StatementIn) (billing.Statement, error) {
	c, err := h.customer(ctx, &in.CustomerRef)
	if err != nil {
		return billing.Statement{}, err
	}
	ask := billing.StatementInput{CustomerID: c.ID, Currency: c.Currency}
	if ask.From, ask.To, err = h.span(ctx, c.EntityID, in.From, in.To); err != nil {
		return billing.Statement{}, err
	}
	if ask.KnownOn, err = parseDate("known_on", in.KnownOn); err != nil {
		return billing.Statement{}, err
	}
	if in.Currency != "" {
		if ask.Currency, err = money.ParseCurrency(in.Currency); err != nil {
			return billing.Statement{}, errs.InvalidField("currency", errs.KeyOf(err), "currency", in.Currency)
		}
	}
	return h.Billing.StatementOf(ctx, h.Reports.Reader(), ask)
}

func (h *handlers) statementPDF(ctx context.Context, in *statementPDFIn) (*statementPDFOut, error) {
	st, err := h.statementOf(ctx, &in.StatementIn)
	if err != nil {
		return nil, err
	}
	kept, content, err := h.Billing.HandStatement(ctx, st, in.Language, in.by, billing.ByAPI)
	if err != nil {
		return nil, err
	}
	return statementFile(kept.Filename(st.Customer.Account), kept.SHA256, content), nil
}

func statementFile(name string, hash, content []byte) *statementPDFOut {
	return &statementPDFOut{
		ContentType: billing.PDF, CacheControl: "private, no-store", ETag: `"` + hex.EncodeToString(hash) + `"`, Body: content,
		ContentDisposition: fmt.Sprintf("attachment; filename=%q", name),
	}
}

// span reads a period: three months up to today where the legal entity is unless told otherwise.
func (h *handlers) span(ctx context.Context, at billing.EntityID, from, to string) (first, last time.Time, err error) {
	if first, err = parseDate("from", from); err != nil {
		return first, last, err
	}
	if last, err = parseDate("to", to); err != nil {
		return first, last, err
	}
	if last.IsZero() {
		if last, err = h.Billing.TodayAt(ctx, h.Reports.Reader(), at); err != nil {
			return first, last, err
		}
	}
	if first.IsZero() {
		first = last.AddDate(0, -3, 0)
	}
	if last.Before(first) {
		err = errs.InvalidField("to", "error.period_ends_before_it_begins")
	}
	return first, last, err
}

func statementOf(st billing.Statement) Statement {
	asked := st.Asked()
	out := Statement{
		Customer: st.Customer.Account, From: dateOf(st.From), To: dateOf(st.To), Opening: moneyOf(st.Amount(st.Opening)), Closing: moneyOf(st.Amount(st.Closing)),
		Disputed: moneyOf(st.Amount(asked.Disputed)), NotDue: moneyOf(st.Amount(asked.NotDue)), Due: moneyOf(st.Amount(asked.Due)),
		Unapplied: moneyOf(st.Amount(asked.Unapplied)), PayNow: moneyOf(st.Amount(asked.Now())), PayLink: st.PayLink,
		Lines: make([]StatementLine, len(st.Lines)), Open: make([]StatementItem, len(st.Items)),
	}
	for i, l := range st.Lines {
		out.Lines[i] = StatementLine{
			On: dateOf(l.On), Kind: l.Kind, Number: l.Number, Refers: l.Refers, Charge: moneyOf(st.Amount(l.Charge)), Credit: moneyOf(st.Amount(l.Credit)),
			Balance: moneyOf(st.Amount(l.Balance)),
		}
		if l.DueOn != nil {
			out.Lines[i].DueOn = dateOf(*l.DueOn)
		}
	}
	for i, l := range st.Items {
		out.Open[i] = StatementItem{Kind: string(l.Kind), Number: l.Number, DueOn: dateOf(l.DueOn), Open: moneyOf(st.Amount(l.Open)), Disputed: moneyOf(st.Amount(l.Held))}
	}
	return out
}
