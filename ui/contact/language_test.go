package contact_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestThePageSpeaksTheCustomersLanguage: the one that was chosen, or else the one the browser asks for, or else English.
func TestThePageSpeaksTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, step := range []struct{ asked, chosen, lang, says string }{
		{"", "", "en", "What can we put right?"},
		{"de-CH,de;q=0.9,en;q=0.5", "", "de", "Was können wir in Ordnung bringen?"},
		{"zh-CN,zh;q=0.9", "", "zh-Hans", "我们能帮您解决什么问题？"},
		{"ja", "", "ja", "どのような問題がありますか？"},
		{"pt-BR", "", "pt", "O que podemos corrigir?"},
		{"nl,sv;q=0.5", "", "en", "What can we put right?"},
		{"de", "ja", "ja", "どのような問題がありますか？"},
		{"de", "xx", "de", "Was können wir in Ordnung bringen?"},
		{";;q=,", "", "en", "What can we put right?"},
		{"de" + strings.Repeat(",de", 5000), "", "en", "What can we put right?"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/contact?company=DE", http.NoBody)
		r.Header.Set("Accept-Language", step.asked)
		if step.chosen != "" {
			r.AddCookie(&http.Cookie{Name: "mg_language", Value: step.chosen})
		}
		a := httptest.NewRecorder()
		c.Echo.ServeHTTP(a, r)
		page := a.Body.String()
		if a.Code != http.StatusOK || !strings.Contains(page, `<html lang="`+step.lang+`"`) || !strings.Contains(page, step.says) || !strings.Contains(page, `hreflang=`) {
			t.Errorf("%.30q, chosen %q: %d, not %s", step.asked, step.chosen, a.Code, step.lang)
		}
	}
}

// TestChoosingALanguage holds from then on, on every page of the customers', and only for languages there are.
func TestChoosingALanguage(t *testing.T) {
	t.Parallel()
	c := open(t)
	page := c.get("/contact?company=DE").Body.String()
	const german = "/contact?company=DE&amp;language=de"
	if !strings.Contains(page, `href="`+german+`"`) {
		t.Fatalf("no way to German on this page: %s", page)
	}
	a := c.get(strings.ReplaceAll(german, "&amp;", "&"))
	kept := a.Header().Get("Set-Cookie")
	if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "Was können wir in Ordnung bringen?") ||
		!strings.Contains(kept, "mg_language=de;") || !strings.Contains(kept, "HttpOnly") || !strings.Contains(kept, "Secure") {
		t.Errorf("%d, %q", a.Code, kept)
	}
	for _, other := range []string{"tlh", "", "de%0d%0aSet-Cookie: a=b"} {
		if a := c.get("/contact?language=" + url.QueryEscape(other)); a.Code != http.StatusOK || a.Header().Get("Set-Cookie") != "" || !strings.Contains(a.Body.String(), `<html lang="en"`) {
			t.Errorf("%q: %d, %q", other, a.Code, a.Header().Get("Set-Cookie"))
		}
	}
}
