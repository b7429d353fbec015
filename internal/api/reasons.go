package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

type reasonBookOut struct{ Body cases.ReasonBook }

type keepReasonsIn struct {
	Signed
	Body struct {
		cases.ReasonBook
		DryRun bool `json:"dry_run,omitempty" doc:"says what would change and keeps nothing"`
	}
}

type starterReasonsIn struct {
	Signed
	Body struct {
		DryRun bool `json:"dry_run,omitempty" doc:"says what would be added and keeps nothing"`
	}
}

// reasons are the operations of what claims and credits are sorted by.
func (h *handlers) reasons(api huma.API) {
	const tag = "cases"
	add(h, api, operation[Signed, reasonBookOut]{at(http.MethodGet, "/reasons", "list-reasons", "The reasons of claims and credits and the root causes, also the retired ones", tag), h.listReasons})
	add(h, api, operation[keepReasonsIn, listOut[cases.ReasonChange]]{at(http.MethodPost, "/reasons", "keep-reasons", "Add, change and retire reasons and root causes; those not named stay as they are", tag), h.keepReasons})
	add(h, api, operation[starterReasonsIn, listOut[cases.ReasonChange]]{at(http.MethodPost, "/reasons/starter", "add-starter-reasons", "Add those of the set to begin with whose codes are not there", tag), h.addStarterReasons})
}

func (h *handlers) listReasons(ctx context.Context, in *Signed) (*reasonBookOut, error) {
	book, err := h.Cases.ReasonBook(ctx, in.by)
	return &reasonBookOut{Body: book}, err
}

func (h *handlers) keepReasons(ctx context.Context, in *keepReasonsIn) (*listOut[cases.ReasonChange], error) {
	changes, err := h.Cases.KeepReasons(ctx, cases.KeepReasonsInput{By: in.by, Book: in.Body.ReasonBook, DryRun: in.Body.DryRun})
	return &listOut[cases.ReasonChange]{Body: list[cases.ReasonChange]{Items: changes}}, err
}

func (h *handlers) addStarterReasons(ctx context.Context, in *starterReasonsIn) (*listOut[cases.ReasonChange], error) {
	changes, err := h.Cases.AddStarterReasons(ctx, in.by, in.Body.DryRun)
	return &listOut[cases.ReasonChange]{Body: list[cases.ReasonChange]{Items: changes}}, err
}
