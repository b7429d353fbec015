package contact_test

import (
	"math"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// TestBrandIsReadable with links written in it on white, and white on it, whatever colour a company has.
func TestBrandIsReadable(t *testing.T) {
	t.Parallel()
	c := open(t)
	for colour, kept := range map[string]bool{"#0b5a7d": true, "#ffd400": false, "#4a90e2": false, "#ffffff": false, "#000000": true} {
		dbtest.AsOwner(t, c.DB, `update legal_entities set brand_color = '`+colour+`' where code = 'DE'`)
		w := httptest.NewRecorder()
		c.Echo.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/brand/DE", nil))
		accent := regexp.MustCompile(`--accent:(#[0-9a-f]{6});`).FindStringSubmatch(w.Body.String())
		if accent == nil || !strings.Contains(w.Body.String(), "--on-accent:#ffffff") {
			t.Fatalf("%s gives %s", colour, w.Body)
		}
		if contrast := onWhite(accent[1]); contrast < 4.5 || (accent[1] == colour) != kept {
			t.Errorf("%s gives %s with a contrast of %.2f", colour, accent[1], contrast)
		}
	}
}

// onWhite is the contrast of a colour with white, by WCAG 2.2.
func onWhite(colour string) float64 {
	light := 0.0
	for n, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part, _ := strconv.ParseUint(colour[1+2*n:3+2*n], 16, 8)
		if v := float64(part) / 255; v <= 0.04045 {
			light += weight * v / 12.92
		} else {
			light += weight * math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 1.05 / (light + 0.05)
}
