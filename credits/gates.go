package credits

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Required is what the policy asks a proposal to bring: one of Needs, by the gate called Rule.
type Required struct {
	Rule  string
	Needs []policy.Proof
	Met   bool
	Given decimal.Decimal // before, in billing.AuthorityCurrency, where the gate asks only because of it
}

// Because is which rule asks, and with what was given before where that is why.
func (r Required) Because() string {
	if !r.Given.IsPositive() {
		return "“" + r.Rule + "”"
	}
	return "“" + r.Rule + "”, with " + money.Of(r.Given, billing.AuthorityCurrency).String() + " given before"
}

// required lists what the policy that binds the requester asks of a proposal, in its order. What an approver lowered needs no more
// than what it was made of.
func (p *proposal) required() []Required {
	if p.changes != nil && p.changes.why == givenLess {
		return nil
	}
	facts := p.facts
	facts.Kind = authority.Kind(p.in.Kind)
	given := p.proofs()
	var list []Required
	for _, g := range p.roster.rules[p.version].Gates(facts) {
		need := Required{Rule: g.Name, Needs: g.Needs, Met: g.Meets(given)}
		if g.BySum {
			need.Given = facts.GivenBefore
		}
		list = append(list, need)
	}
	return list
}

// proofs are what a proposal brings, as a policy names it.
func (p *proposal) proofs() []policy.Proof {
	var list []policy.Proof
	for _, e := range p.evidence {
		list = append(list, e.proofs(p.in.Kind)...)
	}
	if strings.TrimSpace(p.in.Explanation) != "" {
		list = append(list, policy.Explanation)
	}
	return list
}

// proofs are what a piece of evidence is good for. A calculation that is kept or has a hash is a sheet, and for a service credit alone
// one that was worked out of the contract here, which is compared with what is asked for; of a mail there must be one.
func (e NewEvidence) proofs(kind billing.Kind) []policy.Proof {
	switch e.Kind {
	case CustomerMail:
		if e.MessageID != nil {
			return []policy.Proof{policy.CustomerMail}
		}
	case Calculation:
		if e.SheetID != nil || kind != billing.SLACredit && (e.AttachmentID != nil || len(e.SHA256) > 0) {
			return []policy.Proof{policy.Calculation, policy.Sheet}
		}
		return []policy.Proof{policy.Calculation}
	case ContractPage:
		return []policy.Proof{policy.ContractPage}
	case Ticket:
		return []policy.Proof{policy.Ticket}
	case Document:
		return []policy.Proof{policy.Document}
	case Note:
	}
	return []policy.Proof{policy.Note}
}

// NeededWords says what a gate needs in words: "a ticket", "an explanation or the customer's mail".
func (r Required) NeededWords() string {
	words := make([]string, len(r.Needs))
	for i, proof := range r.Needs {
		words[i] = proofWords(proof)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func proofWords(p policy.Proof) string {
	switch p {
	case policy.CustomerMail:
		return "the customer’s mail"
	case policy.ContractPage:
		return "a contract page"
	case policy.Ticket:
		return "a ticket"
	case policy.Document:
		return "a document"
	case policy.Calculation:
		return "a calculation"
	case policy.Sheet:
		return "a calculation sheet"
	case policy.Note:
		return "a note"
	case policy.Explanation:
		return "an explanation"
	}
	return string(p)
}

// missingEvidence says at which field what is missing, and by which rules; nothing when nothing is.
func missingEvidence(required []Required) []errs.Field {
	var wrong []errs.Field
	for _, field := range []string{"evidence", "explanation"} {
		var lacks []string
		for _, r := range required {
			onlyWords := slices.Equal(r.Needs, []policy.Proof{policy.Explanation})
			if !r.Met && onlyWords == (field == "explanation") {
				lacks = append(lacks, r.NeededWords()+" ("+r.Because()+")")
			}
		}
		if len(lacks) > 0 {
			wrong = append(wrong, errs.Field{Name: field, Key: "credits.evidence.missing", Params: errs.Params{"list": strings.Join(lacks, "; ")}})
		}
	}
	return wrong
}
