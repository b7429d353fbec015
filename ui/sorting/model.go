package sorting

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/sorting"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
)

// modelsShown is how many models are listed.
const modelsShown = 10

// Model shows what was learned: GET /sorting/model. With id= an older model's examination.
func (s *Screen) Model(c echo.Context) error { return s.model(c, http.StatusOK, refused{}) }

// refused is what was wrong with a change of the threshold, or why nothing was changed.
type refused struct{ text, threshold, value string }

func (s *Screen) model(c echo.Context, status int, no refused) error {
	ctx := c.Request().Context()
	r, err := s.reader(c)
	if err != nil {
		return err
	}
	state, err := s.sorts.State(ctx)
	if err != nil {
		return err
	}
	models, err := s.sorts.Models(ctx, modelsShown)
	if err != nil {
		return err
	}
	evidence, err := s.sorts.Evidence(ctx)
	if err != nil {
		return err
	}
	shown, err := s.shown(c, state)
	if err != nil {
		return err
	}
	v := r.model(state, models, shown, evidence)
	v.Refusal, v.ThresholdError = no.text, no.threshold
	if no.value != "" {
		v.Threshold = no.value
	}
	view := frame(i18n.T("Learned"))
	v.Self = c.Request().URL.RequestURI()
	if c.Request().Method != http.MethodGet {
		v.Self = "/sorting/model"
	}
	if status == http.StatusOK {
		return s.desk.Show(c, view, modelPage(v), modelPage(v))
	}
	return s.desk.Page(c, status, view, modelPage(v))
}

// shown is the model whose examination is shown: the one asked for, else the one in force; nil when there is none.
func (s *Screen) shown(c echo.Context, state sorting.State) (*sorting.Model, error) {
	id := number(c.QueryParam("id"))
	if id == 0 && state.ModelID != nil {
		id = *state.ModelID
	}
	if id == 0 {
		return nil, nil //nolint:nilnil // nothing was learned yet
	}
	m, err := s.sorts.ModelByID(c.Request().Context(), id)
	return &m, err
}

// Train asks for a training: POST /sorting/model/train.
func (s *Screen) Train(c echo.Context) error {
	if err := s.sorts.Retrain(c.Request().Context(), web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sorting/model?asked=1")
}

// Threshold sets from which confidence the model decides: POST /sorting/model/threshold. Fields: version, threshold in per cent.
func (s *Screen) Threshold(c echo.Context) error {
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(c.FormValue("threshold")), "%"))
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return s.model(c, http.StatusUnprocessableEntity, refused{threshold: s.desk.Say(c)("error.not_a_number"), value: text})
	}
	err = s.sorts.SetThreshold(c.Request().Context(), s.stateOn(c), value/100)
	if errs.KindOf(err) == errs.Invalid {
		return s.model(c, http.StatusUnprocessableEntity, refused{threshold: s.desk.FieldErrors(c, err)["threshold"], value: text})
	}
	return s.moved(c, err)
}

// Activate has a model decide: POST /sorting/model/:id/activate. Field: version.
func (s *Screen) Activate(c echo.Context) error {
	return s.moved(c, s.sorts.Activate(c.Request().Context(), s.stateOn(c), number(c.Param("id"))))
}

func (s *Screen) stateOn(c echo.Context) sorting.StateOn {
	return sorting.StateOn{By: web.Actor(c), Version: number(c.FormValue("version"))}
}

func (s *Screen) moved(c echo.Context, err error) error {
	if errs.KindOf(err) == errs.Conflict {
		return s.model(c, http.StatusConflict, refused{text: s.desk.Sentence(c, err)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sorting/model")
}
