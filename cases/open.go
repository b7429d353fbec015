package cases

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Open opens a case on a person's behalf: from a call, a form or another system. What another system hands over in a
// customer's own words is acknowledged as mail is, if it says where answers go. An invoice that does not concern the customer is refused.
func (s *Service) Open(ctx context.Context, in OpenInput) (Case, error) {
	entity := int64(0)
	if in.EntityID != nil {
		entity = int64(*in.EntityID)
	}
	if err := access.Can(in.By, access.WorkCases, access.Object{EntityID: entity}); err != nil {
		return Case{}, err
	}
	if in.Source == "api" && in.Message != nil {
		in.Acknowledge = &AcknowledgeInput{}
	}
	var c Case
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		err := s.concern(ctx, tx, in)
		if err != nil {
			return err
		}
		if c, err = s.OpenTx(ctx, tx, in); err != nil {
			return err
		}
		return access.Can(in.By, access.WorkCases, access.Object{EntityID: c.entity()})
	})
	return c, err
}

// OpenTx opens a case: it computes the priority, finds the policy, keeps the first message, opens the dispute lines with
// their holds, and starts the clocks and their timers. What a person contests beyond what is open is refused; what a
// mail contests is cut down to it, with a warning.
func (s *Service) OpenTx(ctx context.Context, tx *db.Tx, in OpenInput) (Case, error) {
	list, err := s.OpenAllTx(ctx, tx, []OpenInput{in})
	if err != nil {
		return Case{}, err
	}
	return list[0], nil
}

// OpenAllTx is OpenTx for several cases, which take hardly more statements than one. All are opened or none: an error is that of
// one of them.
func (s *Service) OpenAllTx(ctx context.Context, tx *db.Tx, in []OpenInput) ([]Case, error) {
	all := openings{service: s, tx: tx, list: make([]*opening, len(in))}
	for n, one := range in {
		all.list[n] = &opening{in: one, work: &work{tx: tx, by: one.By, quiet: true}}
	}
	for _, step := range []func(context.Context) error{
		all.begin, all.contest, all.rank, all.promise, all.address, all.number, all.tell, all.time, all.acknowledge, all.write, all.hold,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	cases := make([]Case, len(in))
	for n, o := range all.list {
		cases[n] = o.c
	}
	return cases, nil
}

func (in OpenInput) check() error {
	var wrong []errs.Field
	if !among(Types(), in.Type) {
		wrong = append(wrong, errs.Field{Name: "type", Key: "case.unknown_type"})
	}
	if in.Subject == "" && in.Message == nil {
		wrong = append(wrong, errs.Field{Name: "subject", Key: "case.needs_subject"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// newCase fills the columns that do not depend on what is in dispute.
func (s *Service) newCase(ctx context.Context, r db.Reader, in *OpenInput) (Case, billing.Customer, error) {
	c := Case{
		Type: in.Type, Subject: in.Subject, Status: StatusNew, Topic: in.Topic, Language: in.Language, CustomerID: in.CustomerID,
		ContactID: in.ContactID, EntityID: in.EntityID, AssigneeID: in.AssigneeID, TeamID: in.TeamID, OpenedAt: in.ReceivedAt, FollowsID: in.Follows,
	}
	customer, err := s.openedFor(ctx, r, in)
	if err != nil {
		return Case{}, customer, err
	}
	if c.EntityID == nil && c.CustomerID != nil {
		c.EntityID = &customer.EntityID
	}
	if m := in.Message; m != nil {
		c.Snippet, c.LastCustomerAt, c.UnansweredSince = snippet(m.Body), &in.ReceivedAt, &in.ReceivedAt
		if c.Subject == "" {
			c.Subject = m.Subject
		}
		if c.Language == "" {
			c.Language = m.Language
		}
	}
	if c.Language == "" {
		c.Language = customer.Language
	}
	switch {
	case in.Brought != nil:
		in.Brought.stands(&c, r.Now())
	case in.Past:
		c.Status, c.UnansweredSince, c.ResolvedAt, c.ClosedAt = StatusClosed, nil, &in.ReceivedAt, &in.ReceivedAt
	}
	return c, customer, nil
}

// openedFor is the customer a case is opened for, read unless the caller has it.
func (s *Service) openedFor(ctx context.Context, r db.Reader, in *OpenInput) (billing.Customer, error) {
	switch {
	case in.CustomerID == nil:
		return billing.Customer{}, nil
	case in.Customer != nil && in.Customer.ID == *in.CustomerID:
		return *in.Customer, nil
	}
	return s.billing.CustomerByID(ctx, r, *in.CustomerID)
}

// row is an inbound message as a row of the conversation.
func (m InboundMessage) row(id ID) Message {
	return Message{
		CaseID: id, Kind: Inbound, AuthorKind: ByCustomer, AuthorName: m.AuthorName, AuthorAddress: strings.ToLower(m.AuthorAddress),
		Recipients: m.Recipients, Subject: m.Subject, Body: m.Body, FullBody: m.FullBody, Language: m.Language, Trust: m.Trust,
		Machine: m.aside(), Apart: m.Apart, Formatted: m.Formatted, InboundMessageID: m.InboundID, At: m.At, Attachments: m.Attachments,
	}
}

// aside: it is kept and changes nothing.
func (m InboundMessage) aside() bool { return m.Machine || m.Apart }

func (m InboundMessage) eventData(id MessageID) map[string]any {
	data := map[string]any{"message": id, "machine": m.aside(), "received_at": m.At, "trust": m.Trust}
	if m.InboundID != nil {
		data["inbound"] = *m.InboundID
	}
	if m.Apart {
		data["apart"] = true
	}
	if m.For != 0 {
		data["for"] = m.For
	}
	return data
}

// snippet is the beginning of a text on one line, for lists.
func snippet(text string) string {
	const length = 160
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= length {
		return line
	}
	return string([]rune(line)[:length-1]) + "…"
}

// lastEventAt is the moment of the latest event of a case; what comes late may not stand before it.
func lastEventAt(ctx context.Context, r db.Reader, id ID) (time.Time, error) {
	at, err := db.Value[time.Time](ctx, r, `select coalesce(max(at), '-infinity'::timestamptz) from audit_log where stream = $1 and what = any($2)`,
		string(audit.Case(int64(id))), clockEvents())
	if err != nil {
		return at, fmt.Errorf("find last event: %w", err)
	}
	return at, nil
}
