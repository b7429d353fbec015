package authority

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference is one value that a change makes another: what it is of, before and after.
type difference struct {
	Of, Before, After string
}

// differences are the values that differ between what is and what is to be, each by the way to it.
func differences(before, after json.RawMessage) []difference {
	was, is := map[string]string{}, map[string]string{}
	for content, into := range map[*json.RawMessage]map[string]string{&before: was, &after: is} {
		var value any
		if json.Unmarshal(*content, &value) == nil {
			leaves(value, "", into)
		}
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	var list []difference
	for _, way := range slices.Sorted(maps.Keys(all)) {
		if was[way] != is[way] {
			list = append(list, difference{way, orDash(was[way]), orDash(is[way])})
		}
	}
	return list
}

// leaves puts every single value under the way to it: limits · dispute · EUR.
func leaves(value any, way string, into map[string]string) {
	under := func(name string) string {
		name = strings.ReplaceAll(name, "_", " ")
		if way == "" {
			return name
		}
		return way + " · " + name
	}
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for name, one := range v {
			leaves(one, under(name), into)
		}
	case []any:
		for n, one := range v {
			leaves(one, under(called(one, n)), into)
		}
	case string:
		if v != "" {
			into[way] = v
		}
	default:
		into[way] = fmt.Sprint(v)
	}
}

// called is what a thing in a list is known by, or its place.
func called(value any, n int) string {
	if m, ok := value.(map[string]any); ok {
		for _, name := range []string{"key", "code", "name", "kind"} {
			if text, ok := m[name].(string); ok && text != "" {
				return text
			}
		}
	}
	return fmt.Sprint(n + 1)
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
