package parse

import (
	"strings"
	"sync"
	"unicode"

	"github.com/abadojack/whatlanggo"
)

// language tells the language of what the sender wrote: en, de, fr, es, pt, ja or zh; "" when the text is too
// short or too mixed to say. The subject helps when the text says too little.
func language(text, subject string) string {
	if l := scriptLanguage(text); l != "" {
		return l
	}
	if l := latinLanguage(text); l != "" {
		return l
	}
	both := text + "\n" + subject
	if l := scriptLanguage(both); l != "" {
		return l
	}
	return latinLanguage(both)
}

// scriptLanguage knows Japanese by its kana, Chinese by Han without kana.
func scriptLanguage(text string) string {
	kana, han, hangul, other := 0, 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.IsLetter(r):
			other++
		}
	}
	// One such sign says as much as a short word, hence the weight against Latin letters.
	switch {
	case hangul > kana+han || kana+han < 2 || (kana+han)*4 < other:
		return ""
	case kana > 0 && kana*10 >= han:
		return "ja"
	}
	return "zh"
}

// latinLanguage counts small words, which decide even in a short mail; the statistical detector breaks ties.
func latinLanguage(text string) string {
	score := map[string]int{}
	total := 0
	for _, word := range strings.FieldsFunc(strings.ToLower(head(text, 20000)), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		total++
		for _, l := range languagesOf(word) {
			score[l]++
		}
	}
	best, second := "", ""
	for _, l := range []string{"en", "de", "fr", "es", "pt"} {
		switch {
		case best == "" || score[l] > score[best]:
			best, second = l, best
		case second == "" || score[l] > score[second]:
			second = l
		}
	}
	if total < 2 || score[best] == 0 {
		return ""
	}
	if score[best] >= 2 && score[best]*2 > score[second]*3 && score[best]*12 >= total {
		return best
	}
	if total < 6 {
		return ""
	}
	info := whatlanggo.DetectWithOptions(text, whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{
		whatlanggo.Eng: true, whatlanggo.Deu: true, whatlanggo.Fra: true, whatlanggo.Spa: true, whatlanggo.Por: true,
	}})
	if code := info.Lang.Iso6391(); score[code] > 0 && score[code]*2 >= score[best] {
		return code
	}
	return ""
}

// languagesOf names the languages in which a word is one of the very common ones of business mail.
func languagesOf(word string) []string { return smallWords()[word] }

var smallWords = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for _, l := range []struct{ code, words string }{
		{"en", "the and you is are we of to for this that with your our have not please invoice thanks thank regards hello hi on it be was i my"},
		{"de", "der die das und ist sie wir ich nicht für mit von auf den dem ein eine bitte rechnung danke grüße grüßen hallo uns zu im es wurde haben ihre ihr guten"},
		{"fr", "le les des et est vous nous je pas pour avec une du sur dans ce cette merci bonjour facture cordialement notre votre que qui a été au"},
		{"es", "el los las y es usted no para con una del por que en su gracias hola factura saludos nuestro hemos ha se la buenos adjunto"},
		{"pt", "o os as e é você não para com uma do da dos das por que em seu obrigado obrigada olá fatura atenciosamente nosso foi um na no ao bom segue"},
	} {
		for w := range strings.FieldsSeq(l.words) {
			out[w] = append(out[w], l.code)
		}
	}
	return out
})
