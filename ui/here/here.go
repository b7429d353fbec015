// Package here shows who else looks at a case, or writes in it, at this moment: beside the case and in the queue. Customers never see it.
package here

import (
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/i18n"
	"makegood/internal/live"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen shows who is there.
type Screen struct {
	desk     *desk.Desk
	presence *live.Presence
	files    *reports.CaseFiles
}

// New makes the screen.
func New(d *desk.Desk, p *live.Presence, files *reports.CaseFiles) *Screen {
	return &Screen{desk: d, presence: p, files: files}
}

// mostAsked is how many cases the queue asks about at once.
const mostAsked = 250

// Stream keeps the reader at a case as long as it is open: GET /live/cases/:number.
func (s *Screen) Stream(c echo.Context) error {
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	return web.Looks(c, s.presence, int64(head.ID))
}

// Types says that the reader writes in a case: POST /cases/:number/typing.
func (s *Screen) Types(c echo.Context) error {
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	s.presence.Types(web.Actor(c).UserID, int64(head.ID))
	return c.NoContent(http.StatusNoContent)
}

// Case shows who else is at a case: GET /cases/:number/here.
func (s *Screen) Case(c echo.Context) error {
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	of := int64(head.ID)
	people, err := s.people(c, s.presence.At(of))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, beside(people[of]))
}

// Queue shows who else is at which of the cases: GET /queue/here. Query: of, the cases' numbers in the database.
func (s *Screen) Queue(c echo.Context) error {
	var asked []int64
	for _, text := range c.QueryParams()["of"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && len(asked) < mostAsked {
			asked = append(asked, id)
		}
	}
	at := s.presence.At(asked...)
	var busy []int64
	for _, of := range asked {
		if len(at[of]) > 0 {
			busy = append(busy, of)
		}
	}
	seen, err := s.files.Seen(c.Request().Context(), busy, web.Actor(c))
	if err != nil {
		return err
	}
	allowed := map[int64][]live.Seat{}
	for _, id := range seen {
		allowed[int64(id)] = at[int64(id)]
	}
	people, err := s.people(c, allowed)
	if err != nil {
		return err
	}
	var rows []rowView
	for _, of := range asked {
		rows = append(rows, rowView{ID: strconv.FormatInt(of, 10), People: people[of]})
	}
	return s.desk.Fragment(c, http.StatusOK, answer(rows))
}

type rowView struct {
	ID     string
	People []kit.AvatarView
}

// people are those of seats beside the reader, with their names.
func (s *Screen) people(c echo.Context, at map[int64][]live.Seat) (map[int64][]kit.AvatarView, error) {
	me := web.Actor(c).UserID
	var ids []int64
	for _, seats := range at {
		for _, seat := range seats {
			if seat.User != me && !slices.Contains(ids, seat.User) {
				ids = append(ids, seat.User)
			}
		}
	}
	names, err := s.files.PeopleNamed(c.Request().Context(), ids)
	if err != nil {
		return nil, err
	}
	out := map[int64][]kit.AvatarView{}
	for of, seats := range at {
		for _, seat := range seats {
			name := names[seat.User]
			if name == "" {
				continue
			}
			on := "looking"
			if seat.Typing {
				on = "typing"
			}
			out[of] = append(out[of], kit.AvatarView{Name: name, On: on})
		}
		slices.SortStableFunc(out[of], func(a, b kit.AvatarView) int { return strings.Compare(b.On, a.On) }) // who types comes first
	}
	return out, nil
}

// said is who is there in words.
func said(people []kit.AvatarView) string {
	var typing, looking []string
	for _, p := range people {
		if p.On == "typing" {
			typing = append(typing, p.Name)
		} else {
			looking = append(looking, p.Name)
		}
	}
	var parts []string
	if len(typing) > 0 {
		parts = append(parts, i18n.F("{together} writing", "together", together(typing)))
	}
	if len(looking) > 0 {
		parts = append(parts, i18n.F("{together} looking at it", "together", together(looking)))
	}
	return strings.Join(parts, ", ")
}

func together(names []string) string {
	if len(names) == 1 {
		return i18n.F("{names} is", "names", names[0])
	}
	return i18n.F("{names} and {names_2} are", "names", strings.Join(names[:len(names)-1], ", "), "names_2", names[len(names)-1])
}

// rowsAddress is where the queue asks about its cases.
func rowsAddress(ids []string) string { return "/queue/here?" + url.Values{"of": ids}.Encode() }

// rowsID is another one for other cases, so that a list that came to hold others asks about them.
func rowsID(ids []string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(ids, " ")))
	return "here-" + strconv.FormatUint(uint64(h.Sum32()), 36) + "-of"
}

// topicOf is the topic of who is at a case, from that of the case itself.
func topicOf(topic string) string { return strings.Replace(topic, "case:", live.Here+":", 1) }
