//go:build browser

package browsertest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/smtp"
	"strings"
	"testing"

	"makegood/internal/demo"
)

// hostile is a mail that looks well and would do harm.
const hostile = `From: Petra Wolf <petra@unknown.example>
To: RECIPIENT
Subject: The bill of this month, with our remarks in colour
Message-ID: <look-1@unknown.example>
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<html><body style="font-family: Georgia; color: #223">
<script>parent.document.title = 'taken over'; fetch('https://evil.example/')</script>
<p onclick="alert(1)">Good morning,</p><p>the second position is <b style="color: #c00">wrong</b>, see our table:</p>
<table cellpadding="6" style="border-collapse: collapse"><tr><td bgcolor="#eeeeee" style="border: 1px solid #ccc">Compute</td>
<td align="right" style="border: 1px solid #ccc">1,200.00</td></tr><tr><td bgcolor="#eeeeee" style="border: 1px solid #ccc">Storage</td><td align="right" style="border: 1px solid #ccc">84.50</td></tr></table>
<p><a href="https://unknown.example/terms">our terms</a></p>
<p><img src="cid:logo@unknown" alt="Our logo" width="96" height="32"></p>
<img src="https://evil.example/open.gif?who=you" width="1" height="1"><div style="position:fixed;inset:0;background:url(https://evil.example/b.png)">Sign in again</div>
</body></html>
--b
Content-Type: image/gif
Content-ID: <logo@unknown>
Content-Disposition: inline; filename="logo.gif"
Content-Transfer-Encoding: base64

LOGO
--b--
`

// TestAMailIsShownAsSent has an agent look at a hostile mail. What the mail wants is not done, which the window watches over: nothing
// is asked of another host, nothing is said to the console; and what the mail shows is shown.
func TestAMailIsShownAsSent(t *testing.T) {
	t.Parallel()
	logo, err := base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=")
	must(t, err)
	to := demo.SupportAddresses()[0]
	raw := strings.NewReplacer("RECIPIENT", to, "LOGO", base64.StdEncoding.EncodeToString(logo), "\n", "\r\n").Replace(hostile)
	n := listen(t)
	must(t, smtp.SendMail(shared.demo.Info.SMTP, nil, "petra@unknown.example", []string{to}, []byte(raw)))
	number := n.wait(t, `select c.number from cases c join case_messages m on m.case_id = c.id where m.author_address = 'petra@unknown.example' and m.formatted limit 1`)

	w := shared.window(t, "reader of mail")
	w.signIn(katrin, "/cases/"+number)
	w.click("a[href$='look=1']")
	w.until("the frame", shown("iframe.cs-look"))
	w.says(".cs-pics", "1 picture is not loaded from elsewhere")
	w.settle()
	w.until("the mail to be in view", `(() => { const b = document.querySelector('iframe.cs-look').getBoundingClientRect(); return b.top > 0 && b.top < innerHeight / 2; })()`)
	w.bothWays("mail-as-sent")
	w.barriers("mail as sent")
	if title := value[string](w, `document.title`); strings.Contains(title, "taken over") {
		t.Error("the mail ran a script")
	}
	if reachable := value[bool](w, `!!document.querySelector('iframe.cs-look').contentDocument`); reachable {
		t.Error("the frame has our origin")
	}
	if !served(t, "/mail-pictures/:token") {
		t.Error("the picture in the mail was not loaded")
	}
	w.onPhone()
	w.bothWays("mail-as-sent-phone")
}

// served tells whether a route has answered well so far, by what the program counts.
func served(t *testing.T, route string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shared.demo.Info.URL+"/metrics", http.NoBody)
	must(t, err)
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "_count{") && strings.Contains(line, `"`+route+`"`) && strings.Contains(line, `"2xx"`) {
			return true
		}
	}
	return false
}
