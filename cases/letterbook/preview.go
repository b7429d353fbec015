package letterbook

import (
	"context"

	"makegood/cases/letters"
	"makegood/internal/access"
)

// Preview writes a letter in words that are not kept, with invented figures. Of the frame, the number and subject of a case and the
// reader's name are used where they are given. Bad words are refused as Save refuses them.
func (s *Service) Preview(ctx context.Context, by access.Actor, p Place, w letters.Wording, f letters.Frame, name string) (letters.Letter, error) {
	e, err := entityOf(ctx, s.db, by, p)
	if err != nil {
		return letters.Letter{}, err
	}
	w = clean(w.Subject, w.Body)
	if err := letters.Check(p.Kind, w); err != nil {
		return letters.Letter{}, err
	}
	zone := e.Zone()
	f.Entity, f.Signature = e.Name, e.Signature
	return letters.WriteIn(&w, p.Kind, p.Language, letters.Sample(p.Kind, f, name, s.db.Now().In(zone)))
}
