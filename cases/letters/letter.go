// Package letters writes every mail that goes to a customer: subject, text and HTML, in the customer's
// language, from typed variables that are checked first. It is pure. The variables are all a letter can
// contain, and none of them holds anything internal: no approver, note, limit or reason code.
package letters

import (
	"fmt"
	"strings"

	"makegood/internal/errs"
)

// Kind names a letter. Each kind has its own struct of variables.
type Kind string

// The kinds, with their variables.
const (
	Acknowledgement Kind = "acknowledgement" // AcknowledgementVars
	Reply           Kind = "reply"           // ReplyVars
	CreditPosted    Kind = "credit_posted"   // CreditPostedVars
	DebitPosted     Kind = "debit_posted"    // DebitPostedVars
	RefundPosted    Kind = "refund_posted"   // RefundPostedVars
	Nudge           Kind = "nudge"           // NudgeVars
	AutoClose       Kind = "auto_close"      // AutoCloseVars
	Oversize        Kind = "oversize"        // OversizeVars
	ContactProof    Kind = "contact_proof"   // ContactProofVars: the link that proves a mailbox
	PortalCode      Kind = "portal_code"     // PortalCodeVars: the code that signs in to the portal
	Survey          Kind = "survey"          // SurveyVars: the question how we did, with the link to answer it
	Statement       Kind = "statement"       // StatementVars: the statement of account that goes with it
)

// Kinds are all of them; a company may put each into words of its own.
func Kinds() []Kind {
	return []Kind{Acknowledgement, Reply, CreditPosted, DebitPosted, RefundPosted, Nudge, AutoClose, Oversize, ContactProof, PortalCode, Survey, Statement}
}

// ofNoCase tells whether letters of a kind go out where there is no case.
func ofNoCase(kind Kind) bool {
	return kind == Oversize || kind == ContactProof || kind == PortalCode || kind == Statement
}

// Secret tells whether letters of a kind let their reader in somewhere, or speak in their place, so that nobody else may read them.
func Secret(kind Kind) bool {
	return kind == ContactProof || kind == PortalCode || kind == Survey || kind == AutoClose
}

// Letter is ready to be queued. Lang is the language it was written in, which may be the fallback.
type Letter struct {
	Subject string
	Text    string
	HTML    string
	Lang    string
	Version *int64 // of the company's own wording; nil for the words we ship
}

// ErrKind is returned for variables that are not those of the kind, ErrVariable for one that is missing.
var (
	ErrKind     = errs.New(errs.Invalid, "letters.wrong_variables")
	ErrVariable = errs.New(errs.Invalid, "letters.missing_variable")
)

// Write makes the letter of a kind in a language (a BCP 47 tag; one we do not write falls back to English).
// vars is the struct of that kind, by value. A missing variable is an error: a letter is whole or not written.
func Write(kind Kind, lang string, vars any) (Letter, error) {
	v, ok := vars.(variables)
	if !ok || v.kind() != kind {
		return Letter{}, errs.New(ErrKind.Kind, ErrKind.Key, "kind", string(kind), "type", fmt.Sprintf("%T", vars))
	}
	if missing := missingIn(v); len(missing) > 0 {
		return Letter{}, errs.New(ErrVariable.Kind, ErrVariable.Key, "kind", string(kind), "names", strings.Join(missing, ", "))
	}
	parts, err := shared()
	if err != nil {
		return Letter{}, fmt.Errorf("load letters: %w", err)
	}
	w := parts.words[Language(lang)]
	p := &page{words: w, V: v, Frame: v.frame(), name: v.name()}
	p.Subject = subject(p.Frame, w.Sentences["no_subject"])
	if begins, ok := v.(titled); ok {
		if p.Subject, err = p.T(begins.title(), "entity", p.Entity, "account", accountOf(v)); err != nil {
			return Letter{}, err
		}
	}
	var text, html strings.Builder
	if err := parts.text[kind].ExecuteTemplate(&text, "letter", p); err != nil {
		return Letter{}, fmt.Errorf("write text of %s: %w", kind, err)
	}
	if err := parts.html[kind].ExecuteTemplate(&html, "letter", p); err != nil {
		return Letter{}, fmt.Errorf("write html of %s: %w", kind, err)
	}
	return Letter{Subject: p.Subject, Text: strings.TrimSpace(text.String()) + "\n", HTML: html.String(), Lang: w.Lang}, nil
}

// accountOf is the account that a letter is about, for its subject; "" for most.
func accountOf(v variables) string {
	if s, ok := v.(StatementVars); ok {
		return s.Account
	}
	return ""
}
