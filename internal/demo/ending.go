package demo

import (
	"context"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
)

// answer solves a case that needs no money.
func (s *story) answer(ctx context.Context) error {
	text, ok := s.voice.answered[s.topic]
	if !ok {
		text = s.voice.answered[""]
	}
	if err := s.reply(ctx, text, cases.ReplyInput{Then: cases.StatusResolved, Resolution: "answered"}); err != nil {
		return err
	}
	if s.scene.plot == comingBack {
		back := s.Clock.Now().Add(time.Duration(2+s.rng.IntN(40)) * time.Hour)
		s.agenda.at(back, s.explain)
		s.scene.plot = answered
		s.agenda.at(s.later(back, s.target(clock.NextResponse), 20+s.rng.IntN(60)), s.answer)
		return nil
	}
	s.leave()
	return nil
}

// refuse explains that the invoice is right.
func (s *story) refuse(ctx context.Context) error {
	text := s.any(s.voice.refused)
	if err := s.decide(ctx, s.matter.fill(text), false); err != nil {
		return err
	}
	cause := s.causes["no_fault"]
	err := s.reply(ctx, text, cases.ReplyInput{Then: cases.StatusResolved, Resolution: "rejected", RootCause: &cause})
	s.leave()
	return err
}

// decide decides every dispute line without giving anything.
func (s *story) decide(ctx context.Context, explanation string, withdrawn bool) error {
	lines, err := s.Cases.Disputes(ctx, s.DB, s.id)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if line.Status.Decided() {
			continue
		}
		on, _, err := s.on(ctx)
		if err != nil {
			return err
		}
		if _, err := s.Cases.DecideDispute(ctx, cases.DecideDisputeInput{On: on, DisputeID: line.ID, Explanation: explanation, Withdrawn: withdrawn}); err != nil {
			return err
		}
	}
	return nil
}

// takeBack is the customer's own finding that the invoice was right.
func (s *story) takeBack(ctx context.Context) error {
	text := map[string]string{
		"de": "wir haben den Fehler bei uns gefunden, die Rechnung {invoice} stimmt. Bitte betrachten Sie die Sache als erledigt.",
		"zh": "我们内部核对后发现发票 {invoice} 没有问题，请忽略之前的邮件。",
		"ja": "社内で確認したところ、{invoice} に問題はございませんでした。お手数をおかけしました。",
		"pt": "encontrámos o erro do nosso lado, a {invoice} está certa. Considerem o assunto encerrado.",
	}[s.customer.Language]
	if text == "" {
		text = "we found the mistake on our side, {invoice} is right after all. Please consider this closed, and sorry for the noise."
	}
	if err := s.write(ctx, text); err != nil {
		return err
	}
	s.agenda.at(s.later(s.Clock.Now(), s.target(clock.NextResponse), 15+s.rng.IntN(60)), func(ctx context.Context) error {
		if err := s.decide(ctx, "", true); err != nil {
			return err
		}
		err := s.reply(ctx, s.any(s.voice.thanksBack()), cases.ReplyInput{Then: cases.StatusResolved, Resolution: "withdrawn"})
		s.leave()
		return err
	})
	return nil
}

// thanksBack is what we say when somebody takes a dispute back.
func (v voice) thanksBack() []string { return []string{v.answered["withdrawn"]} }
