package bookrules

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/ratefile"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// refusedShown is how many lines that were not taken the page lists.
const refusedShown = 200

// importedView is what became of a file of rates, or would.
type importedView struct {
	File, Source       string
	Checked            bool // nothing was kept
	Added, Known, Left string
	Refused            []refusedRate
	Hidden             int // lines that were not taken and are not listed
}

// refusedRate is a line that was not taken, and why.
type refusedRate struct {
	Line int
	Why  string
}

// ImportRates takes a file of rates in: POST /books/rates/import, with the fields source, file and act (check to be told
// only). A rate that is there already stays; a line that disagrees with it is refused and the others are kept.
func (s *Screen) ImportRates(c echo.Context) error {
	v, err := s.importRates(c)
	if err != nil {
		return s.done(c, ratesPath, "import", s.rates, err)
	}
	return s.rates(c, http.StatusOK, typed{form: "import", values: map[string]string{"source": v.Source}, imported: &v})
}

func (s *Screen) importRates(c echo.Context) (importedView, error) {
	v := importedView{Source: strings.TrimSpace(c.FormValue("source")), Checked: c.FormValue("act") == "check"}
	header, err := c.FormFile("file")
	if err != nil {
		return v, billing.ErrEmptyUpload
	}
	v.File = header.Filename
	content, err := header.Open()
	if err != nil {
		return v, billing.ErrEmptyUpload
	}
	defer content.Close() //nolint:errcheck // only read
	file, err := ratefile.Read(content)
	if err != nil {
		return v, errs.InvalidField("file", errs.KeyOf(err))
	}
	in := billing.RateImport{Source: v.Source, DryRun: v.Checked, By: web.Actor(c)}
	for _, r := range file.Rates {
		in.Rates = append(in.Rates, billing.Fixing{Base: r.Base, Quote: r.Quote, OnDate: r.On, Rate: r.Rate})
	}
	out, err := s.billing.ImportRates(c.Request().Context(), in)
	if err != nil {
		return v, err
	}
	lang := s.desk.Lang(c)
	v.Refused = s.refusedRates(c, file, out)
	v.Added, v.Known = kit.FormatCount(out.Added, lang), kit.FormatCount(out.Known, lang)
	v.Left = kit.FormatCount(len(v.Refused), lang)
	if len(v.Refused) > refusedShown {
		v.Hidden = len(v.Refused) - refusedShown
		v.Refused = v.Refused[:refusedShown]
	}
	return v, nil
}

// refusedRates are the lines that were not taken, in the order of the file: those that cannot be read, and those that say
// another rate than the one recorded.
func (s *Screen) refusedRates(c echo.Context, file ratefile.File, out billing.RateOutcome) []refusedRate {
	type pairDay struct {
		pair string
		on   time.Time
	}
	var list []refusedRate
	say := func(line int, key string, params errs.Params) {
		list = append(list, refusedRate{line, s.desk.Catalogue.Fill(s.desk.Lang(c), key, params)})
	}
	for _, r := range file.Rejected {
		say(r.Line, r.Key, r.Params)
	}
	lines := make(map[pairDay]int, len(file.Rates))
	for _, r := range file.Rates {
		lines[pairDay{string(r.Base) + string(r.Quote), r.On}] = r.Line
	}
	for _, r := range out.Refused {
		say(lines[pairDay{string(r.Base) + string(r.Quote), r.OnDate}], billing.ErrRateKnown.Key, errs.Params{
			"base": string(r.Base), "quote": string(r.Quote), "on": r.OnDate.Format(time.DateOnly), "known": r.Known.String(), "source": r.KnownSource,
		})
	}
	slices.SortStableFunc(list, func(a, b refusedRate) int { return cmp.Compare(a.Line, b.Line) })
	return list
}

// place names a line of the file.
func (r refusedRate) place() string { return i18n.F("line {line}", "line", strconv.Itoa(r.Line)) }

// title says in one sentence what became of the file.
func (v importedView) title() string {
	if v.Checked {
		return i18n.F("Checked {file}: nothing is recorded yet.", "file", v.File)
	}
	return i18n.F("Imported {file}.", "file", v.File)
}

func (v importedView) text() string {
	would := i18n.T("recorded")
	if v.Checked {
		would = i18n.T("would be recorded")
	}
	return i18n.F("{added} {would}, {known} known already, {left} not taken.", "added", v.Added, "would", would, "known", v.Known, "left", v.Left)
}
