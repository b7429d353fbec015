package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/demo/postoffice"
	"makegood/internal/scenario"
)

// letterKind is a sort of mail: what its subject and text say of an invoice.
type letterKind struct {
	what          string
	subject, text string // with the invoice's number for %s
	disputes      bool   // each is to end with a hold on its invoice
}

func letters() []letterKind {
	return []letterKind{
		{
			what: "questions", subject: "A question about our account",
			text: "could you please tell us which bank account we should pay to from now on, and whom to ask about it? Our records still show the one you used " +
				"before the summer, and our treasury wants it confirmed before the next run.",
		},
		{
			what: "disputed invoices", subject: "Invoice %s", disputes: true,
			text: "on invoice %s you charged us twice for the managed network: 119.00 EUR too much. The price agreed in the contract is the lower one. " +
				"Please correct it and send us a credit memo for the difference.",
		},
	}
}

// dir is a folder of its own for each measurement.
func (k letterKind) dir(now time.Time) string {
	return strings.ReplaceAll(k.what, " ", "-") + "-" + strconv.FormatInt(now.UnixNano(), 36)
}

// write is the n-th mail of the sort.
func (k letterKind) write(n int, account, invoice string, now time.Time) (from string, raw []byte) {
	from = "ap@kunde-" + account + ".example"
	about := func(text string) string { return strings.ReplaceAll(text, "%s", invoice) }
	id := fmt.Sprintf("%d.%d@kunde-%s.example", n, now.UnixNano(), account)
	return from, []byte(strings.Join([]string{
		"From: Buchhaltung " + account + " <" + from + ">", "To: " + scenario.SupportAddress, "Subject: " + about(k.subject), "Message-ID: <" + id + ">",
		"Date: " + now.Format(time.RFC1123Z), "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
		"Dear team,", "", about(k.text), "", "Kind regards", "Accounts payable, file " + strconv.Itoa(n), "",
	}, "\r\n"))
}

// fill delivers one mail for each prepared invoice.
func (b *intakeBench) fill(ctx context.Context, database string, kind letterKind, office *postoffice.Office) error {
	conn, err := pgx.Connect(ctx, b.h.server.AdminURL(database))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `select c.account, i.number from invoices i join customers c on c.id = i.customer_id where c.account like '2%' order by i.id`)
	if err != nil {
		return fmt.Errorf("list invoices: %w", err)
	}
	type bill struct{ Account, Number string }
	bills, err := pgx.CollectRows(rows, pgx.RowToStructByPos[bill])
	if err != nil {
		return fmt.Errorf("list invoices: %w", err)
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for range 8 { // deliveries at once share a flush of the journal
		all.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(bills)) && failed.Load() == nil; n = next.Add(1) - 1 {
				from, raw := kind.write(int(n), bills[n].Account, bills[n].Number, b.o.Now())
				if err := office.Deliver(from, []string{scenario.SupportAddress}, raw); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// prepareIntake makes a company with a promise to answer, an invoice for each mail, and a model that knows what mail is about.
func prepareIntake(ctx context.Context, s Services, mails int) error {
	p := preparation{s: s, each: mails}
	var err error
	if p.company, err = scenario.Build(ctx, scenario.Services{
		DB: s.DB, People: s.People, Billing: s.Billing, Inbox: s.Inbox, Cases: s.Cases, Credits: s.Credits,
	}, scenario.Options{}); err != nil {
		return err
	}
	if err := s.DB.Do(ctx, func(tx *db.Tx) error {
		p.contacts, err = s.Billing.SeedCustomersTx(ctx, tx, thousand(p.company.Entity))
		return err
	}); err != nil {
		return err
	}
	if _, err = p.invoices(ctx, sort{}); err != nil {
		return err
	}
	return s.Job(ctx, "sorting.train", []byte("{}")) // a new company's first hours are not what is measured
}

// thousand are the customers of a benchmark.
func thousand(entity billing.Entity) []billing.SeedCustomer {
	list := make([]billing.SeedCustomer, customers)
	for i := range list {
		n := strconv.Itoa(200001 + i)
		list[i] = billing.SeedCustomer{
			Customer: billing.Customer{
				Account: n, Name: "Kunde " + n + " GmbH", Kind: billing.Direct, Tier: "gold", Region: "EMEA", Country: "DE", Language: "en",
				EntityID: entity.ID, Currency: "EUR", TermsDays: 30, Address: "Musterstr. 1\n20095 Hamburg", EmailDomains: []string{},
			},
			Contacts: []billing.Contact{{Name: "Buchhaltung " + n, Email: "ap@kunde-" + n + ".example", Language: "en"}},
		}
	}
	return list
}
