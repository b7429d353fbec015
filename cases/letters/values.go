package letters

import "strings"

// values are what the variables of a letter stand for, each written in the letter's language and clean of control characters.
func (p *page) values(v variables) (map[string]string, error) {
	greeting, err := p.Greeting()
	if err != nil {
		return nil, err
	}
	own, err := v.values(p)
	if err != nil {
		return nil, err
	}
	own["greeting"], own["name"], own["entity"], own["number"] = greeting, p.name, p.Entity, p.CaseNumber
	all := map[string]string{"signature": block(p.Signature)}
	for name, value := range own {
		all[name] = oneLine(value)
		if severalLines(name) {
			all[name] = block(value)
		}
	}
	return all, nil
}

func severalLines(name string) bool {
	return name == "lines" || name == "body" || name == "quote" || name == "question" || name == "figures"
}

func (v AcknowledgementVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	m := map[string]string{"received": p.Moment(v.ReceivedAt), "answer_by": "", "invoices": p.Join(v.Invoices)}
	if !v.AnswerBy.IsZero() {
		m["answer_by"] = p.Moment(v.AnswerBy)
	}
	return m, nil
}

func (v ReplyVars) values(p *page) (map[string]string, error) {
	m := map[string]string{"body": v.Body, "agent": v.Agent, "quote": ""}
	if v.Quote != nil {
		head, err := p.T("quote", "date", p.Moment(v.Quote.At), "name", v.Quote.From)
		if err != nil {
			return nil, err
		}
		m["quote"] = head + "\n" + p.Quoted(v.Quote.Text)
	}
	return m, nil
}

func (v CreditPostedVars) values(p *page) (map[string]string, error) {
	lines, err := p.decided(v.Lines)
	if err != nil {
		return nil, err
	}
	m := map[string]string{
		"memo": v.Memo, "date": p.Day(v.PostedAt), "amount": p.Money(v.Amount), "invoice": v.Invoice, "open": "", "settled": "", "refunded": "", "kept": "", "pay_link": "", "pay_now": "",
		"new_invoice": v.NewInvoice, "new_amount": "", "lines": lines, "attached": only(v.MemoAttached, v.Memo),
	}
	if v.Refunded.IsPositive() {
		m["refunded"] = p.Money(v.Refunded)
	}
	if v.Kept.IsPositive() {
		m["kept"] = p.Money(v.Kept)
	}
	if v.NewInvoice != "" {
		m["new_amount"] = p.Money(v.NewAmount)
	}
	switch {
	case v.Invoice == "":
	case v.Open.IsPositive():
		m["open"] = p.Money(v.Open)
		if v.PayLink != "" {
			m["pay_link"], m["pay_now"] = v.PayLink, p.Money(v.PayNow)
		}
	default:
		m["settled"] = v.Invoice
	}
	return m, nil
}

func (v DebitPostedVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{
		"memo": v.Memo, "date": p.Day(v.PostedAt), "amount": p.Money(v.Amount), "due": p.Day(v.DueOn), "reason": v.Reason, "invoice": v.Invoice,
		"attached": only(v.Attached, v.Memo),
	}, nil
}

func (v RefundPostedVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{
		"refund": v.Refund, "date": p.Day(v.PostedAt), "amount": p.Money(v.Amount), "destination": v.Destination, "from": p.Join(v.From),
		"attached": only(v.Attached, v.Refund),
	}, nil
}

func (v NudgeVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	m := map[string]string{"asked": p.Day(v.AskedAt), "question": "", "closes": ""}
	if v.Question != "" {
		m["question"] = p.Quoted(v.Question)
	}
	if !v.ClosesAt.IsZero() {
		m["closes"] = p.Day(v.ClosesAt)
	}
	return m, nil
}

func (v AutoCloseVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{"asked": p.Day(v.AskedAt), "until": p.Day(v.ReopenUntil), "link": v.ReopenURL}, nil
}

func (v OversizeVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{"received": p.Moment(v.ReceivedAt), "size": p.Size(v.Size), "limit": p.Size(v.Limit)}, nil
}

func (v ContactProofVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{"link": v.URL, "until": p.Moment(v.EndsAt)}, nil
}

func (v PortalCodeVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{"code": v.Code, "link": v.URL, "until": p.Moment(v.EndsAt)}, nil
}

func (v SurveyVars) values(p *page) (map[string]string, error) { //nolint:unparam // those of other kinds can fail
	return map[string]string{"link": v.URL, "until": p.Day(v.EndsAt)}, nil
}

// decided lists how lines were decided, as the letters we ship do.
func (p *page) decided(lines []Line) (string, error) {
	list := make([]string, 0, len(lines))
	for _, l := range lines {
		outcome, err := p.Outcome(l.Outcome)
		if err != nil {
			return "", err
		}
		head, err := p.T("line", "what", l.Description, "outcome", outcome)
		if err != nil {
			return "", err
		}
		amounts, err := p.T("line_amounts", "contested", p.Money(l.Contested), "credited", p.Money(l.Credited))
		if err != nil {
			return "", err
		}
		entry := "- " + head + "\n  " + amounts
		if l.Explanation != "" {
			reason, err := p.T("line_reason", "reason", l.Explanation)
			if err != nil {
				return "", err
			}
			entry += "\n  " + reason
		}
		list = append(list, entry)
	}
	return strings.Join(list, "\n\n"), nil
}

func only(when bool, text string) string {
	if when {
		return text
	}
	return ""
}
