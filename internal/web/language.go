package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"makegood/internal/errs"
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

// CustomerLanguage has customers' pages speak the language that was chosen on one of them, or else the one the browser asks for.
func CustomerLanguage(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if customers(c.Request().URL.Path) {
			u := User(c)
			u.Language = spoken(c.Request())
			c.Set(userKey, u)
			c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
		}
		return next(c)
	}
}

func spoken(r *http.Request) string {
	chosen := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	var list []language.Tag
	for _, t := range Tongues() {
		if t.Code == chosen {
			return chosen
		}
		list = append(list, language.Make(t.Code))
	}
	asked := r.Header.Get("Accept-Language")
	if len(asked) > maxAsked {
		return Tongues()[0].Code
	}
	wanted, _, err := language.ParseAcceptLanguage(asked)
	if err != nil {
		return Tongues()[0].Code
	}
	_, n, sure := language.NewMatcher(list).Match(wanted...)
	if sure == language.No {
		n = 0
	}
	return Tongues()[n].Code
}

// maxAsked bounds what is read of a browser's wishes, in bytes.
const maxAsked = 500

// ChooseLanguage keeps the language somebody chose on a customers' page, and goes back there: GET /language/:language?back=. back is a
// path of the customers' pages; anything else leads to the contact form.
func ChooseLanguage(secure bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, t := range Tongues() {
			if t.Code == c.Param("language") {
				c.SetCookie(&http.Cookie{Name: languageCookie, Value: t.Code, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme
				return c.Redirect(http.StatusSeeOther, backTo(c.QueryParam("back")))
			}
		}
		return errs.New(errs.NotFound, "error.not_found")
	}
}

func backTo(path string) string {
	bare, _, _ := strings.Cut(path, "?")
	if !customers(bare) || strings.ContainsAny(path, "\\\r\n") {
		return "/contact"
	}
	return path
}
