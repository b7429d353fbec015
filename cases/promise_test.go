package cases_test

import (
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/money"
)

func TestPromises(t *testing.T) {
	t.Parallel()
	known := []money.Amount{money.MustParse("250.00", "EUR"), money.MustParse("100.00", "EUR")}
	for text, want := range map[string]string{
		"We will credit 250.00 EUR to your account.":                        "",
		"A refund of EUR 300.00 is on its way.":                             "300.00 EUR",
		"Together we credit €350.00.":                                       "",
		"Your invoice is over 1,190.00 EUR.":                                "",
		"We cannot credit 500.00 EUR.":                                      "",
		"Wir schreiben Ihnen eine Gutschrift über 1.240,00 EUR.":            "1240.00 EUR",
		"Leider ist eine Gutschrift über 90,00 EUR nicht möglich.":          "",
		"12,000円を返金いたします。":                                                  "12000 JPY",
		"> we will refund 999.00 EUR\nYes, we have your letter.":            "",
		"We shall look at it. The price is 80.00 EUR. A credit may follow.": "",
		"Vamos emitir um crédito de 75,50 EUR.":                             "75.50 EUR",
	} {
		got := ""
		for _, a := range cases.Unbacked(text, known) {
			got += a.String()
		}
		if got != want {
			t.Errorf("%q: unbacked %q, want %q", text, got, want)
		}
	}
}

// Marks hide no promise: what counts is what the customer reads.
func TestMarksHideNoPromise(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	for _, body := range []string{"We will credit **500.00** EUR to you.", "We will credit **500.00 EUR** to you.", "We will credit _500.00_ **EUR**.", "We will credit [500.00](https://x.example) EUR."} {
		_, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: body})
		k.refused(err, cases.ErrUnbackedPromise)
	}
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Your invoice is over **500.00 EUR**:\n- 1 line\n- 2 taxes"})
	k.must(err)
	mail := value[string](t, k.db, `select text_body || html_body from outgoing_messages where id = $1`, sent.OutgoingID)
	for _, part := range []string{"**500.00 EUR**:\n- 1 line\n- 2 taxes", "<strong>500.00 EUR</strong>:<br>", "- 1 line"} {
		if !strings.Contains(mail, part) {
			t.Errorf("%q is not in %s", part, mail)
		}
	}
}
