package intake

import (
	"slices"
	"strings"

	"makegood/inbox/parse"
)

// rewritten is a mail of somebody whose address a group or list of ours has replaced in From by its own, as groups do so that the mail
// passes DMARC on its way from them to us.
type rewritten struct {
	group  parse.Address // what stands in From
	writer parse.Address // who wrote it, as the group says; without an address when it does not say
	// vouched: a receiver we trust has said that the group really sent it, and what it found of the writer before.
	vouched bool
}

// rewrittenBy tells whether a group of ours has rewritten From. A writer's own Reply-To on mail that keeps its From rewrites nothing, and
// neither does a list of others: who reads along there is no business of ours.
func rewrittenBy(m parse.Message, own []string) *rewritten {
	if len(m.From) != 1 {
		return nil
	}
	group := lower(m.From[0])
	ours := slices.Contains(own, group.Address)
	if !ours && !m.Headers.ListOf(own) {
		return nil
	}
	claims := slices.Clone(m.Headers.OriginalFrom)
	if ours { // else it may be the writer's own address, which a list left as it was
		if len(m.ReplyTo) == 1 && !slices.ContainsFunc(own, func(a string) bool { return sameDomain(a, m.ReplyTo[0].Address) }) {
			claims = append(claims, m.ReplyTo[0]) // a colleague's is on mail that they write in our name
		}
		claims = append(claims, m.Headers.OriginalSender...)
	}
	name, passedOn := via(group.Name)
	r := &rewritten{group: group, writer: parse.Address{Name: name}}
	for _, claim := range claims {
		claim = lower(claim)
		if claim.Address != group.Address && !slices.Contains(own, claim.Address) && strings.Contains(claim.Address, "@") {
			r.writer = parse.Address{Name: orElse(claim.Name, name), Address: claim.Address}
			return r
		}
	}
	if ours && passedOn {
		return r
	}
	return nil
}

func sameDomain(a, b string) bool { return strings.EqualFold(domainOf(a), domainOf(b)) }

func lower(a parse.Address) parse.Address {
	return parse.Address{Name: a.Name, Address: strings.ToLower(a.Address)}
}

// via takes the writer's name out of a name that a group has made of it and its own: 'Anna' via Billing.
func via(name string) (writer string, passedOn bool) {
	for _, word := range []string{" via ", " über ", " a través de ", " par l’intermédiaire de ", "経由"} { //nolint:misspell // French
		if before, _, found := strings.Cut(name, word); found {
			return strings.Trim(before, `'"( `), true
		}
	}
	return "", false
}

// regroup puts the writer of a rewritten mail in the place of the group, and what is known of them in the place of what is known of the
// group. Whether the writer may count is left to Decide.
func (h *handling) regroup() {
	ids := h.inbox.Ours(h.msg.MessageID) || h.inbox.Ours(h.msg.Headers.Loop)
	if h.rewritten != nil || h.sight.Proven != nil || ids || h.Quiet && h.unsent() {
		return
	}
	r := rewrittenBy(h.msg, h.sight.OwnAddresses)
	if r == nil {
		return
	}
	before := Unknown
	if h.dmarc == Pass && slices.ContainsFunc(h.sight.OwnAddresses, func(a string) bool { return sameDomain(a, r.group.Address) }) {
		before = Sealed(h.msg.Headers, h.options.TrustedReceivers, domainOf(r.writer.Address))
	}
	if h.dmarc != Fail {
		h.dmarc = before
	}
	r.vouched = h.dmarc != Unknown
	h.rewritten, h.msg.From = r, []parse.Address{r.writer}
}

// unvouched: a group says who wrote the mail, and no receiver we trust does.
func (h *handling) unvouched() bool { return h.rewritten != nil && !h.rewritten.vouched }
