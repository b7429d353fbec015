package desk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"makegood/ui/kit"
)

// Toast is what the foot of the screen says after something was done, and where it is undone.
type Toast struct {
	Text string `json:"text"`
	Undo string `json:"undo,omitempty"`
}

// Toast says it with the answer, in the reader's language. The page hears of events besides.
func (d *Desk) Toast(c echo.Context, t Toast, events ...string) error {
	t.Text = d.Said(c, t.Text)
	told := map[string]any{"mg:toast": t}
	for _, name := range events {
		told[name] = struct{}{}
	}
	text, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("say what was done: %w", err)
	}
	c.Response().Header().Set("HX-Trigger", ascii(text))
	return nil
}

// ascii writes JSON as a header can carry it: browsers read the bytes of one as Latin-1.
func ascii(text []byte) string {
	var b strings.Builder
	for _, r := range string(text) {
		if r < 0x7f {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// saidCookie carries what was done over a redirect to the page that says it.
const saidCookie = "mg_said"

// SayNext says what was done on the page that the answer sends the reader to, once.
func (d *Desk) SayNext(c echo.Context, text string) {
	d.said(c, base64.RawURLEncoding.EncodeToString([]byte(d.Said(c, text))), 60)
}

// saidBefore is what the request before this one had to say. It is forgotten with this answer.
func (d *Desk) saidBefore(c echo.Context) []kit.ToastView {
	found, err := c.Cookie(saidCookie)
	if err != nil || c.Request().Method != http.MethodGet {
		return nil
	}
	d.said(c, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(found.Value)
	if err != nil || len(text) == 0 || !utf8.Valid(text) {
		return nil
	}
	return []kit.ToastView{{Text: string(text)}}
}

func (d *Desk) said(c echo.Context, value string, age int) {
	c.SetCookie(&http.Cookie{Name: saidCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme
}
