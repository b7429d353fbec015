package contact

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
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
		Nav: []layout.Crumb{{Text: s.word(c, "portal.nav_write")}, {Text: s.word(c, "portal.nav_sign_in"), Href: "/portal/sign-in?company=" + url.QueryEscape(entity.Code)}},
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

// brand gives the light theme a company's colour, darkened until it can be read on white and white on it, for links are written in it as
// well. Dark keeps our own, which is readable on dark.
func brand(colour string) string {
	if !hexColour().MatchString(colour) {
		return ""
	}
	readable := darkened(colour)
	return fmt.Sprintf("[data-bs-theme=light] .po{--accent:%s;--accent-h:color-mix(in srgb,%s 82%%,#000);--on-accent:#ffffff}\n", readable, readable)
}

// enough is the contrast that text needs (WCAG 2.2, 1.4.3).
const enough = 4.5

// darkened is the colour mixed with as little black as gives it enough contrast with white.
func darkened(colour string) string {
	var parts [3]float64
	for n := range parts {
		part, _ := strconv.ParseUint(colour[1+2*n:3+2*n], 16, 8) // the form was checked
		parts[n] = float64(part)
	}
	for left := 100.0; ; left-- {
		mixed := [3]float64{}
		for n, part := range parts {
			mixed[n] = math.Floor(part * left / 100)
		}
		if 1.05/(luminance(mixed)+0.05) >= enough {
			return fmt.Sprintf("#%02x%02x%02x", int(mixed[0]), int(mixed[1]), int(mixed[2]))
		}
	}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(rgb [3]float64) float64 {
	sum := 0.0
	for n, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := rgb[n] / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
