// Package hint tells which texts a regular expression could match, by the words that each match must have. An expression of
// many words in many languages costs a hundred times what looking for the words as they stand costs, and most texts have none
// of them.
package hint

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Hint is what a text must have for an expression to match it; the zero Hint says nothing: every text could match.
type Hint struct {
	any []string // one of these words, where there are any
	all []Hint   // all of these
	or  []Hint   // one of these, where there are any
}

// Possible tells whether a text, folded by Fold, could match.
func (h Hint) Possible(folded string) bool {
	if len(h.any) > 0 && !slices.ContainsFunc(h.any, func(word string) bool { return strings.Contains(folded, word) }) {
		return false
	}
	for _, one := range h.all {
		if !one.Possible(folded) {
			return false
		}
	}
	return len(h.or) == 0 || slices.ContainsFunc(h.or, func(one Hint) bool { return one.Possible(folded) })
}

// silent says nothing: every text is possible.
func (h Hint) silent() bool { return len(h.any)+len(h.all)+len(h.or) == 0 }

// Fold gives a text a form in which letters that an expression takes for the same without regard to case are the same.
func Fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}

// Of reads an expression.
func Of(expression string) (Hint, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return Hint{}, fmt.Errorf("read expression: %w", err)
	}
	return wordsOf(tree).hint(), nil
}

// words are what a part of an expression matches: exactly these, folded, if they are few; else what its hint says.
type words struct {
	exact []string
	rest  Hint
}

// fewWords is how many words a part of an expression may come to and still be followed exactly.
const fewWords = 60

func (w words) hint() Hint {
	switch {
	case w.exact == nil:
		return w.rest
	case slices.Contains(w.exact, ""):
		return Hint{}
	}
	return Hint{any: w.exact}
}

func wordsOf(part *syntax.Regexp) words {
	switch part.Op {
	case syntax.OpLiteral:
		return words{exact: []string{Fold(string(part.Rune))}}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return words{exact: []string{""}}
	case syntax.OpCharClass:
		return lettersOf(part.Rune)
	case syntax.OpCapture:
		return wordsOf(part.Sub[0])
	case syntax.OpQuest:
		if of := wordsOf(part.Sub[0]); of.exact != nil {
			return words{exact: append(slices.Clone(of.exact), "")}
		}
	case syntax.OpPlus:
		return words{rest: wordsOf(part.Sub[0]).hint()}
	case syntax.OpRepeat:
		if part.Min > 0 {
			return words{rest: wordsOf(part.Sub[0]).hint()}
		}
	case syntax.OpConcat:
		return inTurn(part.Sub)
	case syntax.OpAlternate:
		return oneOf(part.Sub)
	case syntax.OpNoMatch, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpStar:
	}
	return words{}
}

// lettersOf are the letters of a small class, given as pairs of first and last.
func lettersOf(ranges []rune) words {
	var exact []string
	for n := 0; n < len(ranges); n += 2 {
		if ranges[n+1]-ranges[n] > fewWords || len(exact) > fewWords {
			return words{}
		}
		for r := ranges[n]; r <= ranges[n+1]; r++ {
			exact = append(exact, Fold(string(r)))
		}
	}
	slices.Sort(exact)
	return words{exact: slices.Compact(exact)}
}

// inTurn is one part after the other: words that follow one another become longer words as long as they are few.
func inTurn(parts []*syntax.Regexp) words {
	var all []Hint
	so := []string{""}
	for n, part := range parts {
		w := wordsOf(part)
		if w.exact != nil && len(so)*len(w.exact) <= fewWords {
			so = joined(so, w.exact)
			if n == len(parts)-1 && all == nil {
				return words{exact: so}
			}
			continue
		}
		all = append(all, words{exact: so}.hint())
		if so = w.exact; so == nil {
			all, so = append(all, w.rest), []string{""}
		}
	}
	all = append(all, words{exact: so}.hint())
	return words{rest: Hint{all: slices.DeleteFunc(all, Hint.silent)}}
}

func joined(begin, end []string) []string {
	var out []string
	for _, b := range begin {
		for _, e := range end {
			out = append(out, b+e)
		}
	}
	return out
}

// oneOf is one of several parts. All of them together say nothing as soon as one does.
func oneOf(parts []*syntax.Regexp) words {
	var exact []string
	var or []Hint
	for _, part := range parts {
		w := wordsOf(part)
		if w.exact != nil {
			exact = append(exact, w.exact...)
			continue
		}
		if w.rest.silent() {
			return words{}
		}
		or = append(or, w.rest)
	}
	if len(or) == 0 {
		return words{exact: exact}
	}
	if len(exact) > 0 {
		if slices.Contains(exact, "") {
			return words{}
		}
		or = append(or, Hint{any: exact})
	}
	return words{rest: Hint{or: or}}
}
