package approvals

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Approve signs the open step: POST /approvals/:id/approve. Fields: step, digest (what the person saw), comment.
func (s *Screen) Approve(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.Approve(c.Request().Context(), in)
	if err != nil {
		return s.refused(c, in, err)
	}
	said := i18n.F("{number} approved.", "number", req.Number)
	if req.State == credits.Approved || req.State == credits.Posted {
		said = i18n.F("{number} approved; the credit memo is being posted.", "number", req.Number)
	}
	return s.done(c, req.ID, said)
}

// Reject ends the request: POST /approvals/:id/reject. A reason is needed.
func (s *Screen) Reject(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.Reject(c.Request().Context(), in)
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} rejected; what it had reserved is free again.", "number", req.Number))
}

// AskBack gives the request back to its requester with a question: POST /approvals/:id/ask-back.
func (s *Screen) AskBack(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.AskBack(c.Request().Context(), in)
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} went back with your question; it keeps what it reserved.", "number", req.Number))
}

// Answer gives one's own request to its approvers again: POST /approvals/:id/answer.
func (s *Screen) Answer(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.Answer(c.Request().Context(), credits.AnswerInput{By: in.By, ID: in.ID, Answer: in.Comment})
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} is with its approvers again.", "number", req.Number))
}

// AddEvidence adds what came later; it voids nothing: POST /approvals/:id/evidence. Fields: kind, label.
func (s *Screen) AddEvidence(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	piece := credits.NewEvidence{Kind: credits.EvidenceKind(c.FormValue("kind")), Label: c.FormValue("label")}
	if err := s.credits.AddEvidence(c.Request().Context(), credits.EvidenceInput{By: in.By, ID: in.ID, NewEvidence: piece}); err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, in.ID, i18n.T("Added as evidence that came later; what is signed stays signed."))
}

// Submit submits a draft of one's own as it was kept: POST /approvals/:id/submit.
func (s *Screen) Submit(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.SubmitDraft(c.Request().Context(), in.ID, in.By)
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} submitted.", "number", req.Number))
}

// Withdraw takes one's own request back: POST /approvals/:id/withdraw.
func (s *Screen) Withdraw(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.Withdraw(c.Request().Context(), credits.WithdrawInput{By: in.By, ID: in.ID, Comment: in.Comment})
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} withdrawn; what it had reserved is free again.", "number", req.Number))
}

// Retry asks for the posting of a request once more: POST /approvals/:id/retry.
func (s *Screen) Retry(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	req, err := s.credits.Retry(c.Request().Context(), in.By, in.ID)
	if err != nil {
		return s.refused(c, in, err)
	}
	if req.State == credits.Expired {
		return s.done(c, req.ID, i18n.F("{number} expired: its approval no longer stands. Propose it anew.", "number", req.Number))
	}
	return s.done(c, req.ID, i18n.F("{number} is being posted again.", "number", req.Number))
}

func decision(c echo.Context) (credits.DecideInput, error) {
	id, err := requestID(c)
	if err != nil {
		return credits.DecideInput{}, err
	}
	in := credits.DecideInput{By: web.Actor(c), ID: id, Comment: c.FormValue("comment")}
	if text := c.FormValue("step"); text != "" {
		step, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return in, errs.InvalidField("step", "error.required")
		}
		in.StepID = credits.StepID(step)
	}
	if in.Digest, err = hex.DecodeString(c.FormValue("digest")); err != nil {
		return in, errs.InvalidField("digest", "error.required")
	}
	return in, nil
}

// refused shows the request as it stands now with what was refused: at the comment when that is what lacks, above
// everything when somebody was faster. Other refusals go the ordinary way.
func (s *Screen) refused(c echo.Context, in credits.DecideInput, refusal error) error {
	kind := errs.KindOf(refusal)
	if kind != errs.Invalid && kind != errs.Conflict {
		return refusal
	}
	v, err := s.request(c, in.ID)
	if err != nil {
		return refusal
	}
	v.Comment = in.Comment
	fields := s.desk.FieldErrors(c, refusal)
	switch said := cmp.Or(fields["comment"], fields["answer"]); {
	case said != "":
		v.CommentError = said
	case len(fields) > 0:
		v.Refusal = strings.Join(slices.Sorted(maps.Values(fields)), " ")
	default:
		v.Refusal = s.desk.Sentence(c, refusal)
	}
	status := web.Status(refusal)
	if web.IsHTMX(c) {
		c.Response().Header().Set("HX-Retarget", "#ap-main")
		c.Response().Header().Set("HX-Reswap", "innerHTML")
		return s.desk.Fragment(c, status, request(v))
	}
	list, err := s.list(c, in.ID)
	if err != nil {
		return err
	}
	return s.page(c, status, pageView{List: list, Request: v, Picked: true})
}

// done shows the request as it stands after a decision, and the list without it.
func (s *Screen) done(c echo.Context, id credits.ID, said string) error {
	if !web.IsHTMX(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/approvals/%d", id))
	}
	v, err := s.request(c, id)
	if err != nil {
		return err
	}
	list, err := s.list(c, id)
	if err != nil {
		return err
	}
	if err := s.desk.Toast(c, desk.Toast{Text: said}); err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, decidedNow(v, list))
}
