package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
)

// LetterVersion is a letter of a legal entity in its own words.
type LetterVersion struct {
	Entity    string    `json:"entity" doc:"code of the legal entity"`
	Kind      string    `json:"kind"`
	Language  string    `json:"language"`
	Number    int       `json:"number" doc:"of the version; the highest is in force"`
	Shipped   bool      `json:"shipped" doc:"from here on the words the program ships"`
	Subject   string    `json:"subject" doc:"empty: the customer's own"`
	Body      string    `json:"body"`
	ChangedBy string    `json:"changed_by"`
	ChangedAt time.Time `json:"changed_at"`
}

// WrittenLetter is a letter as a customer would read it.
type WrittenLetter struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// LetterPath names a letter: whose, which, and in what language.
type LetterPath struct {
	Signed
	Entity   string `path:"entity" doc:"code of the legal entity"`
	Kind     string `path:"kind" doc:"kind of letter, as in acknowledgement"`
	Language string `path:"language" doc:"en, de, zh-Hans, ja or pt"`
}

func (p LetterPath) place() letterbook.Place {
	return letterbook.Place{Entity: p.Entity, Kind: letters.Kind(p.Kind), Language: p.Language}
}

type letterIn struct {
	LetterPath
	Body struct {
		Subject string `json:"subject,omitempty"`
		Body    string `json:"body" doc:"plain text with {{.variables}}"`
		Base    int    `json:"base" doc:"number of the version it was begun from, 0 for none; a stale one is refused with 409"`
	}
}

type restoreLetterIn struct {
	LetterPath
	Body struct {
		Number int `json:"number" doc:"of the version to go back to; 0: the words the program ships"`
		Base   int `json:"base" doc:"number of the version in force as it was read"`
	}
}

type previewLetterIn struct {
	LetterPath
	Body struct {
		Subject string `json:"subject,omitempty"`
		Body    string `json:"body"`
	}
}

type lettersIn struct{ Signed }

type letterOut struct{ Body LetterVersion }

type writtenOut struct{ Body WrittenLetter }

func (h *handlers) letters(api huma.API) {
	const one = "/entities/{entity}/letters/{kind}/{language}"
	add(h, api, operation[lettersIn, listOut[LetterVersion]]{at(http.MethodGet, "/letters", "list-letters", "List the letters in own words that are in force", "entities"), h.listLetters})
	add(h, api, operation[LetterPath, listOut[LetterVersion]]{at(http.MethodGet, one, "letter-history", "Read the versions of a letter, the latest first", "entities"), h.letterHistory})
	add(h, api, operation[letterIn, letterOut]{at(http.MethodPut, one, "save-letter", "Put own words in force", "entities"), h.saveLetter})
	add(h, api, operation[previewLetterIn, writtenOut]{at(http.MethodPost, one+"/preview", "preview-letter", "Write a letter about an invented case, without keeping the words", "entities"), h.previewLetter})
	add(h, api, operation[restoreLetterIn, letterOut]{at(http.MethodPost, one+"/restore", "restore-letter", "Go back to earlier words", "entities"), h.restoreLetter})
}

func letterOf(code string, v letterbook.Version) LetterVersion {
	return LetterVersion{
		Entity: code, Kind: string(v.Kind), Language: v.Language, Number: v.Number, Shipped: v.Shipped, Subject: v.Subject, Body: v.Body,
		ChangedBy: v.CreatedName, ChangedAt: v.CreatedAt,
	}
}

func (h *handlers) listLetters(ctx context.Context, in *lettersIn) (*listOut[LetterVersion], error) {
	versions, err := h.Letters.InForce(ctx, in.by)
	if err != nil {
		return nil, err
	}
	entities, err := h.Billing.Entities(ctx)
	if err != nil {
		return nil, err
	}
	codes := map[billing.EntityID]string{}
	for _, e := range entities {
		codes[e.ID] = e.Code
	}
	out := &listOut[LetterVersion]{Body: list[LetterVersion]{Items: []LetterVersion{}}}
	for _, v := range versions {
		out.Body.Items = append(out.Body.Items, letterOf(codes[v.EntityID], v))
	}
	return out, nil
}

func (h *handlers) letterHistory(ctx context.Context, in *LetterPath) (*listOut[LetterVersion], error) {
	versions, err := h.Letters.History(ctx, in.by, in.place())
	if err != nil {
		return nil, err
	}
	out := &listOut[LetterVersion]{Body: list[LetterVersion]{Items: []LetterVersion{}}}
	for _, v := range versions {
		out.Body.Items = append(out.Body.Items, letterOf(in.Entity, v))
	}
	return out, nil
}

func (h *handlers) saveLetter(ctx context.Context, in *letterIn) (*letterOut, error) {
	v, err := h.Letters.Save(ctx, letterbook.SaveInput{By: in.by, Place: in.place(), Base: in.Body.Base, Subject: in.Body.Subject, Body: in.Body.Body})
	if err != nil {
		return nil, err
	}
	return &letterOut{Body: letterOf(in.Entity, v)}, nil
}

func (h *handlers) restoreLetter(ctx context.Context, in *restoreLetterIn) (*letterOut, error) {
	v, err := h.Letters.Restore(ctx, letterbook.RestoreInput{By: in.by, Place: in.place(), Base: in.Body.Base, Number: in.Body.Number})
	if err != nil {
		return nil, err
	}
	return &letterOut{Body: letterOf(in.Entity, v)}, nil
}

func (h *handlers) previewLetter(ctx context.Context, in *previewLetterIn) (*writtenOut, error) {
	l, err := h.Letters.Preview(ctx, in.by, in.place(), letters.Wording{Subject: in.Body.Subject, Body: in.Body.Body}, letters.Frame{}, "")
	if err != nil {
		return nil, err
	}
	return &writtenOut{Body: WrittenLetter{Subject: l.Subject, Text: l.Text, HTML: l.HTML}}, nil
}
