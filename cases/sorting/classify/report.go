package classify

import (
	"cmp"
	"maps"
	"slices"
)

// ClassFigures are what an examination says of one class. Precision is how many of the texts taken for it are it, Recall
// how many of its texts were found; F1 is their harmonic mean.
type ClassFigures struct {
	Class     string  `json:"class"`
	Examples  int     `json:"examples"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Confusion is how many texts of one class were taken for another.
type Confusion struct {
	Class string `json:"class"`
	Guess string `json:"guess"`
	Count int    `json:"count"`
}

// Report is an examination in figures. MacroF1 is the mean of the classes' F1, so that a rare class counts like a
// frequent one. Confusions hold every pair that occurred, right ones among them. CalibrationError is the mean distance
// between confidence and being right, in ten steps of confidence, weighted by their texts.
type Report struct {
	Examples         int            `json:"examples"`
	Accuracy         float64        `json:"accuracy"`
	MacroF1          float64        `json:"macro_f1"`
	CalibrationError float64        `json:"calibration_error"`
	Classes          []ClassFigures `json:"classes"`
	Confusions       []Confusion    `json:"confusions"`
}

// Summarise turns an examination into figures.
func Summarise(results []Examined) Report {
	r := Report{Examples: len(results)}
	if len(results) == 0 {
		return r
	}
	type pair struct{ class, guess string }
	pairs := map[pair]int{}
	truths, guesses := map[string]int{}, map[string]int{}
	right := 0
	for _, e := range results {
		pairs[pair{e.Class, e.Guess}]++
		truths[e.Class]++
		guesses[e.Guess]++
		if e.Class == e.Guess {
			right++
		}
	}
	for _, class := range slices.Sorted(maps.Keys(truths)) {
		f := ClassFigures{Class: class, Examples: truths[class]}
		hits := float64(pairs[pair{class, class}])
		f.Recall = hits / float64(truths[class])
		if guesses[class] > 0 {
			f.Precision = hits / float64(guesses[class])
		}
		if hits > 0 {
			f.F1 = 2 * f.Precision * f.Recall / (f.Precision + f.Recall)
		}
		r.MacroF1 += f.F1 / float64(len(truths))
		r.Classes = append(r.Classes, f)
	}
	for p, n := range pairs {
		r.Confusions = append(r.Confusions, Confusion{p.class, p.guess, n})
	}
	slices.SortFunc(r.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Guess, b.Guess))
	})
	r.Accuracy = float64(right) / float64(len(results))
	r.CalibrationError = calibrationError(results)
	return r
}

func calibrationError(results []Examined) float64 {
	const steps = 10
	var count, right, sure [steps]float64
	for _, e := range results {
		step := min(int(e.Confidence*steps), steps-1)
		count[step]++
		sure[step] += e.Confidence
		if e.Class == e.Guess {
			right[step]++
		}
	}
	var sum float64
	for s := range steps {
		if d := sure[s] - right[s]; d < 0 {
			sum -= d
		} else {
			sum += d
		}
	}
	return sum / float64(len(results))
}
