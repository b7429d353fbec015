package cases

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/inbox/parse"
	"makegood/internal/money"
)

// promiseWords are what giving money back is called, in the languages we write; refusalWords turn such a sentence
// into its opposite.
func promiseWords() []string {
	return []string{
		"credit", "refund", "reimburs", "compensat", "gutschr", "gutgeschrieben", "erstatt", "rückzahl", "退款", "退还", "贷项", "补偿",
		"返金", "払い戻", "クレジット", "返還", "crédito", "creditar", "reembols", "estorn", "devolu", "rembours", "avoir",
	}
}

func refusalWords() []string {
	return []string{
		"not ", "cannot", "can't", "won't", "unable", "nicht", "kein", "无法", "不能", "不予", "できません", "致しかね", "いたしかね",
		"não ", "sem ", "no podemos", "ne pouvons",
	}
}

// Promises finds the amounts that a reply promises to give back: sums of money in a sentence that speaks of a credit or
// a refund and does not refuse it. Quoted lines do not count.
func Promises(text string) []money.Amount {
	var list []money.Amount
	for _, sentence := range sentences(text) {
		lower := strings.ToLower(sentence)
		if !containsAny(lower, promiseWords()) || containsAny(lower, refusalWords()) {
			continue
		}
		for _, a := range amountsIn(sentence) {
			if !slices.Contains(plain(list), a.String()) {
				list = append(list, a)
			}
		}
	}
	return list
}

// Unbacked lists what a reply promises although it is neither approved nor posted. Known are the approved and posted
// credits of the case; each of them, and their sum per currency, may be named.
func Unbacked(text string, known []money.Amount) []money.Amount {
	sums := map[money.Currency]decimal.Decimal{}
	backed := plain(known)
	for _, a := range known {
		sums[a.Currency()] = sums[a.Currency()].Add(a.Decimal())
	}
	for currency, sum := range sums {
		backed = append(backed, money.Of(sum, currency).String())
	}
	return slices.DeleteFunc(Promises(text), func(a money.Amount) bool { return slices.Contains(backed, a.String()) })
}

func plain(list []money.Amount) []string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return texts
}

// sentences splits a text at line ends and full stops; a point inside a number does not end a sentence.
func sentences(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ">") {
			continue
		}
		line = strings.NewReplacer(". ", ".\n", "! ", "!\n", "? ", "?\n", "; ", ";\n", "。", "。\n", "！", "！\n", "？", "？\n").Replace(line)
		list = append(list, strings.Split(line, "\n")...)
	}
	return list
}

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// amountsIn reads sums of money the way inbound mail is read.
func amountsIn(sentence string) []money.Amount {
	raw := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + sentence
	var list []money.Amount
	for _, found := range parse.Parse([]byte(raw), parse.Options{}).Refs.Amounts {
		currency, err := money.ParseCurrency(found.Currency)
		if err != nil {
			continue
		}
		if a, err := money.Parse(found.Amount, currency); err == nil {
			list = append(list, a)
		}
	}
	return list
}
