package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases/telling"
	"makegood/internal/access"
)

// NoticeChoice is how notices reach a person beside the screen. Times are minutes of their own day.
type NoticeChoice struct {
	Mail      string `json:"mail"                 enum:"none,at_once,digest"`
	QuietFrom *int   `json:"quiet_from,omitempty" doc:"minutes of the day; quiet hours may go over midnight" maximum:"1439" minimum:"0"`
	QuietTo   *int   `json:"quiet_to,omitempty"   maximum:"1439"                                             minimum:"0"`
	DigestAt  int    `json:"digest_at"            doc:"minutes of the day"                                   maximum:"1439" minimum:"0"`
	Version   int    `json:"version"              doc:"as it was read; a stale one is refused with 409"`
}

type noticeChoiceIn struct{ Signed }

type chooseNoticesIn struct {
	Signed
	Body NoticeChoice
}

type noticeChoiceOut struct{ Body NoticeChoice }

func (h *handlers) noticeChoice(api huma.API) {
	add(h, api, operation[noticeChoiceIn, noticeChoiceOut]{at(http.MethodGet, "/me/notices", "my-notices", "Read how notices reach you beside the screen", "me"), h.readNoticeChoice})
	add(h, api, operation[chooseNoticesIn, noticeChoiceOut]{at(http.MethodPut, "/me/notices", "choose-notices", "Choose how notices reach you beside the screen", "me"), h.chooseNotices})
}

func (h *handlers) readNoticeChoice(ctx context.Context, in *noticeChoiceIn) (*noticeChoiceOut, error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	c, err := h.Telling.Choice(ctx, in.by)
	if err != nil {
		return nil, err
	}
	return &noticeChoiceOut{Body: noticeChoiceOf(c)}, nil
}

func (h *handlers) chooseNotices(ctx context.Context, in *chooseNoticesIn) (*noticeChoiceOut, error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	c, err := h.Telling.Choose(ctx, in.by, telling.Choice{
		Mail: telling.Way(in.Body.Mail), QuietFrom: in.Body.QuietFrom, QuietTo: in.Body.QuietTo, DigestAt: in.Body.DigestAt, Version: in.Body.Version,
	})
	if err != nil {
		return nil, err
	}
	return &noticeChoiceOut{Body: noticeChoiceOf(c)}, nil
}

func noticeChoiceOf(c telling.Choice) NoticeChoice {
	return NoticeChoice{Mail: string(c.Mail), QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, DigestAt: c.DigestAt, Version: c.Version}
}
