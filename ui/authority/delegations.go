package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type delegationsView struct {
	typed
	Rows            []delegationRow
	May             bool
	Today           string
	To, Until, From string
	Max, Note       string
	Kinds           []kit.Option
	Entities        []kit.Option // those the person sees, where there are several
	People          []kit.Option
	Currency        string
}

type delegationRow struct {
	ID, From, To, When, What, Note string
	Now, Mine                      bool
}

// Delegations is who decides in whose place, and the form to name somebody: GET /settings/delegations.
func (s *Screen) Delegations(c echo.Context) error { return s.delegations(c, http.StatusOK, typed{}) }

func (s *Screen) delegations(c echo.Context, status int, t typed) error {
	by, now := web.Actor(c), s.desk.Clock()
	v := delegationsView{
		typed: t, May: access.May(by, access.Decide), Today: now.In(s.desk.Zone(c)).Format(time.DateOnly), To: c.FormValue("to"), From: c.FormValue("from"),
		Until: c.FormValue("until"), Max: c.FormValue("max_amount"), Note: c.FormValue("note"), Currency: string(billing.AuthorityCurrency),
	}
	if v.From == "" {
		v.From = v.Today
	}
	list, err := s.credits.Delegations(c.Request().Context())
	if err != nil {
		return err
	}
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return err
	}
	for _, d := range list {
		v.Rows = append(v.Rows, s.delegationRow(c, d, entities, now))
	}
	users, err := s.people.Users(c.Request().Context())
	if err != nil {
		return err
	}
	v.People = append(v.People, kit.Option{Text: i18n.T("Choose who stands in")})
	for _, u := range users {
		if id := strconv.FormatInt(u.ID, 10); u.ID != by.UserID {
			v.People = append(v.People, kit.Option{Value: id, Text: u.Name, Selected: id == v.To})
		}
	}
	ticked, err := c.FormParams()
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	if len(entities) > 1 {
		v.Entities = entityOptions(by, entities, ticked["entity"])
	}
	for _, k := range kinds() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(k), Text: creditview.KindName(k), Selected: slices.Contains(ticked["kind"], string(k))})
	}
	return s.page(c, status, i18n.T("Delegations"), delegationsPage(v))
}

// entityOptions are the legal entities somebody may stand in for somebody in: those that one sees oneself.
func entityOptions(by access.Actor, entities []billing.Entity, ticked []string) []kit.Option {
	var list []kit.Option
	for _, e := range entities {
		id := strconv.FormatInt(int64(e.ID), 10)
		if access.Can(by, access.Decide, access.Object{EntityID: int64(e.ID)}) == nil {
			list = append(list, kit.Option{Value: id, Text: e.Name, Selected: slices.Contains(ticked, id)})
		}
	}
	return list
}

// entityNames names legal entities in the order of the list.
func entityNames(entities []billing.Entity, ids []int64) string {
	var names []string
	for _, e := range entities {
		if slices.Contains(ids, int64(e.ID)) {
			names = append(names, e.Name)
		}
	}
	return desk.And(names)
}

func (s *Screen) delegationRow(c echo.Context, d credits.Delegation, entities []billing.Entity, now time.Time) delegationRow {
	row := delegationRow{
		ID: strconv.FormatInt(d.ID, 10), From: d.FromName, To: d.ToName, Note: d.Note, Now: !d.FromAt.After(now),
		When: s.day(c, d.FromAt) + " – " + s.day(c, d.UntilAt.Add(-time.Second)), Mine: d.FromID == web.Actor(c).UserID || may(c),
	}
	switch {
	case !d.ToActive:
		row.To = i18n.F("{name} (left)", "name", row.To)
	case d.ToAway:
		row.To = i18n.F("{name} (away)", "name", row.To)
	}
	var what []string
	for _, k := range d.Kinds {
		what = append(what, creditview.KindName(k))
	}
	if len(what) == 0 {
		what = []string{i18n.T("Everything")}
	}
	row.What = strings.Join(what, ", ")
	if len(d.EntityIDs) > 0 {
		row.What += i18n.F(", in {entity_names}", "entity_names", entityNames(entities, d.EntityIDs))
	}
	if d.MaxAmount != nil {
		row.What += i18n.F(", up to {max_amount}", "max_amount", kit.FormatMoney(money.Of(*d.MaxAmount, billing.AuthorityCurrency), s.desk.Lang(c)))
	}
	return row
}

// Delegate names somebody who decides in one's place: POST /settings/delegations. Fields: to, from, until (days, the last one
// included), kind and entity (several; none is all), max_amount, note.
func (s *Screen) Delegate(c echo.Context) error {
	in, err := s.delegateInput(c)
	if err == nil {
		_, err = s.credits.Delegate(c.Request().Context(), in)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, delegationsPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.delegations(c, web.Status(err), t)
}

func (s *Screen) delegateInput(c echo.Context) (credits.DelegateInput, error) {
	in := credits.DelegateInput{By: web.Actor(c), Note: c.FormValue("note")}
	values, err := c.FormParams()
	if err != nil {
		return in, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	if in.To, err = strconv.ParseInt(c.FormValue("to"), 10, 64); err != nil {
		return in, errs.InvalidField("to", "error.required")
	}
	day := func(name string) (time.Time, error) {
		on, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(c.FormValue(name)), s.desk.Zone(c))
		if err != nil {
			return on, errs.InvalidField(name, "error.not_a_date", "text", c.FormValue(name))
		}
		return on, nil
	}
	if in.From, err = day("from"); err != nil {
		return in, err
	}
	if in.Until, err = day("until"); err != nil {
		return in, err
	}
	in.Until = in.Until.AddDate(0, 0, 1)
	for _, k := range values["kind"] {
		in.Kinds = append(in.Kinds, billing.Kind(k))
	}
	for _, text := range values["entity"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return in, errs.InvalidField("entity_ids", "billing.no_entity")
		}
		in.EntityIDs = append(in.EntityIDs, id)
	}
	if text := strings.TrimSpace(c.FormValue("max_amount")); text != "" {
		most, ok := creditview.AmountOf(text, s.desk.Lang(c))
		if !ok {
			return in, errs.InvalidField("max_amount", "propose.no_amount", "text", text)
		}
		in.MaxAmount = &most
	}
	return in, nil
}

// Revoke ends a delegation at once: POST /settings/delegations/:id/revoke.
func (s *Screen) Revoke(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return credits.ErrNoDelegation
	}
	if err := s.credits.Revoke(c.Request().Context(), web.Actor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, delegationsPath)
}

type coverageView struct {
	Orphans   []orphanRow
	Uncovered []string
	Alone     []string
}

type orphanRow struct{ Number, Href, Text string }

// Coverage is what nobody could decide: GET /settings/authority/coverage.
func (s *Screen) Coverage(c echo.Context) error {
	found, err := s.credits.Coverage(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	var v coverageView
	for _, row := range found.Orphans {
		v.Orphans = append(v.Orphans, orphanRow{
			Number: row.Number, Href: "/approvals/" + strconv.FormatInt(int64(row.ID), 10),
			Text: i18n.F("{kind} of {amount} for {customer_name}, asked by {requester_name}", "kind", creditview.KindName(row.Kind), "amount", kit.FormatMoney(row.Amount(row.Total), s.desk.Lang(c)), "customer_name", creditview.Customer(row.CustomerName), "requester_name", row.RequesterName),
		})
	}
	for _, u := range found.Uncovered {
		amount := i18n.T("of any amount")
		if u.Over.IsPositive() {
			amount = i18n.F("over {over}", "over", kit.FormatMoney(money.Of(u.Over, billing.AuthorityCurrency), s.desk.Lang(c)))
		}
		text := i18n.F("{kind} {amount} in {entity}", "kind", creditview.KindName(u.Kind), "amount", amount, "entity", u.Entity)
		if u.Rule != "" {
			text += i18n.F(", under “{rule}”", "rule", u.Rule)
		}
		if u.Requester != "" {
			text += i18n.F(", when {requester} asks for it", "requester", u.Requester)
		}
		v.Uncovered = append(v.Uncovered, text)
	}
	for _, a := range found.Alone {
		v.Alone = append(v.Alone, i18n.F("{level} in {entity}{place_of}: {people}", "level", a.Level, "entity", a.Entity, "place_of", placeOf(a), "people", desk.And(a.People)))
	}
	return s.page(c, http.StatusOK, i18n.T("Gaps"), coveragePage(v))
}

func placeOf(a credits.Alone) string {
	if a.Place == "" {
		return ""
	}
	return ", " + a.Place
}
