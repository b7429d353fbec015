package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
)

const languageCookie = "mg_language"

// Tongue is a language that customers' pages are in, by its own name.
type Tongue struct{ Code, Name string }

// Tongues are the languages of customers' pages; the first is that of whoever asks for none of them.
func Tongues() []Tongue {
	return []Tongue{{"en", "English"}, {"de", "Deutsch"}, {"zh-Hans", "简体中文"}, {"ja", "日本語"}, {"pt", "Português"}}
}

// customers tells whether a page is one of the customers'.
func customers(path string) bool {
	for _, prefix := range []string{"/portal", "/contact", "/survey"} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// CustomerLanguage has customers' pages speak the language that was chosen on one of them (?language=de, kept in a cookie), or else the
// one the browser asks for. secure marks the cookie for https only.
func CustomerLanguage(secure bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if customers(c.Request().URL.Path) {
				u := User(c)
				u.Language = spoken(c, secure)
				c.Set(userKey, u)
				c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
			}
			return next(c)
		}
	}
}

func spoken(c echo.Context, secure bool) string {
	if now := c.QueryParam("language"); offered(now) {
		c.SetCookie(&http.Cookie{Name: languageCookie, Value: now, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme
		return now
	}
	if cookie, err := c.Request().Cookie(languageCookie); err == nil && offered(cookie.Value) {
		return cookie.Value
	}
	return matching(c.Request().Header.Get("Accept-Language"))
}

func offered(code string) bool {
	return slices.ContainsFunc(Tongues(), func(t Tongue) bool { return t.Code == code })
}

// matching is the language that comes nearest to what a browser asks for.
func matching(asked string) string {
	if len(asked) > maxAsked {
		return Tongues()[0].Code
	}
	wanted, _, err := language.ParseAcceptLanguage(asked)
	if err != nil {
		return Tongues()[0].Code
	}
	var list []language.Tag
	for _, t := range Tongues() {
		list = append(list, language.Make(t.Code))
	}
	_, n, sure := language.NewMatcher(list).Match(wanted...)
	if sure == language.No {
		n = 0
	}
	return Tongues()[n].Code
}

// maxAsked bounds what is read of a browser's wishes, in bytes.
const maxAsked = 500
