package ubl

import (
	"regexp"
	"slices"
	"strings"

	"makegood/billing/document"
)

// The VATEX codes that belong to one category each (EN 16931 BR-CL-22, Peppol P0104 to P0107).
const (
	vatexReverseCharge  = "VATEX-EU-AE"
	vatexIntraCommunity = "VATEX-EU-IC"
	vatexExport         = "VATEX-EU-G"
	vatexOutOfScope     = "VATEX-EU-O"
)

// reasonCode is what a category says by itself; an exemption has many reasons, so it has none.
func reasonCode(category string) string {
	switch category {
	case document.ReverseCharge:
		return vatexReverseCharge
	case document.IntraCommunity:
		return vatexIntraCommunity
	case document.Export:
		return vatexExport
	case document.OutOfScope:
		return vatexOutOfScope
	}
	return ""
}

// exemptions are the articles of the VAT Directive that the code list knows, with their points; E stands for the category.
var exemptions = regexp.MustCompile(`^VATEX-EU-(79-C|132(-1[A-Q])?|135-1|143(-1([A-L]|FA))?|144|146-1E|148(-[A-G])?|151(-1(A|AA|B|C|D|E))?|153|159|309|D|F|I|J)$`)

// french are the codes of France; each is an exemption but the reverse charge.
var french = []string{
	"FRANCHISE", "CNWVAT", "298SEXDECIESA", "CGI275", "CGI277A", "CGI295", "CGI261-1", "CGI261-2", "CGI261-3", "CGI261-4", "CGI261-5", "CGI261-7",
	"CGI261-8", "CGI261A", "CGI261B", "CGI261C-1", "CGI261C-2", "CGI261C-3", "CGI261D-1", "CGI261D-1BIS", "CGI261D-2", "CGI261D-3", "CGI261D-4", "CGI261E-1", "CGI261E-2",
}

// Exempts tells whether a code is one of the VATEX list that belongs to the category of exemptions.
func Exempts(code string) bool { return code != "" && reasonFits(code, document.Exempt) }

// reasonFits tells whether a VATEX code is one and belongs to the category. No code fits all.
func reasonFits(code, category string) bool {
	bare, isFrench := strings.CutPrefix(code, "VATEX-FR-")
	switch {
	case code == "":
		return true
	case isFrench && bare == "AE":
		return category == document.ReverseCharge
	case isFrench:
		return category == document.Exempt && slices.Contains(french, bare)
	case exemptions.MatchString(code):
		return category == document.Exempt
	}
	return code == reasonCode(category)
}
