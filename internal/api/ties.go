package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

// Watcher is somebody who is told what happens to a case.
type Watcher struct {
	User  int64     `json:"user_id"`
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
}

// LinkedCase is a case that another has to do with.
type LinkedCase struct {
	Number  string    `json:"number"`
	Subject string    `json:"subject"`
	Status  string    `json:"status"`
	Kind    string    `json:"kind" enum:"related,duplicate_of,duplicated_by,same_cause" doc:"what the case asked about is to it"`
	At      time.Time `json:"at"`
}

type watchIn struct {
	OnCase
	Body struct {
		User int64 `json:"user_id,omitempty" doc:"yourself without it"`
	}
}

type linkCaseIn struct {
	OnCase
	Body struct {
		To   string `json:"to"   doc:"the number of the other case"`
		Kind string `json:"kind" enum:"related,duplicate_of,same_cause" doc:"what this case is to it"`
	}
}

type unlinkCaseIn struct {
	OnCase
	Body struct {
		To string `json:"to" doc:"the number of the other case"`
	}
}

// ties are who watches a case, and what it is linked to.
func (h *handlers) ties(api huma.API) {
	const tag = "cases"
	add(h, api, operation[CaseRef, listOut[Watcher]]{at(http.MethodGet, "/cases/{number}/watchers", "list-watchers", "Who watches a case", tag), h.watchers})
	add(h, api, operation[watchIn, caseOut]{at(http.MethodPost, "/cases/{number}/watchers", "watch", "Watch a case, or ask somebody to", tag), h.watch})
	add(h, api, operation[watchIn, caseOut]{at(http.MethodPost, "/cases/{number}/watchers/end", "unwatch", "Stop watching a case", tag), h.unwatch})
	add(h, api, operation[CaseRef, listOut[LinkedCase]]{at(http.MethodGet, "/cases/{number}/links", "list-links", "What a case is linked to", tag), h.links})
	add(h, api, operation[linkCaseIn, caseOut]{at(http.MethodPost, "/cases/{number}/links", "link-case", "Link a case to another", tag), h.linkCase})
	add(h, api, operation[unlinkCaseIn, caseOut]{at(http.MethodPost, "/cases/{number}/links/end", "unlink-case", "Remove a link", tag), h.unlinkCase})
}

func (h *handlers) watchers(ctx context.Context, in *CaseRef) (*listOut[Watcher], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	found, err := h.Cases.Watchers(ctx, h.Reports.Reader(), c.ID)
	out := &listOut[Watcher]{Body: list[Watcher]{Items: []Watcher{}}}
	for _, w := range found {
		out.Body.Items = append(out.Body.Items, Watcher{User: w.UserID, Name: w.Name, Since: w.Since})
	}
	return out, err
}

func (h *handlers) watch(ctx context.Context, in *watchIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Watch(ctx, cases.WatchInput{On: on, UserID: in.Body.User})
	return h.then(ctx, in.OnCase, err)
}

func (h *handlers) unwatch(ctx context.Context, in *watchIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Unwatch(ctx, cases.WatchInput{On: on, UserID: in.Body.User})
	return h.then(ctx, in.OnCase, err)
}

func (h *handlers) links(ctx context.Context, in *CaseRef) (*listOut[LinkedCase], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	found, err := h.Cases.Links(ctx, h.Reports.Reader(), c.ID, in.by)
	out := &listOut[LinkedCase]{Body: list[LinkedCase]{Items: []LinkedCase{}}}
	for _, l := range found {
		out.Body.Items = append(out.Body.Items, LinkedCase{Number: l.Number, Subject: l.Subject, Status: string(l.Status), Kind: string(l.Kind), At: l.At})
	}
	return out, err
}

func (h *handlers) linkCase(ctx context.Context, in *linkCaseIn) (*caseOut, error) {
	tied, err := h.tie(ctx, in.OnCase, in.Body.To)
	if err != nil {
		return nil, err
	}
	tied.Kind = cases.LinkKind(in.Body.Kind)
	_, err = h.Cases.LinkCase(ctx, tied)
	return h.then(ctx, in.OnCase, err)
}

func (h *handlers) unlinkCase(ctx context.Context, in *unlinkCaseIn) (*caseOut, error) {
	tied, err := h.tie(ctx, in.OnCase, in.Body.To)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.UnlinkCase(ctx, tied)
	return h.then(ctx, in.OnCase, err)
}

// tie finds the case at the other end.
func (h *handlers) tie(ctx context.Context, in OnCase, to string) (cases.LinkCaseInput, error) {
	on, _, err := h.on(ctx, in)
	if err != nil {
		return cases.LinkCaseInput{}, err
	}
	other, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), to, in.by)
	return cases.LinkCaseInput{On: on, Other: other.ID}, err
}
