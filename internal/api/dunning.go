package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// DunningRow is an overdue invoice with what may be asked for: open = held + promised + kept_back + covered + dunnable.
type DunningRow struct {
	Invoice      string `json:"invoice"`
	Customer     string `json:"customer" doc:"account number"`
	CustomerName string `json:"customer_name"`
	DueOn        string `json:"due_on"`
	DaysOverdue  int    `json:"days_overdue"`
	Level        int    `json:"level"`
	Open         Money  `json:"open"`
	Held         Money  `json:"held" doc:"in dispute"`
	Promised     Money  `json:"promised"`
	KeptBack     Money  `json:"kept_back" doc:"blocked, or a hold on it ends today"`
	Covered      Money  `json:"covered" doc:"by money or credit of the customer that no invoice has taken yet, the oldest due first"`
	Dunnable     Money  `json:"dunnable"`
	Collectible  Money  `json:"collectible" doc:"open less held: what may be paid"`
	Why          string `json:"why,omitempty" enum:"blocked,hold_ends_today" doc:"why it is kept back"`
	BlockedUntil string `json:"blocked_until,omitempty"`
	PayLink      string `json:"pay_link,omitempty" doc:"where what is collectible is paid, for the reminder"`
}

// DunningDay is a legal entity's dunning list of a day.
type DunningDay struct {
	Entity     string       `json:"entity,omitempty"`
	Day        string       `json:"day"`
	Items      []DunningRow `json:"items" doc:"a reminder may go out"`
	KeptBack   []DunningRow `json:"kept_back" doc:"overdue, and no reminder may go out"`
	NextCursor string       `json:"next_cursor,omitempty"`
}

// Block is a dunning block.
type Block struct {
	ID         int64  `json:"id"`
	Customer   string `json:"customer" doc:"account number"`
	Invoice    string `json:"invoice,omitempty" doc:"without it, nothing of the customer is dunned"`
	From       string `json:"from"`
	Until      string `json:"until" doc:"the last day without reminders"`
	Reason     string `json:"reason"`
	MadeBy     string `json:"made_by"`
	LiftReason string `json:"lift_reason,omitempty" doc:"of a block lifted early"`
}

// LateFee is what a late fee would come to. It is computed, never booked.
type LateFee struct {
	Invoice string        `json:"invoice"`
	Through string        `json:"through"`
	Percent string        `json:"percent" doc:"simple interest a year of 365 days"`
	Formula string        `json:"formula"`
	Days    []LateFeeSpan `json:"days"`
	Fee     Money         `json:"fee"`
}

// LateFeeSpan is a run of days with one base.
type LateFeeSpan struct {
	From string `json:"from"`
	To   string `json:"to"`
	Days int    `json:"days"`
	Base Money  `json:"base" doc:"open less held at the end of each day"`
}

type dunningIn struct {
	Signed
	Paging
	Entity string `query:"entity" doc:"code of the legal entity; the first you may see without it"`
	Day    string `query:"day" doc:"today without it"`
}

type (
	dunningOut struct{ Body DunningDay }
	blockOut   struct{ Body Block }
	lateFeeOut struct{ Body LateFee }
)

type blockListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Invoice  string `query:"invoice"`
	Active   bool   `query:"active"`
}

type newBlockIn struct {
	Signed
	Body struct {
		Invoice  string `json:"invoice,omitempty"`
		Customer string `json:"customer,omitempty" doc:"account number; needed without an invoice"`
		From     string `json:"from,omitempty" doc:"today without it"`
		Until    string `json:"until"`
		Reason   string `json:"reason"`
	}
}

type liftBlockIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Reason string `json:"reason"`
	}
}

type lateFeeIn struct {
	Signed
	Number  string `path:"number"`
	Through string `query:"through" doc:"the last day reckoned; today without it"`
}

func (h *handlers) dunning(api huma.API) {
	const tag = "collections"
	add(h, api, operation[dunningIn, dunningOut]{at(http.MethodGet, "/dunning", "list-dunning", "What may be reminded of on a day", tag), h.dunningList})
	add(h, api, operation[lateFeeIn, lateFeeOut]{at(http.MethodGet, "/dunning/late-fees/{number}", "get-late-fee", "What a late fee on an invoice would come to", tag), h.lateFee})
	add(h, api, operation[blockListIn, listOut[Block]]{at(http.MethodGet, "/dunning/blocks", "list-blocks", "List dunning blocks, the last to end first", tag), h.listBlocks})
	add(h, api, operation[newBlockIn, blockOut]{created("/dunning/blocks", "block-dunning", "Keep reminders back until a day", tag), h.blockDunning})
	h.smallBalances(api)
	add(h, api, operation[liftBlockIn, blockOut]{at(http.MethodPost, "/dunning/blocks/{id}/lift", "lift-block", "End a block early; that day stays quiet", tag), h.liftBlock})
}

func dunningRowOf(c billing.Collectible) DunningRow {
	row := DunningRow{
		Invoice: c.Number, Customer: c.Account, CustomerName: c.CustomerName, DueOn: dateOf(c.DueOn), DaysOverdue: c.Overdue, Level: c.Level,
		Open: moneyOf(c.Amount(c.Open)), Held: moneyOf(c.Amount(c.Held)), Promised: moneyOf(c.Amount(c.Promised)), KeptBack: moneyOf(c.Amount(c.KeptBack)),
		Covered: moneyOf(c.Amount(c.Covered)), Dunnable: moneyOf(c.Amount(c.Dunnable)), Collectible: moneyOf(c.Amount(c.Collectible())), Why: string(c.Why), PayLink: c.PayLink,
	}
	if c.Why == billing.ByBlock {
		row.BlockedUntil = dateOf(c.BlockedUntil)
	}
	return row
}

func (h *handlers) dunningList(ctx context.Context, in *dunningIn) (*dunningOut, error) {
	out := &dunningOut{Body: DunningDay{Items: []DunningRow{}, KeptBack: []DunningRow{}}}
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	entities, err := h.visibleEntities(ctx, in.Signed, in.Entity)
	switch {
	case err != nil:
		return nil, err
	case len(entities) == 0 && in.Entity != "":
		return nil, billing.ErrNoEntity
	case len(entities) == 0:
		return out, nil
	}
	q := billing.DunningQuery{EntityID: entities[0].ID, Limit: in.Limit, After: in.Cursor, By: in.by}
	if q.Day, err = parseDate("day", in.Day); err != nil {
		return nil, err
	}
	list, err := h.Billing.DunningList(ctx, q)
	if err != nil {
		return nil, err
	}
	out.Body.Entity, out.Body.Day, out.Body.NextCursor = entities[0].Code, dateOf(list.Day), list.Next
	for _, c := range list.Rows {
		out.Body.Items = append(out.Body.Items, dunningRowOf(c))
	}
	for _, c := range list.KeptBack {
		out.Body.KeptBack = append(out.Body.KeptBack, dunningRowOf(c))
	}
	return out, nil
}

func (h *handlers) lateFee(ctx context.Context, in *lateFeeIn) (*lateFeeOut, error) {
	i, err := h.Billing.InvoiceByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	var through time.Time
	if through, err = parseDate("through", in.Through); err != nil {
		return nil, err
	}
	fee, err := h.Billing.LateFee(ctx, i.ID, through, in.by)
	if err != nil {
		return nil, err
	}
	out := &lateFeeOut{Body: LateFee{
		Invoice: i.Number, Through: dateOf(fee.Through), Percent: fee.Percent.String(), Days: []LateFeeSpan{}, Fee: amountOf(fee.Fee, i.Currency),
		Formula: "sum over days of (open - held) x percent / 100 / 365, from the day after the due date, rounded once",
	}}
	for _, s := range fee.Spans {
		out.Body.Days = append(out.Body.Days, LateFeeSpan{dateOf(s.From), dateOf(s.To), s.Days, amountOf(s.Base, i.Currency)})
	}
	return out, nil
}

func blockOf(b billing.Block, account, invoice string) Block {
	return Block{
		ID: int64(b.ID), Customer: account, Invoice: invoice, From: dateOf(b.FromOn), Until: dateOf(b.LastDay()), Reason: b.Reason, MadeBy: b.MadeByName, LiftReason: b.LiftReason,
	}
}

func (h *handlers) listBlocks(ctx context.Context, in *blockListIn) (*listOut[Block], error) {
	q := billing.BlockQuery{Active: in.Active, After: in.Cursor, Limit: in.Limit, By: in.by}
	var err error
	if q.InvoiceID, q.CustomerID, err = h.target(ctx, in.Signed, in.Invoice, in.Customer); err != nil {
		return nil, err
	}
	page, err := h.Billing.Blocks(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &listOut[Block]{Body: list[Block]{Items: []Block{}, NextCursor: page.Next}}
	for _, b := range page.Rows {
		out.Body.Items = append(out.Body.Items, blockOf(b.Block, b.Account, b.InvoiceNumber))
	}
	return out, nil
}

func (h *handlers) blockDunning(ctx context.Context, in *newBlockIn) (*blockOut, error) {
	b := in.Body
	n := billing.NewBlock{Reason: b.Reason, By: in.by}
	var err error
	if n.From, err = parseDate("from", b.From); err != nil {
		return nil, err
	}
	if n.Until, err = parseDate("until", b.Until); err != nil {
		return nil, err
	}
	if n.InvoiceID, n.CustomerID, err = h.target(ctx, in.Signed, b.Invoice, b.Customer); err != nil {
		return nil, err
	}
	block, err := h.Billing.BlockDunning(ctx, n)
	if err != nil {
		return nil, err
	}
	return h.block(ctx, in.Signed, block)
}

func (h *handlers) liftBlock(ctx context.Context, in *liftBlockIn) (*blockOut, error) {
	block, err := h.Billing.LiftBlock(ctx, billing.BlockID(in.ID), in.Body.Reason, in.by)
	if err != nil {
		return nil, err
	}
	return h.block(ctx, in.Signed, block)
}

// block names the customer and the invoice of a block by the numbers people know.
func (h *handlers) block(ctx context.Context, s Signed, b billing.Block) (*blockOut, error) {
	row, err := h.Billing.BlockByID(ctx, b.ID, s.by)
	if err != nil {
		return nil, err
	}
	return &blockOut{Body: blockOf(row.Block, row.Account, row.InvoiceNumber)}, nil
}
