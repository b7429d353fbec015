package classify

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Examined is a model's word on an example it has not learned from.
type Examined struct {
	Key        string
	Class      string // what it is
	Guess      string // what the model said
	Confidence float64
}

// Learn examines by cross-validation what can be learned from the examples, then learns from all of them. The confidence
// of the model is calibrated by the examination, whose results come with it in the order of the examples.
func Learn(ctx context.Context, examples []Example, o Options) (*Model, []Examined, error) {
	o = o.filled()
	texts := readAll(examples)
	results, scale, err := crossValidate(ctx, examples, texts, o)
	if err != nil {
		return nil, nil, err
	}
	m, err := fit(ctx, examples, texts, o)
	if err != nil {
		return nil, nil, err
	}
	m.scale = scale
	return m, results, nil
}

// CrossValidate examines every example by a model that learned from the other parts.
func CrossValidate(ctx context.Context, examples []Example, o Options) ([]Examined, error) {
	results, _, err := crossValidate(ctx, examples, readAll(examples), o.filled())
	return results, err
}

// held is what the scores of one example were.
type held struct {
	scores []float64
	truth  int // class in the model's numbers; -1 when it knows none such
}

func crossValidate(ctx context.Context, examples []Example, texts [][]counted, o Options) ([]Examined, float64, error) {
	fold := folds(examples, o)
	out := make([]Examined, len(examples))
	all := make([]held, len(examples))
	for f := range o.Folds {
		var learn []Example
		var read [][]counted
		for i := range examples {
			if fold[i] != f {
				learn, read = append(learn, examples[i]), append(read, texts[i])
			}
		}
		m, err := fit(ctx, learn, read, o)
		if err != nil {
			return nil, 0, err
		}
		for i, e := range examples {
			if fold[i] != f {
				continue
			}
			s := m.open()
			s.ids = m.words.repeated(texts[i], s.ids)
			m.add(s)
			out[i] = Examined{Key: e.Key, Class: e.Class, Guess: m.classes[top(s.scores)]}
			all[i] = held{slices.Clone(s.scores), slices.Index(m.classes, e.Class)}
			m.scratch.Put(s)
		}
	}
	scale := calibrate(all)
	for i, h := range all {
		shares(h.scores, scale)
		out[i].Confidence = slices.Max(h.scores)
	}
	return out, scale, nil
}

// folds deals the examples of each class out evenly, in a random order. Examples of one key stay together.
func folds(examples []Example, o Options) []int {
	random := rand.New(rand.NewPCG(o.Seed, uint64(len(examples)))) //nolint:gosec // repeatable on purpose
	byClass := map[string][]string{}
	of := map[string][]int{}
	var order []string
	for i, e := range examples {
		key := e.Key
		if key == "" {
			key = e.Class + "\x00" + e.Text
		}
		if of[key] == nil {
			if byClass[e.Class] == nil {
				order = append(order, e.Class)
			}
			byClass[e.Class] = append(byClass[e.Class], key)
		}
		of[key] = append(of[key], i)
	}
	fold := make([]int, len(examples))
	for _, class := range order {
		keys := byClass[class]
		random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for n, key := range keys {
			for _, i := range of[key] {
				fold[i] = n % o.Folds
			}
		}
	}
	return fold
}

// calibrate finds the scale by which the shares of held-out scores come nearest to how often they are right (temperature
// scaling: Guo and others, "On Calibration of Modern Neural Networks", ICML 2017), by golden section on its logarithm.
func calibrate(all []held) float64 {
	loss := func(log float64) float64 {
		scale, sum := math.Exp(log), 0.0
		for _, h := range all {
			if h.truth < 0 {
				continue
			}
			highest, total := slices.Max(h.scores), 0.0
			for _, x := range h.scores {
				total += math.Exp(scale * (x - highest))
			}
			sum += math.Log(total) - scale*(h.scores[h.truth]-highest)
		}
		return sum
	}
	const golden = 0.6180339887498949
	low, high := -3.0, 4.0
	for high-low > 1e-3 {
		span := golden * (high - low)
		if loss(high-span) < loss(low+span) {
			high = low + span
		} else {
			low = high - span
		}
	}
	return math.Exp((low + high) / 2)
}
