package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/i18n"
)

// Notice is one thing that somebody was told.
type Notice struct {
	ID             int64             `json:"id"`
	Code           string            `json:"code"                      example:"notice.mentioned"`
	Text           string            `json:"text"                      doc:"the same as a sentence in English"`
	Params         map[string]string `json:"params,omitempty"          doc:"what the sentence names"`
	Case           string            `json:"case,omitempty"            doc:"its number"                                              example:"MG-000123"`
	Subject        string            `json:"subject,omitempty"         doc:"of the case, when the reader still sees it"`
	Urgent         bool              `json:"urgent"                    doc:"quiet hours do not hold back its mail"`
	Asks           bool              `json:"asks"                      doc:"an escalation that climbs unless somebody acknowledges it"`
	CreatedAt      time.Time         `json:"created_at"`
	ReadAt         *time.Time        `json:"read_at,omitempty"`
	AcknowledgedAt *time.Time        `json:"acknowledged_at,omitempty"`
}

type toldIn struct {
	Signed
	Paging
}

type toldOut struct {
	Body struct {
		list[Notice]
		Unread int `json:"unread" doc:"how many were not read yet, counted up to 100"`
	}
}

type oneToldIn struct {
	Signed
	ID int64 `path:"id"`
}

type oneToldOut struct{ Body Notice }

type readToldIn struct {
	Signed
	Body struct {
		IDs []int64 `json:"ids,omitempty" doc:"which; without any all of them" maxItems:"200"`
	}
}

type unreadOut struct {
	Body struct {
		Unread int `json:"unread" doc:"how many are left, counted up to 100"`
	}
}

// toldNotices is what the caller was told. Reading and acknowledging stand apart from the choice under /me/notices.
func (h *handlers) toldNotices(api huma.API) {
	add(h, api, operation[toldIn, toldOut]{at(http.MethodGet, "/me/notices/received", "list-my-notices", "What you were told: the unread first, then the rest, each the latest first", "me"), h.listTold})
	add(h, api, operation[readToldIn, unreadOut]{at(http.MethodPost, "/me/notices/received/read", "read-my-notices", "Say that you have read what you were told; it is not mailed any more", "me"), h.readTold})
	add(h, api, operation[oneToldIn, oneToldOut]{at(http.MethodPost, "/me/notices/received/{id}/acknowledge", "acknowledge-my-notice", "Say that you took notice; an escalation then does not climb before the deadline", "me"), h.acknowledgeTold})
}

func (h *handlers) listTold(ctx context.Context, in *toldIn) (*toldOut, error) {
	page, err := h.Cases.NoticesOf(ctx, in.by, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &toldOut{}
	if out.Body.Unread, err = h.Cases.UnreadNotices(ctx, in.by, 0); err != nil {
		return nil, err
	}
	out.Body.Items, out.Body.NextCursor = []Notice{}, page.Next
	for _, n := range page.Notices {
		out.Body.Items = append(out.Body.Items, h.toldOf(n))
	}
	return out, nil
}

func (h *handlers) readTold(ctx context.Context, in *readToldIn) (*unreadOut, error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	if err := h.Cases.ReadNotices(ctx, in.by, in.Body.IDs...); err != nil {
		return nil, err
	}
	out := &unreadOut{}
	var err error
	out.Body.Unread, err = h.Cases.UnreadNotices(ctx, in.by, 0)
	return out, err
}

func (h *handlers) acknowledgeTold(ctx context.Context, in *oneToldIn) (*oneToldOut, error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	if err := h.Cases.AcknowledgeNotice(ctx, cases.NoticeInput{By: in.by, ID: in.ID}); err != nil {
		return nil, err
	}
	n, err := h.Cases.ToldNotice(ctx, in.by, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneToldOut{Body: h.toldOf(n)}, nil
}

func (h *handlers) toldOf(n cases.ToldNotice) Notice {
	return Notice{
		ID: n.ID, Code: n.Key, Text: h.Words.Fill(i18n.Fallback, n.Key, n.Params), Params: n.Params, Case: n.Number, Subject: n.Subject,
		Urgent: n.Urgent, Asks: n.Asks, CreatedAt: n.CreatedAt, ReadAt: n.ReadAt, AcknowledgedAt: n.AcknowledgedAt,
	}
}
