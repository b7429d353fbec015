package clock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
)

// calendarText is a calendar as it is written, in YAML and in JSON alike.
type calendarText struct {
	Name     string              `json:"name"               yaml:"name"`
	Zone     string              `json:"zone"               yaml:"zone"`
	Weekly   map[string][]string `json:"weekly"             yaml:"weekly"`
	Holidays []holidayText       `json:"holidays,omitempty" yaml:"holidays,omitempty"`
}

// holidayText is a bare date, or a date with a name or hours of its own.
type holidayText struct{ holidayFields }

type holidayFields struct {
	Date  string   `json:"date"            yaml:"date"`
	Name  string   `json:"name,omitempty"  yaml:"name,omitempty"`
	Hours []string `json:"hours,omitempty" yaml:"hours,omitempty,flow"`
}

// ParseCalendar reads a calendar written as YAML (or JSON, which is YAML too) and validates it. Every fault is an
// Invalid error that names the fields.
func ParseCalendar(data []byte) (Calendar, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var text calendarText
	if err := dec.Decode(&text); err != nil {
		return Calendar{}, unreadable(err)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return Calendar{}, unreadable(errors.New("more than one document"))
	}
	return text.calendar()
}

func unreadable(err error) error {
	return errs.Wrap(err, errs.Invalid, "clock.calendar_unreadable", "detail", errs.OfYAML(err))
}

func (t calendarText) calendar() (Calendar, error) {
	c := Calendar{Name: t.Name, Zone: t.Zone}
	var wrong []errs.Field
	c.Weekly, wrong = parseWeek(t.Weekly)
	for i, h := range t.Holidays {
		holiday, faults := h.holiday(fmt.Sprintf("holidays[%d]", i))
		wrong = append(wrong, faults...)
		c.Holidays = append(c.Holidays, holiday)
	}
	if len(wrong) > 0 {
		return Calendar{}, errs.InvalidFields(wrong...)
	}
	if err := c.Validate(); err != nil {
		return Calendar{}, err
	}
	return c, nil
}

func parseWeek(texts map[string][]string) (map[time.Weekday][]Span, []errs.Field) {
	var wrong []errs.Field
	week := make(map[time.Weekday][]Span, len(texts))
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		i := slices.IndexFunc(weekDays(), func(d time.Weekday) bool { return dayKey(d) == key })
		if i < 0 {
			wrong = append(wrong, wrongField("weekly", "clock.unknown_weekday", "day", key))
			continue
		}
		spans, err := parseSpans(texts[key])
		if err != nil {
			wrong = append(wrong, renamed(err, "weekly."+key)...)
		}
		if len(spans) > 0 {
			week[weekDays()[i]] = spans
		}
	}
	return week, wrong
}

func weekDays() []time.Weekday {
	order := weekOrder()
	return order[:]
}

func (h holidayText) holiday(name string) (Holiday, []errs.Field) {
	var wrong []errs.Field
	date, err := ParseDay(h.Date)
	if err != nil {
		wrong = append(wrong, renamed(err, name+".date")...)
	}
	hours, err := parseSpans(h.Hours)
	if err != nil {
		wrong = append(wrong, renamed(err, name+".hours")...)
	}
	if len(hours) == 0 {
		hours = nil
	}
	return Holiday{Date: date, Name: h.Name, Hours: hours}, wrong
}

// renamed keeps why a field is wrong and says where it stood.
func renamed(err error, name string) []errs.Field {
	var e *errs.Error
	if !errors.As(err, &e) {
		return nil
	}
	fields := slices.Clone(e.Fields)
	for i := range fields {
		fields[i].Name = name
	}
	return fields
}

func (c Calendar) text() calendarText {
	t := calendarText{Name: c.Name, Zone: c.Zone, Weekly: map[string][]string{}}
	for _, day := range weekOrder() {
		if spans := c.Weekly[day]; len(spans) > 0 {
			t.Weekly[dayKey(day)] = formatSpans(spans)
		}
	}
	for _, h := range c.Holidays {
		fields := holidayFields{Date: h.Date.String(), Name: h.Name, Hours: formatSpans(h.Hours)}
		t.Holidays = append(t.Holidays, holidayText{fields})
	}
	return t
}

// MarshalJSON writes the same shape as the YAML file.
func (c Calendar) MarshalJSON() ([]byte, error) { return json.Marshal(c.text()) }

// UnmarshalJSON reads and validates what MarshalJSON writes.
func (c *Calendar) UnmarshalJSON(data []byte) error {
	var text calendarText
	if err := strictJSON(data, &text); err != nil {
		return unreadable(err)
	}
	read, err := text.calendar()
	if err != nil {
		return err
	}
	*c = read
	return nil
}

// MarshalYAML writes the calendar as ParseCalendar reads it.
func (c Calendar) MarshalYAML() (any, error) { return c.text(), nil }

// UnmarshalYAML reads and validates a calendar that stands inside a larger file.
func (c *Calendar) UnmarshalYAML(node *yaml.Node) error {
	var text calendarText
	if err := strictYAML(node, &text); err != nil {
		return unreadable(err)
	}
	read, err := text.calendar()
	if err != nil {
		return err
	}
	*c = read
	return nil
}

func (h holidayText) bare() bool { return h.Name == "" && len(h.Hours) == 0 }

// MarshalJSON writes a bare date when there is nothing else to say.
func (h holidayText) MarshalJSON() ([]byte, error) {
	if h.bare() {
		return json.Marshal(h.Date)
	}
	return json.Marshal(h.holidayFields)
}

// UnmarshalJSON reads a date, or an object with a date.
func (h *holidayText) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(data)), `"`) {
		return json.Unmarshal(data, &h.Date)
	}
	return strictJSON(data, &h.holidayFields)
}

// MarshalYAML writes a bare date when there is nothing else to say.
func (h holidayText) MarshalYAML() (any, error) {
	if h.bare() {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: h.Date}, nil
	}
	return h.holidayFields, nil
}

// UnmarshalYAML reads a date, quoted or not, or a mapping with a date.
func (h *holidayText) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		h.Date = node.Value
		return nil
	}
	return strictYAML(node, &h.holidayFields)
}
