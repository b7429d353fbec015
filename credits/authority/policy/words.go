package policy

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"golang.org/x/text/language"

	"makegood/credits/authority"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// knows tells whether a text may stand for a fact of a name, and whether there is a list of what may.
func (k Known) knows(fact, text string) bool {
	switch fact {
	case "reason":
		return in(k.Reasons, text)
	case "root_cause":
		return text == "" || in(k.Causes, text)
	case "entity":
		return in(k.Entities, text)
	case "tier":
		return text == "" || in(k.Tiers, text)
	case "roles":
		return in(k.Roles, text)
	case "team":
		return text == "" || in(k.Teams, text)
	case "region":
		return text == "" || IsCountry(text) || in(k.Regions, text)
	case "currency":
		_, err := money.ParseCurrency(text)
		return err == nil
	case "kind":
		return slices.Contains(append(authority.Kinds(), reversal), authority.Kind(text))
	}
	return true
}

// in tells whether a list has a name; one that is nil is not checked.
func in(list []string, name string) bool { return list == nil || slices.Contains(list, name) }

// IsCountry tells a country's two letters (ISO 3166-1 alpha-2).
func IsCountry(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.Canonicalize().String() == code && len(code) == 2
}

// unknownWords are texts that a condition compares a fact with and that can never be what the fact is.
func unknownWords(field, condition string, known Known) []errs.Field {
	tree, err := parser.Parse(condition)
	if condition == "" || err != nil {
		return nil // what cannot be read is refused by Compile
	}
	words := &compared{known: known}
	ast.Walk(&tree.Node, words)
	var wrong []errs.Field
	for _, word := range words.wrong {
		wrong = append(wrong, fieldOf(field, "policy.unknown_name", "name", word))
	}
	return wrong
}

// compared looks at each comparison of a fact with texts.
type compared struct {
	known Known
	wrong []string
}

// Visit is called for every node of an expression.
func (c *compared) Visit(node *ast.Node) {
	pair, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains([]string{"==", "!=", "in"}, pair.Operator) {
		return
	}
	c.pair(pair.Left, pair.Right)
	c.pair(pair.Right, pair.Left)
}

func (c *compared) pair(fact, texts ast.Node) {
	name, ok := fact.(*ast.IdentifierNode)
	if !ok {
		return
	}
	for _, text := range textsOf(texts) {
		if !c.known.knows(name.Value, text) {
			c.wrong = append(c.wrong, text)
		}
	}
}

// textsOf are the texts that a node is, or a list of.
func textsOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ArrayNode:
		var all []string
		for _, one := range n.Nodes {
			all = append(all, textsOf(one)...)
		}
		return all
	}
	return nil
}
