package classify

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Word is a word, or a few characters of a script without spaces, that spoke for a class, and how strongly: its part of
// the distance between the class and the mean of all others.
type Word struct {
	Text   string
	Weight float64
}

// Explain gives the words of a text that spoke most for a class, the strongest first, at most limit of them. Pairs of
// words and groups of characters count for the words they are in.
func (m *Model) Explain(text, class string, limit int) []Word {
	k, known := slices.BinarySearch(m.classes, class)
	if !known {
		return nil
	}
	s := m.open()
	defer m.scratch.Put(s)
	m.score(s, text)
	words := map[string]float64{}
	var runs []run
	for _, g := range s.grams {
		weight := m.spoke(s, g.key, k)
		if s.tokens[g.first].solid {
			runs = append(runs, run{g.from, g.to, weight})
			continue
		}
		words[s.tokens[g.first].text] += weight / 2
		words[s.tokens[g.last].text] += weight / 2
	}
	for text, weight := range chosen(s.runes, runs) {
		words[text] += weight
	}
	var out []Word
	for text, weight := range words {
		if weight > 0 && strings.Trim(text, "#'") != "" {
			out = append(out, Word{text, weight})
		}
	}
	slices.SortFunc(out, func(a, b Word) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text)) })
	return out[:min(len(out), limit)]
}

// spoke is what one occurrence of a feature added to the class beyond the mean of the others.
func (m *Model) spoke(s *scratch, key uint64, class int) float64 {
	id, known := m.words.id(key)
	if !known {
		return 0
	}
	at, found := slices.BinarySearchFunc(s.terms, id, func(t term, id uint32) int { return cmp.Compare(t.id, id) })
	first, often := slices.BinarySearch(s.ids, id)
	if !found || !often {
		return 0
	}
	times := 1
	for first+times < len(s.ids) && s.ids[first+times] == id {
		times++
	}
	n := len(m.classes)
	row := m.weights[int(id)*n : int(id)*n+n]
	var others float32
	for k, w := range row {
		if k != class {
			others += w
		}
	}
	return float64((row[class]-others/float32(n-1))*s.terms[at].value) / float64(times)
}

// run is a piece of a text without spaces.
type run struct {
	from, to int32
	weight   float64
}

// chosen picks pieces that do not overlap, each with the weight of all grams within it, the strongest first.
func chosen(runes []rune, runs []run) map[string]float64 {
	out := map[string]float64{}
	if len(runs) == 0 {
		return out
	}
	sum := map[[2]int32]float64{}
	for _, r := range runs {
		sum[[2]int32{r.from, r.to}] += r.weight
	}
	pieces := make([]run, 0, len(sum))
	for at := range sum {
		if at[1]-at[0] < 2 {
			continue
		}
		piece := run{at[0], at[1], 0}
		for inner, weight := range sum {
			if inner[0] >= at[0] && inner[1] <= at[1] && inner[1]-inner[0] >= 2 {
				piece.weight += weight
			}
		}
		pieces = append(pieces, piece)
	}
	slices.SortFunc(pieces, func(a, b run) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var taken []run
	for _, p := range pieces {
		if p.weight <= 0 || len(taken) == 8 {
			break
		}
		if slices.ContainsFunc(taken, func(t run) bool { return p.from < t.to && t.from < p.to }) {
			continue
		}
		taken = append(taken, p)
		if text := string(runes[p.from:p.to]); utf8.RuneCountInString(text) > 1 {
			out[text] += p.weight
		}
	}
	return out
}
