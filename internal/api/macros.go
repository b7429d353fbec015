package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

// Macro is a text with variables that somebody writes again and again, with what becomes of the case.
type Macro struct {
	ID        int64     `json:"id"`
	Owner     string    `json:"owner"`
	Folder    string    `json:"folder"`
	Name      string    `json:"name"`
	Shared    bool      `json:"shared"`
	Kind      string    `json:"kind"       enum:"reply,note"`
	Text      string    `json:"text"`
	Status    string    `json:"status,omitempty"`
	Assign    string    `json:"assign,omitempty"`
	Tags      []string  `json:"tags"`
	Later     int       `json:"follow_up_days,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	Version   int       `json:"version"`
}

// MacroBody is what a macro holds.
type MacroBody struct {
	Name   string   `json:"name"             maxLength:"60"`
	Folder string   `json:"folder,omitempty" maxLength:"60"`
	Shared bool     `json:"shared,omitempty" doc:"everybody at the desk may use it"`
	Kind   string   `json:"kind"             enum:"reply,note"  doc:"what the text becomes"`
	Text   string   `json:"text,omitempty"   maxLength:"10000"  doc:"plain text with {{.variables}}; amounts only as variables"`
	Status string   `json:"status,omitempty" doc:"open, resolved or waiting:customer"`
	Assign string   `json:"assign,omitempty" doc:"me, nobody or a user id"`
	Tags   []string `json:"tags,omitempty"   maxItems:"20"`
	Later  int      `json:"follow_up_days,omitempty" minimum:"0" maximum:"365" doc:"puts the case off for so many days"`
}

func (b MacroBody) input(in Signed) cases.SaveMacroInput {
	return cases.SaveMacroInput{
		By: in.by, Name: b.Name, Folder: b.Folder, Shared: b.Shared, Kind: cases.MessageKind(b.Kind), Body: b.Text,
		Does: cases.MacroDoes{Status: b.Status, Assign: b.Assign, Tags: b.Tags, FollowUp: b.Later},
	}
}

type addMacroIn struct {
	Signed
	Body MacroBody
}

type changeMacroIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		MacroBody
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type removeMacroIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

// MacroInCase names a macro to be used in a case.
type MacroInCase struct {
	OnCase
	ID int64 `path:"id"`
}

type macroOut struct{ Body Macro }

// FilledMacro is the text of a macro for one case.
type FilledMacro struct {
	Kind string `json:"kind" enum:"reply,note"`
	Text string `json:"text" doc:"to be sent with the macro's id beside it, so that what it does is done too; empty for one that only does something"`
}

type filledMacroOut struct{ Body FilledMacro }

// caseTools are what makes the work on cases shorter.
func (h *handlers) caseTools(api huma.API) {
	h.macros(api)
	h.reasons(api)
	h.caseFields(api)
	h.followUps(api)
	h.ties(api)
	h.dealing(api)
}

func (h *handlers) macros(api huma.API) {
	const tag = "cases"
	add(h, api, operation[Signed, listOut[Macro]]{at(http.MethodGet, "/macros", "list-macros", "Your macros and the shared ones", tag), h.listMacros})
	add(h, api, operation[addMacroIn, macroOut]{created("/macros", "add-macro", "Keep a macro", tag), h.addMacro})
	add(h, api, operation[changeMacroIn, macroOut]{at(http.MethodPut, "/macros/{id}", "change-macro", "Change a macro", tag), h.changeMacro})
	add(h, api, operation[removeMacroIn, nothingOut]{at(http.MethodPost, "/macros/{id}/remove", "remove-macro", "Remove a macro", tag), h.removeMacro})
	add(h, api, operation[MacroInCase, filledMacroOut]{at(http.MethodGet, "/cases/{number}/macros/{id}", "fill-macro", "The text of a macro for a case", tag), h.fillMacro})
	add(h, api, operation[MacroInCase, caseOut]{at(http.MethodPost, "/cases/{number}/macros/{id}", "use-macro", "Do what a macro does to a case, with nothing written", tag), h.useMacro})
}

func macroOf(m cases.Macro) Macro {
	tags := m.Does.Tags
	if tags == nil {
		tags = []string{}
	}
	return Macro{
		ID: int64(m.ID), Owner: m.OwnerName, Folder: m.Folder, Name: m.Name, Shared: m.Shared, Kind: string(m.Kind), Text: m.Body, Status: m.Does.Status,
		Assign: m.Does.Assign, Tags: tags, Later: m.Does.FollowUp, CreatedAt: m.CreatedAt, Version: m.Version,
	}
}

func (h *handlers) listMacros(ctx context.Context, in *Signed) (*listOut[Macro], error) {
	found, err := h.Cases.Macros(ctx, in.by)
	out := &listOut[Macro]{Body: list[Macro]{Items: []Macro{}}}
	for _, m := range found {
		out.Body.Items = append(out.Body.Items, macroOf(m))
	}
	return out, err
}

func (h *handlers) addMacro(ctx context.Context, in *addMacroIn) (*macroOut, error) {
	m, err := h.Cases.SaveMacro(ctx, in.Body.input(in.Signed))
	return &macroOut{Body: macroOf(m)}, err
}

func (h *handlers) changeMacro(ctx context.Context, in *changeMacroIn) (*macroOut, error) {
	change := in.Body.input(in.Signed)
	change.ID, change.Version = cases.MacroID(in.ID), in.Body.Version
	if change.ID == 0 {
		return nil, cases.ErrNoMacro
	}
	m, err := h.Cases.SaveMacro(ctx, change)
	return &macroOut{Body: macroOf(m)}, err
}

func (h *handlers) removeMacro(ctx context.Context, in *removeMacroIn) (*nothingOut, error) {
	return &nothingOut{}, h.Cases.RemoveMacro(ctx, cases.MacroID(in.ID), in.Body.Version, in.by)
}

func (h *handlers) fillMacro(ctx context.Context, in *MacroInCase) (*filledMacroOut, error) {
	_, c, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	m, text, err := h.Cases.MacroText(ctx, c.ID, cases.MacroID(in.ID), in.by)
	return &filledMacroOut{Body: FilledMacro{Kind: string(m.Kind), Text: text}}, err
}

func (h *handlers) useMacro(ctx context.Context, in *MacroInCase) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.UseMacro(ctx, on, cases.MacroID(in.ID))
	return h.then(ctx, in.OnCase, err)
}
