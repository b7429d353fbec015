package bench

import (
	"fmt"
	"io"
)

func writeClassify(w io.Writer, list []ClassifyFigures) {
	_, _ = fmt.Fprintln(w, "classifier\ttexts\tclasses\tmacro-F1\taccuracy\tconfidence off by\ttrain s\tleast–most\ttrain cpu s\ttexts/s on one cpu\tleast–most\tKB\tmust\t")
	for _, f := range list {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.2f\t%.2f–%.2f\t%.2f\t%.0f\t%.0f–%.0f\t%d\t%s\t\n", f.What, f.Texts, f.Classes, f.MacroF1, f.Accuracy, f.Calibration,
			f.Train.Median, f.Train.Least, f.Train.Most, f.TrainCPU.Median, f.Rate.Median, f.Rate.Least, f.Rate.Most, f.Bytes/1024, f.verdict())
	}
}

func (f ClassifyFigures) verdict() string {
	if f.Met == nil {
		return ""
	}
	text := fmt.Sprintf("%s: %d s, %d/s", met(*f.Met), mustTrain, mustTexts)
	if f.Texts >= manyTexts {
		text += fmt.Sprintf(", %.2f", mustMacroF1)
	}
	return text
}
