package intake

import (
	"context"
	"errors"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/i18n"
)

const (
	stateOK, stateMiss, stateOpen = "ok", "miss", "opt"
	maxReferred                   = 50
)

// check looks again at what the fate of a message rests on, as it stands now: what the mail answers, whether its domain is proven,
// whether the sender takes part, and whether we know them.
func (s *Screen) check(ctx context.Context, r reader, l *letter) ([]checkView, error) {
	reference, err := s.checkReference(ctx, r, l)
	if err != nil {
		return nil, err
	}
	known, err := s.checkSender(ctx, l)
	if err != nil {
		return nil, err
	}
	return []checkView{reference, checkDMARC(l), s.checkPart(r, l), known}, nil
}

func (s *Screen) checkReference(ctx context.Context, r reader, l *letter) (checkView, error) {
	hits, err := s.Inbox.Thread(ctx, s.Reports.Reader(), refersTo(l.Message))
	if err != nil {
		return checkView{}, err
	}
	if len(hits) == 0 { // answers to an address that leads to a case may name no mail
		if hits, err = s.Inbox.ThreadByAddress(ctx, s.Reports.Reader(), leadsBy(l.Message)); err != nil {
			return checkView{}, err
		}
	}
	if len(hits) == 0 {
		return checkView{stateOpen, i18n.T("No reference"), i18n.T("answers no mail we sent or stored")}, nil
	}
	l.hit = &hits[0]
	number, err := s.follow(ctx, r, l)
	if err != nil {
		return checkView{}, err
	}
	switch {
	case l.hit.Ours && l.hit.Signed:
		return checkView{stateOK, i18n.T("Reply token valid"), i18n.F("{number}, issued to {recipient}", "number", number, "recipient", l.hit.Recipient)}, nil
	case l.hit.Ours:
		return checkView{stateMiss, i18n.T("Reply token not ours"), i18n.F("{number}, but the token is not genuine", "number", number)}, nil
	}
	return checkView{stateOK, i18n.T("Answers a mail to us"), i18n.F("{number}, names a mail that came to us", "number", number)}, nil
}

// follow reads the case behind the reference, if the reader may see it, and gives its number.
func (s *Screen) follow(ctx context.Context, r reader, l *letter) (string, error) {
	c, err := s.Cases.CaseByID(ctx, s.Reports.Reader(), cases.ID(l.hit.CaseID), r.by)
	for err == nil && c.MergedInto != nil {
		c, err = s.Cases.CaseByID(ctx, s.Reports.Reader(), *c.MergedInto, r.by)
	}
	if errors.Is(err, cases.ErrNoCase) {
		return i18n.T("a case of another entity"), nil
	}
	if err != nil {
		return "", err
	}
	l.thread = &c
	l.people, err = s.Cases.Participants(ctx, s.Reports.Reader(), c.ID)
	return c.Number, err
}

func checkDMARC(l *letter) checkView {
	domain := l.from.Address[strings.LastIndexByte(l.from.Address, '@')+1:]
	switch l.dmarc {
	case mailroom.Pass:
		return checkView{stateOK, i18n.T("DMARC pass"), i18n.F("{domain}, by our mail server", "domain", domain)}
	case mailroom.Fail:
		return checkView{stateMiss, i18n.T("DMARC failed"), i18n.F("the mail may not come from {domain}", "domain", domain)}
	case mailroom.Unknown:
	}
	return checkView{stateOpen, i18n.T("DMARC not checked"), i18n.T("none of our mail servers said anything")}
}

func (s *Screen) checkPart(r reader, l *letter) checkView {
	if l.thread == nil {
		return checkView{stateOpen, i18n.T("No case named"), i18n.T("there is nothing to take part in")}
	}
	for _, p := range l.people {
		if p.Address != l.from.Address {
			continue
		}
		if p.Accepted {
			return checkView{stateOK, i18n.T("Takes part"), i18n.F("in {number} since {when}", "number", l.thread.Number, "when", r.when(p.AddedAt))}
		}
		return checkView{stateMiss, i18n.T("Not a participant"), i18n.F("in copy since {when}; not accepted", "when", r.when(p.AddedAt))}
	}
	return checkView{stateMiss, i18n.T("Not a participant"), i18n.F("was never part of {number}", "number", l.thread.Number)}
}

func (s *Screen) checkSender(ctx context.Context, l *letter) (checkView, error) {
	if l.from.Address == "" {
		return checkView{stateMiss, i18n.T("No sender"), i18n.T("From names nobody")}, nil
	}
	contact, customer, err := s.Billing.ContactByAddress(ctx, s.Reports.Reader(), l.from.Address)
	if err == nil {
		l.customer = &customer
		return checkView{stateOK, i18n.T("Known contact"), contact.Name + ", " + customer.Name}, nil
	}
	if errors.Is(err, billing.ErrContactRetired) {
		return checkView{stateMiss, i18n.T("Retired contact"), i18n.T("no longer speaks for their customer")}, nil
	}
	if !errors.Is(err, billing.ErrNoContact) {
		return checkView{}, err
	}
	domain := l.from.Address[strings.LastIndexByte(l.from.Address, '@')+1:]
	list, err := s.Billing.CustomersByDomain(ctx, s.Reports.Reader(), domain)
	if err != nil {
		return checkView{}, err
	}
	switch {
	case len(list) == 0:
		return checkView{stateOpen, i18n.T("No contact, no customer"), i18n.F("the domain {domain} is not known to us", "domain", domain)}, nil
	case oneFamily(list):
		l.customer = &list[0]
		return checkView{stateOK, i18n.T("Known domain"), i18n.F("no contact yet, but {name} writes from {domain}", "name", list[0].Name, "domain", domain)}, nil
	}
	return checkView{stateMiss, i18n.T("Several customers fit"), i18n.F("{name}, {name_2} write from {domain}", "name", list[0].Name, "name_2", list[1].Name, "domain", domain)}, nil
}

// oneFamily tells whether the customers belong together; the one at the top then comes first.
func oneFamily(list []billing.Customer) bool {
	if slices.ContainsFunc(list, func(c billing.Customer) bool { return c.FamilyID != list[0].FamilyID }) {
		return false
	}
	slices.SortStableFunc(list, func(a, b billing.Customer) int {
		switch {
		case a.ID == a.FamilyID:
			return -1
		case b.ID == b.FamilyID:
			return 1
		}
		return 0
	})
	return true
}

// leadsBy are the addresses of ours it went to that lead to a case.
func leadsBy(m parse.Message) []string {
	all := slices.Clone(m.Headers.DeliveredTo)
	for _, a := range slices.Concat(m.To, m.Cc) {
		all = append(all, a.Address)
	}
	return inbox.ReplyAddresses(all)
}

// refersTo are the Message-IDs the mail names, the nearest first.
func refersTo(m parse.Message) []string {
	var ids []string
	if m.Bounce.OriginalMessageID != "" {
		ids = append(ids, m.Bounce.OriginalMessageID)
	}
	ids = append(ids, m.InReplyTo...)
	for _, id := range slices.Backward(m.References) {
		ids = append(ids, inbox.Bracketed(id))
	}
	return ids[:min(len(ids), maxReferred)]
}
