package inbox

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"makegood/internal/db"
)

// replyToken is what stands between the name of a mailbox and its domain in an address that leads to a case: +c12.TAG. Servers and
// mail programs may change the case of letters.
var replyToken = regexp.MustCompile(`(?i)^[^@]+\+c(\d{1,18})\.([a-z2-7]{26})@[^@]+$`)

const (
	maxLocalPart   = 64 // octets, RFC 5321, section 4.5.3.1.1
	maxReplyTokens = 5  // of one message that are looked at
)

// replyAddress is where answers to a mail of a case go when its sender's mailbox takes them by plus addressing (RFC 5233):
// billing+c12.TAG@example.com. TAG signs case and recipient, as that of the Message-ID does. Empty when there is no room for it.
func (s *Service) replyAddress(m OutgoingMessage) string {
	at := strings.LastIndexByte(m.FromAddress, '@')
	if m.CaseID == nil || at < 0 {
		return ""
	}
	c := caseText(m.CaseID)
	local := m.FromAddress[:at] + "+c" + c + "." + s.keys.Sign("reply-to", c, strings.ToLower(m.ToAddress))
	if len(local) > maxLocalPart {
		return ""
	}
	return local + m.FromAddress[at:]
}

// ReplyAddresses are those of some addresses that have the form of one that leads to a case, genuine or not.
func ReplyAddresses(addresses []string) []string {
	var out []string
	for _, address := range addresses {
		if replyToken.MatchString(address) && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

// ThreadByAddress finds the cases that reply addresses lead to whose token is genuine: it signs the case and somebody whom a mail of
// that case went to. As a Message-ID it shows that our mail was seen, not who writes.
func (s *Service) ThreadByAddress(ctx context.Context, r db.Reader, addresses []string) ([]ThreadHit, error) {
	tags := map[int64][]string{}
	var ids []int64
	for _, address := range addresses[:min(len(addresses), maxReplyTokens)] {
		m := replyToken.FindStringSubmatch(address)
		if m == nil {
			continue
		}
		id, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			continue
		}
		ids, tags[id] = append(ids, id), append(tags[id], strings.ToLower(m[2]))
	}
	if len(ids) == 0 {
		return nil, nil
	}
	hits, err := db.List[ThreadHit](ctx, r, `select distinct case_id, '' as message_id, lower(to_address) as recipient, null::bigint as outgoing_id,
			null::bigint as inbound_id, true as ours, false as signed
		from outgoing_messages where case_id = any ($1) order by case_id, recipient`, ids)
	if err != nil {
		return nil, fmt.Errorf("find case of reply address: %w", err)
	}
	var out []ThreadHit
	for _, h := range hits {
		c := strconv.FormatInt(h.CaseID, 10)
		if h.Signed = slices.ContainsFunc(tags[h.CaseID], func(tag string) bool { return s.keys.Verify(tag, "reply-to", c, h.Recipient) }); h.Signed {
			out = append(out, h)
		}
	}
	return out, nil
}
