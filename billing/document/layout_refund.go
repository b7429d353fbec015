package document

// refundLayout places a refund advice.
type refundLayout struct {
	*sheet
	advice RefundAdvice
}

// refundContent is a refund advice ready to be placed.
type refundContent struct {
	letter
	advice RefundAdvice
}

func (a RefundAdvice) content() content {
	w, _ := catalogueOf(a.Language, a.Entity.Country)
	return refundContent{
		letter: letter{
			language: a.Language, words: w, title: w.refund.title, number: a.Number, day: a.Date, entity: a.Entity, customer: a.Customer,
			facts: []fact{{w.refund.number, a.Number}, {w.date, w.day(a.Date)}, {w.account, a.Customer.Account}, {w.caseNumber, a.CaseNumber}},
		},
		advice: a,
	}
}

func (r refundContent) lay(c *canvas) {
	l := &refundLayout{sheet: newSheet(c, r.letter), advice: r.advice}
	w := l.words.refund
	l.firstPage()
	l.heading(fill(w.intro, "amount", l.words.amount(r.advice.Amount)), r.advice.Reason)
	l.sources()
	l.need(40)
	l.totalBox(w.total, l.words.amount(r.advice.Amount))
	l.y += 3
	l.how()
	l.footers()
}

// sources is what is paid back, document by document.
func (l *refundLayout) sources() {
	w := l.words.refund
	g := grid{columns: []gridColumn{
		{head: w.document, wide: true}, {head: l.words.statement.date}, {head: fill(w.amount, "currency", string(l.advice.Currency)), right: true},
	}}
	for _, s := range l.advice.Sources {
		g.rows = append(g.rows, gridRow{cells: []string{s.Number, l.words.short(s.Date), l.words.plainAmount(s.Amount)}, detail: l.words.kinds[s.Kind]})
	}
	l.section(w.sources, 14)
	l.list(g)
}

// how is the way the money takes, and what is left on the account.
func (l *refundLayout) how() {
	a, w := l.advice, l.words.refund
	method, known := w.methods[orElse(a.Method, BankTransfer)]
	if !known {
		method = a.Method
	}
	day := a.PaidOn
	if day.IsZero() {
		day = a.Date
	}
	l.section(w.how, 5*5.4)
	l.row(w.method, method)
	l.row(w.destination, a.Destination)
	l.row(w.day, l.words.day(day))
	l.row(w.reference, orElse(a.Reference, a.Number))
	if a.Balance != nil {
		l.row(w.balance, l.words.amount(*a.Balance))
	}
	l.y += 3
	l.paragraph(w.noTax, l.small(8))
}

// row is a label with what it says beside it; one that says nothing is left out.
func (l *sheet) row(label, value string) {
	if value == "" {
		return
	}
	const valueLeft = summaryLeft
	labels := l.faces.wrap(label, l.small(9), valueLeft-left-4)
	values := l.faces.wrap(value, l.style(9.5), right-valueLeft)
	l.need(float64(max(len(labels), len(values))) * 5.2)
	for i, text := range labels {
		l.text(left, l.y+float64(i)*4.6, text, l.small(9))
	}
	for i, text := range values {
		l.text(valueLeft, l.y+float64(i)*4.6, text, l.style(9.5))
	}
	l.y += float64(max(len(labels), len(values))-1)*4.6 + 5.6
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
