package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"makegood/internal/errs"
)

// Bodies are read into memory, whoever sends them: what nobody has asked for yet who they are is therefore short.
const (
	maxBody     = 1 << 20 // of a form, unless its route takes files
	maxFile     = 36 << 20
	contactForm = "/contact"
	doorKey     = "makegood.door"

	// atOnce is how many forms of customers may have their files in memory at once, each up to maxKept, and ofOne how many of them may come
	// from one network address.
	atOnce = 8
	ofOne  = 3
)

// takesFiles tells whether a route of the desk takes files.
func takesFiles(c echo.Context) bool {
	return c.Request().Method == http.MethodPost && slices.Contains([]string{
		"/imports", "/imports/cases", "/books/rates/import", "/customers/:account/exemptions", "/settings/calendars", "/settings/calendars/:id",
		"/reconciliations", "/demo/mailbox/write", "/cases/:number/draft/files",
	}, c.Path())
}

// late tells whether a form is read only once it is known who sends it.
func late(c echo.Context) bool { return isForm(c.Request()) && (takesFiles(c) || patient(c)) }

// limitBodies refuses longer bodies than a route has use for, by the length that was said and by what comes.
func limitBodies() echo.MiddlewareFunc {
	inner := middleware.BodyLimit("36M")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		api := inner(next) // whose operations have limits of their own below that, and read nothing of nobody's
		return func(c echo.Context) error {
			r := c.Request()
			limit := int64(maxBody)
			switch {
			case strings.HasPrefix(r.URL.Path, "/api/"):
				return api(c)
			case patient(c): // is read to the end, and has a limit of its own
				return next(c)
			case late(c):
				limit = maxFile
			}
			if r.ContentLength > limit {
				return errs.New(errs.TooLarge, "error.too_large")
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
			return next(c)
		}
	}
}

// door is where forms with files come in.
type door struct {
	admit func(c echo.Context) error

	mu   sync.Mutex
	busy int
	of   map[string]int // by network address
}

func newDoor(admit func(c echo.Context) error) *door {
	return &door{admit: admit, of: map[string]int{}}
}

// stand has the requests of a server find its door.
func (d *door) stand(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(doorKey, d)
		return next(c)
	}
}

func (d *door) enter(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy >= atOnce || d.of[from] >= ofOne {
		return false
	}
	d.busy++
	d.of[from]++
	return true
}

func (d *door) leave(from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy--
	if d.of[from]--; d.of[from] == 0 {
		delete(d.of, from)
	}
}

// takeForm reads a form that may bring files, from whoever may be about to send it. Of nobody nothing is read: the right of the route
// refuses them. Once the request is answered, done makes room for the next.
func takeForm(c echo.Context) (done func(), err error) {
	done = func() {}
	r, who := c.Request(), Actor(c)
	nobody := who.UserID == 0 && who.Address == "" && c.Path() != contactForm
	_, read := c.Get(formKey).(*sentForm)
	if !late(c) || nobody || read || r.MultipartForm != nil {
		return done, nil
	}
	legible(r)
	if !patient(c) {
		err = readBody(c.Response(), r)
		if err == nil && (holdNUL(r.Form) || filesHoldNUL(r.MultipartForm)) {
			err = noText()
		}
		return done, err
	}
	d, stands := c.Get(doorKey).(*door)
	if !stands {
		return done, errs.New(errs.Internal, "error.internal")
	}
	if c.Path() == contactForm && d.admit != nil {
		if err := d.admit(c); err != nil {
			return done, err
		}
	}
	from := c.RealIP()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	form := readForm(r, func() bool { return d.enter(from) })
	c.Set(formKey, form)
	if form.held {
		done = func() { d.leave(from) }
	}
	if holdNUL(r.Form) || form.namesHoldNUL() {
		return done, noText()
	}
	return done, nil
}
