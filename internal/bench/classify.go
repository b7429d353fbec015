package bench

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/starter"
)

// What classifying must reach: macro-F1 by cross-validation, seconds of training, texts a second on one processor. The first
// is asked only of a set that is large enough to say something.
const (
	mustMacroF1 = 0.90
	mustTrain   = 30
	mustTexts   = 10_000
	manyTexts   = 5_000
)

// ClassifyFigures is what a classifier reached on a set of texts. Rate is texts a second on one processor; TrainCPU is the
// processor time of one training, on all processors together.
type ClassifyFigures struct {
	What        string  `json:"what"`
	Texts       int     `json:"texts"`
	Classes     int     `json:"classes"`
	MacroF1     float64 `json:"macro_f1"`
	Accuracy    float64 `json:"accuracy"`
	Calibration float64 `json:"calibration_error"`
	Features    int     `json:"features"`
	Bytes       int     `json:"bytes"`
	Train       Spread  `json:"train_s"`
	TrainCPU    Spread  `json:"train_cpu_s"`
	Rate        Spread  `json:"texts_per_second"`
	Met         *bool   `json:"met,omitempty"`
}

// Classify measures the classifier by cross-validation on a CSV file of text and class (with a line of heads), or on the
// shipped texts when there is none, beside naive Bayes over words, the usual first try.
func Classify(ctx context.Context, o Options, file string) (Report, error) {
	o = o.filled()
	report := Report{Machine: NewMachine()}
	examples, err := labelled(file)
	if err != nil {
		return report, err
	}
	o.Say(fmt.Sprintf("cross-validating on %d texts", len(examples)))
	ours, err := o.measureClassifier(ctx, examples)
	if err != nil {
		return report, err
	}
	report.Classify = []ClassifyFigures{ours, o.measureBayes(examples)}
	report.Machine = report.Machine.After("")
	return report, nil
}

// labelled reads the texts to measure on.
func labelled(file string) ([]classify.Example, error) {
	if file == "" {
		return starter.Examples()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open texts: %w", err)
	}
	defer func() { _ = f.Close() }()
	rows := csv.NewReader(f)
	var out []classify.Example
	for line := 0; ; line++ {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("read texts: %w", err)
		case len(row) < 2:
			return nil, fmt.Errorf("read texts: line %d has no class", line+1)
		case line > 0:
			out = append(out, classify.Example{Text: row[0], Class: row[1]})
		}
	}
}

func (o Options) measureClassifier(ctx context.Context, examples []classify.Example) (ClassifyFigures, error) {
	f := ClassifyFigures{What: "words and characters, linear"}
	results, err := classify.CrossValidate(ctx, examples, classify.Options{})
	if err != nil {
		return f, fmt.Errorf("cross-validate: %w", err)
	}
	f.examined(classify.Summarise(results))
	var train, cost, rate []float64
	for range o.Rounds {
		var m *classify.Model
		begin, before := o.Now(), ownTime()
		if m, err = classify.Fit(ctx, examples, classify.Options{}); err != nil {
			return f, fmt.Errorf("train: %w", err)
		}
		train, cost = append(train, o.Now().Sub(begin).Seconds()), append(cost, (ownTime()-before).Seconds())
		content, _, err := m.Encode()
		if err != nil {
			return f, err
		}
		f.Features, f.Bytes = m.Features(), len(content)
		rate = append(rate, perSecond(examples, func(text string) { m.Best(text) }))
	}
	f.Train, f.TrainCPU, f.Rate = Median(train), Median(cost), Median(rate)
	met := f.Train.Median <= mustTrain && f.Rate.Median >= mustTexts && (f.Texts < manyTexts || f.MacroF1 >= mustMacroF1)
	f.Met = &met
	return f, nil
}

func (f *ClassifyFigures) examined(r classify.Report) {
	f.Texts, f.Classes, f.MacroF1, f.Accuracy, f.Calibration = r.Examples, len(r.Classes), r.MacroF1, r.Accuracy, r.CalibrationError
}

// perSecond has one goroutine read all texts once and counts by processor time, which others on the machine do not move. The
// collector, which would work beside it, waits meanwhile.
func perSecond(examples []classify.Example, read func(string)) float64 {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := ownTime()
	for _, e := range examples {
		read(e.Text)
	}
	if took := ownTime() - before; took > 0 {
		return float64(len(examples)) / took.Seconds()
	}
	return 0
}
