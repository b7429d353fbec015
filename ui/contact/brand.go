package contact

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/ui/layout"
)

// hexColour is what a brand's colour may be; anything else is left out of the style sheet.
func hexColour() *regexp.Regexp { return regexp.MustCompile(`^#[0-9a-fA-F]{6}$`) }

func (s *Screen) show(c echo.Context, status int, title string, entity billing.Entity, body templ.Component) error {
	return s.desk.Plain(c, status, layout.PlainView{
		Title: title, Class: "po", Brand: entity.Name, BrandHref: "/contact?company=" + entity.Code, Style: "/brand/" + entity.Code,
		Nav: []layout.Crumb{{Text: "Write to us"}, {Text: "Your invoices and requests", Href: "/portal"}},
	}, body)
}

// Brand is the style sheet with the colours of a company, for its customers' pages: GET /brand/:entity. The policy of
// the pages allows no style in them.
func (s *Screen) Brand(c echo.Context) error {
	list, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Code == c.Param("entity") {
			c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
			return c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(brand(e.BrandColor)))
		}
	}
	return errs.New(errs.NotFound, "error.not_found")
}

// brand gives the light theme a company's colour, as far as white or black can be read on it. Dark keeps our own, which
// is readable on dark.
func brand(colour string) string {
	if !hexColour().MatchString(colour) {
		return ""
	}
	on := "#ffffff"
	if light(colour) {
		on = "#111111"
	}
	return fmt.Sprintf("[data-bs-theme=light] .po{--accent:%s;--accent-h:color-mix(in srgb,%s 82%%,#000);--on-accent:%s}\n", colour, colour, on)
}

// light tells whether black is easier to read than white on a colour, by the weights of ITU-R BT.601.
func light(colour string) bool {
	part := func(from int) int64 { n, _ := strconv.ParseInt(colour[from:from+2], 16, 32); return n } // the form was checked
	return 299*part(1)+587*part(3)+114*part(5) > 150*1000
}
