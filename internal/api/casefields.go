package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

// CaseField is one of the company's own fields as it stands in a case.
type CaseField struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind" enum:"text,number,date,choice,yes_no"`
	Choices []string `json:"choices,omitempty" doc:"of a choice"`
	Asked   bool     `json:"asked" doc:"of cases of this type; false: it was said earlier"`
	Needed  bool     `json:"needed,omitempty" doc:"before a person resolves the case"`
	Value   string   `json:"value" doc:"empty while nothing is said; a number with a point, a day as 2026-05-31, yes or no"`
}

type keepFieldsIn struct {
	Signed
	Body struct {
		Fields []cases.FieldEntry `json:"fields" minItems:"1" maxItems:"60"`
		DryRun bool               `json:"dry_run,omitempty" doc:"says what would change and keeps nothing"`
	}
}

type setFieldsIn struct {
	OnCase
	Body struct {
		Values map[string]string `json:"values" doc:"by code; an empty one takes the value away, fields not named stay as they are"`
	}
}

// caseFields are the operations of what a company wants to know of its cases beside what every case has.
func (h *handlers) caseFields(api huma.API) {
	const tag = "cases"
	add(h, api, operation[Signed, listOut[cases.FieldEntry]]{at(http.MethodGet, "/case-fields", "list-case-fields", "The company's own fields of cases, also the retired ones", tag), h.listCaseFields})
	add(h, api, operation[keepFieldsIn, listOut[cases.FieldChange]]{at(http.MethodPost, "/case-fields", "keep-case-fields", "Add, change and retire fields of cases; those not named stay as they are", tag), h.keepCaseFields})
	add(h, api, operation[CaseRef, listOut[CaseField]]{at(http.MethodGet, "/cases/{number}/fields", "get-fields-of-case", "What the company's own fields say of a case", tag), h.fieldsOfCase})
	add(h, api, operation[setFieldsIn, listOut[CaseField]]{at(http.MethodPut, "/cases/{number}/fields", "set-fields-of-case", "Say what fields of a case hold", tag), h.setFieldsOfCase})
}

func (h *handlers) listCaseFields(ctx context.Context, in *Signed) (*listOut[cases.FieldEntry], error) {
	fields, err := h.Cases.Fields(ctx, in.by)
	return &listOut[cases.FieldEntry]{Body: list[cases.FieldEntry]{Items: fields}}, err
}

func (h *handlers) keepCaseFields(ctx context.Context, in *keepFieldsIn) (*listOut[cases.FieldChange], error) {
	changes, err := h.Cases.KeepFields(ctx, cases.KeepFieldsInput{By: in.by, Fields: in.Body.Fields, DryRun: in.Body.DryRun})
	return &listOut[cases.FieldChange]{Body: list[cases.FieldChange]{Items: changes}}, err
}

func (h *handlers) fieldsOfCase(ctx context.Context, in *CaseRef) (*listOut[CaseField], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	found, err := h.Cases.CaseFields(ctx, h.Reports.Reader(), c)
	out := &listOut[CaseField]{Body: list[CaseField]{Items: []CaseField{}}}
	for _, f := range found {
		out.Body.Items = append(out.Body.Items, CaseField{Code: f.Code, Name: f.Name, Kind: string(f.Kind), Choices: f.Choices, Asked: f.Asked, Needed: f.Needed, Value: f.Value})
	}
	return out, err
}

func (h *handlers) setFieldsOfCase(ctx context.Context, in *setFieldsIn) (*listOut[CaseField], error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	if _, err := h.Cases.SetFields(ctx, cases.SetFieldsInput{On: on, Values: in.Body.Values}); err != nil {
		return nil, err
	}
	return h.fieldsOfCase(ctx, &in.CaseRef)
}
