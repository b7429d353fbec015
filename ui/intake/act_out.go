package intake

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// Settle ends a mail of ours that failed or may not have arrived: POST /intake/out/:id/settle. Fields: as (arrived, given_up,
// otherwise), reason.
func (s *Screen) Settle(c echo.Context) error {
	in := inbox.SettleInput{
		ID: inbox.OutgoingID(selected(c).id), As: inbox.Ending(c.FormValue("as")), Reason: c.FormValue("reason"), By: web.Actor(c),
	}
	return s.onMail(c, "settle", i18n.T("The mail is settled."), s.Intake.SettleMail(c.Request().Context(), in))
}

// Resend sends a mail without a case once more: POST /intake/out/:id/resend. Field: reason.
func (s *Screen) Resend(c echo.Context) error {
	in := inbox.ResendInput{ID: inbox.OutgoingID(selected(c).id), Reason: c.FormValue("reason"), By: web.Actor(c)}
	return s.onMail(c, "resend", i18n.T("The mail goes out once more."), s.Intake.ResendMail(c.Request().Context(), in))
}

// onMail shows what became of a decision about a mail of ours.
func (s *Screen) onMail(c echo.Context, action, done string, failed error) error {
	wrong := errs.KindOf(failed) == errs.Invalid
	if failed != nil && !wrong {
		return failed
	}
	q := selected(c)
	q.tab = tabOutgoing
	if !wrong && !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, q.at("/intake/out/"+text(q.id)))
	}
	v, err := s.read(c.Request().Context(), s.reader(c), q, true)
	if err != nil {
		return err
	}
	if !wrong {
		return s.desk.Fragment(c, http.StatusOK, acting(v, kit.ToastView{Text: done}))
	}
	v.Outgoing.Form = settleView{Action: action, Reason: c.FormValue("reason"), ReasonError: s.desk.FieldErrors(c, failed)["reason"]}
	if web.IsFragment(c) {
		c.Response().Header().Set("HX-Retarget", "#ik-actions")
		c.Response().Header().Set("HX-Reswap", "outerHTML")
		return s.desk.Fragment(c, http.StatusUnprocessableEntity, outgoingActions(v.Outgoing))
	}
	return s.desk.Page(c, http.StatusUnprocessableEntity, s.frame(v), room(v))
}
