package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/db"
)

// handling is one message being given its fate in one transaction.
type handling struct {
	*Intake
	letter
	tx      *db.Tx
	sight   inbox.Sight
	verdict sorting.Verdict // what it is about
	// hit is the mail of ours, or one that came, that the message refers to.
	hit *inbox.ThreadHit
	// worse are deliveries of the same mail that are held as forged, which this one is not.
	worse []inbox.InboundID
	// participants are those of the case of hit.
	participants []cases.Participant
	// rewritten says whose mail it is if a group of ours has put its own address into From; else it is nil.
	rewritten *rewritten
}

// factsTx gathers what the decision rests on. It stops looking once nothing more can matter.
func (h *handling) factsTx(ctx context.Context) (Facts, error) {
	if h.Refusal != "" {
		return Facts{Refused: true}, nil
	}
	if h.Infected != "" {
		return Facts{Infected: true}, nil
	}
	sight, err := h.inbox.SeeTx(ctx, h.tx, h.identity())
	if err != nil {
		return Facts{}, err
	}
	h.see(sight)
	f := h.seen()
	if f.Own && !f.Copy || f.Erased {
		return f, nil
	}
	if f.Duplicate, err = h.duplicateTx(ctx); err != nil || f.Duplicate != nil {
		return f, err
	}
	h.sort()
	f.Partner = h.verdict.ToCase
	f.Thread, err = h.threadTx(ctx)
	f.Believable = h.believable()
	return f, err
}

// seen are the facts that follow from the message and what the inbox knows of it.
func (h *handling) seen() Facts {
	from := h.from()
	ours := h.inbox.Ours(h.msg.MessageID) || h.inbox.Ours(h.msg.Headers.Loop)
	return Facts{
		Kind: h.msg.Kind, Sender: from.Address, Several: len(h.msg.From) > 1, Oversize: h.Oversize, Quiet: h.Quiet, DMARC: h.dmarc, Unproven: h.unproven(), Unscannable: h.unscannable,
		Erased: h.sight.Erased != nil, Own: ours || slices.Contains(h.sight.OwnAddresses, from.Address), Copy: !ours && h.Quiet && h.unsent(), Unvouched: h.unvouched(),
	}
}

// unsent: no mail server has delivered it. A copy of what we sent never travelled; what somebody sent in our name did.
func (l letter) unsent() bool {
	h := l.msg.Headers
	return h.ReturnPath == "" && !h.NullReturnPath && len(h.DeliveredTo) == 0 && len(h.AuthenticationResults) == 0
}

func (l letter) identity() inbox.Identity {
	return inbox.Identity{ID: l.ID, SHA256: l.SHA256, MessageID: l.msg.MessageID, MailboxID: l.MailboxID, Fingerprint: deliveryOf(l.msg)}
}

// see keeps what the inbox knows. A form is not mail, so no receiver vouches for it: its proof is the link that was
// mailed to the address.
func (h *handling) see(sight inbox.Sight) {
	h.sight = sight
	if h.msg.Kind == parse.List && h.msg.Headers.ListOf(sight.OwnAddresses) {
		h.msg.Kind = h.msg.Unlisted // people write to our own list, or group, as to any address of ours
	}
	h.regroup()
	if sight.Proven == nil {
		return
	}
	if h.dmarc = Unknown; *sight.Proven {
		h.dmarc = Pass
	}
}

// unproven: somebody filled in a form with an address that may be another's.
func (h *handling) unproven() bool { return h.sight.Proven != nil && !*h.sight.Proven }

// duplicateTx finds the delivery of the same mail that counts. One Message-ID over another content is another mail.
func (h *handling) duplicateTx(ctx context.Context) (*Earlier, error) {
	if len(h.sight.Earlier) == 0 {
		return nil, nil //nolint:nilnil // most mail comes once
	}
	list, err := h.inbox.MessagesByID(ctx, h.tx, h.sight.Earlier)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		e := Earlier{ID: m.ID, CaseID: m.CaseID, SameBytes: bytes.Equal(m.SHA256, h.SHA256), SameMailbox: sameMailbox(m.MailboxID, h.MailboxID)}
		if e.SameBytes {
			return &e, nil
		}
		raw, err := h.inbox.Raw(ctx, h.tx, m.ID)
		if err != nil {
			return nil, fmt.Errorf("read delivery to compare: %w", err)
		}
		other := parse.Parse(raw, h.options.Parse)
		forged := DMARC(other, h.options.TrustedReceivers) == Fail
		if r := rewrittenBy(other, h.sight.OwnAddresses); r != nil {
			other.From = []parse.Address{r.writer}
		}
		switch {
		case fingerprint(other) != fingerprint(h.msg):
		case h.better(m, forged):
			h.worse = append(h.worse, m.ID)
		case h.msg.Kind == parse.Person && passedOver(m): // that copy went to nobody, and this one is somebody's to us
		default:
			return &e, nil
		}
	}
	return nil, nil //nolint:nilnil // as above
}

// better: the other delivery is held because its sender was found to be forged, and this one's was not.
func (h *handling) better(other inbox.Inbound, forged bool) bool {
	return forged && other.Fate == inbox.Held && other.FateReason == ReasonUnverified && h.dmarc != Fail
}

// passedOver: the other delivery came by a list or was marked by a machine on its way, and is in no case: nobody has seen it.
func passedOver(other inbox.Inbound) bool {
	switch other.Fate {
	case inbox.Ignored:
		return other.FateReason == ReasonList
	case inbox.AutoReply:
		return other.CaseID == nil
	case inbox.Pending, inbox.Held, inbox.Quarantined, inbox.NewCase, inbox.Attached, inbox.Duplicate, inbox.Bounce:
	}
	return false
}

func sameMailbox(a, b *inbox.MailboxID) bool { return a == b || a != nil && b != nil && *a == *b }

// Fingerprint is what the deliveries of one mail share and no other mail has, taken of its bytes; nil when there is nothing of the kind.
func (i *Intake) Fingerprint(raw []byte) []byte { return deliveryOf(parse.Parse(raw, i.options.Parse)) }

// deliveryOf knows a mail by its words together with its Message-ID or, without one, when it was written: the same words may be written anew. Of a
// mail that says neither, only the bytes tell.
func deliveryOf(m parse.Message) []byte {
	by := "id:" + inbox.Bracketed(m.MessageID)
	if m.MessageID == "" {
		by = "date:" + m.Date
	}
	if m.MessageID == "" && m.Date == "" {
		return nil
	}
	words := fingerprint(m)
	sum := sha256.Sum256(append(words[:], by...))
	return sum[:]
}

// fingerprint is what two deliveries of one mail share, however their ways differed.
func fingerprint(m parse.Message) [sha256.Size]byte {
	hash := sha256.New()
	part := func(text string) { _, _ = fmt.Fprintf(hash, "%d:%s", len(text), text) }
	for _, a := range m.From {
		part(strings.ToLower(a.Address))
	}
	part(m.Subject)
	part(m.Text)
	part(m.HTML)
	for _, a := range m.Attachments {
		part(a.SHA256)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// threadTx finds the case whose mail the message refers to.
func (h *handling) threadTx(ctx context.Context) (*Thread, error) {
	hits, err := h.inbox.Thread(ctx, h.tx, h.refersTo())
	if err != nil {
		return nil, fmt.Errorf("find thread: %w", err)
	}
	if len(hits) == 0 {
		hits, err = h.inbox.ThreadByAddress(ctx, h.tx, h.leadsBy())
	}
	if err == nil && len(hits) == 0 && h.msg.Kind == parse.Bounced {
		h.hit, err = h.inbox.Caseless(ctx, h.tx, h.msg.Bounce.OriginalMessageID)
	}
	if err != nil || len(hits) == 0 {
		return nil, err // most mail begins something
	}
	h.hit = &hits[0]
	c, err := h.mergedTx(ctx, h.tx, cases.ID(h.hit.CaseID))
	if errors.Is(err, cases.ErrNoCase) {
		return nil, nil //nolint:nilnil // a case that is gone
	}
	if err != nil {
		return nil, fmt.Errorf("read case of thread: %w", err)
	}
	if h.participants, err = h.cases.Participants(ctx, h.tx, c.ID); err != nil {
		return nil, fmt.Errorf("read participants: %w", err)
	}
	from, readers := h.from().Address, h.others(nil)
	return &Thread{
		CaseID: c.ID, Number: c.Number, Ours: h.hit.Ours,
		Accepted: slices.ContainsFunc(h.participants, func(p cases.Participant) bool { return p.Accepted && p.Address == from }),
		Told: slices.ContainsFunc(h.participants, func(p cases.Participant) bool {
			return p.Accepted && slices.ContainsFunc(readers, func(a parse.Address) bool { return a.Address == p.Address })
		}),
	}, nil
}

// mergedTx is a case, or the one it was joined to.
func (i *Intake) mergedTx(ctx context.Context, tx *db.Tx, id cases.ID) (cases.Case, error) {
	c, err := i.cases.CaseByID(ctx, tx, id, system())
	for err == nil && c.MergedInto != nil {
		c, err = i.cases.CaseByID(ctx, tx, *c.MergedInto, system())
	}
	return c, err
}

// sender is whom a message comes from, as far as that is known.
type sender struct {
	contact  *billing.Contact
	customer *billing.Customer
	shared   bool // several unrelated customers write from this domain
}

func (s sender) trust(v Verdict) cases.Trust {
	switch {
	case s.customer == nil || v == Fail:
		return cases.Unverified
	case v == Pass:
		return cases.Verified
	}
	return cases.Known
}

// senderTx ties an address to a customer: by the contact, else by the domain.
func (h *handling) senderTx(ctx context.Context) (sender, error) {
	address := h.from().Address
	if address == "" {
		return sender{}, nil
	}
	contact, customer, err := h.billing.ContactByAddress(ctx, h.tx, address)
	if err == nil {
		return sender{contact: &contact, customer: &customer}, nil
	}
	if errors.Is(err, billing.ErrContactRetired) {
		return sender{}, nil
	}
	if !errors.Is(err, billing.ErrNoContact) {
		return sender{}, fmt.Errorf("find contact: %w", err)
	}
	list, err := h.billing.CustomersByDomain(ctx, h.tx, address[strings.LastIndexByte(address, '@')+1:])
	if err != nil || len(list) == 0 {
		return sender{}, err
	}
	one := billing.OneCustomer(list)
	if one == nil {
		if one, err = h.quotedOf(ctx, list); err != nil {
			return sender{}, err
		}
	}
	return sender{customer: one, shared: one == nil}, nil
}

// quotedOf picks, of several customers who write from one domain, the one whose account or invoice the message quotes: the
// domain proves that it is one of them, the number says which.
func (h *handling) quotedOf(ctx context.Context, list []billing.Customer) (*billing.Customer, error) {
	quoted, err := h.quoted(ctx)
	if err != nil {
		return nil, err
	}
	var one *billing.Customer
	for n := range list {
		if !slices.Contains(quoted, list[n].ID) {
			continue
		}
		if one != nil {
			return nil, nil //nolint:nilnil // several are quoted: nobody is meant for certain
		}
		one = &list[n]
	}
	return one, nil
}

// quoted are the customers whose account numbers or invoices stand in the message, each once.
func (h *handling) quoted(ctx context.Context) ([]billing.CustomerID, error) {
	accounts, err := h.billing.CustomersByAccounts(ctx, h.tx, h.msg.Refs.Accounts)
	if err != nil {
		return nil, err
	}
	invoices, err := h.billing.InvoicesByReference(ctx, h.tx, slices.Concat(h.msg.Refs.Invoices, h.msg.Refs.Payments))
	if err != nil {
		return nil, err
	}
	var ids []billing.CustomerID
	for _, c := range accounts {
		ids = append(ids, c.ID)
	}
	for _, i := range invoices {
		if !i.ByOrder {
			ids = append(ids, i.CustomerID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
