package cases

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/inbox/parse"
	"makegood/internal/money"
)

// promiseWords are what giving money back is called, in the languages we write.
func promiseWords() []string {
	return []string{
		"credit", "refund", "reimburs", "compensat", "waive", "write off", "written off", "pay back", "paid back", "money back",
		"gutschr", "gutgeschrieben", "gutzuschreiben", "erstatt", "rückzahl", "zurückzahl", "zurückgezahlt", "erlassen wir", "wir erlassen", "verzichten",
		"退款", "退还", "退回", "返还", "贷项", "补偿", "减免", "免除", "返金", "払い戻", "クレジット", "返還", "減額", "値引",
		"crédito", "creditar", "creditam", "reembols", "estorn", "devolu", "devolv", "isentar", "rembours", "avoir",
	}
}

// givingWords take money off only where it is we who do: a bank deducts too.
func givingWords() []string {
	return []string{"deduct", "take off", "give you", "give it back", "ziehen", "abgezogen", "verrechn", "扣减", "差し引", "descontar", "descontam", "abater", "abatem"}
}

func ourWords() []string {
	return []string{"we ", "we'll", "we’ll", " i ", "i'll", "will be", "wir ", "ich ", "wird", "werden", "我们", "弊社", "当社", "いたします", "します", "vamos", "iremos", "descontamos", "abatemos"}
}

// otherWords hold a promise word and promise nothing.
func otherWords() *strings.Replacer {
	return strings.NewReplacer(
		"credit card", "", "credit limit", "", "credit check", "", "credit terms", "", "credit transfer", "", "letter of credit", "", "creditor", "", "credit rating", "",
		"クレジットカード", "", "cartão de crédito", "", "carta de crédito", "", "limite de crédito", "", "não só", "", "not only", "", "nicht nur", "", "not later", "", "nicht später", "",
	)
}

// refusals turn what stands in the same clause into its opposite, wherever they stand in it.
func refusals() []string {
	return []string{
		"cannot", "can't", "can’t", "won't", "won’t", "will not", "unable", "not possible", "not be ", "no reason to", "declin", "reject",
		"nicht möglich", "nicht gewähr", "nicht gutschreib", "nicht gutgeschr", "nicht erstatt", "nicht leisten", "nicht vornehmen", "ablehn", "abgelehnt", "ausgeschlossen",
		"无法", "不能", "不予", "不会", "拒绝", "できません", "できかね", "致しかね", "いたしかね", "お断り", "対象外", "ございません", "いたしません",
		"não é possível", "não podemos", "não será", "não vamos", "não haverá", "recus", "no podemos", "ne pouvons",
	}
}

// denials turn a promise word into its opposite where they stand directly before it, or between it and the amount.
func denials() []string {
	return []string{"not", "no", "don't", "don’t", "never", "nicht", "kein", "keine", "keinen", "keiner", "não", "sem", "nem"}
}

// askings say that somebody else speaks of it: what was asked for is no promise, unless we say so in the same clause.
func askings() []string {
	return []string{
		"you asked", "you ask ", "you request", "you claim", "you want", "you expect", "sie fordern", "sie bitten", "sie verlangen", "sie erwarten", "您要求", "您申请", "您希望", "ご希望", "ご要望", "ご請求の返金",
		"o senhor ped", "a senhora ped", "pede ", "pediu", "solicitou",
	}
}

// sumWords name the amount of what was promised before; owedWords say that a sum is something else.
func sumWords() []string {
	return []string{"amount", "sum ", "total", "it is ", "that is ", "betrag", "summe", "insgesamt", "das sind", "金额", "总额", "合计", "金額", "合計", "valor", "montante", "quantia", "total"}
}

func owedWords() []string {
	return []string{
		"invoice", "price", "balance", "open", "due", "paid", "owe", "tax", "rechnung", "preis", "saldo", "offen", "fällig", "bezahlt", "steuer", "发票", "账单", "价格", "余额", "应付", "請求", "残高", "価格", "支払",
		"fatura", "preço", "saldo", "em aberto", "pago", "imposto",
	}
}

// Promises finds the amounts that a reply promises to give back. An amount counts in the sentence that speaks of a credit or a refund, and
// below it: in the lines of a list or with a label, and where the next sentence names the sum. A refusal counts in its own clause alone, so that
// "if it has not come by Friday, we refund" is a promise. Quoted lines do not count.
func Promises(text string) []money.Amount {
	var list []money.Amount
	add := func(part string) {
		for _, a := range amountsIn(part) {
			if !slices.Contains(plain(list), a.String()) {
				list = append(list, a)
			}
		}
	}
	for _, paragraph := range paragraphs(text) {
		promised := false // by the last sentence
		for _, line := range paragraph {
			listed, below := listLine.MatchString(line), listLine.MatchString(line) || labelLine.MatchString(line)
			for _, sentence := range sentences(line) {
				if sentence == "" { // behind a full stop that ends the line
					continue
				}
				var named string
				named, promised = promisedIn(sentence, promised, listed, below)
				add(named)
			}
		}
	}
	return list
}

// promisedIn is what of a sentence names promised money, after one that promised or did not, and whether it promises on.
func promisedIn(sentence string, promised, listed, below bool) (named string, on bool) {
	promises, refuses, kept := judge(sentence)
	switch {
	case promises:
		return kept, true
	case refuses:
		return "", promised && below
	case promised && goesOn(sentence, listed, below):
		return sentence, true
	}
	return "", promised && below
}

// goesOn tells whether a sentence without a promise of its own gives the amount of the promise before it.
func goesOn(sentence string, listed, below bool) bool {
	lower := strings.ToLower(sentence)
	return listed || !containsAny(lower, owedWords()) && (below || containsAny(lower, sumWords()))
}

// judge reads a sentence clause by clause: whether it promises, whether it refuses, and what of it is not refused.
func judge(sentence string) (promises, refuses bool, rest string) {
	var kept []string
	for _, clause := range clauses(sentence) {
		lower := otherWords().Replace(strings.ToLower(clause))
		at := earliest(lower, promiseWords())
		if at < 0 && containsAny(" "+lower, ourWords()) {
			at = earliest(lower, givingWords())
		}
		switch {
		case at < 0:
			kept = append(kept, clause)
		case containsAny(lower, refusals()), denied(lower, at):
			refuses = true
		case containsAny(lower, askings()) && !containsAny(" "+lower, ourWords()):
			kept = append(kept, clause)
		default:
			promises = true
			kept = append(kept, clause)
		}
	}
	return promises, refuses && !promises, strings.Join(kept, " ")
}

// denied tells whether a denial stands directly before the promise word at a place, or between it and the amount.
func denied(clause string, at int) bool {
	const directly = 3
	before := wordsIn(clause[:at])
	before = before[max(0, len(before)-directly):]
	after := clause[at:]
	if digit := strings.IndexAny(after, "0123456789€$£¥"); digit >= 0 {
		after = after[:digit]
	} else {
		after = ""
	}
	is := func(word string) bool { return slices.Contains(denials(), word) }
	return slices.ContainsFunc(before, is) || slices.ContainsFunc(wordsIn(after), func(w string) bool { return w != "sem" && w != "no" && is(w) })
}

var (
	wordEnds   = regexp.MustCompile(`[\s()„“”"]+`)
	clauseEnds = regexp.MustCompile(`, |，|、| – | — |: | but | aber | sondern | mas | und | and | e `)
	listLine   = regexp.MustCompile(`^(?:[-*•·–]|\d{1,2}[.)])\s`)
	labelLine  = regexp.MustCompile(`^[^.!?。]{1,40}[:：]\s*\S`)
	lineEnds   = regexp.MustCompile(`[.!?:;。！？：；,，]$`)
	goesOnLow  = regexp.MustCompile(`^[\p{Ll}\d€$£¥]|^[A-Z]{3} ?\d`)
)

func wordsIn(text string) []string { return wordEnds.Split(strings.TrimSpace(text), -1) }

// clauses are the parts of a sentence that a refusal reaches. A comma within a number ends none.
func clauses(sentence string) []string { return clauseEnds.Split(sentence, -1) }

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

// paragraphs are the lines between empty ones, without what is quoted. A line that is broken only for its length is one with the next.
func paragraphs(text string) [][]string {
	const broken = 50 // runes from which a line may end because it is full
	var list [][]string
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" && len(lines) > 0:
			list, lines = append(list, lines), nil
		case line == "" || strings.HasPrefix(line, ">"):
		case len(lines) == 0 || listLine.MatchString(line) || labelLine.MatchString(line) || lineEnds.MatchString(lines[len(lines)-1]):
			lines = append(lines, line)
		case goesOnLow.MatchString(line) || len([]rune(lines[len(lines)-1])) >= broken:
			lines[len(lines)-1] += " " + line
		default:
			lines = append(lines, line)
		}
	}
	return append(list, lines)
}

var sentenceEnds = regexp.MustCompile(`([.!?;])\s+(\D)|([。！？；])`)

// sentences splits a line at full stops; a point inside a number, or before one, does not end a sentence.
func sentences(line string) []string {
	return strings.Split(sentenceEnds.ReplaceAllString(line, "$1$3\n$2"), "\n")
}

func containsAny(text string, parts []string) bool { return earliest(text, parts) >= 0 }

// earliest is the place of the first of some words; -1 when none is there.
func earliest(text string, words []string) int {
	first := -1
	for _, w := range words {
		if at := strings.Index(text, w); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	return first
}

// amountsIn reads sums of money the way inbound mail is read.
func amountsIn(sentence string) []money.Amount {
	raw := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + strings.ReplaceAll(sentence, "：", ": ")
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
