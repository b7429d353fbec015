package classify

import (
	"cmp"
	"math"
	"slices"
)

// Guess is what a text may be about, and how sure that is: of the texts given a confidence of 0.8, four in five are
// about it.
type Guess struct {
	Class      string
	Confidence float64
}

// scratch is what reading a text needs, kept for the next one.
type scratch struct {
	reading
	ids    []uint32
	terms  []term
	scores []float64
	sums   []float32
}

func (m *Model) open() *scratch {
	if s, ok := m.scratch.Get().(*scratch); ok {
		return s
	}
	return &scratch{scores: make([]float64, len(m.classes)), sums: make([]float32, len(m.classes))}
}

// Guesses are all classes, the likeliest first.
func (m *Model) Guesses(text string) []Guess {
	s := m.open()
	defer m.scratch.Put(s)
	m.score(s, text)
	shares(s.scores, m.scale)
	out := make([]Guess, len(m.classes))
	for k, c := range m.classes {
		out[k] = Guess{c, s.scores[k]}
	}
	slices.SortStableFunc(out, func(a, b Guess) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out
}

// Best is the likeliest class.
func (m *Model) Best(text string) Guess {
	s := m.open()
	defer m.scratch.Put(s)
	m.score(s, text)
	shares(s.scores, m.scale)
	k := top(s.scores)
	return Guess{m.classes[k], s.scores[k]}
}

// score reads a text and adds up the weights of its features for every class.
func (m *Model) score(s *scratch, text string) {
	s.read(text)
	s.ids = m.words.known(&s.reading, s.ids)
	m.add(s)
}

// add adds up the weights of the features in ids, which it sorts.
func (m *Model) add(s *scratch) {
	n := len(m.classes)
	s.terms = m.words.weigh(s.ids, s.terms)
	sums := s.sums[:n]
	clear(sums)
	if len(s.terms) > 0 { // of a text without a known word nothing is known: all classes are alike
		copy(sums, m.weights[len(m.words.keys)*n:])
	}
	for _, t := range s.terms {
		row := m.weights[int(t.id)*n : int(t.id)*n+n]
		x := t.value
		for k, w := range row[:len(sums)] {
			sums[k] += w * x
		}
	}
	for k, x := range sums {
		s.scores[k] = float64(x)
	}
}

// shares turns scores into parts of one, in place.
func shares(scores []float64, scale float64) {
	highest := slices.Max(scores)
	var sum float64
	for k, x := range scores {
		scores[k] = math.Exp(scale * (x - highest))
		sum += scores[k]
	}
	for k := range scores {
		scores[k] /= sum
	}
}

func top(scores []float64) int {
	best := 0
	for k, x := range scores {
		if x > scores[best] {
			best = k
		}
	}
	return best
}
