package cases

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/db"
)

// mentioned finds the people whom a note names with an @: by their whole name, or by a first name that only one of them has. Who may not
// see the case is not told of it, and nobody tells themselves.
func (w *work) mentioned(ctx context.Context, text string) ([]int64, error) {
	list, err := mentionedIn(ctx, w.tx, w.c, w.by, text)
	var ids []int64
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids, err
}

func mentionedIn(ctx context.Context, r db.Reader, of Case, by access.Actor, text string) ([]colleague, error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	all, err := db.List[colleague](ctx, r, `select id, name, roles, entity_ids, active from users where active and id <> $1 order by id`, by.UserID)
	if err != nil {
		return nil, fmt.Errorf("find who is mentioned: %w", err)
	}
	var people, list []colleague
	first := map[string]int{}
	for _, c := range all {
		who := access.Actor{Kind: access.Person, UserID: c.ID, Roles: c.roles(), EntityIDs: c.EntityIDs}
		if access.Can(who, access.ReadCases, access.Object{EntityID: of.entity()}) == nil {
			people = append(people, c)
			first[firstName(c.Name)]++
		}
	}
	for _, c := range people {
		if named(text, c.Name) || first[firstName(c.Name)] == 1 && named(text, firstName(c.Name)) {
			list = append(list, c)
		}
	}
	return list, nil
}

var atName = regexp.MustCompile(`(?:^|[^\p{L}\d_@])@([\p{L}\d_]+)`)

// Mentions is whom a note tells by naming them, and what stands behind an @ in it and tells nobody: a name that nobody has who may see the case,
// or a first name that several have.
type Mentions struct {
	Told   []string
	Nobody []string
}

// MentionsOf reads a note as the case does. It tells nobody.
func (s *Service) MentionsOf(ctx context.Context, id ID, text string, by access.Actor) (Mentions, error) {
	var m Mentions
	c, err := s.CaseByID(ctx, s.db, id, by)
	if err != nil {
		return m, err
	}
	list, err := mentionedIn(ctx, s.db, c, by, text)
	if err != nil {
		return m, err
	}
	told := map[string]bool{}
	for _, who := range list {
		m.Told = append(m.Told, who.Name)
		told[firstName(who.Name)] = true
	}
	for _, found := range atName.FindAllStringSubmatch(text, -1) {
		if word := strings.ToLower(found[1]); !told[word] && !slices.Contains(m.Nobody, found[1]) {
			m.Nobody = append(m.Nobody, found[1])
		}
	}
	return m, nil
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
