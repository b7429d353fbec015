package cases

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/db"
)

// mentioned finds the people whom a note names with an @: by their whole name, or by a first name that only one of them has. Who may not
// see the case is not told of it, and nobody tells themselves.
func (w *work) mentioned(ctx context.Context, text string) ([]int64, error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	all, err := db.List[colleague](ctx, w.tx, `select id, name, roles, entity_ids, active from users where active and id <> $1 order by id`, w.by.UserID)
	if err != nil {
		return nil, fmt.Errorf("find who is mentioned: %w", err)
	}
	var people []colleague
	first := map[string]int{}
	for _, c := range all {
		who := access.Actor{Kind: access.Person, UserID: c.ID, Roles: c.roles(), EntityIDs: c.EntityIDs}
		if access.Can(who, access.ReadCases, access.Object{EntityID: w.c.entity()}) == nil {
			people = append(people, c)
			first[firstName(c.Name)]++
		}
	}
	var ids []int64
	for _, c := range people {
		if named(text, c.Name) || first[firstName(c.Name)] == 1 && named(text, firstName(c.Name)) {
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return first
}

// named tells whether a text holds @name as a word, not as a part of a mail address or of a longer name.
func named(text, name string) bool {
	text, name = strings.ToLower(text), "@"+strings.ToLower(name)
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !inWord(before) && !inWord(after) {
			return true
		}
		from = end
	}
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
