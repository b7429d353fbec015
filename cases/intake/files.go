package intake

import (
	"bytes"
	"slices"

	"makegood/inbox/papers"
	"makegood/inbox/parse"
)

// maxFiles is how many files of a mail are read.
const maxFiles = 10

// readFiles finds out what the files of a mail are, reads them for references to documents of ours, and puts the text of each in the place of its
// bytes, where the evidence for a reference is looked for. What the mail itself says comes first. Inline are, from here on, only those that
// belong to how the mail is made: a file is none the less sent for being marked to be shown in place.
func readFiles(m *parse.Message, o parse.Options) {
	read := 0
	for n := range m.Attachments {
		a := &m.Attachments[n]
		a.Inline = m.Hidden(*a)
		a.ContentType = mediaType(a.ContentType, a.Content)
		if read == maxFiles || a.Inline {
			a.Content = nil
			continue
		}
		text := papers.Text(a.Content)
		if a.Content = []byte(text); text == "" {
			continue
		}
		read++
		found := parse.Parse(asMail(text), o).Refs
		m.Refs.Invoices = merge(m.Refs.Invoices, found.Invoices)
		m.Refs.Accounts = merge(m.Refs.Accounts, found.Accounts)
		m.Refs.PurchaseOrders = merge(m.Refs.PurchaseOrders, found.PurchaseOrders)
		m.Refs.Payments = merge(m.Refs.Payments, found.Payments)
		for _, amount := range found.Amounts {
			if len(m.Refs.Amounts) < maxReferred && !slices.Contains(m.Refs.Amounts, amount) {
				m.Refs.Amounts = append(m.Refs.Amounts, amount)
			}
		}
	}
}

// asMail dresses a text as the body of a mail, which is what the parser looks for references in.
func asMail(text string) []byte {
	var b bytes.Buffer
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	b.WriteString(text)
	return b.Bytes()
}

// maxReferred is how many references of one sort are followed.
const maxReferred = 200

// merge adds references that are not there yet in any spelling.
func merge(have, more []string) []string {
	for _, reference := range more {
		key := parse.Normalise(reference)
		if len(have) < maxReferred && !slices.ContainsFunc(have, func(h string) bool { return parse.Normalise(h) == key }) {
			have = append(have, reference)
		}
	}
	return have
}
