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
	if page := c.get("/contact?company=DE").Body.String(); !strings.Contains(page, "/language/de?back=%2Fcontact%3Fcompany%3DDE") {
		t.Error("the switch does not come back to this page")
	}
}

func TestChoosingALanguageStaysOnCustomersPages(t *testing.T) {
	t.Parallel()
	c := open(t)
	for back, want := range map[string]string{
		"/contact?company=DE": "/contact?company=DE", "/portal": "/portal", "/portal/requests/MG-000001": "/portal/requests/MG-000001", "": "/contact", "/": "/contact",
		"https://elsewhere.example/": "/contact", "//elsewhere.example/contact": "/contact", "/contacts": "/contact", "/contact\\@elsewhere.example": "/contact",
		"/portal\r\nSet-Cookie: a=b": "/contact",
	} {
		a := c.get("/language/de?back=" + url.QueryEscape(back))
		if a.Code != http.StatusSeeOther || a.Header().Get("Location") != want || !strings.Contains(a.Header().Get("Set-Cookie"), "mg_language=de;") {
			t.Errorf("%q: %d to %q, %q", back, a.Code, a.Header().Get("Location"), a.Header().Get("Set-Cookie"))
		}
	}
	if a := c.get("/language/tlh"); a.Code != http.StatusNotFound || a.Header().Get("Set-Cookie") != "" {
		t.Errorf("a language there is not: %d", a.Code)
	}
}
