package desk

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/labstack/echo/v4"
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
