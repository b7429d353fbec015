package configfile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// differences names each value that differs between two things as the file writes them, by its place: "limits.0.max: 1000 → 1500".
func differences(now, want any) []string {
	before, after := map[string]string{}, map[string]string{}
	flatten("", plain(now), before)
	flatten("", plain(want), after)
	places := slices.Sorted(maps.Keys(union(before, after)))
	var lines []string
	for _, place := range places {
		old, had := before[place]
		wanted, has := after[place]
		switch {
		case !had:
			lines = append(lines, fmt.Sprintf("+ %s: %s", place, wanted))
		case !has:
			lines = append(lines, fmt.Sprintf("- %s: %s", place, old))
		case old != wanted:
			lines = append(lines, fmt.Sprintf("~ %s: %s → %s", place, old, wanted))
		}
	}
	return lines
}

// plain is a thing as maps, lists and texts. What cannot be written differs from everything.
func plain(thing any) any {
	var out any
	text, err := yaml.Marshal(thing)
	if err == nil {
		err = yaml.Unmarshal(text, &out)
	}
	if err != nil {
		return err.Error()
	}
	return out
}

func flatten(place string, value any, into map[string]string) {
	inside := func(name string) string {
		if place == "" {
			return name
		}
		return place + "." + name
	}
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for name, part := range v {
			flatten(inside(name), part, into)
		}
	case []any:
		for i, part := range v {
			flatten(inside(strconv.Itoa(i)), part, into)
		}
	default:
		into[place] = fmt.Sprint(v)
	}
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
