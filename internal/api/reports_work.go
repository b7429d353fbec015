package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// Worked is part of the input of every report of cases: the period and what it is narrowed to.
type Worked struct {
	Asked
	AsOf     string `query:"as_of" doc:"last day of the period (UTC), today without it" example:"2026-03-31"`
	Days     int    `query:"days" minimum:"1" maximum:"3660" default:"30" doc:"length of the period that ends with the day"`
	Entity   string `query:"entity" doc:"code of a legal entity; all one may see without it"`
	Team     int64  `query:"team" minimum:"0" doc:"id of a team"`
	Agent    int64  `query:"agent" minimum:"0" doc:"id of a person: who did it, or who the case is with"`
	Tier     string `query:"tier"`
	Topic    string `query:"topic"`
	Type     string `query:"type" doc:"type of the case"`
	Priority string `query:"priority"`
	Policy   string `query:"policy" doc:"name of an SLA policy, whatever its version"`
	Reason   string `query:"reason" doc:"code of a reason contested, or credited for"`
	Cause    string `query:"cause" doc:"code of a root cause"`
	Customer string `query:"customer" doc:"account number"`
	Part     string `query:"part" doc:"kind of clock, whom a case waits for, level of a step, kind of a credit, by the fact"`
}

func (w Worked) scope() (reports.WorkScope, error) {
	on, err := parseDate("as_of", w.AsOf)
	return reports.WorkScope{By: w.by, On: on, Days: w.Days, WorkFilter: reports.WorkFilter{
		Entity: w.Entity, Team: w.Team, Agent: w.Agent, Tier: w.Tier, Topic: w.Topic, Type: w.Type, Priority: w.Priority, Policy: w.Policy, Reason: w.Reason, Cause: w.Cause,
		Account: w.Customer, Part: w.Part,
	}}, err
}

// WorkGroup is what some rows come to, the period beside the one before.
type WorkGroup struct {
	Key    string    `json:"key"`
	Name   string    `json:"name"`
	Now    WorkCount `json:"now"`
	Before WorkCount `json:"before"`
}

// WorkCount is a count with its durations.
type WorkCount struct {
	Count  int     `json:"count"`
	Good   int     `json:"good" doc:"kept, at first contact, or approved, by the fact"`
	GoodOf int     `json:"good_of" doc:"how many can be good or not"`
	Share  *string `json:"share" doc:"the part that is good, a fraction of one"`
	Timed  int     `json:"timed" doc:"how many have a duration"`
	Median *int64  `json:"median_seconds"`
	P90    *int64  `json:"p90_seconds"`
	Total  int64   `json:"total_seconds"`
	Amount Money   `json:"amount" doc:"in the authority's currency; of credits only"`
	Scored int     `json:"scored" doc:"how many have a score"`
	Mean   *string `json:"mean_score" doc:"of customers, from one to five, or of reviewers, in percent; to two decimals"`
}

func workCount(g reports.Group) WorkCount {
	c := WorkCount{
		Count: g.Count, Good: g.Good, GoodOf: g.GoodOf, Timed: g.Timed, Median: g.Median, P90: g.P90, Total: g.Total, Amount: amountOf(g.Amount, billing.AuthorityCurrency), Scored: g.Scored,
	}
	if share := g.Share(); share.Valid {
		c.Share = new(share.Decimal.String())
	}
	if g.Mean.Valid {
		c.Mean = new(g.Mean.Decimal.StringFixed(2))
	}
	return c
}

func workGroup(p reports.GroupPair) WorkGroup {
	return WorkGroup{Key: p.Now.Key, Name: p.Now.Name, Now: workCount(p.Now), Before: workCount(p.Before)}
}

// CaseReport is one fact of cases, by one way.
type CaseReport struct {
	Fact       string      `json:"fact"`
	Title      string      `json:"title"`
	Definition string      `json:"definition"`
	By         string      `json:"by,omitempty"`
	From       string      `json:"from"`
	AsOf       string      `json:"as_of"`
	BeforeFrom string      `json:"before_from"`
	BeforeAsOf string      `json:"before_as_of"`
	All        WorkGroup   `json:"all"`
	Groups     []WorkGroup `json:"groups"`
	report     reports.FactReport
}

func (r CaseReport) table() sheet.Table { return r.report.Table() }

// CaseReports are all facts of cases.
type CaseReports struct {
	Items []CaseReport `json:"items"`
	list  []reports.FactReport
}

func (r CaseReports) table() sheet.Table { return reports.OverviewTable(r.list) }

// CaseReportRows is a page of what a report of cases counts.
type CaseReportRows struct {
	Fact       string          `json:"fact"`
	Items      []CaseReportRow `json:"items"`
	NextCursor string          `json:"next_cursor,omitempty"`
	rows       []reports.WorkRow
}

func (r CaseReportRows) table() sheet.Table {
	return reports.WorkRowsTable(reports.Fact(r.Fact), r.rows)
}

// CaseReportRow is one row of a fact.
type CaseReportRow struct {
	At       time.Time `json:"at"`
	Number   string    `json:"number" doc:"of the case, or of the credit request"`
	Case     string    `json:"case,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Status   string    `json:"status,omitempty"`
	Customer string    `json:"customer,omitempty" doc:"account number"`
	Entity   string    `json:"entity,omitempty"`
	Person   string    `json:"person,omitempty"`
	Team     string    `json:"team,omitempty"`
	Priority string    `json:"priority,omitempty"`
	Part     string    `json:"part,omitempty"`
	Seconds  *int64    `json:"seconds,omitempty"`
	Good     *bool     `json:"good,omitempty"`
	Amount   Money     `json:"amount"`
	Score    *string   `json:"score,omitempty" doc:"that a customer gave, of one to five, or a reviewer, in percent"`
	Said     string    `json:"said,omitempty" doc:"beside the score"`
}

// RootCauseReport is what the root causes of a period cost.
type RootCauseReport struct {
	Items []RootCauseCost `json:"items"`
	list  []reports.CauseReport
}

func (r RootCauseReport) table() sheet.Table { return reports.CausesTable(r.list) }

// RootCauseCost is one root cause.
type RootCauseCost struct {
	Code    string    `json:"code"`
	Name    string    `json:"name"`
	Owner   string    `json:"owner" doc:"the upstream team"`
	Cases   WorkGroup `json:"cases" doc:"resolved with it"`
	Credits WorkGroup `json:"credits" doc:"approved for it"`
}

type caseReportIn struct {
	Worked
	Fact string `path:"fact" doc:"what is counted" enum:"opened,received,answered,replies,resolved,reopened,waits,clocks,backlog,steps,credits,just_below,repeated,overrides,surveyed,scored,reviewed,criteria"`
	By   string `query:"by" doc:"what its rows are told apart by: part, agent, team, policy, tier, topic, type, priority, entity, country, customer, reason, cause, approver, day, week, month"`
}

type slaReportIn struct {
	Worked
	By string `query:"by" default:"part" doc:"part (the kind of clock), priority, policy, agent, team, tier, topic, type, entity, country, customer, reason, cause, day, week or month"`
}

type caseRowsIn struct {
	CaseReportOf
	RowPaging
	Key string `query:"key" doc:"only rows of the group with this key"`
}

// CaseReportOf names a report of cases.
type CaseReportOf struct {
	Worked
	Fact string `path:"fact" doc:"what is counted"`
	By   string `query:"by" doc:"what the key is of"`
}

func (h *handlers) workReports(api huma.API) {
	addReport(h, api, report[Worked, CaseReports]{at(http.MethodGet, "/reports/cases", "report-cases", "What was done with cases in a period, beside the one before", "reports"), h.caseReports})
	addReport(h, api, report[caseReportIn, CaseReport]{at(http.MethodGet, "/reports/cases/{fact}", "report-case-fact", "One figure of cases, told apart by one way", "reports"), h.caseReport})
	addReport(h, api, report[caseRowsIn, CaseReportRows]{at(http.MethodGet, "/reports/cases/{fact}/rows", "report-case-rows", "What a figure of cases counts, row by row", "reports"), h.caseReportRows})
	addReport(h, api, report[slaReportIn, CaseReport]{at(http.MethodGet, "/reports/sla", "report-sla", "Promises kept and broken in a period", "reports"), h.slaReport})
	addReport(h, api, report[Worked, RootCauseReport]{at(http.MethodGet, "/reports/root-causes", "report-root-causes", "What the root causes of a period cost", "reports"), h.rootCauses})
}

func (h *handlers) caseReportOf(r reports.FactReport) CaseReport {
	out := CaseReport{
		Fact: string(r.Fact), Title: h.Words.Say("en", r.Fact.TitleKey()), Definition: h.Words.Say("en", r.Fact.DefinitionKey()), By: string(r.Way), From: dateOf(r.From), AsOf: dateOf(r.On),
		BeforeFrom: dateOf(r.BeforeFrom), BeforeAsOf: dateOf(r.BeforeOn), All: workGroup(r.All), Groups: []WorkGroup{}, report: r,
	}
	for _, g := range r.Groups {
		out.Groups = append(out.Groups, workGroup(g))
	}
	return out
}

func (h *handlers) caseReports(ctx context.Context, in *Worked) (CaseReports, error) {
	scope, err := in.scope()
	if err != nil {
		return CaseReports{}, err
	}
	list, err := h.Reports.Work().Overview(ctx, scope)
	out := CaseReports{Items: []CaseReport{}, list: list}
	for _, r := range list {
		out.Items = append(out.Items, h.caseReportOf(r))
	}
	return out, err
}

func (h *handlers) caseReport(ctx context.Context, in *caseReportIn) (CaseReport, error) {
	scope, err := in.scope()
	if err != nil {
		return CaseReport{}, err
	}
	r, err := h.Reports.Work().Report(ctx, scope, reports.Fact(in.Fact), reports.Way(in.By))
	return h.caseReportOf(r), err
}

func (h *handlers) slaReport(ctx context.Context, in *slaReportIn) (CaseReport, error) {
	return h.caseReport(ctx, &caseReportIn{Worked: in.Worked, Fact: string(reports.ClockResults), By: in.By})
}

func (h *handlers) caseReportRows(ctx context.Context, in *caseRowsIn) (CaseReportRows, error) {
	scope, err := in.scope()
	if err != nil {
		return CaseReportRows{}, err
	}
	wanted := reports.WorkRows{Fact: reports.Fact(in.Fact), Way: reports.Way(in.By), After: in.Cursor, Limit: in.Limit}
	if in.Key != "" {
		wanted.Key = &in.Key
	}
	page, err := h.Reports.Work().Rows(ctx, scope, wanted)
	out := CaseReportRows{Fact: in.Fact, Items: []CaseReportRow{}, NextCursor: page.Next, rows: page.Rows}
	for _, r := range page.Rows {
		item := CaseReportRow{
			At: r.At.UTC(), Number: r.Number, Case: r.CaseNumber, Subject: r.Subject, Status: r.Status, Customer: r.Account, Entity: r.Entity, Person: r.Agent, Team: r.Team,
			Priority: r.Priority, Part: r.Part, Seconds: r.Seconds, Good: r.Good, Amount: amountOf(r.Amount, billing.AuthorityCurrency), Said: r.Note,
		}
		if r.Score.Valid {
			item.Score = new(r.Score.Decimal.String())
		}
		out.Items = append(out.Items, item)
	}
	return out, err
}

func (h *handlers) rootCauses(ctx context.Context, in *Worked) (RootCauseReport, error) {
	scope, err := in.scope()
	if err != nil {
		return RootCauseReport{}, err
	}
	list, err := h.Reports.Work().Causes(ctx, scope)
	out := RootCauseReport{Items: []RootCauseCost{}, list: list}
	for _, c := range list {
		out.Items = append(out.Items, RootCauseCost{Code: c.Code, Name: c.Name, Owner: c.Owner, Cases: workGroup(c.Cases), Credits: workGroup(c.Credits)})
	}
	return out, err
}
