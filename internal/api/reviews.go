package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/credits"
)

// OwnLimitSample is a request that was drawn from what people pass within their own limit.
type OwnLimitSample struct {
	Request    CreditRequest `json:"request"`
	DrawnAt    time.Time     `json:"drawn_at"`
	Draw       int           `json:"draw" doc:"0 to 9999; below a hundred times percent it is in the sample"`
	Percent    int           `json:"percent"`
	Verdict    string        `json:"verdict,omitempty" enum:"fine,not_fine"`
	Finding    string        `json:"finding,omitempty"`
	Note       string        `json:"note,omitempty"`
	Reviewer   string        `json:"reviewer,omitempty"`
	ReviewedAt *time.Time    `json:"reviewed_at,omitempty"`
	MayReview  bool          `json:"may_review" doc:"the caller is of a higher level than the requester"`
}

type samplesIn struct {
	Signed
	Paging
	Reviewed bool `query:"reviewed" doc:"what was reviewed, the latest first, instead of what waits, the oldest first"`
}

type reviewIn struct {
	RequestRef
	Body struct {
		Verdict string `json:"verdict" enum:"fine,not_fine"`
		Finding string `json:"finding,omitempty" enum:"no_ground,wrong_amount,wrong_reason,no_evidence,split_to_stay,own_account,another_finding" doc:"of what is not fine"`
		Note    string `json:"note,omitempty" maxLength:"5000" doc:"needed for what is not fine"`
	}
}

type sampleOut struct{ Body OwnLimitSample }

// OwnLimitReport is what people passed within their own limit, and what became of the sample.
type OwnLimitReport struct {
	From    string             `json:"from" example:"2026-03"`
	To      string             `json:"to" example:"2026-05"`
	Undrawn int                `json:"undrawn" doc:"approvals within an own limit without a draw; none, unless older than the sample"`
	People  []OwnLimitOfPerson `json:"people"`
}

// OwnLimitOfPerson is one person's part of it.
type OwnLimitOfPerson struct {
	UserID   int64  `json:"user_id"`
	User     string `json:"user"`
	Passed   int    `json:"passed"`
	Sum      Money  `json:"sum"`
	Drawn    int    `json:"drawn"`
	Reviewed int    `json:"reviewed"`
	NotFine  int    `json:"not_fine"`
	Waiting  int    `json:"waiting"`
}

type sampleReportIn struct {
	Signed
	From string `query:"from" example:"2026-03" doc:"this month without it"`
	To   string `query:"to" example:"2026-05" doc:"this month without it"`
}

type sampleReportOut struct{ Body OwnLimitReport }

// OwnLimitMonth is every draw of a month. Whoever has the seed can draw again.
type OwnLimitMonth struct {
	Month      string         `json:"month"`
	Commitment string         `json:"commitment" doc:"SHA-256 of the seed, hexadecimal"`
	Seed       string         `json:"seed,omitempty" doc:"hexadecimal; told when the month is over"`
	Items      []OwnLimitDraw `json:"items"`
	NextAfter  int64          `json:"next_after,omitempty" doc:"the after of the next page"`
}

// OwnLimitDraw is one draw: the first four bytes of SHA-256 over seed and request id in decimal digits, modulo 10,000.
type OwnLimitDraw struct {
	ID            int64     `json:"id"`
	Number        string    `json:"number"`
	Requester     string    `json:"requester"`
	Draw          int       `json:"draw"`
	Percent       int       `json:"percent"`
	PolicyVersion int       `json:"policy_version"`
	Sampled       bool      `json:"sampled"`
	At            time.Time `json:"at"`
	Repeats       *bool     `json:"repeats,omitempty" doc:"drawn again with the seed it is the same; once the seed is told"`
}

type sampleMonthIn struct {
	Signed
	Month string `path:"month" example:"2026-05"`
	After int64  `query:"after"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type sampleMonthOut struct{ Body OwnLimitMonth }

func (h *handlers) reviews(api huma.API) {
	const tag = "reviews"
	add(h, api, operation[samplesIn, listOut[OwnLimitSample]]{at(http.MethodGet, "/own-limit-samples", "list-own-limit-samples", "What was drawn from what people pass within their own limit", tag), h.samples})
	add(h, api, operation[reviewIn, sampleOut]{at(http.MethodPost, "/own-limit-samples/{id}/review", "review-own-limit-sample", "Say whether a sample is fine, as somebody of a higher level", tag), h.review})
	add(h, api, operation[sampleReportIn, sampleReportOut]{at(http.MethodGet, "/reports/own-limits", "report-own-limits", "Passed, drawn, reviewed and found, by person", tag), h.sampleReport})
	add(h, api, operation[sampleMonthIn, sampleMonthOut]{at(http.MethodGet, "/own-limit-samples/months/{month}", "get-own-limit-month", "Every draw of a month, to be drawn again", tag), h.sampleMonth})
}

func (h *handlers) sampleOf(s credits.Sample) OwnLimitSample {
	return OwnLimitSample{
		Request: h.requestOf(s.Row), DrawnAt: s.DrawnAt, Draw: s.Draw, Percent: s.Percent, Verdict: string(s.Verdict), Finding: string(s.Finding), Note: s.Note,
		Reviewer: s.ReviewerName, ReviewedAt: s.ReviewedAt, MayReview: s.MayReview,
	}
}

func (h *handlers) samples(ctx context.Context, in *samplesIn) (*listOut[OwnLimitSample], error) {
	found, err := h.Credits.Samples(ctx, in.by, in.Reviewed, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listOut[OwnLimitSample]{Body: list[OwnLimitSample]{Items: []OwnLimitSample{}, NextCursor: found.Next}}
	for _, one := range found.Rows {
		out.Body.Items = append(out.Body.Items, h.sampleOf(one))
	}
	return out, nil
}

func (h *handlers) review(ctx context.Context, in *reviewIn) (*sampleOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	done, err := h.Credits.Review(ctx, credits.ReviewInput{
		By: in.by, ID: d.ID, Verdict: credits.ReviewVerdict(in.Body.Verdict), Finding: credits.Finding(in.Body.Finding), Note: in.Body.Note,
	})
	if err != nil {
		return nil, err
	}
	return &sampleOut{h.sampleOf(done)}, nil
}

func (h *handlers) sampleReport(ctx context.Context, in *sampleReportIn) (*sampleReportOut, error) {
	from, err := h.monthFrom(in.From)
	if err != nil {
		return nil, err
	}
	to, err := h.monthFrom(in.To)
	if err != nil {
		return nil, err
	}
	found, err := h.Credits.SampleReport(ctx, from, to, in.by)
	if err != nil {
		return nil, err
	}
	out := &sampleReportOut{Body: OwnLimitReport{From: found.From.Format("2006-01"), To: found.To.Format("2006-01"), Undrawn: found.Undrawn, People: []OwnLimitOfPerson{}}}
	for _, p := range found.People {
		out.Body.People = append(out.Body.People, OwnLimitOfPerson{
			UserID: p.UserID, User: p.UserName, Passed: p.Passed, Sum: amountOf(p.Amount, billing.AuthorityCurrency), Drawn: p.Drawn, Reviewed: p.Reviewed,
			NotFine: p.NotFine, Waiting: p.Waiting,
		})
	}
	return out, nil
}

func (h *handlers) sampleMonth(ctx context.Context, in *sampleMonthIn) (*sampleMonthOut, error) {
	month, err := h.monthFrom(in.Month)
	if err != nil {
		return nil, err
	}
	found, err := h.Credits.Draws(ctx, month, credits.ID(in.After), in.Limit, in.by)
	if err != nil {
		return nil, err
	}
	out := &sampleMonthOut{Body: OwnLimitMonth{
		Month: found.Month.Format("2006-01"), Commitment: hexOf(found.Commitment), Seed: hexOf(found.Seed), Items: []OwnLimitDraw{},
	}}
	for _, d := range found.Draws {
		item := OwnLimitDraw{
			ID: int64(d.ID), Number: d.Number, Requester: d.RequesterName, Draw: d.Draw, Percent: d.Percent, PolicyVersion: d.PolicyVersion, Sampled: d.Sampled, At: d.DrawnAt,
		}
		if found.Seed != nil {
			item.Repeats = new(d.Repeats)
		}
		out.Body.Items = append(out.Body.Items, item)
	}
	if n := len(out.Body.Items); n > 0 && n == in.Limit {
		out.Body.NextAfter = out.Body.Items[n-1].ID
	}
	return out, nil
}
