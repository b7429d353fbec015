package quality

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/quality"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// settingsView is the card and what is drawn of each team.
type settingsView struct {
	Number, Told string
	Rows         []criterionRow
	Refused      string
	Wrong        []string
	Rules        []ruleView
}

// criterionRow is a line of the card's form.
type criterionRow struct{ Code, Name, Hint, Scale, Weight, No string }

func (r criterionRow) scales() []kit.Option {
	return []kit.Option{{Value: string(quality.Five), Text: i18n.T("1 to 5"), Selected: r.Scale == string(quality.Five)}, {Value: string(quality.YesNo), Text: i18n.T("met or not"), Selected: r.Scale == string(quality.YesNo)}}
}

type ruleView struct {
	ID, Team, Base, Kind, Amount, Told, Refused string
	Errors                                      map[string]string
}

func (v ruleView) kinds() []kit.Option {
	return []kit.Option{
		{Value: string(quality.NoSample), Text: i18n.T("nothing"), Selected: v.Kind == string(quality.NoSample)},
		{Value: string(quality.Share), Text: i18n.T("percent of all"), Selected: v.Kind == string(quality.Share)},
		{Value: string(quality.Count), Text: i18n.T("of each agent and week"), Selected: v.Kind == string(quality.Count)},
	}
}

// typed is what was refused, as it was typed.
type typed struct {
	card []criterionRow
	rule *ruleView
	err  error
}

// freeRows are lines of the form for further criteria.
const freeRows = 3

// starter are the criteria a first card is begun with.
func starter() []criterionRow {
	return []criterionRow{
		{Name: "The right invoice and customer", Hint: "Was the case tied to what it is about before anything was promised?", Scale: string(quality.YesNo), Weight: "20"},
		{Name: "The cause was found", Hint: "Does the root cause explain what the customer saw?", Scale: string(quality.Five), Weight: "25"},
		{Name: "Amounts were right", Hint: "Do the credit and its lines agree with what was wrong?", Scale: string(quality.YesNo), Weight: "25"},
		{Name: "The answer was clear", Hint: "Could the customer understand it and act on it?", Scale: string(quality.Five), Weight: "20"},
		{Name: "Kept informed", Hint: "Did the customer know where it stood?", Scale: string(quality.Five), Weight: "10"},
	}
}

// Settings shows the card and the rules: GET /settings/quality.
func (s *Screen) Settings(c echo.Context) error { return s.settings(c, http.StatusOK, typed{}) }

func (s *Screen) settings(c echo.Context, status int, t typed) error {
	ctx, r := c.Request().Context(), s.reader(c)
	card, err := s.quality.Card(ctx, r.by)
	if err != nil {
		return err
	}
	rules, err := s.quality.Rules(ctx, r.by)
	if err != nil {
		return err
	}
	v := settingsView{Number: strconv.Itoa(card.Number), Rows: rowsOf(card)}
	if card.Number > 0 {
		v.Told = i18n.F("Version {number}, {created_name}, {moment}", "number", v.Number, "created_name", card.CreatedName, "moment", r.moment(card.CreatedAt))
	}
	if t.card != nil {
		v.Rows = t.card
		for name, text := range s.desk.FieldErrors(c, t.err) {
			v.Wrong = append(v.Wrong, place(name)+text)
		}
		slices.Sort(v.Wrong)
		if len(v.Wrong) == 0 {
			v.Refused = s.desk.Sentence(c, t.err)
		}
	}
	for len(v.Rows) < freeRows || v.Rows[len(v.Rows)-freeRows].Name != "" {
		v.Rows = append(v.Rows, criterionRow{Scale: string(quality.Five)})
	}
	for i := range v.Rows {
		v.Rows[i].No = strconv.Itoa(i + 1)
	}
	v.Rules = s.ruleViews(c, rules, t)
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Quality"), setPath, ""), settingsPage(v))
}

// ruleViews are the rules; what was refused stands as it was typed.
func (s *Screen) ruleViews(c echo.Context, rules []quality.Rule, t typed) []ruleView {
	r := s.reader(c)
	var list []ruleView
	for _, one := range rules {
		row := ruleView{ID: strconv.FormatInt(one.TeamID, 10), Team: one.Team, Base: strconv.Itoa(one.Number), Kind: string(one.Kind), Amount: strconv.Itoa(one.Amount)}
		if one.CreatedAt != nil {
			row.Told = one.CreatedName + ", " + r.moment(*one.CreatedAt)
		}
		if t.rule != nil && t.rule.ID == row.ID {
			row.Kind, row.Amount, row.Errors = t.rule.Kind, t.rule.Amount, s.desk.FieldErrors(c, t.err)
			if len(row.Errors) == 0 {
				row.Refused = s.desk.Sentence(c, t.err)
			}
		}
		list = append(list, row)
	}
	return list
}

// place says which line of the card a sentence is about.
func place(name string) string {
	parts := strings.Split(name, ".")
	if len(parts) < 2 {
		return ""
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return ""
	}
	return i18n.F("Criterion {n}:", "n", strconv.Itoa(n+1)) + " "
}

func rowsOf(card quality.Card) []criterionRow {
	if card.Number == 0 {
		return starter()
	}
	var rows []criterionRow
	for _, one := range card.Criteria {
		rows = append(rows, criterionRow{Code: one.Code, Name: one.Name, Hint: one.Hint, Scale: string(one.Scale), Weight: strconv.Itoa(one.Weight)})
	}
	return rows
}

// SaveCard puts a new version of the card in force: POST /settings/quality/card. Fields: base, and code, name, hint, scale, weight of each
// line. A line without a name is left out.
func (s *Screen) SaveCard(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return quality.ErrStale
	}
	base, err := strconv.Atoi(form.Get("base"))
	if err != nil {
		return quality.ErrStale
	}
	var rows []criterionRow
	var criteria []quality.Criterion
	at := func(name string, i int) string {
		if list := form[name]; i < len(list) {
			return list[i]
		}
		return ""
	}
	for i := range form["name"] {
		row := criterionRow{Code: at("code", i), Name: at("name", i), Hint: at("hint", i), Scale: at("scale", i), Weight: at("weight", i)}
		if strings.TrimSpace(row.Name) == "" {
			continue
		}
		rows = append(rows, row)
		weight, err := strconv.Atoi(strings.TrimSpace(row.Weight))
		if err != nil {
			weight = 0 // which is refused with its line
		}
		criteria = append(criteria, quality.Criterion{Code: row.Code, Name: row.Name, Hint: row.Hint, Scale: quality.Scale(row.Scale), Weight: weight})
	}
	_, err = s.quality.SaveCard(c.Request().Context(), quality.CardInput{By: web.Actor(c), Base: base, Criteria: criteria})
	return s.saved(c, typed{card: append(rows, criterionRow{Scale: string(quality.Five)}), err: err})
}

// SetRule says what is drawn of a team: POST /settings/quality/teams/:id. Fields: base, kind, amount.
func (s *Screen) SetRule(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return quality.ErrNoTeam
	}
	base, err := strconv.Atoi(c.FormValue("base"))
	if err != nil {
		return quality.ErrStale
	}
	amount, err := strconv.Atoi(strings.TrimSpace(c.FormValue("amount")))
	if err != nil {
		amount = 0 // which is refused beside its field
	}
	t := typed{rule: &ruleView{ID: c.Param("id"), Kind: c.FormValue("kind"), Amount: c.FormValue("amount")}}
	_, t.err = s.quality.SetRule(c.Request().Context(), quality.RuleInput{By: web.Actor(c), TeamID: id, Base: base, Kind: quality.Sampling(c.FormValue("kind")), Amount: amount})
	return s.saved(c, t)
}

func (s *Screen) saved(c echo.Context, t typed) error {
	switch errs.KindOf(t.err) {
	case errs.Invalid, errs.Conflict:
		return s.settings(c, web.Status(t.err), t)
	default:
		if t.err != nil {
			return t.err
		}
	}
	return c.Redirect(http.StatusSeeOther, setPath)
}
