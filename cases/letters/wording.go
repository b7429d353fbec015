package letters

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"

	"makegood/internal/errs"
)

// Wording is a letter in a company's own words. Body is plain text in which {{.name}} stands for a variable, and what stands
// between {{if .name}} and {{end}}, each on a line of its own, is left out where the variable is empty. The HTML part is made of
// the same text, so the two always say the same. An empty Subject means the customer's own, or the one we ship.
type Wording struct {
	ID      int64 // of the version; 0 for one that is not kept
	Subject string
	Body    string
}

// Bounds of a wording, in characters.
const (
	longestBody    = 10_000
	longestHeading = 160
)

// Check tells what is wrong with a wording of a kind: the field, the line and the name. It accepts variables of the kind and
// conditions on them, and nothing else that a template could do.
func Check(kind Kind, w Wording) error {
	var fields []errs.Field
	wrong := func(name string, err *errs.Field) {
		if err != nil {
			err.Name = name
			fields = append(fields, *err)
		}
	}
	problem := understand(kind, w.Body, true)
	switch {
	case strings.TrimSpace(w.Body) == "":
		problem = fault("error.required", 0)
	case len([]rune(w.Body)) > longestBody:
		problem = fault("letters.long_body", 0)
	}
	wrong("body", problem)
	if strings.TrimSpace(w.Subject) != "" {
		problem = understand(kind, w.Subject, false)
		if long := len([]rune(w.Subject)) > longestHeading; problem == nil && (long || strings.ContainsFunc(w.Subject, unicode.IsControl)) {
			problem = fault("letters.bad_subject", 0)
		}
		wrong("subject", problem)
	}
	if len(fields) > 0 {
		return errs.InvalidFields(fields...)
	}
	return nil
}

func fault(key string, line int, pairs ...string) *errs.Field {
	params := errs.Params{"line": strconv.Itoa(line)}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return &errs.Field{Key: key, Params: params}
}

// alone are lines that hold nothing but a condition: they leave no line behind.
var alone = regexp.MustCompile(`(?m)^[ \t]*(\{\{(?:if [^{}\n]*|else(?: if [^{}\n]*)?|end)\}\})[ \t]*\n?`)

// parseFault is how the template parser says what is wrong and where.
var parseFault = regexp.MustCompile(`(?s)^template: wording:(\d+):(?:\d+:)? ?(.*)$`)

// understand parses a text and tells what in it is not allowed. Body says that the variables without which a letter of the kind is
// useless must stand in it whatever the
// conditions are.
func understand(kind Kind, text string, body bool) *errs.Field {
	r := reading{text: strings.ReplaceAll(text, "\r\n", "\n"), variables: Variables(kind)}
	always, problem := r.whole()
	if problem != nil {
		return problem
	}
	for _, v := range r.variables {
		if body && v.Needed && !always[v.Name] {
			return fault("letters.must_use", 0, "name", v.Name)
		}
	}
	return nil
}

// parsed is a text with variables as the template parser sees it.
func parsed(text string) (*parse.Tree, map[string]*parse.Tree, *errs.Field) {
	trees := map[string]*parse.Tree{}
	tree := parse.New("wording")
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(text, "", "", trees)
	if err == nil {
		return tree, trees, nil
	}
	line, what := 1, err.Error()
	if m := parseFault.FindStringSubmatch(what); m != nil {
		line, _ = strconv.Atoi(m[1])
		what = m[2]
	}
	return nil, nil, fault("letters.broken", line, "problem", what)
}

// reading goes through what was parsed.
type reading struct {
	text      string
	variables []Variable
}

// whole goes through the text and tells the variables that stand in it whatever the conditions are.
func (r *reading) whole() (always map[string]bool, problem *errs.Field) {
	tree, trees, problem := parsed(r.text)
	if problem != nil {
		return nil, problem
	}
	for name, other := range trees {
		if name != "wording" {
			return nil, fault("letters.not_allowed", r.line(other.Root), "what", "define")
		}
	}
	always = map[string]bool{}
	return always, r.list(tree.Root, always)
}

func (r *reading) line(n parse.Node) int {
	at := min(int(n.Position()), len(r.text))
	return 1 + strings.Count(r.text[:at], "\n")
}

// list goes through a text and adds to always the variables that stand in it whatever the conditions are.
func (r *reading) list(list *parse.ListNode, always map[string]bool) *errs.Field {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if problem := r.node(n, always); problem != nil {
			return problem
		}
	}
	return nil
}

func (r *reading) node(n parse.Node, always map[string]bool) *errs.Field {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode:
		return nil
	case *parse.ActionNode:
		name, problem := r.variable(n.Pipe, false)
		always[name] = true
		return problem
	case *parse.IfNode:
		if _, problem := r.variable(n.Pipe, true); problem != nil {
			return problem
		}
		then, otherwise := map[string]bool{}, map[string]bool{}
		if problem := r.list(n.List, then); problem != nil {
			return problem
		}
		problem := r.list(n.ElseList, otherwise)
		for name := range then {
			if otherwise[name] {
				always[name] = true
			}
		}
		return problem
	}
	return fault("letters.not_allowed", r.line(n), "what", short(n.String()))
}

// variable is the one name a pipeline may consist of, after "not" in a condition.
func (r *reading) variable(p *parse.PipeNode, condition bool) (string, *errs.Field) {
	refused := fault("letters.not_allowed", r.line(p), "what", short(p.String()))
	if len(p.Decl) > 0 || len(p.Cmds) != 1 {
		return "", refused
	}
	args := p.Cmds[0].Args
	if word, ok := args[0].(*parse.IdentifierNode); ok && condition && word.Ident == "not" && len(args) == 2 {
		args = args[1:]
	}
	if word, ok := args[0].(*parse.IdentifierNode); ok && len(args) == 1 {
		return "", fault("letters.no_dot", r.line(p), "name", short(word.Ident))
	}
	field, ok := args[0].(*parse.FieldNode)
	if !ok || len(args) != 1 || len(field.Ident) != 1 {
		return "", refused
	}
	name := field.Ident[0]
	if !slices.ContainsFunc(r.variables, func(v Variable) bool { return v.Name == name }) {
		return "", fault("letters.unknown_variable", r.line(field), "name", short(name))
	}
	return name, nil
}

func short(text string) string {
	if runes := []rune(oneLine(text)); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return oneLine(text)
}
