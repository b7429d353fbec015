package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type meOut struct {
	Body struct {
		ID    int64    `json:"id"`
		Name  string   `json:"name"`
		Roles []string `json:"roles"`
	}
}

func (h *handlers) me(api huma.API) {
	add(h, api, operation[struct{ Signed }, meOut]{
		Operation: huma.Operation{OperationID: "me", Method: http.MethodGet, Path: "/v1/me", Summary: "Who the token stands for", Tags: []string{"me"}},
		do: func(_ context.Context, in *struct{ Signed }) (*meOut, error) {
			out := &meOut{}
			out.Body.ID, out.Body.Name = in.by.UserID, in.by.Name
			for _, role := range in.by.Roles {
				out.Body.Roles = append(out.Body.Roles, string(role))
			}
			return out, nil
		},
	})
}

// at describes an operation.
func at(method, path, id, summary, tag string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: "/v1" + path, Summary: summary, Tags: []string{tag}}
}

// created is at for a POST that makes something.
func created(path, id, summary, tag string) huma.Operation {
	op := at(http.MethodPost, path, id, summary, tag)
	op.DefaultStatus = http.StatusCreated
	return op
}
