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

// What replies of billing look like, in the five languages: each is a promise (with its amounts), or none ("").
func TestPromisesAsRepliesMakeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// Lists, labels, and the sum in the next sentence.
		"We will credit:\n- INV-1: 500.00 EUR\n- INV-2: 20.00 EUR":          "500.00 EUR, 20.00 EUR",
		"Your refund is on its way.\nAmount: EUR 1,240.00\nReference: 4711": "1240.00 EUR",
		"We will refund you. The amount is EUR 500.00.":                     "500.00 EUR",
		"We will credit\n500.00 EUR to your account.":                       "500.00 EUR",
		"Wir erstatten Ihnen:\n1. Rechnung 4711: 90,00 EUR":                 "90.00 EUR",
		"Die Gutschrift ist unterwegs.\nBetrag: 75,00 EUR":                  "75.00 EUR",
		"Vamos reembolsar:\n- fatura 12: 75,50 EUR":                         "75.50 EUR",
		"以下款项将退还：\n- 发票 12：EUR 75.50":                                       "75.50 EUR",
		"下記の通り返金いたします。\n金額：12,000円":                                         "12000 JPY",
		// A refusal reaches its own clause alone.
		"If you have not received it by Friday, we refund EUR 500.00.": "500.00 EUR",
		"If you have not received it by Friday we refund EUR 500.00.":  "500.00 EUR",
		"Keine Sorge, wir erstatten 500,00 EUR.":                       "500.00 EUR",
		"Das war nicht Ihr Fehler, wir erstatten die 500,00 EUR.":      "500.00 EUR",
		"We refund EUR 500.00, not later than Friday.":                 "500.00 EUR",
		"Reembolsamos sem demora 500,00 EUR.":                          "500.00 EUR",
		"Não se preocupe, vamos devolver 75,50 EUR.":                   "75.50 EUR",
		"不用担心，我们将退款 EUR 75.50。":                                        "75.50 EUR",
		"ご不便をおかけして申し訳ございませんが、12,000円を返金いたします。":                         "12000 JPY",
		"We credit 250.00 EUR but cannot refund the other 90.00 EUR.":  "250.00 EUR",
		// Other words for it.
		"We waive the fee of 25.00 EUR.":                "25.00 EUR",
		"We will deduct 30.00 EUR from your next bill.": "30.00 EUR",
		"We have written off 12.00 EUR.":                "12.00 EUR",
		"We will give you 40.00 EUR back.":              "40.00 EUR",
		"Wir verzichten auf die Gebühr von 25,00 EUR.":  "25.00 EUR",
		"手数料12,000円を免除いたします。":                           "12000 JPY",
		"次回のご請求より12,000円を減額いたします。":                      "12000 JPY",
		"我们将减免 EUR 25.00 的费用。":                          "25.00 EUR",
		"Vamos descontar 30,00 EUR na próxima vez.":     "30.00 EUR",
		"As you requested, we will refund EUR 500.00.":  "500.00 EUR",
		// None of these is one.
		"We do not refund EUR 500.00.":                                          "",
		"A refund of EUR 500.00 is not possible.":                               "",
		"Unfortunately we are unable to credit EUR 500.00.":                     "",
		"We have declined the credit of EUR 500.00.":                            "",
		"You asked for a credit of EUR 500.00.":                                 "",
		"We charged your credit card 500.00 EUR.":                               "",
		"Your credit limit is 10,000.00 EUR.":                                   "",
		"Your bank deducted 20.00 EUR.":                                         "",
		"Thank you for your refund request. Your invoice is over 1,190.00 EUR.": "",
		"We look into your refund. These are open:\n- INV-1: 500.00 EUR":        "",
		"We cannot credit:\n- INV-1: 500.00 EUR":                                "",
		"Your refund was sent.\n\nYour next invoice:\n- Support: 90.00 EUR":     "",
		"Eine Gutschrift über 500,00 EUR können wir leider nicht gewähren.":     "",
		"Wir werden Ihnen die 500,00 EUR nicht erstatten.":                      "",
		"Sie fordern eine Gutschrift von 500,00 EUR.":                           "",
		"Ihre Rechnung beträgt 500,00 EUR. Eine Erstattung prüfen wir.":         "",
		"Não podemos creditar 500,00 EUR.":                                      "",
		"Não é possível um reembolso de 500,00 EUR.":                            "",
		"Debitámos o seu cartão de crédito em 75,50 EUR.":                       "",
		"很抱歉，我们无法退还 EUR 500.00。":                                                "",
		"您要求退款 EUR 500.00。":                                                     "",
		"恐れ入りますが、12,000円の返金はできません。":                                             "",
		"クレジットカードに12,000円を請求しました。":                                              "",
		"ご希望の返金は12,000円ですね。":                                                    "",
	} {
		var got []string
		for _, a := range cases.Promises(text) {
			got = append(got, a.String())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
