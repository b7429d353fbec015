package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/vm"
	"github.com/shopspring/decimal"

	"makegood/credits/authority"
)

// Gate is one sentence about evidence: when, and what a request then has to bring before it is submitted. Each gate that applies
// must be met, so two that apply ask for two things.
type Gate struct {
	// Name is what the checklist says asks for it; unique in the policy.
	Name string `yaml:"name" json:"name"`
	// When and If are as in a Rule, but that kinds are those of the requests themselves: also reversal, which has no limits of
	// its own.
	When When   `yaml:"when,omitempty" json:"when,omitzero"`
	If   string `yaml:"if,omitempty" json:"if,omitempty"`
	// Needs lists what meets it; one of them suffices.
	Needs []Proof `yaml:"needs,flow" json:"needs"`
}

// Proof is a kind of evidence as a policy names it.
type Proof string

// What a gate can ask for. Sheet is a calculation that can be followed and stays as it was: a computation sheet that was kept,
// or, but for a service credit, a file with its hash; a calculation in words is Calculation alone. Explanation is what the requester writes to the approvers.
const (
	CustomerMail Proof = "customer_mail"
	ContractPage Proof = "contract_page"
	Ticket       Proof = "ticket"
	Document     Proof = "document"
	Calculation  Proof = "calculation"
	Sheet        Proof = "sheet"
	Note         Proof = "note"
	Explanation  Proof = "explanation"
)

// Proofs are all of them.
func Proofs() []Proof {
	return []Proof{CustomerMail, ContractPage, Ticket, Document, Calculation, Sheet, Note, Explanation}
}

// Meets tells whether a request that brings these meets the gate.
func (g Gate) Meets(given []Proof) bool {
	return slices.ContainsFunc(g.Needs, func(p Proof) bool { return slices.Contains(given, p) })
}

// reversal is the one kind of request that no level has limits for.
const reversal authority.Kind = "reversal"

// usualEvidence is what a policy asks for that names nothing of its own.
func usualEvidence() []Gate {
	some := []Proof{CustomerMail, ContractPage, Ticket, Document, Calculation, Sheet, Note}
	of := func(kinds ...authority.Kind) When { return When{Kinds: kinds} }
	return []Gate{
		{Name: "a mistake is shown", When: of(authority.BillingError, authority.Rebill, authority.Debit), Needs: some},
		{Name: "a service credit is computed", When: of(authority.SLACredit), Needs: []Proof{Sheet}},
		{Name: "money out has been asked for", When: of(authority.Refund), Needs: []Proof{Explanation, CustomerMail}},
		{Name: "what is given up or moved is explained", When: of(authority.Concession, authority.WriteOff, authority.Transfer, reversal), Needs: []Proof{Explanation}},
	}
}

// demoEvidence adds to the usual what a larger amount asks for.
func demoEvidence() []Gate {
	over := func(amount int64, kinds ...authority.Kind) When {
		limit := decimal.NewFromInt(amount)
		return When{Kinds: kinds, Over: &limit}
	}
	return append(usualEvidence(),
		Gate{Name: "an outage has its ticket", When: over(1000, authority.SLACredit), Needs: []Proof{Ticket}},
		Gate{Name: "a large mistake is in the contract", When: over(5000, authority.BillingError, authority.Rebill), Needs: []Proof{ContractPage, Document}},
		Gate{Name: "large goodwill has been asked for", When: over(1000, authority.Concession), Needs: []Proof{CustomerMail, Document}},
	)
}

// gatesOf are the gates of a policy: its own, or the usual.
func (p Policy) gatesOf() []Gate {
	if len(p.Evidence) == 0 {
		return usualEvidence()
	}
	return p.Evidence
}

// Asked is a gate that applies. BySum says that it does only together with what was given before.
type Asked struct {
	Gate

	BySum bool
}

// Gates are what a request with these facts must bring, in the order of the policy. Amounts in them count with what was given before. Kind is that of the request itself, not of what a
// reversal takes back. A condition that cannot be worked out counts as met, so that it asks rather than lets through.
func (c *Compiled) Gates(f Facts) []Asked {
	f = c.counted(f)
	alone := f.alone()
	asks := func(i int, f *Facts) bool { return fails(&c.gates[i].When, c.gateConditions[i], f) == "" }
	var list []Asked
	for i, g := range c.gates {
		if asks(i, &f) {
			list = append(list, Asked{Gate: g, BySum: f.GivenBefore.IsPositive() && !asks(i, &alone)})
		}
	}
	return list
}

// compileGates types the conditions of gates; what is wrong it adds.
func compileGates(gates []Gate, add func(field, key string, pairs ...string)) []*vm.Program {
	programs := make([]*vm.Program, len(gates))
	for i, g := range gates {
		if g.If == "" {
			continue
		}
		program, err := compile(g.If)
		if err != nil {
			add(fmt.Sprintf("evidence.%d.if", i), "policy.bad_expression", "problem", problem(err))
		}
		programs[i] = program
	}
	return programs
}

func (p Policy) checkEvidence(add func(field, key string, pairs ...string)) {
	if len(p.Evidence) > mostRules {
		add("evidence", "policy.too_many")
	}
	seen := map[string]bool{}
	for i, g := range p.Evidence {
		at := fmt.Sprintf("evidence.%d.", i)
		if g.Name = strings.TrimSpace(g.Name); g.Name == "" {
			add(at+"name", "error.required")
		} else if seen[g.Name] {
			add(at+"name", "policy.name_twice", "name", g.Name)
		}
		seen[g.Name] = true
		g.When.check(at, append(authority.Kinds(), reversal), add)
		if len(g.Needs) == 0 {
			add(at+"needs", "policy.asks_for_nothing")
		}
		for _, proof := range g.Needs {
			if !slices.Contains(Proofs(), proof) {
				add(at+"needs", "policy.unknown_proof", "proof", string(proof))
			}
		}
	}
}
