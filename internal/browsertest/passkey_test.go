//go:build browser

package browsertest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestPasskey has somebody make a passkey on a device that Chromium plays, sign in with it and nothing else, use it as the second step
// after the password, and prove themselves with it.
func TestPasskey(t *testing.T) {
	t.Parallel()
	const jana = "jana.novotna@nordwall.example"
	_, err := shared.db.Exec(t.Context(), `delete from passkeys where user_id = (select id from users where email = $1)`, jana) // of an earlier run in a demo that is kept
	must(t, err)
	w := shared.window(t, jana)
	address, err := url.Parse(shared.demo.Info.URL)
	must(t, err)
	named := "http://localhost:" + address.Port() // passkeys are bound to a name
	w.watch.host = "localhost:" + address.Port()
	w.do("hold a device", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	to := func(path string) {
		t.Helper()
		w.do("open "+path, chromedp.Navigate(named+path))
		w.settle()
	}
	to("/login?next=/account")
	w.fill("#f-email", jana)
	w.fill("#f-password", shared.password(t, jana))
	w.click("form[action='/login'] [type=submit]")
	w.until("the account", `location.pathname === '/account'`)
	w.settle()
	w.fill("#f-name", "My laptop")
	w.click("[data-make]")
	w.until("the passkey in the list", `!!document.body?.textContent.includes('My laptop')`)
	w.until("the advice to make codes", `!!document.body?.textContent.includes('no recovery codes left')`)

	w.click(".mg-top summary")
	w.click("form[action='/logout'] button")
	w.until("the door", `location.pathname === '/login'`)
	w.settle()
	w.picture("sign-in-passkey")
	w.click("[data-passkey='/login/passkey/ask']")
	w.until("to be in by the passkey alone", `location.pathname === '/'`)

	w.do("forget the session", chromedp.Navigate(named+"/account"))
	w.settle()
	w.click(".mg-top summary")
	w.click("form[action='/logout'] button")
	w.until("the door", `location.pathname === '/login'`)
	w.settle()
	w.fill("#f-email", jana)
	w.fill("#f-password", shared.password(t, jana))
	w.click("form[action='/login'] [type=submit]")
	w.until("the second step", `location.pathname === '/login/second'`)
	w.settle()
	w.bothWays("second-step")
	w.click("[data-passkey='/login/second/passkey/ask']")
	w.until("to be in by both", `location.pathname === '/'`)

	to("/prove?next=/approvals")
	if text := value[string](w, `document.body.textContent`); !strings.Contains(text, "Prove that it is you") {
		t.Errorf("no proof is asked for: %s", text)
	}
	w.click("[data-passkey='/prove/passkey/ask']")
	w.until("to go on", `location.pathname === '/approvals'`)
}
