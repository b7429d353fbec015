package document

import "strconv"

// statementLayout places a statement of account.
type statementLayout struct {
	*sheet
	of       Statement
	accounts []figures
}

// statementContent is a statement ready to be placed.
type statementContent struct {
	letter
	statement Statement
}

func (s Statement) content() content {
	w, _ := catalogueOf(s.Language, s.Entity.Country)
	period := w.period(s.From, s.To)
	return statementContent{
		letter: letter{
			language: s.Language, words: w, title: w.statement.title, number: period, day: s.Date, entity: s.Entity, customer: s.Customer,
			facts: []fact{{w.statement.day, w.day(s.Date)}, {w.statement.period, period}, {w.account, s.Customer.Account}},
		},
		statement: s,
	}
}

func (s statementContent) lay(c *canvas) {
	l := &statementLayout{sheet: newSheet(c, s.letter), of: s.statement}
	for _, a := range l.of.Accounts {
		l.accounts = append(l.accounts, a.figures(l.of.To))
	}
	l.firstPage()
	l.heading(fill(l.words.statement.intro, "date", unbroken(l.words.day(l.of.To))), "")
	l.summary()
	for i := range l.of.Accounts {
		l.toPay(l.accounts[i])
	}
	l.howToPay()
	l.payOnline()
	for i, a := range l.of.Accounts {
		l.movements(a, l.accounts[i])
		l.openItems(a, l.accounts[i])
		l.credits(a, l.accounts[i])
		l.aging(a, l.accounts[i])
	}
	l.footers()
}

// summary is each account in one row, and what the minus sign of a balance means where there is one.
func (l *statementLayout) summary() {
	w := l.words.statement
	g := grid{columns: []gridColumn{{head: w.currency}, {head: w.opening, right: true}, {head: w.debits, right: true}, {head: w.credits, right: true}, {head: w.closing, right: true}}}
	favour := false
	for i, f := range l.accounts {
		last := f.last()
		for _, r := range f.after {
			favour = favour || r.balance.IsNegative()
		}
		g.rows = append(g.rows, gridRow{strong: true, cells: []string{
			string(l.of.Accounts[i].Currency), l.words.plainAmount(f.after[0].balance), l.words.plainAmount(last.debits),
			l.words.plainAmount(last.credits), l.words.plainAmount(last.balance),
		}})
	}
	l.list(g)
	if favour {
		l.y -= 3.5
		l.paragraph(w.inFavour, l.small(8))
		l.y += 4
	}
	if !l.of.KnownOn.IsZero() {
		l.paragraph(fill(w.knownOn, "date", unbroken(l.words.day(l.of.KnownOn))), l.style(9.5))
		l.y += 4
	}
	if l.of.Note != "" {
		l.paragraph(l.of.Note, l.style(9.5))
		l.y += 4
	}
}

// toPay leads from what is open to the undisputed part that is due less the credits not yet used, and names what of them
// is left.
func (l *statementLayout) toPay(f figures) {
	w := l.words.statement
	l.need(6*5.2 + 20)
	l.sumRow(fill(w.open, "date", l.words.day(l.of.To)), l.words.amount(f.open), l.style(9))
	if !f.disputed.IsZero() {
		l.sumRow(w.disputed, l.words.amount(f.disputed.Neg()), l.style(9))
	}
	if !f.notYetDue.IsZero() {
		l.sumRow(w.notYetDue, l.words.amount(f.notYetDue.Neg()), l.style(9))
	}
	if !f.deducted.IsZero() {
		l.sumRow(w.deducted, l.words.amount(f.deducted.Neg()), l.style(9))
	}
	label := w.payNow
	if f.payNow.IsZero() {
		label = w.nothingDue
	}
	l.y += 0.8
	l.totalBox(label, l.words.amount(f.payNow))
	if left := plus(f.unused, f.deducted.Neg()); !left.IsZero() {
		l.y -= 1
		l.sumRow(w.unused, l.words.amount(left), l.small(8.5))
	}
	l.y += 3
}

// howToPay is the account to pay to, where there is anything undisputed to pay.
func (l *statementLayout) howToPay() {
	asked := false
	for _, f := range l.accounts {
		asked = asked || f.payNow.IsPositive() || f.notYetDue.IsPositive()
	}
	account := l.of.PayTo
	if len(account) == 0 {
		account = l.entity.Bank
	}
	if !asked || len(account) == 0 {
		return
	}
	l.section(l.words.paying.heading, float64(len(account)+1)*4.7)
	reference := orElse(l.of.Reference, l.customer.Account)
	if reference != "" {
		reference = fill(l.words.paying.reference, "reference", reference)
	}
	l.payTo(account, reference)
	l.y += 6
}

// payOnline is the link of each currency in which something is to be paid now.
func (l *statementLayout) payOnline() {
	for i, a := range l.of.Accounts {
		if now := l.accounts[i].payNow; a.PayLink != "" && now.IsPositive() {
			l.need(12)
			l.paragraph(fill(l.words.paying.online, "amount", l.words.amount(now)), l.style(9))
			l.paragraph(a.PayLink, l.style(9))
			l.y += 4
		}
	}
}

// movements are the documents of the period with the balance after each.
func (l *statementLayout) movements(a Account, f figures) {
	w := l.words.statement
	row := func(cells ...string) gridRow { return gridRow{cells: cells, strong: true} }
	g := grid{columns: []gridColumn{
		{head: w.date}, {head: w.document, wide: true}, {head: w.due}, {head: w.debit, right: true}, {head: w.credit, right: true}, {head: w.balance, right: true},
	}}
	opening := row(l.words.short(l.of.From), w.opening, "", "", "", l.words.plainAmount(f.after[0].balance))
	if len(a.Entries) == 0 {
		opening.detail = w.none
	}
	g.rows = append(g.rows, opening)
	for i, e := range a.Entries {
		g.rows = append(g.rows, l.movement(e, f.after[i+1]))
	}
	sums := func(label string, r running) gridRow {
		return row("", label, "", l.words.plainAmount(r.debits), l.words.plainAmount(r.credits), l.words.plainAmount(r.balance))
	}
	closing := sums(w.closing, f.last())
	closing.cells[0] = l.words.short(l.of.To)
	g.rows = append(g.rows, closing)
	g.carried = func(done int) gridRow { return sums(w.carried, f.after[done-1]) }
	g.brought = func(done int) gridRow { return sums(w.brought, f.after[done-1]) }
	l.section(fill(w.movements, "currency", string(a.Currency)), 30)
	l.list(g)
}

func (l *statementLayout) movement(e Entry, after running) gridRow {
	detail := l.words.kinds[e.Kind]
	if e.Concerns != "" {
		detail += " · " + fill(l.words.statement.concerns, "number", e.Concerns)
	}
	debit, credit := l.words.plainAmount(e.Debit), ""
	if e.Credit.IsPositive() || !given(e.Debit) {
		debit, credit = "", l.words.plainAmount(e.Credit)
	}
	return gridRow{detail: detail, cells: []string{l.words.short(e.Date), e.Number, l.words.short(e.Due), debit, credit, l.words.plainAmount(after.balance)}}
}

// openItems lists what is left to pay, what of it is disputed, and the undisputed rest.
func (l *statementLayout) openItems(a Account, f figures) {
	if len(a.Open) == 0 {
		return
	}
	w := l.words.statement
	g := grid{columns: []gridColumn{
		{head: w.document, wide: true},
		{head: w.issued},
		{head: w.due},
		{head: w.overdue, right: true},
		{head: w.openAmount, right: true},
		{head: w.disputedAmount, right: true},
		{head: w.undisputed, right: true},
	}}
	for _, item := range a.Open {
		overdue, disputed := "", ""
		if days := daysPast(item.Due, l.of.To); days > 0 {
			overdue = strconv.Itoa(days)
		}
		if item.Disputed.IsPositive() {
			disputed = l.words.plainAmount(item.Disputed)
		}
		g.rows = append(g.rows, gridRow{detail: l.words.kinds[item.Kind], cells: []string{
			item.Number, l.words.short(item.Date), l.words.short(item.Due), overdue, l.words.plainAmount(item.Open), disputed, l.words.plainAmount(item.undisputed()),
		}})
	}
	g.rows = append(g.rows, gridRow{strong: true, cells: []string{
		w.total, "", "", "", l.words.plainAmount(f.open), l.words.plainAmount(f.disputed), l.words.plainAmount(plus(f.open, f.disputed.Neg())),
	}})
	l.section(fill(w.openItems, "currency", string(a.Currency)), 30)
	l.list(g)
}

// credits are what the customer has with the seller and has not used, apart from the open items.
func (l *statementLayout) credits(a Account, f figures) {
	if len(a.Credits) == 0 {
		return
	}
	w := l.words.statement
	g := grid{columns: []gridColumn{{head: w.document, wide: true}, {head: w.issued}, {head: w.original, right: true}, {head: w.available, right: true}}}
	for _, c := range a.Credits {
		g.rows = append(g.rows, gridRow{detail: l.words.kinds[c.Kind], cells: []string{
			c.Number, l.words.short(c.Date), l.words.plainAmount(c.Amount), l.words.plainAmount(c.Available),
		}})
	}
	g.rows = append(g.rows, gridRow{strong: true, cells: []string{w.total, "", "", l.words.plainAmount(f.unused)}})
	l.section(fill(w.creditsHead, "currency", string(a.Currency)), 36)
	l.paragraph(w.creditsNote, l.style(9))
	l.y += 2
	l.list(g)
}

// aging is what is open by days past due; what is disputed stands apart from the groups.
func (l *statementLayout) aging(a Account, f figures) {
	if len(a.Open) == 0 {
		return
	}
	w := l.words.statement
	var g grid
	row := gridRow{}
	for i, age := range f.ages {
		g.columns = append(g.columns, gridColumn{head: w.ages[i], right: true})
		row.cells = append(row.cells, l.words.plainAmount(age))
	}
	g.columns = append(g.columns, gridColumn{head: w.agingDisputed, right: true}, gridColumn{head: w.agingTotal, right: true})
	row.cells = append(row.cells, l.words.plainAmount(f.disputed), l.words.plainAmount(f.open))
	g.rows = []gridRow{row}
	l.section(fill(w.aging, "currency", string(a.Currency)), 18)
	l.list(g)
}
