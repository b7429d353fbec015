package parse

import (
	"regexp"
	"strings"
)

// mailPrograms are the programs and devices that sign mails by themselves. A name that is none of them may be a
// sender's own word: "Sent from Accounts payable".
const mailPrograms = `iphone|ipad|android|blackberry|outlook|windows(?: mail| phone)?|samsung|galaxy|huawei|xiaomi|nokia|yahoo|gmail|aol|proton\s?mail|k-9|mail for|airmail|bluemail|fairemail|thunderbird|zoho|mobile|phone|tablet|handheld|wireless|text messaging|mobility`

var (
	// separator is a line in words after which the older mail follows.
	separator = regexp.MustCompile(`(?i)^[\s*_]*[-_=]{2,}\s*(?:` +
		`original (?:message|appointment|nachricht)|reply (?:message|above)|ursprüngliche (?:nachricht|e-?mail)|original-?nachricht|` +
		`message (?:d['’]origine|original)|message d'origine|mensaje original|mensagem original|messaggio originale|` +
		`oorspronkelijk bericht|oprindelig meddelelse|originalmeddelande|ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|` +
		`исходное сообщение|пересылаемое сообщение|wiadomość oryginalna|original mail|původní zpráva|eredeti üzenet|özgün ileti|` +
		`元のメッセージ|元のメール|オリジナルメッセージ|original message|原始邮件|原始郵件|邮件原件|原邮件|回复的原邮件|원본 메시지|` +
		`forwarded (?:message|by.*)|weitergeleitete nachricht|message transf[ée]r[ée]|mensaje reenviado|mensagem (?:encaminhada|reencaminhada)|` +
		`messaggio inoltrato|doorgestuurd bericht|転送メッセージ|转发的?邮件|轉寄的?郵件` +
		`)\s*[-_=:]*[\s*_]*$|^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|início da mensagem reenviada)\s*:\s*$`)
	dashedAttribution = regexp.MustCompile(`(?i)^\s*-{2,}\s*(?:on|am|le|el|em)\b.{5,200}\b(?:wrote|schrieb|a écrit|escribió|escreveu)\s*:?\s*-*\s*$`)

	// replyAbove is the line that help desks put above the older mail.
	replyAbove = regexp.MustCompile(`(?i)^[\s#*=_-]{2,}\s*(?:please )?(?:(?:type|write|enter) (?:your )?)?reply above (?:this|the) line|^[\s#*=_-]{2,}\s*(?:bitte )?(?:antworten sie )?(?:über|oberhalb) dieser (?:linie|zeile)|^[\s#*=_-]{2,}\s*(?:veuillez )?répondre au-dessus de cette ligne|^[\s#*=_-]{2,}\s*(?:por favor,? )?(?:responda|escriba su respuesta|escreva sua resposta) (?:por encima|acima)`)
	// earlierMails heads the history that help desks append below a rule.
	earlierMails = regexp.MustCompile(`(?i)^[\s*_#]*(?:(?:previous|earlier) (?:replies|messages|e?-?mails|comments)|(?:conversation|ticket|message) history|frühere (?:nachrichten|antworten)|bisheriger verlauf|messages précédents|mensajes anteriores|mensagens anteriores|以前のメッセージ|历史消息)[\s*_:]*$`)
	thinRule     = regexp.MustCompile(`^\s*[-_=*]{3,}\s*$`)

	ruleLine = regexp.MustCompile(`^\s*(?:_{5,}|-{5,}|={5,}|\*{5,})\s*$`)
	onlyRule = regexp.MustCompile(`^\s*(?:_{2,}|-{2,}|={2,}|\*{3,}|#{2,}|~{2,}|\+{2,}|—|ᐧ)\s*$`)

	dashedName      = regexp.MustCompile(`^-\p{Lu}\p{L}+(?: \p{Lu}[\p{L}.]*){0,2}\s*$`)
	signatureDashes = regexp.MustCompile(`^\s*(?:-- ?|__|—|--\x{AD}|- -)\s*$`)
	mobileSignature = regexp.MustCompile(`(?i)^\W{0,3}(?:(?:sent|send) (?:from|via|with|using) (?:my (?:\S+ ){0,4}\S+|(?:\S+ ){0,3}(?:` + mailPrograms + `)\b(?:[ ']\S+){0,3})|get outlook for \S+|` +
		`(?:von|mit) (?:meinem?|unserem) .{2,40} (?:gesendet|geschickt)|gesendet (?:von|mit|über) (?:meinem? |der )?.{2,40}|diese nachricht wurde von meinem .{2,60} gesendet|` +
		`envoyé (?:de|depuis|à partir de) (?:mon|ma|l'|outlook|yahoo).{0,40}|enviado (?:desde|de|do|pelo|a partir do?) (?:mi|meu|outlook|yahoo|o?).{1,40}|obter o? ?outlook.{1,30}|obtener outlook.{1,30}|(?:télécharger|obtenir) outlook.{1,30}|outlook for \S+ を入手|获取 ?outlook.{1,20}|下载 ?outlook.{1,20}|` +
		`(?:verstuurd|verzonden) (?:vanaf|van|met) .{2,40}|inviato da(?:l mio)? .{2,40}|skickat från .{2,40}|sendt fra .{2,40}|отправлено с .{2,40}|` +
		`(?:my )?i?phoneから送信|\S{2,20}から送信(?:されました)?|发自(?:我的)?.{1,20}|發自我的.{1,20}|從我的.{1,20}(?:傳送|發送)|从我的.{1,20}发送|나의 .{2,20}에서 보냄)[.!]?\W{0,3}(?:<https?://\S+>|\(https?://\S+\)|\[https?://\S+\])?\W*$`)

	// wrote is how an attribution line ends, whatever stands before.
	wrote       = regexp.MustCompile(`(?i)(?:\b(?:wrote|writes|sent|schrieb(?: am.{0,60})?|schreef|skrev|skreiv|ha scritto|geschreven|napsal\(?a?\)?|napisał\(?a?\)?|a écrit|escribió|escreveu|escribía|kirjoitti|yazdı|írta|a scris|shkroi)|a écrit|escribió|написала?|пишет|пише|đã viết|pisze|napísal\(?a?\)?|έγραψε|menulis|написав(?:ла)?|написа|va escriure|je napisal|napisao|のメール|さんは書きました|さんが書きました|(?:は|が)書きました|写道|寫道|님이 작성)\s*[:：]\s*[*_]*$`)
	surelyWrote = regexp.MustCompile(`(?i)\b(?:wrote|writes|schrieb|schreef|geschreven|skrev|skreiv|escribió|escreveu)\b|a écrit|escribió|のメール|書きました|写道|寫道`)
	// starts is how an attribution that may run over several lines begins.
	starts = regexp.MustCompile(`(?i)^\W{0,3}(?:(?:on|at|am|le|el|em|op|il|den|på|dnia|w dniu|dne|vào|в|ons|tor|tir|man|fre|lør|søn|mån|tis|lör|sön|pada|na)[\s.,]|在|于|於|\d{1,4}[./年-]|\d{1,2}\.? \p{L}{3,9}\.? \d{4})`)

	dated        = regexp.MustCompile(`\d{1,4}[年./ -]|\d:\d\d|@`)
	dateAddress  = regexp.MustCompile(`^\s*\d{4}[年/-]\d{1,2}[月/-]\d{1,2}.{0,120}<?\S+@\S+>?.{0,20}$`)
	sharedLine   = regexp.MustCompile(`^(.*?\S)\s*(?:-{2,3} )?(On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d)\S* .{8,200} wrote:)\s*$`)
	wroteBy      = regexp.MustCompile(`(?i)\s(?:schrieb|skrev|schreef|geschreven|wrote|escribió|escreveu|a écrit|написал|пользователь)\s.{0,120}(?:@\S+[>)]*|het volgende)\s*:\s*$`)
	someoneWrote = regexp.MustCompile(`(?i)@\S+>?\s*(?:于|於)\s*\d{4}\s*年.{0,40}(?:写道|寫道)\s*[:：]\s*$|<?\S+@\S+>?\)? (?:wrote|schrieb|a écrit|escribió|escreveu|skrev|schreef)\s*[:：]\s*$`)
)

// attribution says whether "On … wrote:" starts at line i, and over how many lines it runs. head is the sender's
// own text on the same line, if any.
func attribution(lines []string, i int) (head string, n int) {
	first := strings.TrimSpace(lines[i])
	if first == "" || quoted(lines[i]) || len(first) > 400 {
		return "", 0
	}
	if m := sharedLine.FindStringSubmatch(first); m != nil && !starts.MatchString(first) {
		return strings.TrimRight(m[1], "- "), 1
	}
	if endsAttribution(first) && dated.MatchString(first) && (starts.MatchString(first) || someoneWrote.MatchString(first)) {
		return "", 1
	}
	if dateAddress.MatchString(first) && nextIsQuoted(lines, i+1) {
		return "", 1
	}
	if n := datedAddress(lines, i); n > 0 {
		return "", n
	}
	if !starts.MatchString(first) || !colonAhead(lines[i:min(i+7, len(lines))]) {
		return "", 0
	}
	return "", brokenAttribution(lines, i, first)
}

var (
	whose = regexp.MustCompile(`[<(\[][^\s<>()]*@[^\s<>()]+`)
	when  = regexp.MustCompile(`\d{1,2}[:.h]\d{2}`)
	year  = regexp.MustCompile(`\b\d{4}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b`)
)

// datedAddress knows an attribution in any language: an address in brackets, a date and a time, a colon at the end,
// and then a marked quotation. It may run over three lines.
func datedAddress(lines []string, i int) int {
	if !year.MatchString(lines[i]) {
		return 0 // a line of the sender's own, right above the attribution
	}
	joined := ""
	for n := 1; n <= 3 && i+n <= len(lines) && !blank(lines[i+n-1]) && !quoted(lines[i+n-1]); n++ {
		joined = strings.Join(lines[i:i+n], " ")
		if len(joined) > 400 {
			return 0
		}
		end := strings.TrimRight(joined, " \t*_\u202a\u202b\u202c\u200e\u200f")
		if (strings.HasSuffix(end, ":") || strings.HasSuffix(end, "：")) && nextIsQuoted(lines, i+n) &&
			whose.MatchString(joined) && when.MatchString(joined) && year.MatchString(joined) {
			return n
		}
	}
	return 0
}

// brokenAttribution is over how many lines an attribution runs that begins with first at line i; 0 when it is none.
func brokenAttribution(lines []string, i int, first string) int {
	joined := first
	gap := false
	for n := 2; n <= 7 && i+n <= len(lines); n++ {
		l := strings.TrimSpace(lines[i+n-1])
		if quoted(lines[i+n-1]) && !strings.HasPrefix(l, "> wrote") {
			return 0
		}
		if gap && l != "" && !strings.HasPrefix(l, "<") {
			return 0 // a paragraph ends here; only an address on lines of its own may follow a blank
		}
		gap = l == ""
		joined = strings.TrimSpace(joined + " " + l)
		switch {
		case len(joined) > 400:
			return 0
		case l == "" || !attributionShape(joined):
		case endsAttribution(joined) && dated.MatchString(first+" "+strings.TrimSpace(lines[i+1])),
			dateAddress.MatchString(joined) && nextIsQuoted(lines, i+n):
			return n
		}
	}
	return 0
}

// colonAhead spares most lines the costly look: an attribution ends in a colon.
func colonAhead(lines []string) bool {
	for _, l := range lines {
		if l = strings.TrimRight(l, " \t*_"); strings.HasSuffix(l, ":") || strings.HasSuffix(l, "：") {
			return true
		}
	}
	return false
}

func endsAttribution(s string) bool { return wrote.MatchString(s) || wroteBy.MatchString(s) }

// attributionShape keeps a paragraph that happens to end in "wrote:" from being taken for an attribution.
func attributionShape(joined string) bool {
	return strings.Count(joined, ". ") <= 4 && !strings.ContainsAny(joined, "?!")
}

func nextIsQuoted(lines []string, i int) bool {
	i = skipBlank(lines, i)
	return i < len(lines) && (quoted(lines[i]) || strings.HasPrefix(lines[i], "| "))
}
