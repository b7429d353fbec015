package letters

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// CheckPassage tells what is wrong with a text that is to stand in a letter one day, by the rules for wordings: nil, or the first
// fault with its line. Known are the variables it may use; none must stand in it.
func CheckPassage(text string, known []Variable) *errs.Field {
	if utf8.RuneCountInString(text) > longestBody {
		return fault("letters.long_body", 0)
	}
	r := reading{text: strings.ReplaceAll(text, "\r\n", "\n"), variables: known}
	_, problem := r.whole()
	return problem
}

// Passage is a text with its variables filled in. Empty are those that it shows though there is nothing to show: the text should
// not be sent like this.
type Passage struct {
	Text  string
	Empty []string
}

// FillPassage writes a text that CheckPassage accepts.
func FillPassage(text string, values map[string]string) (Passage, error) {
	tree, _, problem := parsed(alone.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "$1"))
	if problem != nil {
		return Passage{}, errs.InvalidFields(*problem)
	}
	f := filling{values: values}
	if err := f.list(tree.Root); err != nil {
		return Passage{}, err
	}
	return Passage{Text: block(gaps.ReplaceAllString(f.text.String(), "\n\n")), Empty: f.empty}, nil
}

// filling writes a text with its values.
type filling struct {
	values map[string]string
	text   strings.Builder
	empty  []string
}

func (f *filling) list(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if err := f.node(n); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) node(n parse.Node) error {
	switch n := n.(type) {
	case *parse.TextNode:
		f.text.Write(n.Text)
	case *parse.CommentNode:
	case *parse.ActionNode:
		name, _ := named(n.Pipe)
		if f.values[name] == "" && !slices.Contains(f.empty, name) {
			f.empty = append(f.empty, name)
		}
		f.text.WriteString(block(f.values[name]))
	case *parse.IfNode:
		name, not := named(n.Pipe)
		if (f.values[name] != "") != not {
			return f.list(n.List)
		}
		return f.list(n.ElseList)
	default:
		return fmt.Errorf("fill passage: %s was not checked", n)
	}
	return nil
}

// named is the variable of a pipeline that was checked, and whether it is turned round.
func named(p *parse.PipeNode) (name string, not bool) {
	args := p.Cmds[0].Args
	field, ok := args[len(args)-1].(*parse.FieldNode)
	if !ok {
		return "", false
	}
	return field.Ident[0], len(args) > 1
}

// Money writes an amount as letters of a language do, with its ISO code: 1.240,00 EUR.
func Money(lang string, a money.Amount) (string, error) {
	parts, err := shared()
	if err != nil {
		return "", fmt.Errorf("load letters: %w", err)
	}
	return (&page{words: parts.words[Language(lang)]}).Money(a), nil
}
