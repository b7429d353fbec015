package bookrules

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

const proofsPath = "/books/proofs"

type proofsView struct {
	Rows   []proofRow
	Points []pointRow // of the latest
	May    bool
	Notice kit.NoticeView
}

type proofRow struct {
	When, Covers, Took, By, Result string
	OK                             bool
}

type pointRow struct {
	Name, Found, First string
	OK                 bool
}

const proofsShown = 30

// Proofs lists what was proven of the books: GET /books/proofs.
func (s *Screen) Proofs(c echo.Context) error {
	by := web.Actor(c)
	list, err := s.billing.Proofs(c.Request().Context(), proofsShown, by)
	if err != nil {
		return err
	}
	v := proofsView{May: access.May(by, access.ManagePeriods), Notice: kit.NoticeView{Tone: "", Text: i18n.T("Nothing was proven yet. The first proof is made within the day.")}}
	for i, p := range list {
		row := proofRow{
			When: kit.FormatShort(p.StartedAt, s.desk.Clock(), s.desk.Zone(c), s.desk.Lang(c)), Covers: i18n.T("what came since the last proof"), OK: p.OK,
			Took: p.EndedAt.Sub(p.StartedAt).Round(100 * time.Millisecond).String(), By: p.AskedByName, Result: i18n.T("Everything agrees"),
		}
		if p.Whole {
			row.Covers = i18n.T("everything")
		}
		if row.By == "" {
			row.By = i18n.T("daily")
		}
		if !p.OK {
			row.Result = i18n.F("{faults} found: {first}", "faults", kit.FormatCount(p.Faults(), s.desk.Lang(c)), "first", p.First())
		}
		v.Rows = append(v.Rows, row)
		if i > 0 {
			continue
		}
		v.Notice = kit.NoticeView{Tone: "ok", Title: i18n.T("The books agree."), Text: i18n.F("Numbers have no gaps, the chain of events holds, and ledger, documents and allocations say the same. Proven {when}.", "when", row.When)}
		if !p.OK {
			v.Notice = kit.NoticeView{Tone: "bad", Title: i18n.T("The books do not agree."), Text: p.First()}
		}
		v.Points = s.points(c, p)
	}
	return s.page(c, http.StatusOK, i18n.T("Proof of the books"), proofsPage(v))
}

func (s *Screen) points(c echo.Context, p billing.Proof) []pointRow {
	var rows []pointRow
	for _, point := range p.Points {
		row := pointRow{Name: s.desk.Say(c)("proof." + point.Name), Found: i18n.T("agrees"), OK: point.Faults == 0, First: point.First}
		if point.Faults > 0 {
			row.Found = i18n.F("{faults} found", "faults", kit.FormatCount(point.Faults, s.desk.Lang(c)))
		}
		rows = append(rows, row)
	}
	return rows
}

// Prove proves the whole of the books now: POST /books/proofs.
func (s *Screen) Prove(c echo.Context) error {
	if _, err := s.billing.Prove(c.Request().Context(), true, web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, proofsPath)
}
