package account_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/i18n"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/account"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	room := screentest.Open(t)
	s := account.New(room.Desk, room.People)
	need := web.Need(access.ReadCases)
	room.Echo.GET("/account", s.Page, need)
	room.Echo.POST("/account/password", s.Password, need)
	room.Echo.POST("/account/language", s.Language, need)
	room.Echo.POST("/account/app", s.BeginTOTP, need)
	room.Echo.POST("/account/app/confirm", s.ConfirmTOTP, need)
	room.Echo.POST("/account/app/remove", s.RemoveTOTP, need)
	room.Echo.POST("/account/sessions/:id/end", s.EndSession, need)
	return room
}

func TestSettingUpAnApp(t *testing.T) {
	t.Parallel()
	room := open(t)
	me := room.As(access.Agent)
	if a := me.Post("/account/app", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	page := me.Get("/account")
	secret := regexp.MustCompile(`<code class="num">([A-Z2-7 ]+)</code>`).FindStringSubmatch(page.HTML)
	if secret == nil || !strings.Contains(page.HTML, `src="data:image/png;base64,`) {
		t.Fatalf("no secret to take over: %s", page.HTML)
	}
	prove(t, room, -time.Hour)
	if a := me.Get("/account"); a.Status != http.StatusOK || strings.Contains(a.HTML, secret[1]) {
		t.Errorf("shown to somebody at a browser left open: %d %s", a.Status, a.Text)
	}
	prove(t, room, time.Hour)
	if a := me.Post("/account/app/confirm", url.Values{"code": {"000000"}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.HTML, secret[1]) {
		t.Errorf("a wrong code: %d %s", a.Status, a.Text)
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(secret[1], " ", ""), room.Clock.Now())
	room.Must(err)
	if a := me.Post("/account/app/confirm", url.Values{"code": {code}}); a.Status != http.StatusOK || len(regexp.MustCompile(`<li>(\w{4}-){3}\w{4}</li>`).FindAllString(a.HTML, -1)) != 10 {
		t.Errorf("no recovery codes: %d %s", a.Status, a.Text)
	}
	if a := me.Get("/account"); strings.Contains(a.HTML, secret[1]) || !strings.Contains(a.Text, "10 are left.") {
		t.Errorf("shown twice, or not counted: %s", a.Text)
	}
	room.Clock.Add(16 * time.Minute)
	if a := me.Post("/account/app/remove", nil); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/prove?next=") {
		t.Errorf("removed without a fresh proof: %d %s", a.Status, a.Header)
	}
}

// prove moves when everybody has proven themselves.
func prove(t *testing.T, room *screentest.Room, by time.Duration) {
	t.Helper()
	room.Must(room.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update sessions set stepped_up_at = stepped_up_at + $1::interval`, by)
		return err
	}))
}

// The desk is read in the language somebody chose, from the next page on, and in none it is not whole in.
func TestTheDeskSpeaksTheLanguageChosen(t *testing.T) {
	t.Parallel()
	room := open(t)
	me := room.As(access.Agent)
	heading := func(lang string) string { return room.Desk.Catalogue.Said(lang, i18n.T("Where you are signed in")) }
	if a := me.Get("/account"); !strings.Contains(a.Text, heading("en")) || !strings.Contains(a.HTML, `<html lang="en"`) {
		t.Error("the desk speaks no English at first")
	}
	if a := me.Post("/account/language", url.Values{"language": {"eo"}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "in this language yet: eo") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	for _, lang := range i18n.Offered() {
		if a := me.Post("/account/language", url.Values{"language": {lang}}); a.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", lang, a.Status, a.Text)
		}
		a := me.Get("/account")
		if lang != i18n.Fallback && heading(lang) == heading(i18n.Fallback) || !strings.Contains(a.Text, heading(lang)) || !strings.Contains(a.HTML, `<html lang="`+lang+`"`) {
			t.Errorf("the account page does not speak %s", lang)
		}
		if strings.Contains(a.HTML, "\x00") {
			t.Errorf("%s: a mark is left on the page", lang)
		}
		if a, skip := me.Post("/account/language", url.Values{"language": {"eo"}}), room.Desk.Catalogue.Say(lang, "layout.skip"); !strings.Contains(a.Text, skip) {
			t.Errorf("%s: a refusal does not say %q", lang, skip)
		}
	}
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	room := open(t)
	me, elsewhere := room.As(access.Agent), room.As(access.Agent)
	form := url.Values{"old": {"not this one"}, "password": {"three other words"}}
	if a := me.Post("/account/password", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "This is not your password.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("old", scenario.Password)
	form.Set("password", "aaaaaaaaaaaaaa")
	if a := me.Post("/account/password", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "guessed at once") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("password", "three other words")
	if a := me.Post("/account/password", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := elsewhere.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("still signed in elsewhere: %d", a.Status)
	}
	if a := me.Get("/account"); a.Status != http.StatusOK {
		t.Errorf("signed out here: %d", a.Status)
	}
	if _, _, err := room.People.SignIn(t.Context(), room.Company.Users[access.Agent].Email, "three other words", "test"); err != nil {
		t.Error(err)
	}
}

func TestSessionsOnThePage(t *testing.T) {
	t.Parallel()
	room := open(t)
	me, elsewhere := room.As(access.Agent), room.As(access.Agent)
	page := me.Get("/account")
	end := regexp.MustCompile(`action="(/account/sessions/\d+/end)"`).FindAllStringSubmatch(page.HTML, -1)
	if len(end) != 1 {
		t.Fatalf("%d other sessions: %s", len(end), page.HTML)
	}
	if a := me.Post(end[0][1], nil); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := elsewhere.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("still signed in there: %d", a.Status)
	}
}

func TestBrowsersAreNamed(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0": "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/604.1":     "Safari, iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0":                                                        "Firefox, Linux",
		"": "Another program",
	} {
		if got := i18n.English(account.Browser(agent)); got != want {
			t.Errorf("%q: %s", agent, got)
		}
	}
}
