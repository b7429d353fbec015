package sorting

import (
	"encoding/hex"
	"strconv"

	"makegood/cases/sorting"
	"makegood/cases/sorting/classify"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

type modelView struct {
	Shows          []kit.Segment
	Version        string // of the state
	Threshold      string
	ThresholdError string
	Refusal        string
	Evidence       string
	Facts          []kit.KV
	Classes        []classView
	Heads          []headView
	Matrix         []matrixRow
	Models         []modelRow
	Title, Self    string
	May, None      bool
}

type classView struct {
	Name, Examples, Precision, Recall, F1 string
	Weak                                  bool
}

// headView is a column of the confusion table: a short mark, and the topic it stands for.
type headView struct{ Mark, Name string }

type matrixRow struct {
	Mark, Name string
	Cells      []cellView
}

type cellView struct {
	Count, Title string
	Tone         string // "", ok for right ones, miss for confusions
}

type modelRow struct {
	ID, Name, Learned, F1, Verdict, When string
	Active, Shown                        bool
}

func (r reader) model(state sorting.State, models []sorting.Model, shown *sorting.Model, evidence int) modelView {
	v := modelView{
		Shows: segments("model"), Version: strconv.FormatInt(state.Version, 10), Threshold: strconv.FormatFloat(state.Threshold*100, 'f', -1, 64),
		Evidence: r.count(evidence), May: r.may, None: shown == nil,
	}
	for _, m := range models {
		v.Models = append(v.Models, r.row(m, state, shown))
	}
	if shown == nil {
		return v
	}
	report := shown.Report
	v.Title = i18n.F("Model {id}", "id", strconv.FormatInt(shown.ID, 10))
	v.Facts = []kit.KV{
		{Label: i18n.T("Macro-F1"), Value: share(report.MacroF1)},
		{Label: i18n.T("Accuracy"), Value: share(report.Accuracy)},
		{Label: i18n.T("Confidence off by"), Value: share(report.CalibrationError)},
		{Label: i18n.T("Decided cases"), Value: r.count(shown.Learned)},
		{Label: i18n.T("Shipped texts"), Value: r.count(shown.Starter)},
		{Label: i18n.T("Size"), Value: i18n.F("{size} KB, sha256 {encode_to_string}", "size", strconv.Itoa(shown.Size/1024), "encode_to_string", hex.EncodeToString(shown.SHA256)[:12])},
	}
	for _, c := range report.Classes {
		v.Classes = append(v.Classes, classView{
			Name: r.topic(c.Class), Examples: r.count(c.Examples), Precision: share(c.Precision), Recall: share(c.Recall), F1: share(c.F1), Weak: c.F1 < 0.7,
		})
	}
	v.Heads, v.Matrix = r.matrix(report)
	return v
}

// matrix is the confusion table: what texts are, down, against what they were taken for, across.
func (r reader) matrix(report classify.Report) ([]headView, []matrixRow) {
	place := map[string]int{}
	var heads []headView
	for i, c := range report.Classes {
		place[c.Class] = i
		heads = append(heads, headView{Mark: strconv.Itoa(i + 1), Name: r.topic(c.Class)})
	}
	rows := make([]matrixRow, len(heads))
	for i, h := range heads {
		rows[i] = matrixRow{Mark: h.Mark, Name: h.Name, Cells: make([]cellView, len(heads))}
	}
	for _, c := range report.Confusions {
		from, to := place[c.Class], place[c.Guess]
		cell := cellView{Count: strconv.Itoa(c.Count), Title: i18n.F("{topic} taken for {topic_2}: {count}", "topic", r.topic(c.Class), "topic_2", r.topic(c.Guess), "count", c.Count), Tone: "miss"}
		if from == to {
			cell.Tone, cell.Title = "ok", i18n.F("{topic} found: {count}", "topic", r.topic(c.Class), "count", c.Count)
		}
		rows[from].Cells[to] = cell
	}
	return heads, rows
}

func (r reader) row(m sorting.Model, state sorting.State, shown *sorting.Model) modelRow {
	row := modelRow{
		ID: strconv.FormatInt(m.ID, 10), Name: i18n.F("Model {id}", "id", strconv.FormatInt(m.ID, 10)), Learned: i18n.F("{count} cases", "count", r.count(m.Learned)), F1: share(m.Report.MacroF1), When: r.when(m.MadeAt),
		Active: state.ModelID != nil && *state.ModelID == m.ID, Shown: shown != nil && shown.ID == m.ID, Verdict: i18n.T("the first"),
	}
	if m.Compared.With != 0 {
		row.Verdict = i18n.F("{share} against {share_2} of model {with}", "share", share(m.Compared.New), "share_2", share(m.Compared.Old), "with", strconv.FormatInt(m.Compared.With, 10))
		if !m.Better {
			row.Verdict += i18n.T(": worse, not used")
		}
	}
	return row
}

// share is a part of one with three digits.
func share(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }
