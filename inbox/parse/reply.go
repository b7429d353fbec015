package parse

import (
	"regexp"
	"slices"
	"strings"
)

// replyText gives what the sender wrote now: the text less a quotation that nothing was written into, and less a
// signature at its end. Answers between quoted lines stay, together with the lines they answer. When nothing would
// be left, as with a bare forward, the whole text stays.
func replyText(text string) string {
	whole := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", " ")), "\n")
	if len(whole) > maxReplyLines || bareForward(whole) {
		return strings.Join(whole, "\n")
	}
	lines := foldQuote(cutHardSplit(whole))
	lines = trimEnd(lines, sameEnd(lines, whole))
	if isBlank(lines) {
		lines = whole
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n \t")
}

// maxReplyLines: nobody types more. A longer text is a log or an export and is kept as it is.
const maxReplyLines = 5000

func isBlank(lines []string) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return !blank(l) })
}

func blank(l string) bool {
	return strings.TrimSpace(l) == "" || strings.Trim(l, "ᐧ\u200b\ufeff \t\r") == ""
}

var (
	quotedLine = regexp.MustCompile(`^\s{0,4}>`)
	notQuoted  = regexp.MustCompile(`^[>\s]{3,}.*<<<`)
)

func quoted(l string) bool { return quotedLine.MatchString(l) && !notQuoted.MatchString(l) }

// cutHardSplit cuts at the first line after which everything is the older mail: a separator in words, or a block
// of header lines.
func cutHardSplit(lines []string) []string {
	begun := false
	for i, l := range lines {
		if blank(l) || quoted(l) || !begun {
			begun = begun || !blank(l)
			continue
		}
		if separator.MatchString(l) || dashedAttribution.MatchString(l) || replyAbove.MatchString(l) {
			return lines[:i]
		}
		if i+1 < len(lines) && thinRule.MatchString(l) && earlierMails.MatchString(lines[i+1]) {
			return lines[:i]
		}
		if n := headerBlock(lines[i:]); n > 0 {
			return lines[:i]
		}
	}
	return lines
}

// bareForward: nothing was written above the forwarded mail, which then is what the sender wants read.
func bareForward(lines []string) bool {
	i := skipBlank(lines, 0)
	return i < len(lines) && (separator.MatchString(lines[i]) || headerBlock(lines[i:]) > 0)
}

// headerBlock says how many lines of a copied mail header start here, 0 if none.
func headerBlock(lines []string) int {
	if copiedHeader(lines[0]) == "" {
		if !ruleLine.MatchString(lines[0]) || len(lines) < 2 {
			return 0
		}
		next := 1
		for next < len(lines) && next < 3 && blank(lines[next]) {
			next++
		}
		if next < len(lines) && headerBlock0(lines[next:]) > 0 {
			return next
		}
		return 0
	}
	return headerBlock0(lines)
}

func headerBlock0(lines []string) int {
	seen := map[string]bool{}
	misses := 0
	for i, l := range lines[:min(len(lines), 12)] {
		label := copiedHeader(l)
		switch {
		case label != "":
			seen[label] = true
			misses = 0
		case i == 0 || misses >= 2:
			return 0
		default:
			misses++
		}
		if seen["from"] && (seen["date"] || seen["subject"]) && (len(seen) >= 3) {
			return i + 1
		}
	}
	return 0
}

var headerLabel = regexp.MustCompile(`^\s*[*_]{0,2}\s*([\p{L}][\p{L}\s.-]{0,20}?)\s*[*_]{0,2}\s*[:：]`)

// copiedHeader names the header field a line copies, in any of the languages of mail programs.
func copiedHeader(l string) string {
	m := headerLabel.FindStringSubmatch(l)
	if m == nil {
		return ""
	}
	word := strings.ToLower(strings.TrimSpace(m[1]))
	for _, f := range []struct{ field, words string }{
		{"from", "|from|von|de|da|fra|från|van|od|от|差出人|送信者|发件人|寄件者|寄件人|發件人|보낸 사람|kimden|από|מאת|від|de la|lähettäjä|feladó|expéditeur|remitente|remetente|mittente|"},
		{"date", "|sent|date|gesendet|datum|envoyé|enviado|enviada|enviado el|enviada em|enviado em|fecha|data|inviato|sendt|dato|skickat|verzonden|wysłano|дата|отправлено|送信日時|日時|日付|发送时间|日期|时间|寄件日期|傳送時間|보낸 날짜|στάλθηκε|ημερομηνία|נשלח|תאריך|надіслано|trimis|gönderildi|tarih|lähetetty|odesláno|elküldve|gesendet am|"},
		{"to", "|to|an|à|a|para|til|till|aan|naar|do|кому|宛先|收件人|收件者|받는 사람|προς|אל|către|kime|vastaanottaja|komu|címzett|pour|destinataire|destinatario|destinatário|"},
		{"cc", "|cc|kopie|copie|copia|cópia|kopi|kopia|抄送|副本|копия|"},
		{"subject", "|subject|betreff|objet|asunto|assunto|oggetto|emne|ämne|onderwerp|temat|тема|件名|主题|主旨|主題|제목|θέμα|נושא|subiect|konu|aihe|předmět|tárgy|"},
		{"reply", "|reply-to|antwort an|risposta|répondre à|responder a|importance|priority|wichtigkeit|"},
	} {
		if strings.Contains(f.words, "|"+word+"|") {
			return f.field
		}
	}
	return ""
}

// foldQuote takes out a quotation that starts with an attribution line, unless answers stand inside it.
func foldQuote(lines []string) []string {
	for i := range lines {
		head, n := attribution(lines, i)
		if n == 0 {
			continue
		}
		before := slices.Clone(lines[:i])
		if head != "" {
			before = append(before, head)
		}
		start := skipBlank(lines, i+n)
		if start == len(lines) || !quoted(lines[start]) {
			if isBlank(before) || !barred(lines[start:]) && !sureOfUnmarked(lines[i:i+n]) {
				continue
			}
			return before // a client that quotes without marks: all that follows is the older mail
		}
		end := quoteEnd(lines, start)
		after := lines[end:]
		if slices.ContainsFunc(after, quoted) || isBlank(before) && !isBlank(after) {
			return lines // written between the quoted lines, or below what it answers
		}
		return append(before, after...)
	}
	return lines
}

// sureOfUnmarked: in the languages this is written for, an attribution alone is enough to know the older mail by.
// In others the quotation must be marked, for a mistake would fold the sender's own text away.
func sureOfUnmarked(attribution []string) bool {
	return surelyWrote.MatchString(strings.TrimSpace(strings.Join(attribution, " ")))
}

// barred: some programs mark the older mail by a bar.
func barred(lines []string) bool { return len(lines) > 0 && strings.HasPrefix(lines[0], "| ") }

func skipBlank(lines []string, i int) int {
	for i < len(lines) && blank(lines[i]) {
		i++
	}
	return i
}

// quoteEnd finds the end of the quotation that starts at i. The rest of a quoted line that the sender's program
// broke inside brackets belongs to it; any other line without a mark may be an answer.
func quoteEnd(lines []string, i int) int {
	end := i
	for ; i < len(lines); i++ {
		switch {
		case quoted(lines[i]):
			end = i + 1
		case blank(lines[i]):
		case i > 0 && quoted(lines[i-1]) && openBracket(lines[i-1]) && i+1 < len(lines) && quoted(lines[i+1]):
		default:
			return end
		}
	}
	return end
}

func openBracket(l string) bool {
	l = strings.TrimLeft(l, "> ")
	return strings.Count(l, "(") > strings.Count(l, ")") || strings.Count(l, "<") > strings.Count(l, ">")
}

// sameEnd says whether nothing was cut off the end yet.
func sameEnd(lines, whole []string) bool {
	return len(lines) > 0 && len(whole) > 0 && lines[len(lines)-1] == whole[len(whole)-1]
}

// trimEnd takes trailing quotations, rules and signatures off until nothing changes. atEnd: the lines end where
// the mail ends. A signature above older mail is no trailing one; of it only what a program added is taken.
func trimEnd(lines []string, atEnd bool) []string {
	for {
		n := len(lines)
		for n > 0 && (blank(lines[n-1]) || onlyRule.MatchString(lines[n-1])) {
			n--
		}
		if q := trailingQuote(lines[:n]); q < n {
			n, atEnd = q, false
		}
		if s := signatureStart(lines[:n], atEnd); s < n {
			n = s
		}
		if n == len(lines) || isBlank(lines[:n]) {
			if isBlank(lines[:n]) && n < len(lines) {
				return lines
			}
			return lines[:n]
		}
		lines = lines[:n]
	}
}

func trailingQuote(lines []string) int {
	n := len(lines)
	for n > 0 && (quoted(lines[n-1]) || blank(lines[n-1])) {
		n--
	}
	if n == len(lines) || !slices.ContainsFunc(lines[n:], quoted) {
		return len(lines)
	}
	return n
}

// signatureStart finds where a signature at the end begins: at dashes on a line of their own, or at the line a
// telephone adds.
func signatureStart(lines []string, atEnd bool) int {
	n := len(lines)
	if n > 0 && mobileSignature.MatchString(lines[n-1]) {
		return n - 1
	}
	if n > 2 && blank(lines[n-2]) && dashedName.MatchString(lines[n-1]) {
		return n - 1
	}
	if !atEnd {
		return n
	}
	for i := range n {
		if signatureDashes.MatchString(lines[i]) && n-i <= 25 && !isBlank(lines[:i]) && !slices.ContainsFunc(lines[i:], quoted) {
			return i
		}
	}
	return n
}
