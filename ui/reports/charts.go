package reports

import (
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
)

// chart is what ECharts is told to draw: numbers only, colours come from the page. Words is its text for those who do
// not see it.
type chart struct {
	Title, Sub, Words string
	Legend            []legend
	option            option
}

type legend struct{ Class, Text string }

// JSON is the option for the data-chart attribute, in the reader's language.
func (c chart) JSON(said func(text string) string) string {
	o := c.option
	o.XAxis.Data = slices.Clone(o.XAxis.Data)
	for i, label := range o.XAxis.Data {
		o.XAxis.Data[i] = said(label)
	}
	o.Series = slices.Clone(o.Series)
	for i := range o.Series {
		o.Series[i].Name = said(o.Series[i].Name)
	}
	o.Aria.Label.Description = said(o.Aria.Label.Description)
	text, err := json.Marshal(o)
	if err != nil {
		return "{}" // an option is text, numbers and lists of them
	}
	return string(text)
}

type option struct {
	XAxis  axis     `json:"xAxis"`
	YAxis  axis     `json:"yAxis"`
	Series []series `json:"series"`
	Aria   struct {
		Label struct {
			Description string `json:"description"`
		} `json:"label"`
	} `json:"aria"`
}

type axis struct {
	Type string   `json:"type"`
	Data []string `json:"data,omitempty"`
	Min  *int     `json:"min,omitempty"`
}

type series struct {
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Stack      string    `json:"stack,omitempty"`
	Data       []*number `json:"data"`
	BarMaxW    int       `json:"barMaxWidth,omitempty"`
	ShowSymbol *bool     `json:"showSymbol,omitempty"`
	Connect    bool      `json:"connectNulls,omitempty"`
}

// number is a decimal as JSON writes it; nil is a gap.
type number decimal.Decimal

// MarshalJSON writes the number itself, not as a text.
func (n number) MarshalJSON() ([]byte, error) { return []byte(decimal.Decimal(n).String()), nil }

func amounts(list []decimal.Decimal) []*number {
	out := make([]*number, len(list))
	for i, v := range list {
		n := number(v)
		out[i] = &n
	}
	return out
}

func points(list []figures.Figure) []*number {
	out := make([]*number, len(list))
	for i, f := range list {
		if f.Valid {
			n := number(f.Decimal)
			out[i] = &n
		}
	}
	return out
}

// legends go by the order of the series, as the colours do.
func newChart(title, sub, words string, labels []string, list ...series) chart {
	c := chart{Title: title, Sub: sub, Words: words}
	c.option = option{XAxis: axis{Type: "category", Data: labels}, YAxis: axis{Type: "value"}, Series: list}
	c.option.Aria.Label.Description = words
	classes := []string{"", "c2", "c3", "c4", "c5", "c6"}
	for i, s := range list {
		c.Legend = append(c.Legend, legend{classes[i%len(classes)], s.Name})
	}
	return c
}

func bars(name, stack string, values []decimal.Decimal) series {
	return series{Name: name, Type: "bar", Stack: stack, Data: amounts(values), BarMaxW: 36}
}

func line(name string, values []figures.Figure) series {
	hidden := false
	return series{Name: name, Type: "line", Data: points(values), ShowSymbol: &hidden}
}
