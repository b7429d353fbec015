package reconciling

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/reconcile"
	"makegood/internal/db"
	"makegood/internal/money"
)

// ours is what the books say: the documents, and how the ledger's receivable moved.
type ours struct {
	documents []reconcile.Document // Row is the place in papers
	papers    []paper
	opening   []money.Amount
	closing   []money.Amount
	other     []money.Amount // what moved it beside the documents: chargebacks, reversals, what was settled outside
}

// paper is one of our documents as it is read. Void tells that it was taken back within the period.
type paper struct {
	Kind       reconcile.Kind
	ID         int64
	Number     string
	ExternalID string
	Reference  string // the bank's
	Account    string
	Name       string
	DatedOn    time.Time
	Amount     decimal.Decimal
	Tax        decimal.Decimal
	Currency   money.Currency
	Status     reconcile.Status
	Invoice    string
}

func (p paper) document(place int) reconcile.Document {
	return reconcile.Document{
		Row: strconv.Itoa(place), Kind: p.Kind, ExternalID: p.ExternalID, Number: p.Number, Customer: p.Account, Date: p.DatedOn,
		Amount: money.Of(p.Amount, p.Currency), Tax: money.Of(p.Tax, p.Currency), Status: p.Status, Invoice: p.Invoice,
	}
}

// aside is how many days before and after the period documents of ours are looked for their counterparts.
func (s Settings) aside() int { return max(s.DaysApart, s.TimingDays) }

// readOurs reads the books of an entity for a period as of one moment: its documents of the period and a few days around it,
// those with a number that the file names whatever their day, and the ledger's receivable at both ends. Receivable here is what
// is owed less what is unapplied, in document currency, by the documents' own days.
func (s *Service) readOurs(ctx context.Context, run Run, p reconcile.Period, numbers []string) (ours, error) {
	var o ours
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		o = ours{}
		// All of it as of one moment: a document posted in between would pass for a difference.
		if _, err := tx.Exec(ctx, `set transaction isolation level repeatable read, read only`); err != nil {
			return fmt.Errorf("read books at one moment: %w", err)
		}
		days := run.Settings.aside()
		args := []any{run.EntityID, p.From.AddDate(0, 0, -days), p.To.AddDate(0, 0, days), p.To, run.Source, numbers}
		var err error
		if o.papers, err = db.List[paper](ctx, tx, strings.Join(papers(), " union all "), args...); err != nil {
			return fmt.Errorf("read documents: %w", err)
		}
		for i, one := range o.papers {
			o.documents = append(o.documents, one.document(i))
		}
		if o.opening, err = receivable(ctx, tx, run.EntityID, p.From.AddDate(0, 0, -1)); err != nil {
			return err
		}
		if o.closing, err = receivable(ctx, tx, run.EntityID, p.To); err != nil {
			return err
		}
		o.other, err = beside(ctx, tx, run.EntityID, p)
		return err
	})
	return o, err
}

// papers read each kind of document. $1 entity, $2 and $3 days, $4 end of the period, $5 source, $6 numbers that the file names.
// A document taken back after the period's end stood at its end.
func papers() []string {
	const wanted = ` and (%[1]s between $2 and $3 or d.number = any ($6))`
	of := func(day, query string) string { return query + fmt.Sprintf(wanted, day) }
	const externalID = `case when d.external_system = $5 then d.external_id else '' end`
	const external = externalID + ` as external_id`
	const issuedThere = `(select g.external_id from gateway_postings g where g.credit_memo_id = d.id and g.action = 'issue'
		and (g.state = 'issued' or g.state = 'by_hand' and g.external_id <> '') and g.system = $5)`
	reversed := func(kind string) string {
		return `exists (select from reversals v where v.document_kind = '` + kind + `' and v.document_id = d.id and v.reversed_on <= $4)`
	}
	return []string{
		of("d.issued_on", `select 'invoice' as kind, d.id, d.number, `+external+`, '' as reference, c.account, c.name, d.issued_on as dated_on, d.total as amount, d.tax,
				d.currency, case when `+reversed("debit_memo")+` or exists (select from credit_memos m join reversals v on v.document_kind = 'credit_memo' and v.document_id = m.id
					where m.approval_id = d.approval_id and v.reversed_on <= $4) then 'void' when o.open = 0 then 'settled' else 'open' end as status, '' as invoice
			from invoices d join customers c on c.id = d.customer_id join open_items o on o.kind = 'invoice' and o.document_id = d.id where d.entity_id = $1`),
		of("d.issued_on", `select 'credit_memo', d.id, d.number, coalesce(`+issuedThere+`, `+externalID+`), '', c.account, c.name, d.issued_on, d.total, d.tax,
				d.currency, case when `+reversed("credit_memo")+` then 'void' when o.open = 0 then 'settled' else 'open' end, coalesce(i.number, '')
			from credit_memos d join customers c on c.id = d.customer_id join open_items o on o.kind = 'credit_memo' and o.document_id = d.id
			left join invoices i on i.id = d.invoice_id where d.entity_id = $1`),
		of("d.received_on", `select 'payment', d.id, d.number, `+external+`, d.bank_reference, c.account, c.name, d.received_on, d.amount, 0, d.currency, '', ''
			from payments d join customers c on c.id = d.customer_id where d.entity_id = $1`),
		of("d.refunded_on", `select 'refund', d.id, d.number, '', '', c.account, c.name, d.refunded_on, d.amount, 0, d.currency, case when `+reversed("refund")+` then 'void' else '' end, ''
			from refunds d join customers c on c.id = d.customer_id where d.entity_id = $1`),
		of("d.written_off_on", `select 'write_off', d.id, d.number, '', '', coalesce(c.account, ''), coalesce(c.name, ''), d.written_off_on, d.amount, 0, d.currency,
				case when `+reversed("write_off")+` then 'void' else '' end, ''
			from write_offs d left join customers c on c.id = d.customer_id where d.entity_id = $1`),
	}
}

// noted are the refunds of the source that a credit note which was brought in counts: money that went back there is part of the memo here, and no
// refund of ours.
func (s *Service) noted(ctx context.Context, run Run) (map[string]bool, error) {
	list, err := db.Values[string](ctx, s.db, `select jsonb_array_elements_text(r.content #> '{credit_note,refunds}') from import_rows r
		join import_batches b on b.id = r.batch_id and b.entity_id = $1
		where r.system = $2 and r.kind = 'credit_notes' and r.state = 'done' and r.document_kind = 'credit_memo'`, run.EntityID, run.Source)
	if err != nil {
		return nil, fmt.Errorf("find refunds of credit notes: %w", err)
	}
	noted := make(map[string]bool, len(list))
	for _, id := range list {
		noted[id] = true
	}
	return noted, nil
}

type balance struct {
	Currency money.Currency
	Amount   decimal.Decimal
}

func amounts(list []balance) []money.Amount {
	out := make([]money.Amount, len(list))
	for i, b := range list {
		out[i] = money.Of(b.Amount, b.Currency)
	}
	return out
}

// receivable is what the ledger has on receivable and unapplied at the end of a day, from the items that were open then: every posting there names
// the item it moves, and one that closed before has nothing left on it. So it costs what was open, and not what ever was.
func receivable(ctx context.Context, r db.Reader, entity billing.EntityID, on time.Time) ([]money.Amount, error) {
	list, err := db.List[balance](ctx, r, `select o.currency, sum(l.open) as amount from open_items o
		cross join lateral (select coalesce(sum(p.amount), 0) as open from postings p where p.item_kind = o.kind and p.item_id = o.document_id and p.dated_on <= $2) l
		where o.entity_id = $1 and (o.closed_on is null or o.closed_on > $2) group by o.currency having sum(l.open) <> 0 order by o.currency`, entity, on)
	if err != nil {
		return nil, fmt.Errorf("add up receivable: %w", err)
	}
	return amounts(list), nil
}

// beside is what moved the receivable within a period and is none of the documents above.
func beside(ctx context.Context, r db.Reader, entity billing.EntityID, p reconcile.Period) ([]money.Amount, error) {
	list, err := db.List[balance](ctx, r, `select currency, sum(amount) as amount from (
			select p.currency, p.amount from postings p join journal_entries e on e.id = p.entry_id
				where p.entity_id = $1 and p.account in ('receivable', 'unapplied') and p.dated_on between $2 and $3
					and e.document_kind in ('reversal', 'chargeback', 'transfer', 'allocation')
			union all select currency, settled_outside from credit_memos where entity_id = $1 and issued_on between $2 and $3 and settled_outside > 0) moved
		group by currency having sum(amount) <> 0 order by currency`, entity, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("add up other movements: %w", err)
	}
	return amounts(list), nil
}

// tie gives the file's documents the names that the books know them by: customers by account, by name or by the id of an
// import; payments by the bank's reference where it is that of one payment alone on both sides. A customer nobody knows is no
// customer: the amount must then agree.
func (s *Service) tie(ctx context.Context, run Run, t *theirs, o *ours) error {
	accounts, err := s.accounts(ctx, run, *t)
	if err != nil {
		return err
	}
	for i := range t.documents {
		d := &t.documents[i]
		if account, known := accounts[d.Customer]; known {
			d.Customer = account
		} else {
			t.names[i] = firstOf(t.names[i], d.Customer)
			d.Customer = accounts[t.names[i]]
		}
	}
	tieReferences(t, o)
	return nil
}

// tieReferences lets a bank's reference tell two payments to be one.
func tieReferences(t *theirs, o *ours) {
	mine := map[string][]int{}
	for i, p := range o.papers {
		if p.Kind == reconcile.Payment && p.Reference != "" && p.ExternalID == "" {
			mine[p.Reference] = append(mine[p.Reference], i)
		}
	}
	given := map[string][]int{}
	for i, d := range t.documents {
		if d.Kind == reconcile.Payment {
			given[d.ExternalID] = append(given[d.ExternalID], i)
		}
	}
	for reference, list := range given {
		here := mine[reference]
		if len(list) == 1 && len(here) == 1 {
			o.documents[here[0]].ExternalID = reference
			continue
		}
		for _, i := range list {
			if !isStripe(t.documents[i].ExternalID) {
				t.documents[i].ExternalID = ""
			}
		}
	}
}

func isStripe(id string) bool {
	return slices.ContainsFunc([]string{"ch_", "py_"}, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
}

// accounts finds our accounts for the customers that the file names.
func (s *Service) accounts(ctx context.Context, run Run, t theirs) (map[string]string, error) {
	seen := map[string]bool{}
	for i := range t.documents {
		seen[t.documents[i].Customer], seen[t.names[i]] = true, true
	}
	delete(seen, "")
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	type known struct{ Name, Account string }
	list, err := db.List[known](ctx, s.db, `select name, account from (
			select c.name, c.account, 2 as rank from customers c where c.entity_id = $1 and c.name = any ($2)
				and not exists (select from customers o where o.entity_id = $1 and o.name = c.name and o.id <> c.id)
			union all select external_id, document_number, 1 from import_rows where system = $3 and kind = 'customers' and external_id = any ($2) and document_number <> ''
			union all select account, account, 0 from customers where account = any ($2)) known order by rank desc`, run.EntityID, names, run.Source)
	if err != nil {
		return nil, fmt.Errorf("find customers of the file: %w", err)
	}
	found := make(map[string]string, len(list))
	for _, k := range list {
		found[k.Name] = k.Account // the surest comes last
	}
	return found, nil
}

func firstOf(list ...string) string {
	for _, text := range list {
		if text != "" {
			return text
		}
	}
	return ""
}
