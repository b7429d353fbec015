package billing

import (
	"context"
	"fmt"
	"regexp"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// known is what records refer to and what is here of it: customers by account, invoices by number and by the source's id.
type known struct {
	entity    Entity
	batch     ImportBatch
	customers map[string]knownCustomer // of the batch's legal entity
	elsewhere map[string]bool          // accounts of customers of other legal entities, which are nobody's here
	invoices  map[string]knownInvoice
	numbers   map[string]bool // of invoices and credit memos that are here
	ours      map[string]bool // the source's ids, and our keys, of credit notes that were issued there from here
	codes     []string        // of the legal entities, which number documents themselves
}

type knownCustomer struct {
	ID       CustomerID // 0 for one that comes with this batch
	Account  string
	Name     string
	FamilyID CustomerID
	EntityID EntityID
}

type knownInvoice struct {
	ID         InvoiceID // 0 for one that comes with this batch
	Number     string
	ExternalID string
	CustomerID CustomerID
	SoldToID   CustomerID
	Account    string // of one that comes with this batch, whom it is to, and who bought it
	SoldTo     string
	EntityID   EntityID
	Currency   money.Currency
	Open       decimal.Decimal
	RowID      *ImportRowID // the row it came by
}

// lookUp reads what a run of records refers to. With ahead, what comes with the same batch counts as here.
func lookUp(ctx context.Context, r db.Reader, batch ImportBatch, entity Entity, rows []ImportRow, ahead bool) (known, error) {
	k := known{entity: entity, batch: batch, customers: map[string]knownCustomer{}, elsewhere: map[string]bool{}, invoices: map[string]knownInvoice{}, numbers: map[string]bool{}, ours: map[string]bool{}}
	accounts, invoices, numbers := references(rows)
	customers, err := db.List[knownCustomer](ctx, r, `select id, account, name, family_id, entity_id from customers where account = any ($1)`, accounts)
	if err != nil {
		return k, fmt.Errorf("look up customers: %w", err)
	}
	if ahead {
		coming, err := db.List[knownCustomer](ctx, r, `select 0 as id, external_id as account, content #>> '{customer,name}' as name, 0 as family_id, 0 as entity_id
			from import_rows where batch_id = $1 and kind = 'customers' and state = 'new' and external_id = any ($2)`, batch.ID, accounts)
		if err != nil {
			return k, fmt.Errorf("look up customers of the file: %w", err)
		}
		customers = append(coming, customers...)
	}
	for _, c := range customers {
		if c.ID != 0 && c.EntityID != batch.EntityID {
			k.elsewhere[c.Account] = true
			continue
		}
		k.customers[c.Account] = c
	}
	if err := k.lookUpInvoices(ctx, r, invoices, ahead); err != nil {
		return k, err
	}
	taken, err := db.Values[string](ctx, r, `select number from invoices where number = any ($1) union select number from credit_memos where number = any ($1)`, numbers)
	if err != nil {
		return k, fmt.Errorf("look up numbers: %w", err)
	}
	for _, n := range taken {
		k.numbers[n] = true
	}
	if k.codes, err = db.Values[string](ctx, r, `select btrim(code) from legal_entities`); err != nil {
		return k, fmt.Errorf("look up legal entities: %w", err)
	}
	return k, k.lookUpOurs(ctx, r, rows)
}

// lookUpOurs finds the credit notes that this ledger had issued where the file comes from: by their ids there, and by our
// keys, for those whose answer was lost.
func (k *known) lookUpOurs(ctx context.Context, r db.Reader, rows []ImportRow) error {
	var notes, keys []string
	for _, row := range rows {
		if row.Content != nil && row.Content.CreditNote != nil {
			notes, keys = append(notes, row.ExternalID), append(keys, row.Content.CreditNote.OurKey)
		}
	}
	if len(notes) == 0 {
		return nil
	}
	ours, err := db.Values[string](ctx, r, `select external_id from gateway_postings where system = $1 and external_id = any ($2)
		union all select key from gateway_postings where system = $1 and key = any ($3) and key <> ''`, k.batch.System, notes, keys)
	if err != nil {
		return fmt.Errorf("look up notes issued from here: %w", err)
	}
	for _, id := range ours {
		k.ours[id] = true
	}
	return nil
}

func (k *known) lookUpInvoices(ctx context.Context, r db.Reader, refs []string, ahead bool) error {
	list, err := db.List[knownInvoice](ctx, r, `select i.id, i.number, i.external_id, i.customer_id, i.sold_to_id, '' as account, '' as sold_to,
			i.entity_id, i.currency, o.open,
			(select w.id from import_rows w where w.document_kind = 'invoice' and w.document_id = i.id and w.state = 'done' limit 1) as row_id
		from invoices i join open_items o on o.kind = 'invoice' and o.document_id = i.id
		where i.number = any ($1) or (i.external_system = $2 and i.external_id = any ($1))`, refs, k.batch.System)
	if err != nil {
		return fmt.Errorf("look up invoices: %w", err)
	}
	if ahead {
		coming, err := db.List[knownInvoice](ctx, r, `select 0 as id, coalesce(content #>> '{invoice,number}', external_id) as number, external_id,
				0 as customer_id, 0 as sold_to_id, coalesce(content #>> '{invoice,customer}', content #>> '{open_balance,customer}') as account,
				coalesce(content #>> '{invoice,sold_to}', '') as sold_to, 0 as entity_id, coalesce(content #>> '{invoice,currency}', content #>> '{open_balance,currency}') as currency,
				0::numeric as open, null::bigint as row_id
			from import_rows where batch_id = $1 and state = 'new' and kind in ('invoices', 'open_balances')
				and (external_id = any ($2) or content #>> '{invoice,number}' = any ($2))`, k.batch.ID, refs)
		if err != nil {
			return fmt.Errorf("look up invoices of the file: %w", err)
		}
		list = append(coming, list...)
	}
	for _, i := range list {
		k.invoices[i.Number] = i
		if i.ExternalID != "" {
			k.invoices[i.ExternalID] = i
		}
	}
	return nil
}

// references gathers what records name: accounts, invoices, and the numbers they want to carry.
func references(rows []ImportRow) (accounts, invoices, numbers []string) {
	for _, row := range rows {
		c := row.Content
		switch {
		case c == nil:
		case c.Customer != nil:
			accounts = append(accounts, c.Customer.Account, c.Customer.Parent)
		case c.Invoice != nil:
			accounts, numbers = append(accounts, c.Invoice.Customer, c.Invoice.SoldTo), append(numbers, c.Invoice.Number)
		case c.Balance != nil:
			accounts, numbers = append(accounts, c.Balance.Customer), append(numbers, c.Balance.Number)
		case c.CreditNote != nil:
			accounts, numbers, invoices = append(accounts, c.CreditNote.Customer), append(numbers, c.CreditNote.Number), append(invoices, c.CreditNote.Invoice)
		case c.Payment != nil:
			accounts = append(accounts, c.Payment.Customer)
			for _, a := range c.Payment.Applied {
				invoices = append(invoices, a.Invoice)
			}
		}
	}
	return accounts, invoices, numbers
}

// customer is who has an account with the legal entity that the batch is for.
func (k known) customer(account string) (knownCustomer, error) {
	c, there := k.customers[account]
	if !there {
		return c, errs.New(ErrUnknownAccount.Kind, ErrUnknownAccount.Key, "account", account)
	}
	return c, nil
}

// invoice is one that a record of a customer names: of the legal entity that the batch is for, and to that customer or for what it bought.
// Where the record names no customer, account is "".
func (k known) invoice(ref, account string) (knownInvoice, error) {
	i, there := k.invoices[ref]
	if !there {
		return i, errs.New(ErrUnknownInvoice.Kind, ErrUnknownInvoice.Key, "invoice", ref)
	}
	if i.ID != 0 && i.EntityID != k.batch.EntityID {
		return i, ErrInvoiceOfAnother
	}
	if account == "" {
		return i, nil
	}
	c, err := k.customer(account)
	if err != nil {
		return i, err
	}
	if i.ID != 0 && i.CustomerID != c.ID && i.SoldToID != c.ID || i.ID == 0 && i.Account != account && i.SoldTo != account {
		return i, ErrInvoiceOfAnother
	}
	return i, nil
}

func (k known) free(number string) error {
	if k.numbers[number] {
		return errs.New(ErrNumberTaken.Kind, ErrNumberTaken.Key, "number", number)
	}
	if name := ownSeries(number, k.codes); name != "" {
		return errs.New(ErrNumberOurs.Kind, ErrNumberOurs.Key, "number", number, "series", name)
	}
	return nil
}

var ownNumber = regexp.MustCompile(`^(.+)-[0-9]{4}-[0-9]{5,}$`)

// ownSeries is the series of ours that a number is written like: a document of ours would come to it, and could not be posted. "" is none.
func ownSeries(number string, codes []string) string {
	written := ownNumber.FindStringSubmatch(number)
	if written == nil {
		return ""
	}
	for _, code := range codes {
		e := Entity{Code: code}
		for _, row := range []series{invoiceSeries(e, 0), debitSeries(e, 0), memoSeries(e, 0)} {
			if row.Name == written[1] {
				return row.Name
			}
		}
	}
	return ""
}

// actor is who brings the batch in, for the books: the person who gave the file.
func (b ImportBatch) actor() Actor {
	if b.CreatedBy == 0 {
		return actorOr(Actor{}, "billing.import")
	}
	return Actor{Kind: "person", UserID: b.CreatedBy, Name: b.CreatedName}
}
