package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/reportmail"
)

// ReportSchedule is a report that comes by mail, read each time with the rights its reader then has.
type ReportSchedule struct {
	ID         int64             `json:"id"`
	Reader     int64             `json:"reader"          doc:"user id of who gets it"`
	ReaderName string            `json:"reader_name"`
	MadeBy     int64             `json:"made_by"`
	MakerName  string            `json:"maker_name"`
	Title      string            `json:"title"`
	Report     string            `json:"report"`
	Filters    map[string]string `json:"filters"`
	Covers     string            `json:"covers"`
	Form       string            `json:"form"`
	Repeats    string            `json:"repeats"`
	OnDay      int               `json:"on_day"`
	AtMinute   int               `json:"at_minute"`
	Zone       string            `json:"zone"            doc:"of the reader's clock"`
	NextAt     *time.Time        `json:"next_at"         doc:"when it is due, null while it is stopped; it leaves then, or once its last day is over in UTC"`
	StoppedAt  *time.Time        `json:"stopped_at,omitempty"`
	StoppedWhy string            `json:"stopped_why,omitempty" doc:"a sentence"`
	Version    int               `json:"version"`
}

// ReportSending is one mail that was sent.
type ReportSending struct {
	DueAt      time.Time `json:"due_at"`
	SentAt     time.Time `json:"sent_at"`
	From       string    `json:"from"        doc:"first day it is of"`
	To         string    `json:"to"`
	Form       string    `json:"form"        doc:"link where a file would have been too large"`
	SHA256     string    `json:"sha256,omitempty" doc:"of the attached file"`
	Size       int       `json:"size"`
	PassedOver int       `json:"passed_over" doc:"due moments before it at which nothing could be sent"`
	State      string    `json:"state"       doc:"of the mail in the outbox"`
}

// ReportScheduleBody is what is chosen of a schedule.
type ReportScheduleBody struct {
	Title    string            `json:"title,omitempty"   maxLength:"200" doc:"the report's name without it"`
	Report   string            `json:"report"            maxLength:"100" doc:"as its page is called below /reports: aging, aging/items, dso, kpis, kpis/{figure}, work, work/{fact}, work/{fact}/rows; or root-causes" example:"work/clocks"`
	Filters  map[string]string `json:"filters,omitempty" doc:"as in the address of its page, without as_of; days only where covers is days"`
	Covers   string            `json:"covers,omitempty"  enum:"days,week,month" default:"days" doc:"days up to the day before, the last whole week, or the last whole month"`
	Form     string            `json:"form"              enum:"csv,xlsx,link"`
	Repeats  string            `json:"repeats"           enum:"week,month"`
	OnDay    int               `json:"on_day"            minimum:"1" maximum:"31" doc:"1 (Monday) to 7 of a week; of a month without that day its last"`
	AtMinute int               `json:"at_minute"         minimum:"0" maximum:"1439" doc:"of the reader's day"`
}

type makeScheduleIn struct {
	Signed
	Body struct {
		ReportScheduleBody
		Reader int64 `json:"reader,omitempty" doc:"user id of somebody who may read reports; yourself without it"`
	}
}

// OnSchedule is part of the input of every operation on one report that comes by mail.
type OnSchedule struct {
	Signed
	ID int64 `path:"id"`
}

type changeScheduleIn struct {
	OnSchedule
	Body struct {
		ReportScheduleBody
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type turnScheduleIn struct {
	OnSchedule
	Body struct {
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type scheduleOut struct{ Body ReportSchedule }

type schedulesIn struct{ Signed }

func (h *handlers) reportMail(api huma.API) {
	const tag = "reports"
	add(h, api, operation[schedulesIn, listOut[ReportSchedule]]{at(http.MethodGet, "/report-schedules", "list-report-schedules", "List the reports that come to you by mail, and those you set up; all of them for admins", tag), h.listSchedules})
	add(h, api, operation[makeScheduleIn, scheduleOut]{created("/report-schedules", "make-report-schedule", "Have a report come by mail", tag), h.makeSchedule})
	add(h, api, operation[OnSchedule, scheduleOut]{at(http.MethodGet, "/report-schedules/{id}", "get-report-schedule", "Read a report that comes by mail", tag), h.getSchedule})
	add(h, api, operation[changeScheduleIn, scheduleOut]{at(http.MethodPut, "/report-schedules/{id}", "change-report-schedule", "Change a report that comes by mail; its reader stays", tag), h.changeSchedule})
	add(h, api, operation[turnScheduleIn, scheduleOut]{at(http.MethodPost, "/report-schedules/{id}/stop", "stop-report-schedule", "Stop a report that comes by mail", tag), h.stopSchedule})
	add(h, api, operation[turnScheduleIn, scheduleOut]{at(http.MethodPost, "/report-schedules/{id}/resume", "resume-report-schedule", "Have a report that was stopped come again", tag), h.resumeSchedule})
	add(h, api, operation[OnSchedule, listOut[ReportSending]]{at(http.MethodGet, "/report-schedules/{id}/sendings", "list-report-sendings", "List what was sent, the latest first, at most 500", tag), h.listReportSendings})
}

func (h *handlers) scheduleOf(s reportmail.Schedule) ReportSchedule {
	return ReportSchedule{
		ID: s.ID, Reader: s.ReaderID, ReaderName: s.ReaderName, MadeBy: s.MadeBy, MakerName: s.MakerName, Title: s.Title, Report: s.Report, Filters: s.Filters, Covers: string(s.Covers),
		Form: string(s.Form), Repeats: string(s.Repeats), OnDay: s.OnDay, AtMinute: s.AtMinute, Zone: s.Zone, NextAt: s.NextAt, StoppedAt: s.StoppedAt, StoppedWhy: h.ReportMail.Why(s, "en"),
		Version: s.Version,
	}
}

func (b ReportScheduleBody) input(in Signed) reportmail.Input {
	return reportmail.Input{
		By: in.by, Title: b.Title, Report: b.Report, Filters: b.Filters, Covers: reportmail.Covers(b.Covers), Form: reportmail.Form(b.Form),
		Rhythm: reportmail.Rhythm{Repeats: reportmail.Repeats(b.Repeats), OnDay: b.OnDay, AtMinute: b.AtMinute},
	}
}

func (h *handlers) scheduleAnswer(s reportmail.Schedule, err error) (*scheduleOut, error) {
	if err != nil {
		return nil, err
	}
	return &scheduleOut{Body: h.scheduleOf(s)}, nil
}

func (h *handlers) listSchedules(ctx context.Context, in *schedulesIn) (*listOut[ReportSchedule], error) {
	found, err := h.ReportMail.Schedules(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[ReportSchedule]{Body: list[ReportSchedule]{Items: []ReportSchedule{}}}
	for _, s := range found {
		out.Body.Items = append(out.Body.Items, h.scheduleOf(s))
	}
	return out, nil
}

func (h *handlers) makeSchedule(ctx context.Context, in *makeScheduleIn) (*scheduleOut, error) {
	wanted := in.Body.input(in.Signed)
	wanted.ReaderID = in.Body.Reader
	return h.scheduleAnswer(h.ReportMail.Make(ctx, wanted))
}

func (h *handlers) getSchedule(ctx context.Context, in *OnSchedule) (*scheduleOut, error) {
	return h.scheduleAnswer(h.ReportMail.Schedule(ctx, in.by, in.ID))
}

func (h *handlers) changeSchedule(ctx context.Context, in *changeScheduleIn) (*scheduleOut, error) {
	wanted := in.Body.input(in.Signed)
	wanted.ID, wanted.Version = in.ID, in.Body.Version
	return h.scheduleAnswer(h.ReportMail.Change(ctx, wanted))
}

func (h *handlers) stopSchedule(ctx context.Context, in *turnScheduleIn) (*scheduleOut, error) {
	if err := h.ReportMail.Stop(ctx, in.by, in.ID, in.Body.Version); err != nil {
		return nil, err
	}
	return h.getSchedule(ctx, &in.OnSchedule)
}

func (h *handlers) resumeSchedule(ctx context.Context, in *turnScheduleIn) (*scheduleOut, error) {
	if err := h.ReportMail.Resume(ctx, in.by, in.ID, in.Body.Version); err != nil {
		return nil, err
	}
	return h.getSchedule(ctx, &in.OnSchedule)
}

func (h *handlers) listReportSendings(ctx context.Context, in *OnSchedule) (*listOut[ReportSending], error) {
	found, err := h.ReportMail.Sendings(ctx, in.by, in.ID)
	if err != nil {
		return nil, err
	}
	out := &listOut[ReportSending]{Body: list[ReportSending]{Items: []ReportSending{}}}
	for _, n := range found {
		one := ReportSending{
			DueAt: n.DueAt, SentAt: n.SentAt, From: dateOf(n.CoversFrom), To: dateOf(n.CoversTo), Form: string(n.Form), Size: n.FileSize, PassedOver: n.PassedOver, State: string(n.State),
		}
		if len(n.FileSHA256) > 0 {
			one.SHA256 = hexOf(n.FileSHA256)
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}
