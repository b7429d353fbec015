package reports

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const zipMedia = "application/zip"

// EvidenceScreen gives evidence away: of a case, and of a legal entity's books.
type EvidenceScreen struct {
	*WorkScreen

	evidence *reports.Evidence
	packages *reports.PackageMaker
	log      *reports.Service
}

// NewEvidence makes the screen.
func NewEvidence(w *WorkScreen, e *reports.Evidence, p *reports.PackageMaker, log *reports.Service) *EvidenceScreen {
	return &EvidenceScreen{WorkScreen: w, evidence: e, packages: p, log: log}
}

// Case is the bundle of a case: GET /cases/:number/evidence.
func (s *EvidenceScreen) Case(c echo.Context) error {
	sealed, err := s.evidence.Case(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	return web.Download(c, "evidence-"+c.Param("number")+".zip", zipMedia, sealed.ZIP)
}

// packageView is the form for an audit package.
type packageView struct {
	workFrame
	Entity, From, To, Seed, Samples string
	Error                           string
}

// Package shows the form for an audit package: GET /reports/audit. It starts with the month before this one.
func (s *EvidenceScreen) Package(c echo.Context) error {
	first := s.work.Today().AddDate(0, 0, 1-s.work.Today().Day()).AddDate(0, -1, 0)
	return s.form(c, http.StatusOK, packageView{From: first.Format(time.DateOnly), To: first.AddDate(0, 1, -1).Format(time.DateOnly), Samples: "25"})
}

func (s *EvidenceScreen) form(c echo.Context, status int, v packageView) error {
	f, err := s.workFrame(c, reports.WorkScope{By: web.Actor(c), On: s.work.Today(), Days: workDays})
	if err != nil {
		return err
	}
	v.workFrame = f
	view := desk.View{Title: i18n.T("Audit package"), Heading: i18n.T("Reports"), Sub: i18n.T("Audit package"), Active: "reports", BodyClass: "page-reports"}
	return s.desk.Page(c, status, view, packagePage(v))
}

// Download makes an audit package: POST /reports/audit.
func (s *EvidenceScreen) Download(c echo.Context) error {
	v := packageView{Entity: c.FormValue("entity"), From: c.FormValue("from"), To: c.FormValue("to"), Seed: c.FormValue("seed"), Samples: c.FormValue("samples")}
	in := reports.Package{By: web.Actor(c), Entity: v.Entity, Seed: v.Seed}
	err := v.read(&in)
	if err == nil {
		sealed, made := s.packages.Package(c.Request().Context(), in)
		if made == nil {
			return web.Download(c, "audit-"+v.Entity+"-"+v.From+"-"+v.To+".zip", zipMedia, sealed.ZIP)
		}
		err = made
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.NotFound {
		return err
	}
	v.Error = s.desk.Sentence(c, err)
	return s.form(c, http.StatusUnprocessableEntity, v)
}

func (v packageView) read(in *reports.Package) error {
	var err error
	if in.From, err = time.Parse(time.DateOnly, v.From); err != nil {
		return errs.InvalidField("from", "error.not_a_date", "text", v.From)
	}
	if in.To, err = time.Parse(time.DateOnly, v.To); err != nil {
		return errs.InvalidField("to", "error.not_a_date", "text", v.To)
	}
	if in.Samples, err = strconv.Atoi(v.Samples); err != nil {
		return errs.InvalidField("samples", "error.not_a_number")
	}
	return nil
}

// audits tells whether the reader may take audit packages.
func (f frame) audits() bool { return access.May(f.Scope.By, access.ReadAudit) }
