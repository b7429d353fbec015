package kit

import "time"

// The people, companies and figures of the storybook are invented.

func bookAt(hour, minute int) time.Time {
	return time.Date(2026, time.November, 12, hour, minute, 0, 0, time.UTC)
}

func bookSwatches() []KV {
	return []KV{
		{"bg", "canvas"},
		{"surface", "panes"},
		{"sunken", "wells"},
		{"line", "hairlines"},
		{"ink", "text"},
		{"ink-2", "second"},
		{"ink-3", "third"},
		{"accent", "selection, links"},
		{"soon", "from 50 %"},
		{"due", "under 60 min"},
		{"breach", "late"},
		{"paused", "standing still"},
		{"ok", "met, verified"},
		{"in", "money in"},
		{"out", "money given back"},
		{"hold", "disputed"},
		{"note-bg", "internal"},
		{"paper", "documents"},
	}
}

type bookClock struct {
	view ClockView
	note string
}

func bookClockRows() []bookClock {
	due := bookAt(12, 55)
	return []bookClock{
		{HaltedClock(13*time.Hour+16*time.Minute, 16*time.Hour, due), "under half used; no fill, grey figure"},
		{HaltedClock(109*time.Minute, 4*time.Hour, due), "half used"},
		{RunningClock(9*time.Minute, 4*time.Hour, due), "under 60 min or 90 % used; ticks here"},
		{HaltedClock(-42*time.Minute, 4*time.Hour, due), "late and still open; the only solid red"},
		{PausedClock(50*time.Hour, "Waiting on customer"), "standing still, with reason in the tip"},
		{DoneClock(32*time.Minute, 4*time.Hour), "met"},
		{DoneClock(310*time.Minute, 4*time.Hour), "done, but late"},
	}
}

func bookTrustMarks() []TrustView {
	return []TrustView{
		{"verified", "Verified sender", "DMARC pass, known contact, takes part"},
		{"known", "Known contact", "contact known, mail not proven"},
		{"unproven", "Not proven", "token seen, not a participant: held"},
		{"failed", "DMARC failed", "held"},
		{"machine", "Machine mail", "never starts a clock"},
		{"staff", "Our team", "one of us"},
	}
}

func bookPersons() []AvatarView {
	return []AvatarView{
		{Name: "Mara Lindqvist", On: "here"},
		{Name: "Chen Wei", On: "typing"},
		{Name: "Ines Duarte"},
		{Name: "Lukas Frey", Away: true},
		{},
		{Name: "Brückner & Söhne", Square: true, Large: true},
	}
}

func bookPresent() []AvatarView {
	return []AvatarView{{Name: "Jonas Brandt"}, {Name: "Katrin Vogel"}, {Name: "Tomás Ribeiro"}, {Name: "Priya Raman"}, {Name: "Anjali Nair"}}
}

func bookTags() []TagView {
	return []TagView{
		{Text: "Tag"},
		{Text: "Upstream", Tone: "line"},
		{Text: "Us", Tone: "acc"},
		{Text: "Accepted", Tone: "ok"},
		{Text: "Under review", Tone: "hold"},
		{Text: "Held", Tone: "soon"},
		{Text: "Asked back", Tone: "due"},
		{Text: "Rejected", Tone: "bad"},
	}
}

func bookSteps() []ChainStep {
	clock := HaltedClock(212*time.Minute, 4*time.Hour, bookAt(14, 38))
	return []ChainStep{
		{State: "done", Name: "Jonas Brandt", Role: "L2, approved", End: "10:38"},
		{State: "now", Name: "Katrin Vogel", Role: "L3, waiting", Clock: &clock, Why: "The rule that put this step here, in one sentence."},
		{State: "back", Name: "Ines Duarte", Role: "asked for the contract page"},
		{State: "rejected", Name: "Daniel Okafor", Role: "with reason"},
		{State: "void", Role: "void since version 2"},
		{State: "skip", Role: "not needed, or barred: why"},
		{Role: "Credit memo posts, mail goes out", End: "after approval"},
	}
}

func bookLine() []ChainStep {
	return []ChainStep{{State: "done", Name: "Mara"}, {State: "done", Name: "Jonas, L2"}, {State: "now", Name: "Katrin, L3"}, {Name: "Post"}}
}

func bookInvoiceView() InvoiceView {
	return InvoiceView{Caption: "DE-2026-01877", Currency: "EUR", Lines: []InvoiceLine{
		{ID: "2", Position: "2", Text: "Object storage", Detail: "48.25 × 18.40", Net: "887.80"},
		{
			ID: "3", Position: "3", Text: "Cross-connect", Net: "840.00", Disputed: true, Contested: "420.00",
			Tag: &TagView{Text: "Accepted", Tone: "ok"}, Note: "Not installed", Headroom: &HeadroomView{Free: 50, Reserved: 50, Text: "420.00 left"},
		},
		{
			ID: "5", Position: "5", Text: "Egress", Net: "659.40", Disputed: true, Contested: "210.00",
			Tag: &TagView{Text: "Under review", Tone: "hold"}, Headroom: &HeadroomView{Free: 100, Text: "659.40 left"},
		},
		{
			ID: "4", Position: "4", Text: "Premium support", Net: "1,450.00", Disputed: true, Contested: "1,300.00",
			Error: "Only 1,160.00 left; 290.00 is held by CR-000742",
		},
	}}
}

func bookFound() []PaletteGroup {
	clock := HaltedClock(109*time.Minute, 4*time.Hour, bookAt(12, 55))
	return []PaletteGroup{
		{Label: "This case", Items: []PaletteItem{{Icon: "receipt-refund", Text: "Propose credit", Key: "p", Href: "#"}}},
		{Label: "Cases and customers", Items: []PaletteItem{
			{Icon: "inbox", Text: "Brückner & Söhne: three positions we cannot accept", Mark: "brü", End: "MG-004182", Clock: &clock, Href: "#"},
			{Icon: "building", Text: "Brückner & Söhne Logistik GmbH", Mark: "brü", End: "100482", Href: "#"},
			{Icon: "file-invoice", Text: "DE-2026-01877, Brückner & Söhne", Mark: "brü", End: "249.90 open", Href: "#"},
		}},
	}
}

func bookDocument() DocumentView {
	return DocumentView{
		Label: "Credit memo as sent", Lang: "de", Title: "Rechnungskorrektur", Number: "CM-DE-2026-00403 · 12.11.2026", Memo: true,
		Before: []string{"Zu Rechnung DE-2026-01877 vom 31.10.2026"},
		Head:   []string{"Pos.", "Korrektur", "Netto EUR"},
		Rows: []DocRow{
			{Cells: []string{"3", "Cross-Connect FRA-2, 2 von 4", "−420,00"}},
			{Cells: []string{"4", "Premium-Support, 20 % Nachlass", "−290,00"}},
		},
		Totals: []SumRow{{Label: "Nettobetrag", Value: "−710,00"}, {Label: "Umsatzsteuer 19 %", Value: "−134,90"}, {Label: "Gutschrift", Value: "−844,90 EUR", Total: true}},
		Digest: "PDF sha256 c07d1e…88ab",
	}
}
