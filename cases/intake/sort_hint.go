package intake

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// A rule's regular expression has many words in seven languages, and most messages have none of them. To look for the words as
// they stand takes a hundredth of the time that the expression takes, so it is only asked about a text that could match.

// hint is what a text must have for an expression to match it; it is worked out from the expression itself. A text is folded
// before it is asked about.
type hint struct {
	any []string // one of these words, where there are any
	all []hint   // all of these
	or  []hint   // one of these, where there are any
}

func (h hint) possible(folded string) bool {
	if len(h.any) > 0 && !slices.ContainsFunc(h.any, func(word string) bool { return strings.Contains(folded, word) }) {
		return false
	}
	for _, one := range h.all {
		if !one.possible(folded) {
			return false
		}
	}
	return len(h.or) == 0 || slices.ContainsFunc(h.or, func(one hint) bool { return one.possible(folded) })
}

// says nothing: every text is possible.
func (h hint) silent() bool { return len(h.any)+len(h.all)+len(h.or) == 0 }

// fold gives a text a form in which letters that an expression takes for the same without regard to case are the same.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}

// hintOf reads an expression.
func hintOf(expression string) (hint, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return hint{}, err
	}
	return wordsOf(tree).hint(), nil
}

// words are what a part of an expression matches: exactly these, folded, if they are few; else what its hint says.
type words struct {
	exact []string
	rest  hint
}

// fewWords is how many words a part of an expression may come to and still be followed exactly.
const fewWords = 60

func (w words) hint() hint {
	switch {
	case w.exact == nil:
		return w.rest
	case slices.Contains(w.exact, ""):
		return hint{}
	}
	return hint{any: w.exact}
}

func wordsOf(part *syntax.Regexp) words {
	switch part.Op {
	case syntax.OpLiteral:
		return words{exact: []string{fold(string(part.Rune))}}
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
			exact = append(exact, fold(string(r)))
		}
	}
	slices.Sort(exact)
	return words{exact: slices.Compact(exact)}
}

// inTurn is one part after the other: words that follow one another become longer words as long as they are few.
func inTurn(parts []*syntax.Regexp) words {
	var all []hint
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
	return words{rest: hint{all: slices.DeleteFunc(all, hint.silent)}}
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
	var or []hint
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
		or = append(or, hint{any: exact})
	}
	return words{rest: hint{or: or}}
}
