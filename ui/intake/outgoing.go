package intake

import (
	"context"

	"makegood/cases"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// outgoing reads one mail of ours. Its case is named only to those who may see it.
func (s *Screen) outgoing(ctx context.Context, r reader, id int64) (*outgoingView, error) {
	m, err := s.Inbox.ReadableOutgoing(ctx, s.Reports.Reader(), inbox.OutgoingID(id), r.by)
	if err != nil {
		return nil, err
	}
	steps, err := s.Inbox.Steps(ctx, s.Reports.Reader(), []inbox.OutgoingID{m.ID})
	if err != nil {
		return nil, err
	}
	v := &outgoingView{
		ID: text(id), Subject: m.Subject, From: m.FromAddress, To: sender(m.ToName, m.ToAddress), At: m.CreatedAt,
		Tag: outgoingTag(m.State), Error: m.Error, Text: m.TextBody,
	}
	if letters.Secret(letters.Kind(m.Kind)) {
		v.Text = i18n.T("The letter lets its reader in, so what it says is not shown here.")
	}
	v.Tone, v.Lead = outgoingLead(m)
	v.Facts = []kit.KV{{Label: i18n.T("Attempts"), Value: r.count(m.Attempts)}, {Label: i18n.T("May leave"), Value: r.when(m.NotBefore)}}
	if m.SentAt != nil {
		v.Facts = append(v.Facts, kit.KV{Label: i18n.T("Sent"), Value: r.when(*m.SentAt)})
	}
	if m.AwaitsAttachment {
		v.Facts = append(v.Facts, kit.KV{Label: i18n.T("Waits for"), Value: i18n.T("its attachment")})
	}
	v.Facts = append(v.Facts, kit.KV{Label: i18n.T("Message-ID"), Value: m.MessageID})
	for _, step := range steps {
		if step.Reason != "" {
			v.Facts = append(v.Facts, kit.KV{Label: step.UserName + ", " + r.when(step.At), Value: step.Reason})
		}
	}
	if doubt := m.State == inbox.Unknown; r.may && (doubt || m.State == inbox.Failed) {
		v.Endings, v.Resend = endings(doubt), m.CaseID == nil
	}
	if m.CaseID != nil {
		if c, err := s.Cases.CaseByID(ctx, s.Reports.Reader(), cases.ID(*m.CaseID), r.by); err == nil {
			v.CaseNumber = c.Number
		}
	}
	return v, nil
}

// endings are how a mail may be settled; what the server refused has not arrived.
func endings(doubt bool) []kit.Option {
	list := []kit.Option{
		{Value: string(inbox.GivenUp), Text: i18n.T("It is given up"), Hint: i18n.T("nobody needs it any more")},
		{Value: string(inbox.Otherwise), Text: i18n.T("It was done otherwise"), Hint: i18n.T("its reader was told by another way")},
	}
	if doubt {
		list = append([]kit.Option{{Value: string(inbox.Reached), Text: i18n.T("It arrived"), Hint: i18n.T("its reader has it")}}, list...)
	}
	list[0].Selected = true
	return list
}

// outgoingLead says what the state of a mail means and what there is to do.
func outgoingLead(m inbox.OutgoingMessage) (tone, lead string) {
	switch m.State {
	case inbox.Queued:
		return "", i18n.T("The mail waits for its turn.")
	case inbox.Sending:
		return "", i18n.T("The mail is being handed to the server.")
	case inbox.Sent:
		return "ok", i18n.T("The server has taken the mail.")
	case inbox.Bounced:
		return "stop", i18n.T("The mail came back: its reader did not get it. Check the address, then write again from the case.")
	case inbox.Failed:
		return "bad", i18n.T("The server refused the mail, so nobody got it. Once the cause is gone, send it once more: on its case under Delivery, or here when it has none. Or settle it.")
	case inbox.Unknown:
		return "stop", i18n.T("The connection was cut while the server took the mail: it may have been sent. It is not repeated by itself; ask the customer, then settle it here, or send it once more: on its case under Delivery, or here when it has none.")
	case inbox.Stopped:
		if m.CaseID == nil {
			return "stop", i18n.T("Mail to this address came back for good before, so it was stopped. Take it back on the customer’s page, under Statement by mail, and send it again once the address is right.")
		}
		return "stop", i18n.T("Mail to this address came back for good before, so it was stopped. Let it go, or take it back, on its case under Delivery.")
	case inbox.Cancelled:
		return "", i18n.T("The mail was taken back before it left.")
	}
	return "", ""
}
