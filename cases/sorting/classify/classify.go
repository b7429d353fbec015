// Package classify tells what a short text is about. It learns from examples: words, pairs of words and groups of
// characters, weighted by how rare they are, and a linear machine for each class (see machine). It knows no language, needs
// no network and no prepared model; Chinese, Japanese and Thai, written without spaces, go by their groups of characters.
// The same examples in the same order and the same seed give the same model, byte by byte. It is pure.
package classify

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// Example is a text of which somebody knows what it is about. Key names it, so that results can be compared; texts of one
// Key are never both learned from and examined.
type Example struct {
	Key   string
	Text  string
	Class string
}

// Options say how to learn. Zero values mean the defaults.
type Options struct {
	Seed  uint64  // 0 means 1
	Cost  float64 // of an error against large weights; 0 means 1
	Folds int     // of the cross-validation; 0 means 5
}

func (o Options) filled() Options {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Cost == 0 {
		o.Cost = 1
	}
	if o.Folds == 0 {
		o.Folds = 5
	}
	return o
}

// The refusals of learning.
var (
	ErrOneClass   = errors.New("there are examples of fewer than two classes")
	ErrUnreadable = errors.New("this is no model, or one of another format")
	ErrDamaged    = errors.New("the model does not have the hash it was kept with")
)

// Model tells what texts are about. It is immutable and safe for concurrent use.
type Model struct {
	classes []string // sorted
	words   *vocabulary
	weights []float32 // by feature, then by class; the last row holds the constants
	scale   float64   // of the scores before they become shares
	step    float32   // between two neighbouring weights
	scratch sync.Pool
}

// Classes are what the model can tell apart, sorted.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Features is how many words, pairs and groups of characters the model weighs.
func (m *Model) Features() int { return len(m.words.keys) }

// Fit learns from all the examples. The confidence of the model is not calibrated: Learn does both.
func Fit(ctx context.Context, examples []Example, o Options) (*Model, error) {
	return fit(ctx, examples, readAll(examples), o.filled())
}

func readAll(examples []Example) [][]counted {
	texts := make([][]counted, len(examples))
	var r reading
	for i, e := range examples {
		r.read(e.Text)
		texts[i] = r.count()
	}
	return texts
}

func fit(ctx context.Context, examples []Example, texts [][]counted, o Options) (*Model, error) {
	numbers := map[string]int{}
	for _, e := range examples {
		numbers[e.Class] = 0
	}
	if len(numbers) < 2 {
		return nil, ErrOneClass
	}
	m := &Model{classes: slices.Sorted(maps.Keys(numbers)), words: newVocabulary(texts), scale: 1}
	for n, c := range m.classes {
		numbers[c] = n
	}
	p := problem{size: len(m.words.keys)}
	var ids []uint32
	for i, text := range texts {
		ids = m.words.repeated(text, ids)
		terms := m.words.weigh(ids, nil)
		square := float32(1)
		for _, t := range terms {
			square += t.value * t.value
		}
		p.texts, p.norms, p.class = append(p.texts, terms), append(p.norms, square), append(p.class, numbers[examples[i].Class])
	}
	var err error
	if m.weights, err = p.machines(ctx, len(m.classes), o); err != nil {
		return nil, err
	}
	m.settle()
	return m, nil
}
