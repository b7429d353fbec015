package authority

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/creditview"
)

// ProposeLevel asks a second person to change what a level may decide: POST /settings/authority/levels/:level. Fields:
// signatures, max.KIND, own.KIND, comment, effective_at. Limits narrowed to a reason, legal entity or tier stay as they are.
func (s *Screen) ProposeLevel(c echo.Context) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	in := credits.LevelInput{By: web.Actor(c), LevelID: l.ID, Comment: c.FormValue("comment")}
	in.Terms, err = s.terms(c, l)
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

func (s *Screen) terms(c echo.Context, l credits.Level) (credits.LevelTerms, error) {
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
		if !s.unlimited(c, text) {
			most, ok := creditview.AmountOf(text, s.desk.Lang(c))
			if !ok {
				return t, errs.InvalidField("max."+string(k), "error.not_a_number", "text", text)
			}
			limit.MaxAmount = &most
		}
		if own := strings.TrimSpace(c.FormValue("own." + string(k))); own != "" {
			var ok bool
			if limit.OwnLimit, ok = creditview.AmountOf(own, s.desk.Lang(c)); !ok {
				return t, errs.InvalidField("own."+string(k), "error.not_a_number", "text", own)
			}
		}
		t.Limits = append(t.Limits, limit)
	}
	return t, nil
}

// unlimited tells that somebody wrote "no limit", in English or in their own language.
func (s *Screen) unlimited(c echo.Context, text string) bool {
	own := s.desk.Catalogue.Said(s.desk.Lang(c), i18n.T("no limit"))
	return strings.EqualFold(text, "no limit") || strings.EqualFold(text, own)
}

// ProposeHolder asks a second person to give somebody a level or take it away: POST /settings/authority/levels/:level/holders.
// Fields: user (a number, role:NAME or team:NUMBER), within (a team, of a role), holds, entity, regions (with commas), team, comment,
// effective_at.
func (s *Screen) ProposeHolder(c echo.Context) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	in := credits.HolderInput{By: web.Actor(c), LevelID: l.ID, Comment: c.FormValue("comment"), Terms: credits.HolderTerms{Holds: c.FormValue("holds") == "yes"}}
	in.Who, err = whoOf(c.FormValue("user"), c.FormValue("within"))
	if err == nil && in.Terms.Holds {
		err = within(c, &in)
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

// within reads for what a level is given. Who sees some legal entities gives it in those.
func within(c echo.Context, in *credits.HolderInput) error {
	form, err := c.FormParams()
	if err != nil {
		return errs.InvalidField("user", "error.required")
	}
	ids := func(field, name string) (list []int64, err error) {
		for _, text := range form[field] {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, errs.InvalidField(name, "policy.unknown_name", "name", text)
			}
			list = append(list, id)
		}
		return list, nil
	}
	if in.Terms.EntityIDs, err = ids("entity", "entity_ids"); err != nil {
		return err
	}
	if len(in.Terms.EntityIDs) == 0 {
		in.Terms.EntityIDs = in.By.EntityIDs
	}
	if in.Terms.TeamIDs, err = ids("team", "team_ids"); err != nil {
		return err
	}
	for region := range strings.SplitSeq(c.FormValue("regions"), ",") {
		if region = strings.TrimSpace(region); region != "" {
			in.Terms.Regions = append(in.Terms.Regions, region)
		}
	}
	return nil
}
