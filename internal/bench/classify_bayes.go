package bench

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"makegood/cases/sorting/classify"
)

// bayes is multinomial naive Bayes over words and pairs of words, with a tenth of an occurrence added to each: the baseline
// that classifying is measured beside.
type bayes struct {
	classes []string
	prior   []float64
	weight  map[string][]float64 // ln of the share of a term, by class
	unseen  []float64
}

const smoothing = 0.1

func terms(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := slices.Clone(words)
	for i := 1; i < len(words); i++ {
		out = append(out, words[i-1]+" "+words[i])
	}
	return out
}

func learnBayes(examples []classify.Example) bayes {
	texts := map[string]float64{}
	for _, e := range examples {
		texts[e.Class]++
	}
	b := bayes{classes: slices.Sorted(maps.Keys(texts)), weight: map[string][]float64{}}
	total := make([]float64, len(b.classes))
	for _, e := range examples {
		k, _ := slices.BinarySearch(b.classes, e.Class)
		for _, t := range terms(e.Text) {
			if b.weight[t] == nil {
				b.weight[t] = make([]float64, len(b.classes))
			}
			b.weight[t][k]++
			total[k]++
		}
	}
	for k, class := range b.classes {
		all := total[k] + smoothing*float64(len(b.weight))
		b.prior = append(b.prior, math.Log(texts[class]/float64(len(examples))))
		b.unseen = append(b.unseen, math.Log(smoothing/all))
		for _, counts := range b.weight {
			counts[k] = math.Log((counts[k] + smoothing) / all)
		}
	}
	return b
}

// guess sums the known terms; terms never seen say nothing.
func (b bayes) guess(text string) string {
	scores := slices.Clone(b.prior)
	for _, t := range terms(text) {
		if weights := b.weight[t]; weights != nil {
			for k, w := range weights {
				scores[k] += w
			}
		}
	}
	best := 0
	for k, s := range scores {
		if s > scores[best] {
			best = k
		}
	}
	return b.classes[best]
}

// measureBayes examines it by five parts, dealt out one after the other within each class.
func (o Options) measureBayes(examples []classify.Example) ClassifyFigures {
	const parts = 5
	f := ClassifyFigures{What: "naive Bayes of words"}
	part, dealt := make([]int, len(examples)), map[string]int{}
	for i, e := range examples {
		part[i] = dealt[e.Class] % parts
		dealt[e.Class]++
	}
	var results []classify.Examined
	for p := range parts {
		var learn []classify.Example
		for i, e := range examples {
			if part[i] != p {
				learn = append(learn, e)
			}
		}
		b := learnBayes(learn)
		for i, e := range examples {
			if part[i] == p {
				results = append(results, classify.Examined{Class: e.Class, Guess: b.guess(e.Text)})
			}
		}
	}
	r := classify.Summarise(results)
	r.CalibrationError = 0 // it says no confidence
	f.examined(r)
	var train, cost, rate []float64
	for range o.Rounds {
		begin, before := o.Now(), ownTime()
		b := learnBayes(examples)
		train, cost = append(train, o.Now().Sub(begin).Seconds()), append(cost, (ownTime()-before).Seconds())
		f.Features = len(b.weight)
		rate = append(rate, perSecond(examples, func(text string) { b.guess(text) }))
	}
	f.Train, f.TrainCPU, f.Rate = Median(train), Median(cost), Median(rate)
	return f
}
