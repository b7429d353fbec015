package letterbook

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing"
	"makegood/cases/letters"
	"makegood/internal/db"
)

// Book are the wordings in force of some kinds and entities, in every language.
type Book map[page]letters.Wording

type page struct {
	entity   billing.EntityID
	kind     letters.Kind
	language string
}

// Load reads the wordings that are in force, in one query.
func Load(ctx context.Context, r db.Reader, kinds []letters.Kind, entities ...billing.EntityID) (Book, error) {
	list, err := db.List[Version](ctx, r, inForce+`where entity_id = any ($1) and kind = any ($2)
		order by entity_id, kind, language, number desc`, entities, kinds)
	if err != nil {
		return nil, fmt.Errorf("read letters in force: %w", err)
	}
	b := Book{}
	for _, v := range list {
		if own := v.Own(); own != nil {
			b[page{v.EntityID, v.Kind, v.Language}] = *own
		}
	}
	return b, nil
}

// Write writes a letter of an entity as letters.WriteIn does, in the words that are in force.
func (b Book) Write(entity billing.EntityID, kind letters.Kind, lang string, vars any) (letters.Letter, error) {
	var own *letters.Wording
	if w, ok := b[page{entity, kind, letters.Language(lang)}]; ok {
		own = &w
	}
	return letters.WriteIn(own, kind, lang, vars)
}

// Write reads the words that are in force and writes one letter in them.
func Write(ctx context.Context, r db.Reader, entity billing.EntityID, kind letters.Kind, lang string, vars any) (letters.Letter, error) {
	book, err := Load(ctx, r, []letters.Kind{kind}, entity)
	if err != nil {
		return letters.Letter{}, err
	}
	return book.Write(entity, kind, lang, vars)
}

func clean(subject, body string) letters.Wording {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	return letters.Wording{Subject: strings.TrimSpace(lines.Replace(subject)), Body: strings.TrimSpace(lines.Replace(body))}
}
