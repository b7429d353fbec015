package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/erasure"
	"makegood/internal/errs"
)

// PersonBody is a person outside the desk, by their mail addresses.
type PersonBody struct {
	Addresses []string `json:"addresses" minItems:"1" maxItems:"10" example:"[\"anna@lumen.example\"]"`
	Names     []string `json:"names" required:"false" maxItems:"10" doc:"taken out of what others wrote, with the addresses, and each word of them of four letters or more alone too; left out: the names of two words or more that are kept with the addresses, as a whole only; an empty list: none"`
}

func (p PersonBody) who() erasure.Who { return erasure.Who{Addresses: p.Addresses, Names: p.Names} }

// ErasurePreview is what an erasure would take. Nothing has changed afterwards.
type ErasurePreview struct {
	PersonBody
	Counts   map[string]int `json:"counts" doc:"what would be erased, by kind"`
	Remains  map[string]int `json:"remains" doc:"what would stay although it names them, by kind; see the operator's manual"`
	Obstacle *problemField  `json:"obstacle,omitempty" doc:"why it cannot be erased now"`
}

// ErasureBody is an erasure, asked for by one person and agreed to by another.
type ErasureBody struct {
	ID           int64          `json:"id"`
	State        string         `json:"state" enum:"asked,agreed,done,refused,withdrawn"`
	Addresses    []string       `json:"addresses" doc:"empty once it is over"`
	Names        []string       `json:"names" doc:"empty once it is over"`
	Reason       string         `json:"reason"`
	AskedBy      string         `json:"asked_by"`
	AskedAt      time.Time      `json:"asked_at"`
	DecidedBy    string         `json:"decided_by,omitempty"`
	DecidedAt    *time.Time     `json:"decided_at,omitempty"`
	DecisionNote string         `json:"decision_note,omitempty"`
	Obstacle     string         `json:"obstacle,omitempty" doc:"why what was agreed is not done yet: code of the error"`
	DoneAt       *time.Time     `json:"done_at,omitempty"`
	Counts       map[string]int `json:"counts" doc:"what was erased, by kind"`
}

// LegalHold keeps what is kept about a person, or about everybody who writes for a customer, from being erased.
type LegalHold struct {
	ID         int64      `json:"id"`
	Address    string     `json:"address,omitempty"`
	Account    string     `json:"account,omitempty"`
	Customer   string     `json:"customer,omitempty"`
	Reason     string     `json:"reason"`
	SetBy      string     `json:"set_by"`
	SetAt      time.Time  `json:"set_at"`
	LiftedBy   string     `json:"lifted_by,omitempty"`
	LiftedAt   *time.Time `json:"lifted_at,omitempty"`
	LiftReason string     `json:"lift_reason,omitempty"`
}

type (
	personIn struct {
		Signed
		Body PersonBody
	}
	askErasureIn struct {
		Signed
		Body struct {
			PersonBody
			Reason string `json:"reason" maxLength:"1000" doc:"how the request came, and how it was made sure that it was theirs; without their name"`
		}
	}
	erasureIn struct {
		Signed
		ID int64 `path:"id"`
	}
	decideErasureIn struct {
		Signed
		ID   int64 `path:"id"`
		Body struct {
			Note string `json:"note,omitempty" maxLength:"1000" doc:"why; needed to refuse"`
		}
	}
	setHoldIn struct {
		Signed
		Body struct {
			Address string `json:"address,omitempty" doc:"of a person"`
			Account string `json:"account,omitempty" doc:"of a customer: everybody who writes for it"`
			Reason  string `json:"reason" maxLength:"1000"`
		}
	}
	liftHoldIn struct {
		Signed
		ID   int64 `path:"id"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
		}
	}
	erasurePreviewOut struct{ Body ErasurePreview }
	erasureOut        struct{ Body ErasureBody }
	holdOut           struct{ Body LegalHold }
)

const privacyTag = "personal data"

// erasures are what is kept about people outside: copies of it, its erasure by two people, and legal holds.
func (h *handlers) erasures(api huma.API) {
	add(h, api, withheld(zipped(operation[personIn, huma.StreamResponse]{
		at(http.MethodPost, "/personal-copies", "copy-personal-data", "Everything kept about a person as a ZIP that proves itself, for them; that it was made is recorded", privacyTag), h.personalCopy,
	})))
	add(h, api, withheld(operation[personIn, erasurePreviewOut]{at(http.MethodPost, "/erasures/preview", "preview-erasure", "What an erasure would take, what would stay, and what stands in its way", privacyTag), h.previewErasure}))
	add(h, api, operation[Signed, listOut[ErasureBody]]{at(http.MethodGet, "/erasures", "list-erasures", "Erasures, those that wait first", privacyTag), h.listErasures})
	add(h, api, operation[erasureIn, erasureOut]{at(http.MethodGet, "/erasures/{id}", "get-erasure", "One erasure", privacyTag), h.getErasure})
	add(h, api, operation[askErasureIn, erasureOut]{created("/erasures", "ask-erasure", "Ask for what is kept about a person to be erased; somebody else agrees to it", privacyTag), h.askErasure})
	for verdict, does := range map[string]string{"confirm": "Agree to an erasure that somebody else asked for", "refuse": "Refuse an erasure", "withdraw": "Take back an erasure one has asked for"} {
		add(h, api, operation[decideErasureIn, erasureOut]{
			at(http.MethodPost, "/erasures/{id}/"+verdict, verdict+"-erasure", does, privacyTag),
			func(ctx context.Context, in *decideErasureIn) (*erasureOut, error) {
				e, err := h.Erasure.Decide(ctx, in.by, erasure.ID(in.ID), verdict, in.Body.Note)
				return &erasureOut{Body: erasureOf(e)}, err
			},
		})
	}
	add(h, api, operation[Signed, listOut[LegalHold]]{at(http.MethodGet, "/legal-holds", "list-legal-holds", "Legal holds, those that stand first", privacyTag), h.listHolds})
	add(h, api, operation[setHoldIn, holdOut]{created("/legal-holds", "set-legal-hold", "Keep a person, or everybody who writes for a customer, from being erased", privacyTag), h.setHold})
	add(h, api, operation[liftHoldIn, holdOut]{at(http.MethodPost, "/legal-holds/{id}/lift", "lift-legal-hold", "End a legal hold", privacyTag), h.liftHold})
}

func erasureOf(e erasure.Erasure) ErasureBody {
	out := ErasureBody{
		ID: int64(e.ID), State: string(e.State), Addresses: e.Addresses, Names: e.Names, Reason: e.Reason, AskedBy: e.AskedByName, AskedAt: e.AskedAt, DecidedBy: e.DecidedByName,
		DecidedAt: e.DecidedAt, DecisionNote: e.DecisionNote, Obstacle: e.Obstacle, DoneAt: e.DoneAt, Counts: e.Counts,
	}
	if out.Counts == nil {
		out.Counts = map[string]int{}
	}
	return out
}

func holdOf(h erasure.Hold) LegalHold {
	return LegalHold{
		ID: h.ID, Address: h.Address, Account: h.Account, Customer: h.Customer, Reason: h.Reason, SetBy: h.SetByName, SetAt: h.SetAt, LiftedBy: h.LiftedName,
		LiftedAt: h.LiftedAt, LiftReason: h.LiftReason,
	}
}

func (h *handlers) personalCopy(ctx context.Context, in *personIn) (*huma.StreamResponse, error) {
	sealed, err := h.Erasure.Copy(ctx, in.by, in.Body.Addresses, erasure.AtOnce)
	if err != nil {
		return nil, err
	}
	return sealedAs("personal-data", sealed), nil
}

func (h *handlers) previewErasure(ctx context.Context, in *personIn) (*erasurePreviewOut, error) {
	p, err := h.Erasure.Preview(ctx, in.by, in.Body.who())
	if err != nil {
		return nil, err
	}
	out := &erasurePreviewOut{Body: ErasurePreview{PersonBody: PersonBody{Addresses: p.Addresses, Names: p.Names}, Counts: map[string]int{}, Remains: map[string]int{}}}
	if p.Counts != nil {
		out.Body.Counts = p.Counts
	}
	if p.Remains != nil {
		out.Body.Remains = p.Remains
	}
	if e, ok := errors.AsType[*errs.Error](p.Obstacle); ok {
		shown := problemOf(h.Words, http.StatusConflict, e)
		out.Body.Obstacle = &problemField{Code: shown.Code, Detail: shown.Detail}
	}
	return out, nil
}

func (h *handlers) listErasures(ctx context.Context, in *Signed) (*listOut[ErasureBody], error) {
	found, err := h.Erasure.List(ctx, in.by)
	out := &listOut[ErasureBody]{Body: list[ErasureBody]{Items: []ErasureBody{}}}
	for _, e := range found {
		out.Body.Items = append(out.Body.Items, erasureOf(e))
	}
	return out, err
}

func (h *handlers) getErasure(ctx context.Context, in *erasureIn) (*erasureOut, error) {
	e, err := h.Erasure.ByID(ctx, in.by, erasure.ID(in.ID))
	return &erasureOut{Body: erasureOf(e)}, err
}

func (h *handlers) askErasure(ctx context.Context, in *askErasureIn) (*erasureOut, error) {
	e, err := h.Erasure.Ask(ctx, erasure.AskInput{By: in.by, Who: in.Body.who(), Reason: in.Body.Reason})
	return &erasureOut{Body: erasureOf(e)}, err
}

func (h *handlers) listHolds(ctx context.Context, in *Signed) (*listOut[LegalHold], error) {
	found, err := h.Erasure.Holds(ctx, in.by)
	out := &listOut[LegalHold]{Body: list[LegalHold]{Items: []LegalHold{}}}
	for _, one := range found {
		out.Body.Items = append(out.Body.Items, holdOf(one))
	}
	return out, err
}

func (h *handlers) setHold(ctx context.Context, in *setHoldIn) (*holdOut, error) {
	one, err := h.Erasure.SetHold(ctx, erasure.HoldInput{By: in.by, Address: in.Body.Address, Account: in.Body.Account, Reason: in.Body.Reason})
	return &holdOut{Body: holdOf(one)}, err
}

func (h *handlers) liftHold(ctx context.Context, in *liftHoldIn) (*holdOut, error) {
	one, err := h.Erasure.LiftHold(ctx, in.by, in.ID, in.Body.Reason)
	return &holdOut{Body: holdOf(one)}, err
}
