package policy_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/credits/proof"
	"makegood/internal/i18n"
)

// evidenceSituation is a row of docs/authority.md about what a request brings: what of it lacks, by the name of the gate, and who
// decides once nothing does. Of a thing that changes after the submission, now is what it has become.
type evidenceSituation struct {
	name   string
	kind   authority.Kind
	amount string
	brings []policy.Proof
	before string // given to the family or on the invoice
	lacks  string
	levels string
	now    string
}

func evidenceSituations() []evidenceSituation {
	return []evidenceSituation{
		{name: "A mistake of 844.00 with nothing to show it", kind: authority.BillingError, amount: "844", brings: []policy.Proof{policy.Explanation}, lacks: "a mistake is shown"},
		{name: "A service credit of 400.00 with a calculation in words", kind: authority.SLACredit, amount: "400", brings: []policy.Proof{policy.Calculation}, lacks: "a service credit is computed"},
		{name: "The same with its computation sheet", kind: authority.SLACredit, amount: "400", brings: []policy.Proof{policy.Calculation, policy.Sheet}, levels: "L2"},
		{name: "An SLA credit of 1,240.00 with its sheet, without the ticket of the outage", kind: authority.SLACredit, amount: "1240", brings: []policy.Proof{policy.Sheet}, lacks: "an outage has its ticket"},
		{name: "One of 400.00 with its sheet after 700.00 for the same family: the ticket is asked for all of it", kind: authority.SLACredit, amount: "400", before: "700", brings: []policy.Proof{policy.Sheet}, lacks: "an outage has its ticket"},
		{name: "A file that proved 844.00 is another by the time it is signed or posted", kind: authority.BillingError, amount: "844", brings: []policy.Proof{policy.Document}, levels: "L2", now: "prices.pdf, replaced"},
	}
}

func evidenceRow(t *testing.T, words *i18n.Catalogue, n int, s evidenceSituation) string {
	t.Helper()
	at := newStage()
	at.ask(s.kind, s.amount)
	if s.before != "" {
		at.facts.GivenBefore = dec(s.before)
	}
	compiled := compile(t, at.policy)
	var lacks []string
	for _, g := range compiled.Gates(at.facts) {
		if !g.Meets(s.brings) {
			lacks = append(lacks, g.Name)
		}
	}
	if got := strings.Join(lacks, ", "); got != s.lacks {
		t.Errorf("it lacks %q, want %q", got, s.lacks)
	}
	if s.lacks != "" {
		return fmt.Sprintf("| %d | %s | nobody: submitting is refused and says what is missing | The policy asks for it: %s. |", n, s.name, s.lacks)
	}
	out, err := compiled.Chain(at.facts, at.request, at.who)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(out.Result); got != s.levels {
		t.Errorf("%s decide, want %s", got, s.levels)
	}
	if s.now == "" {
		return fmt.Sprintf("| %d | %s | %s | %s |", n, s.name, whoDecides(out.Result), why(words, out.Result, ""))
	}
	if sealed, now := sealOf("prices.pdf"), sealOf(s.now); bytes.Equal(sealed, now) {
		t.Error("the seal does not notice")
	}
	return fmt.Sprintf("| %d | %s | nobody: signing is refused, and so is posting what was signed | The seal is over the hash of the file as it was submitted. |", n, s.name)
}

// sealOf is the seal of some content with one file of this content.
func sealOf(file string) []byte {
	content, thing := sha256.Sum256([]byte("844.00")), sha256.Sum256([]byte(file))
	return proof.Seal(content[:], proof.Digest([][]byte{proof.Piece{Kind: "document", Label: "prices.pdf", Thing: thing[:]}.Hash()}))
}
