package parse

import (
	"bytes"
	"regexp"
	"strings"
)

// report is what a delivery status says of the first recipient that failed, and of the others that did.
type report struct {
	recipient, action, status, diagnostic string
	originalID, originalTo                string
	others                                []report
}

// They bound the recipients of one report that are looked at and told.
const (
	maxBlocks = 300
	maxOthers = 50
)

// readDeliveryStatus reads RFC 3464 blocks; of several recipients the first that failed counts, and the others that failed come after it.
func readDeliveryStatus(body []byte, w words) report {
	var best report
	found := false
	blocks := bytes.SplitN(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n\n"), maxBlocks)
	for _, block := range blocks {
		r := readRecipient(block, w)
		if r.recipient == "" && r.action == "" && r.status == "" {
			continue
		}
		switch {
		case !found || best.action != "failed" && r.action == "failed":
			best, found = r, true
		case r.action == "failed" && len(best.others) < maxOthers:
			best.others = append(best.others, r)
		}
	}
	return best
}

func readRecipient(block []byte, w words) report {
	h, _ := splitHeader(block, 64*kib, defects{})
	r := report{
		recipient:  typed(w.decode(firstOf(h, "final-recipient", "original-recipient", "x-actual-recipient"))),
		action:     strings.ToLower(firstWord(w.decode(h.get("action")))),
		status:     enhanced.FindString(h.get("status")),
		diagnostic: strings.Join(strings.Fields(typed(w.decode(h.get("diagnostic-code")))), " "),
	}
	if vague(r.status) {
		if better := statusOf(r.diagnostic); better != "" {
			r.status = better
		}
	}
	return r
}

// vague says whether a status only names the class, or nothing.
func vague(status string) bool {
	return status == "" || strings.HasSuffix(status, ".0.0") || strings.HasPrefix(status, "2.")
}

func firstOf(h header, names ...string) string {
	for _, n := range names {
		if v := h.get(n); v != "" {
			return v
		}
	}
	return ""
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}

// typed takes the type off "rfc822; someone@example.com".
func typed(s string) string {
	if kind, rest, ok := strings.Cut(s, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		s = rest
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

func (c *content) addReport(r report) {
	if c.report == nil {
		c.report = &report{}
	}
	keep := func(to *string, v string) {
		if *to == "" {
			*to = v
		}
	}
	keep(&c.report.recipient, r.recipient)
	keep(&c.report.action, r.action)
	keep(&c.report.status, r.status)
	keep(&c.report.diagnostic, r.diagnostic)
	keep(&c.report.originalID, r.originalID)
	keep(&c.report.originalTo, r.originalTo)
	if c.report.others == nil {
		c.report.others = r.others
	}
}

func (r *report) bounce(f facts) Bounce {
	b := Bounce{
		Recipient: tidyAddress(r.recipient), Action: r.action, Status: r.status,
		Diagnostic: head(clean(r.diagnostic), 2000), OriginalMessageID: r.originalID,
	}
	if !strings.Contains(b.Recipient, "@") && r.originalTo != "" {
		b.Recipient = r.originalTo
	}
	if b.Status == "" {
		b.Status = textBounce(f).Status
	}
	b.Diagnostic = strings.ToValidUTF8(b.Diagnostic, "")
	for _, o := range r.others {
		b.Others = append(b.Others, Bounce{
			Recipient: tidyAddress(o.recipient), Action: o.action, Status: o.status, Diagnostic: strings.ToValidUTF8(head(clean(o.diagnostic), 2000), ""),
			OriginalMessageID: r.originalID,
		})
	}
	return b
}

var (
	enhanced  = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	failCode  = regexp.MustCompile(`\b[45]\.\d{1,2}\.\d{1,3}\b`)
	replyCode = regexp.MustCompile(`(?m)(?:^|[\s:(<#"'-])([45][0-5]\d)(?:[ -]|$)`)

	bounceSubject = regexp.MustCompile(`(?i)undeliver|non-?deliver|delivery (?:status )?(?:notification|failure|failed|has failed|report|error|problem)|failure notice|(?:mail|message) (?:delivery|delivering)? ?(?:failed|failure|error|status)|returned (?:mail|to sender)|return(?:ed|ing) (?:mail|message|to sender)|mail system error|could(?:n't| not) (?:be )?(?:deliver|send)|unable to deliver|delayed|unzustellbar|zustell(?:ung|fehler)|nicht zugestellt|non remis|échec|no se (?:puede|pudo|ha podido) entregar|no entregado|não (?:entregue|foi possível)|devolvid|mensaje no|配信(?:でき|不能|エラー)|メールエラー|送信(?:でき|エラー|失敗)|退信|無法(?:傳遞|投遞)|无法(?:投递|送达)|mailbox (?:full|is full|unavailable)|user unknown|warning: could not send|error sending|not delivered|undelivered|rejected|blocked`)
	bounceText    = regexp.MustCompile(`(?i)(?:could|can)(?: ?not|n't) be delivered|(?:was|were|is|has|have) not (?:been )?(?:delivered|able to deliver)|wasn't (?:able to deliver|delivered)|unable to (?:deliver|be delivered)|undeliver|delivery (?:to the following|has failed|failed|failure|attempts)|user unknown|unknown user|no such (?:user|mailbox|recipient|address)|(?:mailbox|recipient|account|quota)[^\n]{0,40}(?:full|unavailable|exceeded|disabled|not found|unknown|rejected|does not exist)|permanent(?:ly)? (?:fatal )?error|permanent failure|message (?:you sent )?(?:was|has been) (?:rejected|returned|blocked)|returned to sender|mail(?:er|box)? error|nicht zugestellt|unzustellbar|no se pudo entregar|não (?:pôde|foi) entregue|n'a pas pu être|配信できません|送信できません|届けられません|投递失败|failed recipient|following address(?:es)? (?:had|failed)|transcript of session follows|address(?:es)? (?:is|are) invalid|not be found|access denied|relay(?:ing)? denied|spam|host not found|connection (?:timed out|refused)`)
)

// isBounce finds reports without a delivery status: a daemon or a null return path, and words of failure.
func isBounce(f facts) bool {
	if f.h.has("x-failed-recipients") {
		return !isAutoReplied(f)
	}
	text := head(f.m.Text, 6000)
	if listRefused(f, text) {
		return true
	}
	subject := bounceSubject.MatchString(f.m.Subject)
	daemon := fromDaemon(f)
	if isAutoReplied(f) && !daemon {
		return false
	}
	if f.kind.kind == "multipart/report" && subject {
		return true
	}
	switch {
	case daemon:
		return subject || bounceText.MatchString(text)
	case f.m.Headers.NullReturnPath:
		return subject && (bounceText.MatchString(text) || f.report != nil) || bounceText.MatchString(text) && failCode.MatchString(text)
	}
	machine := strings.HasPrefix(strings.ToLower(f.m.Headers.AutoSubmitted), "auto-generated") || fromNobody(f)
	return machine && subject && bounceText.MatchString(text)
}

var (
	listManager = regexp.MustCompile(`(?i)^(?:majordomo|listserv|mailman|sympa|ezmlm|fml|.+-(?:admin|owner|request|bounces|help))@`)
	listRefusal = regexp.MustCompile(`(?i)(?:you|\S+@\S+) (?:are|is) not (?:a )?(?:member|subscribed|allowed to post|authorized to (?:post|send))|not (?:allowed|authorized|permitted) to (?:post|send)|loop alert|duplicated message-id|post(?:ing)? (?:was |has been |is )?(?:rejected|refused)`)
)

// listRefused: the software of a mailing list did not take a mail.
func listRefused(f facts, text string) bool {
	if len(f.m.From) != 1 || !listManager.MatchString(f.m.From[0].Address) {
		return false
	}
	software := f.h.has("x-mlserver") || f.h.has("x-mailman-version") || f.h.has("x-ml-name") || f.h.has("list-id") || f.h.has("mailing-list")
	return software && (listRefusal.MatchString(f.m.Subject) || listRefusal.MatchString(head(text, 600)))
}

var nobody = regexp.MustCompile(`(?i)^(?:no|do-?not|not)[-_.]?reply@`)

func fromNobody(f facts) bool { return len(f.m.From) == 1 && nobody.MatchString(f.m.From[0].Address) }

func isAutoReplied(f facts) bool {
	return strings.HasPrefix(strings.ToLower(f.m.Headers.AutoSubmitted), "auto-replied") && awayWords.MatchString(f.m.Subject)
}

// textBounce reads what a report in prose says.
func textBounce(f facts) Bounce {
	text := f.m.Text
	for _, a := range f.m.Attachments {
		if strings.HasPrefix(a.ContentType, "text/") {
			text += "\n" + string(a.Content[:min(len(a.Content), 8*kib)])
		}
	}
	text = clean(head(text, 64*kib))
	b := Bounce{Action: "failed", Status: statusOf(head(text, 16*kib))}
	final := finalSubject.MatchString(f.m.Subject) || givenUp.MatchString(text)
	switch {
	case b.Status == "":
		b.Status = "5.0.0"
	case strings.HasPrefix(b.Status, "4.") && !final:
		b.Action = "delayed"
	}
	b.Recipient = failedRecipient(f, text)
	b.Diagnostic = diagnosticLine(text)
	if f.report != nil {
		b.OriginalMessageID = f.report.originalID
	}
	if m := innerID.FindStringSubmatch(text); b.OriginalMessageID == "" && m != nil {
		b.OriginalMessageID = m[1]
	}
	return b
}

var (
	innerID    = regexp.MustCompile(`(?im)^[> ]*message-id:\s*<([^<>\s]+)>`)
	innerTo    = regexp.MustCompile(`(?im)^[> ]*(?:final-recipient: *rfc822;|original-recipient: *rfc822;|x-failed-recipients:|to:|rcpt to:)\s*(.+)$`)
	angleFirst = regexp.MustCompile(`<([^<>\s@]+@[^<>\s@]+)>`)
)

func failedRecipient(f facts, text string) string {
	if to := parseAddresses(f.h.all("x-failed-recipients"), f.w); len(to) > 0 {
		return to[0].Address
	}
	own := map[string]bool{}
	for _, a := range append(append([]Address{}, f.m.To...), f.m.From...) {
		own[strings.ToLower(a.Address)] = true
	}
	for _, m := range angleFirst.FindAllStringSubmatch(text, 20) {
		if a := tidyAddress(m[1]); !own[strings.ToLower(a)] {
			return a
		}
	}
	if m := innerTo.FindStringSubmatch(text); m != nil {
		if to := parseAddresses([]string{m[1]}, f.w); len(to) > 0 {
			return to[0].Address
		}
	}
	if f.report != nil && f.report.originalTo != "" {
		return f.report.originalTo
	}
	for _, a := range bareAddress.FindAllString(text, 20) {
		if a = tidyAddress(a); !own[strings.ToLower(a)] {
			return a
		}
	}
	return ""
}

func diagnosticLine(text string) string {
	for line := range strings.Lines(text) {
		if failCode.MatchString(line) || replyCode.MatchString(line) || bounceText.MatchString(line) {
			return strings.ToValidUTF8(head(strings.TrimSpace(line), 1000), "")
		}
	}
	return ""
}

var (
	// givenUp: nobody will try again, whatever the reason was.
	givenUp      = regexp.MustCompile(`(?i)this is a permanent error|not going to try (?:again|any more)|(?:will not|won't|no longer) (?:be )?(?:try|tried|trying|retr(?:y|ied))|in the queue too long|g(?:iving|ave|iven) up|retry timeout exceeded|送信できませんでした|配信できませんでした`)
	finalSubject = regexp.MustCompile(`(?i)fail|undeliver|non-?deliver|return(?:ed|ing)|rejected|unzustellbar|non remis|no entregado|devolvid|退信`)

	fullWords = regexp.MustCompile(`(?i)mailbox (?:is )?full|quota exceeded|over (?:its |the )?quota|メールボックスが一杯`)
	softWords = regexp.MustCompile(`(?i)mailbox (?:is )?full|(?:over|exceed\w*)[^\n]{0,20} quota|quota exceeded|temporar|try again|timed out|will (?:be retried|keep trying|continue)|connection refused|greylist|too many|retry|delayed|deferred|not yet been delivered|resources|rate limit|disk space|could not send message for`)
	hardWords = regexp.MustCompile(`(?i)user unknown|unknown user|no such (?:user|mailbox|recipient|address|person)|does(?:n't| not) exist|permanent|invalid (?:recipient|address)|not (?:a valid|found)|disabled|unrouteable|host unknown|rejected|denied|unknown or illegal|not listed|isn't a`)
)

// statusOf finds an enhanced status code, else makes one of the SMTP reply code, else of the words.
func statusOf(text string) string {
	if s := failCode.FindString(text); s != "" {
		return s
	}
	if m := replyCode.FindStringSubmatch(text); m != nil {
		return m[1][:1] + ".0.0"
	}
	final := givenUp.MatchString(text)
	switch {
	case fullWords.MatchString(text) && final:
		return "5.2.2"
	case fullWords.MatchString(text):
		return "4.2.2"
	case final:
		return "5.0.0"
	case hardWords.MatchString(text):
		return "5.0.0"
	case softWords.MatchString(text):
		return "4.0.0"
	}
	return ""
}
