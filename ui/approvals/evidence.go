package approvals

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"makegood/cases"
	"makegood/credits"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// pieces are the evidence beside the request: what the customer wrote first, what came after the submission last.
func (r reader) pieces(f reports.RequestFile, v *requestView) {
	for _, e := range f.Evidence {
		p := pieceView{
			ID: "ev-" + strconv.FormatInt(e.ID, 10), Body: e.Label, Later: e.Later,
			Meta: i18n.F("added by {name}, {added_at}", "name", r.name(e.AddedBy, e.AddedByName), "added_at", kit.FormatShort(e.AddedAt, r.Now, r.zone, r.Lang)),
		}
		p.Title, p.Icon = titled(e.Evidence)
		switch {
		case e.File != nil:
			p.Files = []kit.FileView{fileOf(f, *e.Message, *e.File)}
			p.Meta += " · " + short(e.File.SHA256)
		case e.Message != nil:
			r.mail(f, *e.Message, &p)
		case e.SheetID != nil:
			p.LinkText, p.Href = i18n.T("Follow the computation"), "/service-credits/"+strconv.FormatInt(*e.SheetID, 10)
			p.Meta += " · " + short(e.SHA256)
		case len(e.SHA256) > 0:
			p.Meta += " · " + short(e.SHA256)
		}
		v.Pieces = append(v.Pieces, p)
	}
	slices.SortStableFunc(v.Pieces, func(a, b pieceView) int { return cmp.Compare(a.place(), b.place()) })
}

func (p pieceView) place() int {
	switch {
	case p.Later:
		return 2
	case p.From != "":
		return 0
	}
	return 1
}

// short is a hash as people compare it: its ends.
func short(hash []byte) string {
	text := hex.EncodeToString(hash)
	if len(text) < 16 {
		return text
	}
	return i18n.F("SHA-256 {text}…{text_2}", "text", text[:6], "text_2", text[len(text)-4:])
}

func titled(e credits.Evidence) (title, icon string) {
	switch e.Kind {
	case credits.Note:
		return i18n.T("Note"), "note"
	case credits.Calculation:
		return i18n.T("Calculation"), "calculator"
	case credits.ContractPage:
		return i18n.T("Contract page"), "file-text"
	case credits.Ticket:
		return i18n.T("Ticket"), "list-details"
	case credits.CustomerMail:
		return i18n.T("Customer’s mail"), "mail"
	case credits.Document:
	}
	return e.Label, "file-text"
}

func (r reader) mail(f reports.RequestFile, m cases.Message, p *pieceView) {
	p.Icon, p.Subject, p.Body, p.Lang = "mail", m.Subject, m.Body, m.Language
	p.From = m.AuthorName
	if p.From == "" {
		p.From = m.AuthorAddress
	}
	p.Meta = kit.FormatDateTime(m.At, r.zone, r.Lang) + " · " + m.AuthorAddress
	p.Trust = trust(m.Trust)
	for _, a := range m.Attachments {
		p.Files = append(p.Files, fileOf(f, m, a))
	}
}

func fileOf(f reports.RequestFile, m cases.Message, a cases.Attachment) kit.FileView {
	return kit.FileView{
		Name: a.Filename, Size: size(a.Size), Icon: "paperclip", Href: fmt.Sprintf("/cases/%s/messages/%d/files/%d", f.CaseNumber, m.ID, a.Position),
	}
}

func trust(t cases.Trust) *kit.TrustView {
	switch t {
	case cases.Verified:
		return &kit.TrustView{Kind: "verified", Text: i18n.T("verified sender")}
	case cases.Known:
		return &kit.TrustView{Kind: "known", Text: i18n.T("known sender")}
	case cases.Unverified:
		return &kit.TrustView{Kind: "unproven", Text: i18n.T("unproven sender")}
	case cases.TrustNone:
	}
	return nil
}

func size(bytes int64) string {
	const kilo = 1000
	if bytes < kilo*kilo {
		return i18n.F("{bytes} kB", "bytes", (bytes+kilo-1)/kilo)
	}
	return i18n.F("{bytes}.{bytes_2} MB", "bytes", bytes/kilo/kilo, "bytes_2", bytes/kilo/100%10)
}
