package propose

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// proofForm is what is ticked and typed as evidence.
type proofForm struct {
	Messages     []cases.MessageID // of the customer
	Files        []int64           // of the case
	Sheet        string            // id and hash of a computation sheet that is kept
	ContractPage string
	Ticket       string
	Calculation  string
	Proof        string // anything else
}

// postedProof reads the part of the form that is about evidence.
func postedProof(values url.Values) (proofForm, error) {
	f := proofForm{
		Sheet: values.Get("sheet"), ContractPage: values.Get("contract_page"), Ticket: values.Get("ticket"), Calculation: values.Get("calculation"),
		Proof: values.Get("proof"),
	}
	for _, text := range values["message"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return f, errs.InvalidField("message", "error.required")
		}
		f.Messages = append(f.Messages, cases.MessageID(id))
	}
	for _, text := range values["file"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return f, errs.InvalidField("file", "error.required")
		}
		f.Files = append(f.Files, id)
	}
	return f, nil
}

// evidence is what the form brings: what is ticked of the case, the sheet that is chosen, and what is written.
func evidence(b reports.ProposeBasis, f proofForm) []credits.NewEvidence {
	var list []credits.NewEvidence
	for _, m := range b.Messages {
		id := m.ID
		if slices.Contains(f.Messages, id) {
			list = append(list, credits.NewEvidence{Kind: credits.CustomerMail, Label: m.Subject, MessageID: &id})
		}
		for _, a := range m.Attachments {
			if file := a.ID; slices.Contains(f.Files, file) {
				list = append(list, credits.NewEvidence{Kind: credits.Document, Label: a.Filename, AttachmentID: &file})
			}
		}
	}
	for _, s := range b.Sheets {
		if id := int64(s.ID); f.Sheet == sheetKey(s) {
			list = append(list, credits.NewEvidence{Kind: credits.Calculation, Label: i18n.English(sheetName(s, i18n.Fallback)), SheetID: &id, SHA256: s.SHA256})
		}
	}
	for _, written := range []credits.NewEvidence{
		{Kind: credits.ContractPage, Label: f.ContractPage},
		{Kind: credits.Ticket, Label: f.Ticket},
		{Kind: credits.Calculation, Label: f.Calculation},
		{Kind: credits.Note, Label: f.Proof},
	} {
		if written.Label = strings.TrimSpace(written.Label); written.Label != "" {
			list = append(list, written)
		}
	}
	return list
}

// sheetKey names a sheet as it was when the form was drawn, so that another one is never sent in its place.
func sheetKey(s billing.CreditSheet) string {
	return formatID(int64(s.ID)) + "-" + hex.EncodeToString(s.SHA256)
}

func sheetName(s billing.CreditSheet, lang string) string {
	month := kit.FormatMonth(s.Month, lang)
	if read, err := s.Read(); err == nil {
		return i18n.F("{service} of {contract}, {month}", "service", read.Service, "contract", read.Contract, "month", month)
	}
	return month
}

// messageView is a mail of the customer with its files, each to be ticked.
type messageView struct {
	ID, Subject, From, When string
	On                      bool
	Files                   []fileView
}

type fileView struct {
	ID, Name string
	On       bool
}

// proofs draws what can be ticked and chosen.
func (r reader) proofs(b reports.ProposeBasis, f form, v *formView) {
	for _, m := range b.Messages {
		row := messageView{
			ID: formatID(int64(m.ID)), Subject: m.Subject, From: m.AuthorName, When: kit.FormatShort(m.At, r.Now, r.zone, r.Lang),
			On: slices.Contains(f.Messages, m.ID),
		}
		for _, a := range m.Attachments {
			if !a.Inline {
				row.Files = append(row.Files, fileView{ID: formatID(a.ID), Name: a.Filename, On: slices.Contains(f.Files, a.ID)})
			}
		}
		v.Messages = append(v.Messages, row)
	}
	if len(b.Sheets) == 0 {
		return
	}
	v.Sheets = append(v.Sheets, kit.Option{Text: i18n.T("No sheet")})
	for _, s := range b.Sheets {
		v.Sheets = append(v.Sheets, kit.Option{
			Value: sheetKey(s), Text: sheetName(s, r.Lang) + ": " + kit.FormatMoney(s.Proposed(), r.Lang), Selected: sheetKey(s) == f.Sheet,
		})
	}
}

// needed is the checklist: what the policy asks for, and by which rule.
func needed(required []credits.Required) []kit.EvidenceItem {
	var list []kit.EvidenceItem
	for _, need := range required {
		item := kit.EvidenceItem{State: "ok", Text: i18n.Upper(need.NeededWords()), Hint: i18n.F("there · {because}", "because", need.Because())}
		if !need.Met {
			item.State, item.Hint = "miss", i18n.F("needed: {because}", "because", need.Because())
		}
		list = append(list, item)
	}
	return list
}

// missing says what the checklist lacks; "" when nothing.
func (v liveView) missing() string {
	var list []string
	for _, item := range v.Needed {
		if item.State == "miss" {
			list = append(list, i18n.Lower(item.Text))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return i18n.F("Evidence is missing: {list}", "list", strings.Join(list, "; "))
}
