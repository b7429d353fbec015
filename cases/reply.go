package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/marks"
	"makegood/internal/money"
)

// Reply answers the customer by mail, in the case's thread, after the undo window. It stops the response clocks, opens a
// new case and may move the case on at once. It refuses to promise an amount that is neither approved nor posted, and to
// write to somebody who takes no part in the case.
func (s *Service) Reply(ctx context.Context, in ReplyInput) (Sent, error) {
	in.Body = strings.TrimSpace(in.Body)
	if err := s.mayAttach(ctx, in.By, in.Attach); err != nil {
		return Sent{}, err
	}
	var sent Sent
	c, err := s.command(ctx, in.On, true, func(w *work) error {
		m, err := s.withMacro(ctx, w, in.Macro)
		if err != nil {
			return err
		}
		if m.Does.Status != "" {
			in.Then, in.WaitingOn, _ = statusOf(m.Does.Status)
		}
		if sent, err = s.reply(ctx, w, in); err != nil {
			return err
		}
		if err := dropDraft(ctx, w.tx, w.c.ID, in.By.UserID, PublicReply); err != nil {
			return err
		}
		return s.doBeside(ctx, w, m.Does, true)
	})
	sent.Case = c
	return sent, err
}

// reply is Reply within a change that has begun.
func (s *Service) reply(ctx context.Context, w *work, in ReplyInput) (Sent, error) {
	if err := in.check(w.c); err != nil {
		return Sent{}, err
	}
	if err := s.checkPromises(ctx, w, in.Body); err != nil {
		return Sent{}, err
	}
	if err := w.foundCause(ctx, in.RootCause); err != nil {
		return Sent{}, err
	}
	files, err := w.takeFiles(ctx, PublicReply, going{in.Files, in.Attach})
	if err != nil {
		return Sent{}, err
	}
	sent, err := s.send(ctx, w, in, files)
	if err != nil {
		return Sent{}, err
	}
	if err := letGo(ctx, w.tx, files); err != nil {
		return Sent{}, err
	}
	return sent, s.replied(ctx, w, in, sent.MessageID, files)
}

func (in ReplyInput) check(c Case) error {
	switch {
	case in.Body == "":
		return errs.InvalidField("body", "case.needs_text")
	case c.Status == StatusClosed:
		return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", c.Number)
	case in.Then != "" && in.Then != StatusOpen && in.Then != StatusWaiting && in.Then != StatusResolved:
		return errs.InvalidField("then", "case.unknown_status")
	}
	return nil
}

// replied notes the answer and moves the case on.
func (s *Service) replied(ctx context.Context, w *work, in ReplyInput, id MessageID, files []DraftFile) error {
	now := w.tx.Now()
	w.note(evReplied, withFiles(map[string]any{
		"message": id, "from": w.c.Status, "waiting_on": w.c.WaitingOn, "last_reply_at": w.c.LastReplyAt, "unanswered_since": w.c.UnansweredSince,
		"resolved_at": w.c.ResolvedAt, "follow_up_at": w.c.FollowUpAt, "follow_up_note": w.c.FollowUpNote, "follow_up_due": w.c.FollowUpDue,
	}, files))
	w.c.LastReplyAt, w.c.UnansweredSince = &now, nil
	if w.c.FollowUpDue {
		w.followUpEnds("answered")
	}
	with := map[string]any{"with": id}
	switch to := in.Then; {
	case to == StatusResolved && w.c.Status != StatusResolved:
		return s.resolve(ctx, w, in.Resolution, with)
	case to == StatusWaiting && w.c.Status == StatusWaiting && w.c.WaitingOn == in.WaitingOn:
		return nil
	case to == StatusWaiting && w.c.Status.Active():
		return w.move(StatusWaiting, in.WaitingOn, with)
	case to == StatusOpen && w.c.Status != StatusOpen, w.c.Status == StatusNew:
		return w.move(StatusOpen, OnNobody, with)
	}
	return nil
}

// checkPromises compares what a text promises with the credits of the case.
func (s *Service) checkPromises(ctx context.Context, w *work, body string) error {
	credits, err := creditsOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	return backed(body, credits)
}

// backed refuses a text that promises what none of the credits backs, as it is typed and as it is read without its marks.
func backed(body string, credits map[int64]credit) error {
	known := backing(credits, CreditApproved, CreditPosted)
	unbacked := Unbacked(body, known)
	if len(unbacked) == 0 {
		unbacked = Unbacked(marks.Plain(body), known)
	}
	if len(unbacked) > 0 {
		return errs.New(ErrUnbackedPromise.Kind, ErrUnbackedPromise.Key, "amount", strings.Join(plain(unbacked), ", "))
	}
	return nil
}

// backing are the totals of the credits in these states that give the customer money.
func backing(credits map[int64]credit, states ...CreditState) []money.Amount {
	var known []money.Amount
	for _, c := range credits {
		currency, err := money.ParseCurrency(c.Currency)
		if err != nil || !c.gives() || !slices.Contains(states, c.State) {
			continue
		}
		if a, err := money.Parse(c.Total, currency); err == nil {
			known = append(known, a)
		}
	}
	return known
}

// send keeps the reply in the conversation and puts the mail into the outbox.
func (s *Service) send(ctx context.Context, w *work, in ReplyInput, files []DraftFile) (Sent, error) {
	last, err := lastInbound(ctx, w.tx, w.c.ID)
	if err != nil {
		return Sent{}, err
	}
	to, cc, err := s.recipients(ctx, w, in, last)
	if err != nil {
		return Sent{}, err
	}
	entity, err := s.entityOf(ctx, w.tx, w.c)
	if err != nil {
		return Sent{}, err
	}
	letter, err := letterbook.Write(ctx, w.tx, entity.ID, letters.Reply, w.c.Language, letters.ReplyVars{
		Frame: frame(w.c, entity), Body: in.Body, Agent: in.By.Name, Quote: quote(last, entity),
	})
	if err != nil {
		return Sent{}, fmt.Errorf("write reply: %w", err)
	}
	id, err := insertMessage(ctx, w.tx, Message{
		CaseID: w.c.ID, Kind: PublicReply, AuthorKind: ByPerson, AuthorID: userID(in.By), AuthorName: in.By.Name,
		AuthorAddress: entity.SupportAddress, Recipients: append([]string{to.Address}, cc...), Subject: letter.Subject,
		Body: in.Body, Language: letter.Lang, At: w.tx.Now(), Formatted: true,
	})
	if err != nil {
		return Sent{}, err
	}
	inReplyTo, err := s.threadTo(ctx, w.tx, last)
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{MessageID: id, UndoUntil: w.tx.Now().Add(max(in.held, s.options.UndoWindow))}
	mail := inbox.Outgoing{
		Key: fmt.Sprintf("reply:%d", id), CaseID: new(int64(w.c.ID)), Kind: string(letters.Reply), FromAddress: entity.SupportAddress,
		FromName: entity.SupportName, ToAddress: to.Address, ToName: to.Name, Cc: cc, Subject: letter.Subject, Text: letter.Text,
		HTML: letter.HTML, InReplyTo: inReplyTo, Language: letter.Lang, NotBefore: sent.UndoUntil, CreatedBy: userID(in.By), LetterVersionID: letter.Version,
		Attachments: mailed(files),
	}
	if inReplyTo != "" {
		mail.References = []string{inReplyTo}
	}
	outgoing, err := s.inbox.QueueTx(ctx, w.tx, mail)
	if err != nil {
		return Sent{}, fmt.Errorf("queue reply: %w", err)
	}
	sent.OutgoingID = int64(outgoing)
	return sent, setOutgoing(ctx, w.tx, id, sent.OutgoingID)
}

func frame(c Case, entity billing.Entity) letters.Frame {
	signature := entity.Signature
	if strings.TrimSpace(signature) == "" {
		signature = entity.SupportName
	}
	return letters.Frame{CaseNumber: c.Number, Subject: c.Subject, Entity: entity.Name, Signature: signature}
}

// quote shows below the answer what the customer wrote last.
func quote(last *Message, entity billing.Entity) *letters.Quote {
	if last == nil || strings.TrimSpace(last.Body) == "" {
		return nil
	}
	from := last.AuthorName
	if strings.TrimSpace(from) == "" {
		from = last.AuthorAddress
	}
	return &letters.Quote{From: from, At: inZone(last.At, entity), Text: last.Body}
}

// recipients are whom the reply goes to: those named, who must take part, or whoever wrote last.
func (s *Service) recipients(ctx context.Context, w *work, in ReplyInput, last *Message) (to Participant, cc []string, err error) {
	people, err := s.Participants(ctx, w.tx, w.c.ID)
	if err != nil {
		return to, nil, err
	}
	people = slices.DeleteFunc(people, func(p Participant) bool { return !p.Accepted })
	find := func(address string) (Participant, bool) {
		at := slices.IndexFunc(people, func(p Participant) bool { return strings.EqualFold(p.Address, strings.TrimSpace(address)) })
		if at < 0 {
			return Participant{}, false
		}
		return people[at], true
	}
	found := false
	switch {
	case in.To != "":
		to, found = find(in.To)
	case last != nil:
		to, found = find(last.AuthorAddress)
	}
	if !found && in.To == "" && len(people) > 0 {
		to, found = people[0], true
	}
	if !found {
		return to, nil, errs.New(ErrNobodyToAnswer.Kind, ErrNobodyToAnswer.Key, "number", w.c.Number)
	}
	for _, address := range in.Cc {
		p, ok := find(address)
		if !ok {
			return to, nil, errs.InvalidField("cc", "case.no_participant", "address", address)
		}
		cc = append(cc, p.Address)
	}
	for _, p := range people {
		if in.CcAll && p.Address != to.Address && !slices.Contains(cc, p.Address) {
			cc = append(cc, p.Address)
		}
	}
	return to, cc, nil
}

// entityOf is the legal entity that writes to the customer: the case's, or the first while the case has none.
func (s *Service) entityOf(ctx context.Context, r db.Reader, c Case) (billing.Entity, error) {
	if c.EntityID != nil {
		return s.billing.EntityByID(ctx, r, *c.EntityID)
	}
	list, err := s.billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, err
	}
	if len(list) == 0 {
		return billing.Entity{}, billing.ErrNoEntity
	}
	return list[0], nil
}

// threadTo is the Message-ID of the mail an answer belongs below, "" when there is none.
func (s *Service) threadTo(ctx context.Context, r db.Reader, last *Message) (string, error) {
	if last == nil || last.InboundMessageID == nil {
		return "", nil
	}
	mail, err := s.inbox.Message(ctx, r, inbox.InboundID(*last.InboundMessageID))
	if errors.Is(err, inbox.ErrNoMessage) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find mail to answer: %w", err)
	}
	return mail.MessageID, nil
}

// lastInbound is the latest message that somebody wrote who takes part; nil when there is none.
func lastInbound(ctx context.Context, r db.Reader, id ID) (*Message, error) {
	list, err := db.List[Message](ctx, r, `select `+messageColumns+answerable, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
