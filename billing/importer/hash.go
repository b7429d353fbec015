package importer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// ContentHash is the SHA-256 over what a record says, so that the same record read again is recognised whatever file,
// row or order of columns it came from. How an invoice stands (paid, open, disputed) is not part of it, since that moves
// while the invoice stays the same; nor is the status of a credit note; nor are the source's raw text and our notes.
func (r Record) ContentHash() ([sha256.Size]byte, error) {
	r.Rows, r.Notes, r.Raw = nil, nil, nil
	if r.Invoice != nil {
		invoice := *r.Invoice
		invoice.Standing = Standing{}
		r.Invoice = &invoice
	}
	if r.CreditNote != nil {
		note := *r.CreditNote
		note.Status = ""
		r.CreditNote = &note
	}
	content, err := json.Marshal(r)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("hash record %s: %w", r.External, err)
	}
	return sha256.Sum256(content), nil
}
