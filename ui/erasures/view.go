package erasures

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/erasure"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// pageView is everything on the page.
type pageView struct {
	typed
	Tried    *triedView
	Erasures []erasureView
	Holds    []holdView
}

// triedView is what an erasure would take.
type triedView struct {
	Addresses, Names string
	Takes, Stays     []string
	Obstacle         string
}

type erasureView struct {
	ID               erasure.ID
	Who              string
	State            string
	Reason           string
	Asked, Decided   string
	Note, Waits      string
	Took             []string
	MayDecide, IsOwn bool
	Refused, Typed   string
}

type holdView struct {
	ID             int64
	Of, Reason     string
	Set, Lifted    string
	Stands         bool
	CustomerHref   string
	LiftReasonText string
}

func (s *Screen) page(c echo.Context, status int, t typed, p *erasure.Preview) error {
	by := web.Actor(c)
	list, err := s.erasure.List(c.Request().Context(), by)
	if err != nil {
		return err
	}
	holds, err := s.erasure.Holds(c.Request().Context(), by)
	if err != nil {
		return err
	}
	v := pageView{typed: t}
	if p != nil {
		v.Tried = &triedView{Addresses: strings.Join(p.Addresses, "\n"), Names: strings.Join(p.Names, ", "), Takes: s.counted(c, p.Counts), Stays: s.counted(c, p.Remains)}
		v.Addresses = v.Tried.Addresses // names that nobody typed stay untyped: they go as a whole only
		if p.Obstacle != nil {
			v.Tried.Obstacle = s.desk.Sentence(c, p.Obstacle)
		}
	}
	for _, e := range list {
		v.Erasures = append(v.Erasures, s.erasureView(c, e, t))
	}
	for _, h := range holds {
		v.Holds = append(v.Holds, s.holdView(c, h))
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Personal data"), home, ""), page(v))
}

func (s *Screen) erasureView(c echo.Context, e erasure.Erasure, t typed) erasureView {
	moment := func(at time.Time) string { return kit.FormatDateTime(at, s.desk.Zone(c), s.desk.Lang(c)) }
	v := erasureView{
		ID: e.ID, Who: strings.Join(append(slices.Clone(e.Addresses), e.Names...), ", "), Reason: e.Reason, Note: e.DecisionNote, Took: s.counted(c, e.Counts),
		Asked: e.AskedByName + ", " + moment(e.AskedAt), IsOwn: e.AskedBy == web.Actor(c).UserID, MayDecide: e.State == erasure.Asked,
	}
	v.State = map[erasure.State]string{
		erasure.Asked: i18n.T("Waits for a second person"), erasure.Agreed: i18n.T("Agreed"), erasure.Done: i18n.T("Erased"), erasure.Refused: i18n.T("Refused"), erasure.Withdrawn: i18n.T("Taken back"),
	}[e.State]
	if e.DecidedAt != nil {
		v.Decided = e.DecidedByName + ", " + moment(*e.DecidedAt)
	}
	if e.DoneAt != nil {
		v.State = i18n.F("Erased on {moment}", "moment", moment(*e.DoneAt))
	}
	if e.Obstacle != "" {
		v.Waits = s.desk.Catalogue.Fill(s.desk.Lang(c), e.Obstacle, e.ObstacleParams)
	}
	if t.Decided == e.ID {
		v.Refused, v.Typed = t.DecisionRefused, t.DecisionNote
	}
	return v
}

func (s *Screen) holdView(c echo.Context, h erasure.Hold) holdView {
	moment := func(at time.Time) string { return kit.FormatDateTime(at, s.desk.Zone(c), s.desk.Lang(c)) }
	v := holdView{ID: h.ID, Of: h.Address, Reason: h.Reason, Set: h.SetByName + ", " + moment(h.SetAt), Stands: h.LiftedAt == nil, LiftReasonText: h.LiftReason}
	if h.Account != "" {
		v.Of, v.CustomerHref = h.Customer+" ("+h.Account+")", "/customers/"+h.Account
	}
	if h.LiftedAt != nil {
		v.Lifted = h.LiftedName + ", " + moment(*h.LiftedAt)
	}
	return v
}

// counted are figures in words, each kind on its own.
func (s *Screen) counted(c echo.Context, counts map[string]int) []string {
	say := s.desk.Say(c)
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, say("erasure.kind."+kind, "count", strconv.Itoa(counts[kind])))
	}
	return list
}

func number(id erasure.ID) string { return strconv.FormatInt(int64(id), 10) }

func firstVerdict(e erasureView) string {
	if e.IsOwn {
		return "withdraw"
	}
	return "confirm"
}

func errorAt(v pageView, field string) string {
	if v.AtHold {
		return ""
	}
	return v.Errors[field]
}

func holdError(v pageView, field string) string {
	if !v.AtHold {
		return ""
	}
	return v.Errors[field]
}
