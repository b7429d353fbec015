package document

// billLayout places a credit memo, debit memo, invoice or reversal.
type billLayout struct {
	*sheet
	bill bill
}

func (b bill) lay(c *canvas) {
	l := &billLayout{sheet: newSheet(c, b.letter), bill: b}
	l.firstPage()
	l.heading(b.intro, b.reason)
	l.linesTable()
	l.discounts()
	l.taxSummary()
	l.total()
	l.settlement()
	l.howToPay()
	l.footers()
}
