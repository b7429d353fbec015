package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

type levelsView struct {
	On, OnShown, Today string
	Past               bool
	PolicyVersion      string
	Waiting            int
	Kinds              []string
	Rows               []levelRow
	Delegations        []string
	May                bool
	Currency           string
}

type levelRow struct {
	Name, Href, Sign string
	Holders          []holderView
	Limits           []string
}

type holderView struct{ Name, Note string }

// Levels is the matrix of levels, their limits and holders, on any day: GET /settings/authority?on=2026-05-01.
func (s *Screen) Levels(c echo.Context) error {
	at := s.desk.Clock()
	v := levelsView{Today: at.Format(time.DateOnly), May: may(c), Currency: string(billing.AuthorityCurrency)}
	if text := c.QueryParam("on"); text != "" {
		on, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return errs.InvalidField("on", "error.not_a_date", "text", text)
		}
		if v.Past = text != v.Today; v.Past {
			at = on.Add(24*time.Hour - time.Second) // as it stood when the day ended
		}
	}
	v.On, v.OnShown = at.Format(time.DateOnly), s.day(c, at)
	ctx, by := c.Request().Context(), web.Actor(c)
	held, err := s.credits.HeldOn(ctx, at, by)
	if err != nil {
		return err
	}
	changes, err := s.credits.Changes(ctx, by)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if change.State == credits.ChangeProposed {
			v.Waiting++
		}
	}
	if held.PolicyVersion > 0 {
		v.PolicyVersion = strconv.Itoa(held.PolicyVersion)
	}
	for _, k := range kinds() {
		v.Kinds = append(v.Kinds, creditview.KindName(k))
	}
	for _, l := range held.Levels {
		v.Rows = append(v.Rows, s.levelRow(c, l, held.Holders))
	}
	for _, d := range held.Delegations {
		v.Delegations = append(v.Delegations, d.ToName+" for "+d.FromName+", until "+s.day(c, d.UntilAt))
	}
	return s.page(c, http.StatusOK, "Levels and holders", levelsPage(v))
}

func (s *Screen) levelRow(c echo.Context, l credits.Level, holders []credits.Holder) levelRow {
	row := levelRow{Name: l.Name, Href: levelsPath + "/levels/" + strconv.FormatInt(l.ID, 10)}
	if l.Signatures > 1 {
		row.Sign = strconv.Itoa(l.Signatures) + " sign"
	}
	for _, h := range holders {
		if h.LevelID == l.ID {
			row.Holders = append(row.Holders, holderView{Name: h.UserName, Note: holderNote(h)})
		}
	}
	for _, k := range kinds() {
		row.Limits = append(row.Limits, s.limitOf(c, l, k))
	}
	return row
}

func holderNote(h credits.Holder) string {
	switch {
	case !h.Active:
		return "left"
	case h.Away:
		return "away"
	case len(h.EntityIDs) > 0:
		return "in part"
	}
	return ""
}

// limitOf shows the limit of a kind that is not narrowed to a reason, legal entity or tier, and marks that there are such.
func (s *Screen) limitOf(c echo.Context, l credits.Level, k billing.Kind) string {
	shown, narrowed := "–", ""
	for _, limit := range l.Limits {
		switch {
		case limit.Kind != k:
		case limit.Reason != "" || limit.EntityID != 0 || limit.Tier != "":
			narrowed = " *"
		case limit.MaxAmount == nil:
			shown = "no limit"
		default:
			shown = s.amount(c, *limit.MaxAmount)
		}
	}
	return shown + narrowed
}

type levelView struct {
	typed
	ID, Name, Signatures, Comment, EffectiveAt string
	Limits                                     []limitField
	Holders                                    []holdingView
	People                                     []kit.Option
	May                                        bool
	Currency                                   string
}

type limitField struct{ Name, Label, Max, Own, Error, OwnError string }

type holdingView struct{ UserID, Name, Since, Note string }

// Level shows one level and the forms to propose a change of it: GET /settings/authority/levels/:level.
func (s *Screen) Level(c echo.Context) error { return s.level(c, http.StatusOK, typed{}) }

func (s *Screen) level(c echo.Context, status int, t typed) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v := levelView{
		typed: t, ID: strconv.FormatInt(l.ID, 10), Name: l.Name, Signatures: strconv.Itoa(l.Signatures), May: may(c), Currency: string(billing.AuthorityCurrency),
		Comment: c.FormValue("comment"), EffectiveAt: c.FormValue("effective_at"),
	}
	if text := c.FormValue("signatures"); text != "" {
		v.Signatures = text
	}
	for _, k := range kinds() {
		v.Limits = append(v.Limits, field(c, l, k, t))
	}
	holders, err := s.credits.Holders(ctx)
	if err != nil {
		return err
	}
	holds := map[int64]bool{}
	for _, h := range holders {
		if h.LevelID == l.ID {
			holds[h.UserID] = true
			v.Holders = append(v.Holders, holdingView{UserID: strconv.FormatInt(h.UserID, 10), Name: h.UserName, Since: s.day(c, h.ValidFrom), Note: holderNote(h)})
		}
	}
	users, err := s.people.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Active && !holds[u.ID] {
			v.People = append(v.People, kit.Option{Value: strconv.FormatInt(u.ID, 10), Text: u.Name})
		}
	}
	return s.page(c, status, l.Name, levelPage(v))
}

func (s *Screen) one(c echo.Context) (credits.Level, error) {
	list, err := s.credits.Levels(c.Request().Context())
	if err != nil {
		return credits.Level{}, err
	}
	at := slices.IndexFunc(list, func(l credits.Level) bool { return strconv.FormatInt(l.ID, 10) == c.Param("level") })
	if at < 0 {
		return credits.Level{}, credits.ErrNoLevel
	}
	return list[at], nil
}

// field is the limit of one kind for the form: empty is no say, "no limit" is without.
func field(c echo.Context, l credits.Level, k billing.Kind, t typed) limitField {
	f := limitField{Name: string(k), Label: creditview.KindName(k), Error: t.errors["max."+string(k)], OwnError: t.errors["own."+string(k)]}
	digits := billing.AuthorityCurrency.Digits()
	for _, limit := range l.Limits {
		if limit.Kind != k || narrowed(limit) {
			continue
		}
		f.Max = "no limit"
		if limit.MaxAmount != nil {
			f.Max = limit.MaxAmount.StringFixed(digits)
		}
		if limit.OwnLimit.IsPositive() {
			f.Own = limit.OwnLimit.StringFixed(digits)
		}
	}
	if c.Request().Method == http.MethodPost {
		f.Max, f.Own = c.FormValue("max."+string(k)), c.FormValue("own."+string(k))
	}
	return f
}

func narrowed(l credits.Limit) bool { return l.Reason != "" || l.EntityID != 0 || l.Tier != "" }

// ProposeLevel asks a second person to change what a level may decide: POST /settings/authority/levels/:level. Fields:
// signatures, max.KIND, own.KIND, comment, effective_at. Limits narrowed to a reason, legal entity or tier stay as they are.
func (s *Screen) ProposeLevel(c echo.Context) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	in := credits.LevelInput{By: web.Actor(c), LevelID: l.ID, Comment: c.FormValue("comment")}
	in.Terms, err = terms(c, l)
	if err == nil {
		in.EffectiveAt, err = from(c)
	}
	if err == nil {
		_, err = s.credits.ProposeLevel(c.Request().Context(), in)
	}
	if err == nil {
		return proposed(c)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.level(c, web.Status(err), t)
}

func terms(c echo.Context, l credits.Level) (credits.LevelTerms, error) {
	t := credits.LevelTerms{Limits: slices.DeleteFunc(slices.Clone(l.Limits), func(x credits.Limit) bool { return !narrowed(x) })}
	var err error
	if t.Signatures, err = strconv.Atoi(strings.TrimSpace(c.FormValue("signatures"))); err != nil {
		return t, errs.InvalidField("signatures", "error.not_a_number", "text", c.FormValue("signatures"))
	}
	for _, k := range kinds() {
		text := strings.TrimSpace(c.FormValue("max." + string(k)))
		if text == "" {
			continue
		}
		limit := credits.Limit{Kind: k}
		for _, old := range l.Limits {
			if old.Kind == k && !narrowed(old) {
				limit.WindowMax = old.WindowMax
			}
		}
		if text != "no limit" {
			most, err := decimal.NewFromString(text)
			if err != nil {
				return t, errs.InvalidField("max."+string(k), "error.not_a_number", "text", text)
			}
			limit.MaxAmount = &most
		}
		if own := strings.TrimSpace(c.FormValue("own." + string(k))); own != "" {
			if limit.OwnLimit, err = decimal.NewFromString(own); err != nil {
				return t, errs.InvalidField("own."+string(k), "error.not_a_number", "text", own)
			}
		}
		t.Limits = append(t.Limits, limit)
	}
	return t, nil
}

// ProposeHolder asks a second person to give somebody a level or take it away: POST /settings/authority/levels/:level/holders.
// Fields: user, holds, comment, effective_at.
func (s *Screen) ProposeHolder(c echo.Context) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	in := credits.HolderInput{By: web.Actor(c), LevelID: l.ID, Comment: c.FormValue("comment"), Terms: credits.HolderTerms{Holds: c.FormValue("holds") == "yes"}}
	if in.Terms.Holds {
		in.Terms.EntityIDs = in.By.EntityIDs // who sees some legal entities gives the level in those
	}
	if in.UserID, err = strconv.ParseInt(c.FormValue("user"), 10, 64); err != nil {
		err = errs.InvalidField("user", "error.required")
	}
	if err == nil {
		in.EffectiveAt, err = from(c)
	}
	if err == nil {
		_, err = s.credits.ProposeHolder(c.Request().Context(), in)
	}
	if err == nil {
		return proposed(c)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.level(c, web.Status(err), t)
}
