package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing/reading"
)

// LiveSource is the account in another system that a legal entity's records are read from, and how its last reading went.
type LiveSource struct {
	Entity  string       `json:"entity"`
	System  string       `json:"system" doc:"the name under which its records are imported"`
	Active  bool         `json:"active" doc:"read once a day by itself"`
	Version int          `json:"version"`
	Last    *LiveReading `json:"last,omitempty"`
}

// LiveReading is one reading of an account.
type LiveReading struct {
	ID         int64      `json:"id"`
	State      string     `json:"state" enum:"reading,read,done,failed"`
	Everything bool       `json:"everything"`
	Pages      int        `json:"pages"`
	Objects    int64      `json:"objects"`
	NotBefore  *time.Time `json:"not_before,omitempty" doc:"the account asked to wait so long"`
	Answer     string     `json:"answer,omitempty" doc:"code of what the account answered last, where that was no page"`
	Import     int64      `json:"import,omitempty" doc:"what it became; none while it is read, and where nothing was new"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
}

type liveSourcesOut struct {
	Body struct {
		Items []LiveSource `json:"items"`
	}
}

type startReadingIn struct {
	Signed
	Entity string `path:"entity" doc:"code"`
	Body   struct {
		Everything bool `json:"everything,omitempty" doc:"from the beginning; else from forty days before the last reading on"`
	}
}

type startReadingOut struct{ Body LiveReading }

type setSourceIn struct {
	Signed
	Entity string `path:"entity" doc:"code"`
	Body   struct {
		System  string `json:"system,omitempty" doc:"stripe without it"`
		Secret  string `json:"secret,omitempty" doc:"a restricted key that may read; it is kept sealed and never told; the one there is without it"`
		Active  bool   `json:"active"`
		Version int    `json:"version" doc:"as it was read; 0 for a new one"`
	}
}

type setSourceOut struct{ Body LiveSource }

func (h *handlers) readings(api huma.API) {
	add(h, api, operation[Signed, liveSourcesOut]{at(http.MethodGet, "/live-sources", "list-live-sources", "List the accounts that are read by themselves", "imports"), h.liveSources})
	add(h, api, operation[setSourceIn, setSourceOut]{at(http.MethodPut, "/live-sources/{entity}", "set-live-source", "Keep the account that an entity's records are read from", "imports"), h.setSource})
	add(h, api, operation[startReadingIn, startReadingOut]{created("/live-sources/{entity}/readings", "start-reading", "Begin to read an account", "imports"), h.startReading})
}

func (h *handlers) liveSources(ctx context.Context, in *Signed) (*liveSourcesOut, error) {
	list, err := h.Reading.Standings(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &liveSourcesOut{}
	out.Body.Items = []LiveSource{}
	for _, st := range list {
		if !st.HasSource {
			continue
		}
		one := LiveSource{Entity: st.Entity, System: st.System, Active: st.Active, Version: st.Version}
		if st.Last != nil {
			one.Last = new(readingOf(*st.Last))
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func readingOf(r reading.Run) LiveReading {
	out := LiveReading{
		ID: int64(r.ID), State: string(r.State), Everything: r.Since == nil, Pages: r.Pages, Objects: r.Objects, NotBefore: r.NotBefore, Answer: r.Answer,
		StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
	}
	if r.BatchID != nil {
		out.Import = int64(*r.BatchID)
	}
	return out
}

func (h *handlers) startReading(ctx context.Context, in *startReadingIn) (*startReadingOut, error) {
	run, err := h.Reading.Start(ctx, in.by, in.Entity, in.Body.Everything)
	return &startReadingOut{Body: readingOf(run)}, err
}

func (h *handlers) setSource(ctx context.Context, in *setSourceIn) (*setSourceOut, error) {
	b := in.Body
	kept, err := h.Reading.Set(ctx, reading.Setting{By: in.by, Entity: in.Entity, System: b.System, Secret: b.Secret, Active: b.Active, Version: b.Version})
	return &setSourceOut{Body: LiveSource{Entity: in.Entity, System: kept.System, Active: kept.Active, Version: kept.Version}}, err
}
