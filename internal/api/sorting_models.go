package api

import (
	"context"

	"makegood/cases/sorting"
	"makegood/internal/access"
)

// modelsListed is how many models a list holds.
const modelsListed = 20

func (h *handlers) sortingState(ctx context.Context, in *Signed) (*sortingStateOut, error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	state, err := h.Intake.Sorting().State(ctx)
	if err != nil {
		return nil, err
	}
	out := SortingState{Version: state.Version, Model: state.ModelID, Threshold: state.Threshold}
	out.Evidence, err = h.Intake.Sorting().Evidence(ctx)
	return &sortingStateOut{Body: out}, err
}

func (h *handlers) setThreshold(ctx context.Context, in *thresholdIn) (*sortingStateOut, error) {
	if err := h.Intake.Sorting().SetThreshold(ctx, sorting.StateOn{By: in.by, Version: in.Body.Version}, in.Body.Threshold); err != nil {
		return nil, err
	}
	return h.sortingState(ctx, &in.Signed)
}

func (h *handlers) sortingModels(ctx context.Context, in *Signed) (*listOut[SortingModel], error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	state, err := h.Intake.Sorting().State(ctx)
	if err != nil {
		return nil, err
	}
	models, err := h.Intake.Sorting().Models(ctx, modelsListed)
	if err != nil {
		return nil, err
	}
	out := &listOut[SortingModel]{Body: list[SortingModel]{Items: []SortingModel{}}}
	for _, m := range models {
		out.Body.Items = append(out.Body.Items, modelOf(m, state))
	}
	return out, nil
}

func (h *handlers) sortingModel(ctx context.Context, in *ModelRef) (*sortingModelOut, error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	state, err := h.Intake.Sorting().State(ctx)
	if err != nil {
		return nil, err
	}
	m, err := h.Intake.Sorting().ModelByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &sortingModelOut{Body: modelOf(m, state)}, nil
}

func modelOf(m sorting.Model, state sorting.State) SortingModel {
	out := SortingModel{
		ID: m.ID, SHA256: hexOf(m.SHA256), Starter: m.Starter, Learned: m.Learned, Better: m.Better, Report: m.Report,
		InForce: state.ModelID != nil && *state.ModelID == m.ID,
	}
	out.Compared.With, out.Compared.Examples, out.Compared.New, out.Compared.Old = m.Compared.With, m.Compared.Examples, m.Compared.New, m.Compared.Old
	return out
}

func (h *handlers) trainModel(ctx context.Context, in *Signed) (*sortingStateOut, error) {
	if err := h.Intake.Sorting().Retrain(ctx, in.by); err != nil {
		return nil, err
	}
	return h.sortingState(ctx, in)
}

func (h *handlers) activateModel(ctx context.Context, in *activateIn) (*sortingStateOut, error) {
	if err := h.Intake.Sorting().Activate(ctx, sorting.StateOn{By: in.by, Version: in.Body.Version}, in.ID); err != nil {
		return nil, err
	}
	return h.sortingState(ctx, &in.Signed)
}
