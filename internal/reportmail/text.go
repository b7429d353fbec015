package reportmail

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/internal/people"
)

// text is what the mail says: what the report is of, where it stands, and who has it come.
func (s *Service) text(sch Schedule, reader people.User, m made) string {
	say := func(key string, params ...string) string { return s.words.Say(reader.Language, key, params...) + "\n" }
	var text strings.Builder
	name, err := m.question.TitleKey()
	if err == nil {
		name = s.words.Say(reader.Language, name)
	}
	if m.from.Before(m.to) {
		text.WriteString(say("reportmail.of_period", "report", name, "from", m.from.Format(time.DateOnly), "to", m.to.Format(time.DateOnly)))
	} else {
		text.WriteString(say("reportmail.of_day", "report", name, "to", m.to.Format(time.DateOnly)))
	}
	if narrowed := sch.Narrowed(); narrowed != "" {
		text.WriteString(say("reportmail.narrowed", "filters", narrowed))
	}
	text.WriteString("\n")
	switch {
	case m.tooLarge:
		text.WriteString(say("reportmail.too_large", "file", m.name))
	case len(m.content) > 0:
		text.WriteString(say("reportmail.attached", "file", m.name))
	}
	text.WriteString(say("reportmail.open", "address", s.publicURL+sch.Address(m.question.Filter)))
	if m.passed > 0 {
		text.WriteString("\n" + say("reportmail.passed_over", "count", strconv.Itoa(m.passed)))
	}
	foot := s.publicURL + "/reports/mail/" + strconv.FormatInt(sch.ID, 10)
	if sch.MadeBy == sch.ReaderID {
		text.WriteString("\n" + say("reportmail.foot_own", "address", foot))
	} else {
		text.WriteString("\n" + say("reportmail.foot", "by", sch.MakerName, "address", foot))
	}
	return text.String()
}

// Narrowed lists the filters in a line: "entity DE, tier gold".
func (sch Schedule) Narrowed() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(sch.Filters)) {
		list = append(list, name+" "+sch.Filters[name])
	}
	return strings.Join(list, ", ")
}

// Address is the report's page with filters. What the root causes cost is a way of a page of its own.
func (sch Schedule) Address(filter url.Values) string {
	report, filter := sch.Report, maps.Clone(filter)
	if report == "root-causes" {
		report = "work/credits"
		filter.Set("by", "cause")
	}
	if len(filter) == 0 {
		return "/reports/" + report
	}
	return "/reports/" + report + "?" + filter.Encode()
}
