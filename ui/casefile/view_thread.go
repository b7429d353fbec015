package casefile

import (
	"fmt"
	"slices"
	"strconv"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/marks"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// unfolded is how many messages at the end of the thread stand open.
const unfolded = 3

func (r reader) thread(f reports.CaseFile, chosen show) threadView {
	items := make([]item, 0, len(f.Messages)+len(f.Events))
	called := map[string]string{}
	for _, p := range f.Participants {
		called[p.Address] = p.Name
	}
	told := toldBy(f)
	for n, m := range f.Messages {
		view := r.message(f.Number, m)
		view.Told = told[m.ID]
		if len(m.Recipients) > 0 && called[m.Recipients[0]] != "" {
			view.Meta = i18n.F("to {called}", "called", called[m.Recipients[0]])
		}
		view.Folded = n < len(f.Messages)-unfolded
		view.UnfoldURL = fmt.Sprintf("/cases/%s/messages/%d", f.Number, m.ID)
		items = append(items, item{Message: &view, kind: showMessages, at: m.At})
	}
	for _, row := range together(f.Events) {
		if view, kind, ok := r.event(f, row); ok {
			items = append(items, item{Event: &view, kind: kind, at: row.At})
		}
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.at.Compare(b.at) })
	v := threadView{Segments: segments(f.Number, items, chosen), Earlier: earlierURL(f, chosen)}
	for _, i := range items {
		if chosen == showAll || chosen == i.kind {
			v.Items = append(v.Items, i)
		}
	}
	before := ""
	for n := range v.Items {
		if day := r.day(v.Items[n].at); day != before {
			v.Items[n].Day, before = day, day
		}
	}
	r.sender(f, &v)
	return v
}

// sender says in the filter bar who we talk to, and in which language.
func (r reader) sender(f reports.CaseFile, v *threadView) {
	for _, m := range slices.Backward(f.Messages) {
		if m.Kind != cases.Inbound || m.Machine {
			continue
		}
		if v.Trust = trustOf(m.Trust, false); v.Trust != nil {
			v.Trust.Text = i18n.F("Sender {text}", "text", v.Trust.Text)
		}
		break
	}
	v.Language = languageWord(f.Language)
}

func languageWord(code string) string {
	switch code {
	case "en":
		return i18n.T("English")
	case "de":
		return i18n.T("German")
	case "pt":
		return i18n.T("Portuguese")
	case "zh":
		return i18n.T("Chinese")
	case "ja":
		return i18n.T("Japanese")
	case "fr":
		return i18n.T("French")
	case "es":
		return i18n.T("Spanish")
	}
	return code
}

func segments(number string, items []item, chosen show) []kit.Segment {
	counts := map[show]int{}
	for _, i := range items {
		counts[i.kind]++
	}
	var list []kit.Segment
	for _, s := range []struct {
		show show
		text string
	}{{showAll, i18n.T("All")}, {showMessages, i18n.T("Messages")}, {showMoney, i18n.T("Money")}, {showClocks, i18n.T("Clocks")}, {showSystem, i18n.T("System")}} {
		segment := kit.Segment{Text: s.text, Href: "/cases/" + number, Current: s.show == chosen}
		if s.show != showAll {
			segment.Href += "?show=" + string(s.show)
			segment.Count = strconv.Itoa(counts[s.show])
		}
		segment.Attrs = map[string]any{"hx-get": segment.Href, "hx-target": "#case", "hx-swap": "outerMorph", "hx-replace-url": "true"}
		list = append(list, segment)
	}
	return list
}

func (r reader) message(number string, m reports.FileMessage) messageView {
	v := messageView{
		MessageView: kit.MessageView{
			ID: id(m.ID), Kind: direction(m.Kind), Name: m.AuthorName, At: m.At, Trust: standing(m), Excerpt: beginning(m.Body, 160),
		},
		Paragraphs: paragraphs(m.Body),
	}
	if v.Name == "" {
		v.Name = m.AuthorAddress
	}
	if m.Formatted && (m.Kind == cases.PublicReply || m.Kind == cases.Note) {
		v.Marked = marks.HTML(m.Body)
	}
	switch m.Kind {
	case cases.Inbound:
		v.asItCame(number, m)
	case cases.PublicReply, cases.Letter:
		if len(m.Recipients) > 0 {
			v.Meta = i18n.F("to {recipients}", "recipients", m.Recipients[0])
		}
		if m.Kind == cases.Letter {
			v.Trust = &kit.TrustView{Kind: "machine", Text: i18n.T("sent by Makegood")}
		}
		if v.Name == "" {
			v.Name = "Makegood"
		}
		v.Outgoing, v.OutTone = r.onItsWay(m)
	case cases.Note:
		v.Trust = nil
	}
	for _, file := range m.Files {
		v.Files = append(v.Files, kit.FileView{
			Name: file.Filename, Size: size(file.Size), Icon: fileIcon(file.MediaType),
			Href: fmt.Sprintf("/cases/%s/messages/%d/files/%d", number, m.ID, file.Position),
		})
	}
	return v
}

// asItCame adds who wrote a message that came, and where it is seen as it was sent.
func (v *messageView) asItCame(number string, m reports.FileMessage) {
	v.Meta = m.AuthorAddress
	if m.AuthorName == "" {
		v.Meta = ""
	}
	if m.InboundMessageID != nil {
		v.RawURL = fmt.Sprintf("/cases/%s/messages/%d/raw", number, m.ID)
	}
	if m.Formatted && m.InboundMessageID != nil {
		v.LookURL = fmt.Sprintf("/cases/%s/messages/%d?look=1", number, m.ID)
	}
	if m.More {
		v.FullURL = fmt.Sprintf("/cases/%s/messages/%d?full=1", number, m.ID)
	}
}

func direction(k cases.MessageKind) string {
	switch k {
	case cases.Inbound:
		return "in"
	case cases.Note:
		return "note"
	case cases.PublicReply, cases.Letter:
		return "out"
	}
	return "out"
}

// onItsWay says of a mail of ours that it has not arrived for certain; one that was sent needs no word.
func (r reader) onItsWay(m reports.FileMessage) (text, tone string) {
	switch m.OutgoingState {
	case "queued":
		if m.NotBefore != nil && m.NotBefore.After(r.Now) {
			return i18n.F("leaves {short}", "short", r.short(*m.NotBefore)), ""
		}
		return i18n.T("on its way"), ""
	case "sending":
		return i18n.T("being sent"), ""
	case "bounced":
		return i18n.F("came back: {outgoing_error}", "outgoing_error", m.OutgoingError), "bad"
	case "failed":
		return i18n.F("not sent: {outgoing_error}", "outgoing_error", m.OutgoingError), "bad"
	case "unknown":
		return i18n.T("perhaps sent: the line broke while it went out"), "due"
	case "stopped":
		return i18n.T("stopped: mail to this address came back"), "due"
	case "cancelled":
		return i18n.T("taken back"), ""
	}
	return "", ""
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return i18n.F("{bytes}.{bytes_2} MB", "bytes", bytes>>20, "bytes_2", (bytes&(1<<20-1))*10>>20)
	case bytes >= 1<<10:
		return i18n.F("{bytes} KB", "bytes", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

func fileIcon(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "file-type-pdf"
	case "application/zip":
		return "file-zip"
	case "text/xml", "application/xml":
		return "file-type-xml"
	}
	if len(mediaType) > 6 && mediaType[:6] == "image/" {
		return "photo"
	}
	return "paperclip"
}
