package classify

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxText is how much of a text is looked at, in characters: what a mail is about stands at its beginning.
const maxText = 2000

// The two blocks of features. Each is scaled to length one by itself, so that the many grams of characters do not drown
// the few words.
const (
	wordBlock = iota
	charBlock
	blocks
)

// token is a word of a text, or a run of a script that is written without spaces.
type token struct {
	text     string // as it is shown
	from, to int    // in the normalised characters
	solid    bool   // written without spaces
}

// reading is a text taken apart into tokens and the grams in them. It is used again for the next text.
type reading struct {
	runes  []rune
	tokens []token
	grams  []gram
}

// gram is one occurrence of a feature, and the tokens it belongs to.
type gram struct {
	key   uint64
	block uint8
	first int32 // token
	last  int32 // token; another one for a pair of words
	from  int32 // characters, only in solid tokens
	to    int32
}

// normalise brings letters to lower case and one form of writing, and every run of digits to one sign: a number says
// nothing about what a text is about.
func normalise(text string, into []rune) []rune {
	if !ascii(text) {
		text = norm.NFKC.String(text)
	}
	out := into[:0]
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII && 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r == '’':
			r = '\''
		case r >= unicode.MaxASCII:
			r = unicode.ToLower(r)
		}
		if unicode.IsDigit(r) {
			if n := len(out); n > 0 && out[n-1] == '#' {
				continue
			}
			r = '#'
		}
		if out = append(out, r); len(out) == maxText {
			return out
		}
	}
	return out
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// solidScript tells characters of scripts that put no spaces between words.
func solidScript(r rune) bool {
	return r >= 0x0E00 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) || r == 'ー' || r == '々')
}

func wordSign(r rune) bool {
	if r < unicode.MaxASCII {
		return 'a' <= r && r <= 'z' || r == '#' || r == '\''
	}
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// read takes a text apart.
func (r *reading) read(text string) {
	r.runes = normalise(text, r.runes)
	r.tokens, r.grams = r.tokens[:0], r.grams[:0]
	for i := 0; i < len(r.runes); {
		switch {
		case solidScript(r.runes[i]):
			i = r.token(i, true, solidScript)
		case wordSign(r.runes[i]):
			i = r.token(i, false, func(c rune) bool { return wordSign(c) && !solidScript(c) })
		default:
			i++
		}
	}
	for t := range r.tokens {
		if r.tokens[t].solid {
			r.solid(t)
		} else {
			r.word(t)
		}
	}
}

func (r *reading) token(from int, solid bool, belongs func(rune) bool) int {
	to := from + 1
	for to < len(r.runes) && belongs(r.runes[to]) {
		to++
	}
	if text := strings.Trim(string(r.runes[from:to]), "'"); text != "" {
		r.tokens = append(r.tokens, token{text: text, from: from, to: to, solid: solid})
	}
	return to
}

// The lengths of the grams of characters.
const (
	shortest      = 2
	longest       = 5
	longestSolid  = 4
	keyOfEdge     = ' '
	tagWord       = 1
	tagPair       = 2
	tagChar       = 3
	tagSolid      = 4
	tagSolidShort = 5
)

// word gives the word itself, the pair it makes with the word before, and the grams of its characters, its edges among
// them.
func (r *reading) word(t int) {
	tok, at := r.tokens[t], int32(t)
	number := tok.text == "#"
	if !number {
		r.grams = append(r.grams, gram{key: hashString(seed(tagWord), tok.text), block: wordBlock, first: at, last: at})
	}
	if t > 0 && !r.tokens[t-1].solid {
		key := hashString(hashRune(hashString(seed(tagPair), r.tokens[t-1].text), keyOfEdge), tok.text)
		r.grams = append(r.grams, gram{key: key, block: wordBlock, first: at - 1, last: at})
	}
	if number {
		return
	}
	size := tok.to - tok.from + 2 // with its edges
	for from := range size - 1 {
		key := seed(tagChar)
		for n := 0; n < longest && from+n < size; n++ {
			c := rune(keyOfEdge)
			if i := from + n - 1; i >= 0 && i < size-2 {
				c = r.runes[tok.from+i]
			}
			key = hashRune(key, c)
			if n+1 >= shortest {
				r.grams = append(r.grams, gram{key: key, block: charBlock, first: at, last: at})
			}
		}
	}
}

// solid gives the grams of a run without spaces: those of two and more characters stand for its words.
func (r *reading) solid(t int) {
	tok, at := r.tokens[t], int32(t)
	for from := tok.from; from < tok.to; from++ {
		short, long := seed(tagSolidShort), seed(tagSolid)
		for n := 0; n < longestSolid && from+n < tok.to; n++ {
			c := r.runes[from+n]
			short, long = hashRune(short, c), hashRune(long, c)
			span := gram{key: long, block: wordBlock, first: at, last: at, from: int32(from), to: int32(from + n + 1)}
			if n == 0 {
				span.key, span.block = short, charBlock
			}
			r.grams = append(r.grams, span)
			if n > 0 && n < 3 {
				span.key, span.block = short, charBlock
				r.grams = append(r.grams, span)
			}
		}
	}
}

// Keys are FNV-1a hashes of 64 bits with a last mix; two features sharing one would need billions of them.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func seed(tag uint64) uint64 { return (fnvOffset ^ tag) * fnvPrime }

func hashRune(h uint64, r rune) uint64 {
	h = (h ^ uint64(uint32(r))) * fnvPrime
	return h ^ h>>29
}

func hashString(h uint64, text string) uint64 {
	for _, r := range text {
		h = hashRune(h, r)
	}
	return h
}

// term is a feature of a text with its weight.
type term struct {
	id    uint32
	value float32
}

// weigh turns known features into weights: 1 + ln of how often, times how rare it is, each block scaled to length one.
// The ids are sorted in place.
func (v *vocabulary) weigh(ids []uint32, into []term) []term {
	slices.Sort(ids)
	out := into[:0]
	var square [blocks]float64
	for i := 0; i < len(ids); {
		j := i + 1
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		x := float64(v.idf[ids[i]])
		if j-i > 1 {
			x *= 1 + math.Log(float64(j-i))
		}
		square[v.block[ids[i]]] += x * x
		out = append(out, term{ids[i], float32(x)})
		i = j
	}
	var scale [blocks]float32
	for b := range scale {
		if square[b] > 0 {
			scale[b] = float32(1 / math.Sqrt(square[b]))
		}
	}
	for i := range out {
		out[i].value *= scale[v.block[out[i].id]]
	}
	return out
}
