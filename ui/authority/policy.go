package authority

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/creditview"
)

type policyView struct {
	typed
	Version, Text, Comment, EffectiveAt string
	May                                 bool
	Problems                            []string
	Replay                              *replayView
}

type replayView struct {
	Since        string
	Looked, Same int
	Cut          bool
	Rows         []replayRow
}

type replayRow struct {
	Number, Href, Kind, Amount, Was, Would, Rules string
	Nobody                                        bool
}

// Policy is the policy in force and the form to change it: GET /settings/authority/policy.
func (s *Screen) Policy(c echo.Context) error {
	version, now, err := s.credits.Policy(c.Request().Context())
	if err != nil {
		return err
	}
	text, err := policy.Write(now)
	if err != nil {
		return err
	}
	v := policyView{Text: string(text), May: may(c)}
	if version > 0 {
		v.Version = strconv.Itoa(version)
	}
	return s.page(c, http.StatusOK, i18n.T("Policy"), policyPage(v))
}

// ChangePolicy tries a draft on the last quarter, or asks a second person to put it in force: POST /settings/authority/policy.
// Fields: policy as YAML, comment, effective_at, do (replay or propose).
func (s *Screen) ChangePolicy(c echo.Context) error {
	ctx := c.Request().Context()
	v := policyView{Text: c.FormValue("policy"), Comment: c.FormValue("comment"), EffectiveAt: c.FormValue("effective_at"), May: true}
	draft, err := policy.Read([]byte(v.Text))
	if err == nil {
		err = s.credits.CheckPolicy(ctx, draft)
	}
	if err == nil && c.FormValue("do") == "replay" {
		replayed, err := s.credits.Replay(ctx, web.Actor(c), draft)
		if err != nil {
			return err
		}
		v.Replay = s.replayed(c, replayed)
		return s.page(c, http.StatusOK, i18n.T("Policy"), policyPage(v))
	}
	in := credits.PolicyInput{By: web.Actor(c), Policy: draft, Comment: v.Comment}
	if err == nil {
		in.EffectiveAt, err = from(c)
	}
	if err == nil {
		_, err = s.credits.ProposePolicy(ctx, in)
	}
	if err == nil {
		return proposed(c)
	}
	var other error
	if v.typed, other = s.refusal(c, err); other != nil {
		return other
	}
	for field, text := range v.errors {
		if field != "comment" && field != "effective_at" {
			v.Problems = append(v.Problems, field+": "+text)
		}
	}
	return s.page(c, web.Status(err), i18n.T("Policy"), policyPage(v))
}

func (s *Screen) replayed(c echo.Context, r credits.Replayed) *replayView {
	v := &replayView{Since: s.day(c, r.Since), Looked: r.Looked, Same: r.Same, Cut: r.Cut}
	for _, one := range r.Changed {
		row := replayRow{
			Number: one.Number, Href: "/approvals/" + strconv.FormatInt(int64(one.ID), 10), Kind: creditview.KindName(one.Kind), Amount: s.amount(c, one.Amount),
			Was: chain(one.Was), Would: chain(one.Would), Rules: strings.Join(one.Rules, ", "), Nobody: one.Nobody,
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func chain(names []string) string {
	if len(names) == 0 {
		return i18n.T("the requester alone")
	}
	return strings.Join(names, " → ")
}

type changesView struct {
	May  bool
	Rows []changeRow
	typed
}

type changeRow struct {
	ID, Title, By, At, From, Comment, State, Decided, Before, After string
	Differs                                                         []difference // of what is no policy
	Open, Own                                                       bool
}

// Changes lists changes of authority, those that wait for a second person first: GET /settings/authority/changes.
func (s *Screen) Changes(c echo.Context) error { return s.changes(c, http.StatusOK, typed{}) }

func (s *Screen) changes(c echo.Context, status int, t typed) error {
	by := web.Actor(c)
	list, err := s.credits.Changes(c.Request().Context(), by)
	if err != nil {
		return err
	}
	v := changesView{May: may(c), typed: t}
	for _, change := range list {
		row := changeRow{
			ID: strconv.FormatInt(change.ID, 10), Title: titleOf(change), By: change.ProposedByName, At: s.day(c, change.ProposedAt),
			From: s.day(c, change.EffectiveAt), Comment: change.Comment, State: string(change.State), Before: readable(change.Before), After: readable(change.Content),
			Open: change.State == credits.ChangeProposed, Own: change.ProposedBy == by.UserID,
		}
		if change.Kind != credits.PolicyChange { // a policy is read as it is written
			row.Differs = differences(change.Before, change.Content)
		}
		if change.DecidedAt != nil {
			row.Decided = change.DecidedByName + ", " + s.day(c, *change.DecidedAt)
			if change.DecisionNote != "" {
				row.Decided += ": " + change.DecisionNote
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return s.page(c, status, i18n.T("Changes"), changesPage(v))
}

func titleOf(c credits.AuthorityChange) string {
	switch c.Kind {
	case credits.PolicyChange:
		return i18n.T("Policy")
	case credits.LevelChange:
		if c.LevelName == "" {
			return i18n.T("A new level")
		}
		return c.LevelName
	case credits.HolderChange:
	}
	who := credits.Holding{UserName: c.UserName, TeamName: c.TeamName, Who: credits.Who{Role: c.Role}}
	if c.UserID != nil {
		who.UserID = *c.UserID
	}
	if c.TeamID != nil {
		who.TeamID = *c.TeamID
	}
	return i18n.F("{name_of} at {level_name}", "name_of", nameOf(who), "level_name", c.LevelName)
}

// readable writes what a change holds, policies as people write them.
func readable(content json.RawMessage) string {
	var p policy.Policy
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&p) == nil && p.Rules != nil {
		if text, err := policy.Write(p); err == nil {
			return string(text)
		}
	}
	var out bytes.Buffer
	if err := json.Indent(&out, content, "", "  "); err != nil || out.String() == "{}" {
		return ""
	}
	return out.String()
}

// Decide confirms, refuses or withdraws a change: POST /settings/authority/changes/:change/:verdict. Field: note.
func (s *Screen) Decide(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("change"), 10, 64)
	if err != nil {
		return credits.ErrNoChange
	}
	ctx, by := c.Request().Context(), web.Actor(c)
	switch verdict := c.Param("verdict"); verdict {
	case "withdraw":
		err = s.credits.WithdrawChange(ctx, by, id)
	case "confirm", "refuse":
		_, err = s.credits.DecideChange(ctx, credits.DecideChange{By: by, ID: id, Confirm: verdict == "confirm", Note: c.FormValue("note")})
	default:
		return errs.New(errs.NotFound, "error.not_found")
	}
	if err == nil {
		return proposed(c)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.changes(c, web.Status(err), t)
}
