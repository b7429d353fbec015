package intake

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/internal/db"
)

// group is several messages that are given their fate in one transaction: each opens a case. One that turns out to need more
// than that is left out, and goes alone afterwards.
type group struct {
	*Intake

	tx   *db.Tx
	list []*member
}

// member is one message of a group, with what has been found out about it.
type member struct {
	*handling

	decision Decision
	sender   sender
	found
	again bool // its contact has an open case about the same invoice
}

// begin locks the messages and keeps those that only begin something.
func (g *group) begin(ctx context.Context, letters []letter) error {
	ids := make([]inbox.InboundID, len(letters))
	for n, l := range letters {
		ids[n] = l.ID
	}
	locked, err := g.inbox.LockAllTx(ctx, g.tx, ids)
	if err != nil {
		return err
	}
	waits := map[inbox.InboundID]bool{}
	for _, m := range locked {
		waits[m.ID] = m.Fate == inbox.Pending
	}
	var identities []inbox.Identity
	for _, l := range letters {
		if waits[l.ID] {
			g.list = append(g.list, &member{handling: &handling{Intake: g.Intake, letter: l, tx: g.tx}})
			identities = append(identities, l.identity())
		}
	}
	if len(g.list) == 0 {
		return nil
	}
	sights, err := g.inbox.SeeAllTx(ctx, g.tx, identities)
	if err != nil {
		return err
	}
	for n, m := range g.list {
		m.see(sights[n])
	}
	g.keep(func(m *member) bool {
		f := m.seen()
		if f.Own || len(m.sight.Earlier) > 0 || m.rewritten != nil {
			return false
		}
		m.sort()
		m.decision = Decide(f)
		return m.decision.Fate == inbox.NewCase
	})
	return nil
}

// keep leaves out the members that are not as plain as they seemed.
func (g *group) keep(plain func(m *member) bool) {
	g.list = slices.DeleteFunc(g.list, func(m *member) bool { return !plain(m) })
}

// senders ties addresses to customers: by the contact, else by the domain. Where only a number that the message quotes could tell
// which customer is meant, it goes alone.
func (g *group) senders(ctx context.Context) error {
	var addresses []string
	for _, m := range g.list {
		if m.decision.Trusted {
			addresses = append(addresses, m.from().Address)
		}
	}
	writers, err := g.billing.WritersByAddress(ctx, g.tx, addresses)
	if err != nil {
		return fmt.Errorf("find contacts: %w", err)
	}
	var domains []string
	for _, address := range addresses {
		if _, known := writers[address]; !known {
			domains = append(domains, domainOf(address))
		}
	}
	slices.Sort(domains)
	byDomain, err := g.billing.CustomersByDomains(ctx, g.tx, slices.Compact(domains))
	if err != nil {
		return err
	}
	g.keep(func(m *member) bool {
		address := m.from().Address
		if !m.decision.Trusted {
			return true
		}
		w, known := writers[address]
		if known && w.Contact.RetiredAt == nil {
			m.sender = sender{contact: &w.Contact, customer: &w.Customer}
			return true
		}
		list := byDomain[domainOf(address)]
		if len(list) == 0 {
			return len(m.msg.Refs.Invoices)+len(m.msg.Refs.Accounts)+len(m.msg.Refs.Payments) == 0 // else they may tell whom to suggest
		}
		m.sender.customer = billing.OneCustomer(list)
		return m.sender.customer != nil
	})
	return nil
}

// match looks up the invoices the messages name. One that another message of the group is about, too, and one that only total
// and day could lead to, are for the message to find alone.
func (g *group) match(ctx context.Context) error {
	texts := make([][]string, len(g.list))
	for n, m := range g.list {
		if m.sender.customer != nil {
			texts[n] = m.references()
		}
	}
	invoices, err := g.billing.InvoicesByReferences(ctx, g.tx, texts)
	if err != nil {
		return err
	}
	for n, m := range g.list {
		if m.sender.customer != nil {
			m.matches = Match(m.sender.customer, invoices[n], m.msg)
		}
	}
	taken := map[billing.InvoiceID]bool{}
	g.keep(func(m *member) bool {
		if m.sender.customer == nil {
			return true
		}
		if len(m.matches.Links) == 0 {
			search := m.amounts(*m.sender.customer)
			return len(search.Totals) == 0 || len(search.Days) == 0
		}
		if slices.ContainsFunc(m.matches.Links, func(l cases.LinkedInvoice) bool { return taken[l.InvoiceID] }) {
			return false
		}
		for _, l := range m.matches.Links {
			taken[l.InvoiceID] = true
		}
		return true
	})
	return nil
}

// similar finds the open cases about the same invoices, and puts together what agents are warned of.
func (g *group) similar(ctx context.Context) error {
	about := make([]cases.About, len(g.list))
	for n, m := range g.list {
		if len(m.matches.Invoices) > 0 {
			about[n] = m.matches.about(m.sender)
		}
	}
	open, err := g.cases.OpenCasesAboutEach(ctx, g.tx, about)
	if err != nil {
		return err
	}
	for n, m := range g.list {
		similar, again := m.sender.similar(open[n])
		m.warnings, m.again = slices.Concat(m.doubts(m.sender), m.matches.foreign(), similar), again
	}
	return nil
}

// claim makes the dispute lines that are certain.
func (g *group) claim(ctx context.Context) error {
	var claiming []*member
	var asked []billing.Claimed
	for _, m := range g.list {
		if !m.again && m.claims(m.matches) {
			claiming = append(claiming, m)
			asked = append(asked, billing.Claimed{InvoiceID: m.matches.Invoices[0].ID})
		}
	}
	contestable, err := g.billing.Contestables(ctx, g.tx, asked)
	if err != nil {
		return err
	}
	for n, m := range claiming {
		m.disputes = m.handling.claim(m.matches, contestable[n].Open)
	}
	return nil
}

// open opens the cases and gives the messages their fate.
func (g *group) open(ctx context.Context) error {
	inputs := make([]cases.OpenInput, len(g.list))
	for n, m := range g.list {
		m.whose = m.own(m.sender)
		inputs[n] = m.opening(m.decision, m.sender, m.found)
	}
	opened, err := g.cases.OpenAllTx(ctx, g.tx, inputs)
	if err != nil {
		return fmt.Errorf("open cases: %w", err)
	}
	sortings := make([]sorting.Sorting, len(g.list))
	fates := map[inbox.InboundID]inbox.Fate{}
	for n, m := range g.list {
		sortings[n] = m.sorted(&opened[n].ID)
		fates[m.ID] = inbox.Fate{
			Kind: inbox.NewCase, Reason: m.decision.Reason, Params: map[string]string{}, CaseID: new(int64(opened[n].ID)), Summary: m.summary(),
		}
	}
	if err := g.sorting.KeepAllTx(ctx, g.tx, sortings); err != nil {
		return err
	}
	return g.inbox.SettleAllTx(ctx, g.tx, fates)
}
