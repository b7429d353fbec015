package intake

import (
	"fmt"
	"time"

	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// fates are the fates in the order of the table, with the tone of their bars.
func fates() []struct {
	kind inbox.FateKind
	name string
	tone string
} {
	return []struct {
		kind inbox.FateKind
		name string
		tone string
	}{
		{inbox.Pending, "Not handled yet", "soon"},
		{inbox.Attached, "Added to a case", ""},
		{inbox.NewCase, "New case", ""},
		{inbox.AutoReply, "Automatic mail", "qq"},
		{inbox.Duplicate, "Duplicate", "qq"},
		{inbox.Held, "Held", "soon"},
		{inbox.Ignored, "Ignored", "qq"},
		{inbox.Bounce, "Bounce", "qq"},
		{inbox.Quarantined, "Quarantined", "due"},
	}
}

func fateName(kind inbox.FateKind) string {
	for _, f := range fates() {
		if f.kind == kind {
			return f.name
		}
	}
	return string(kind)
}

// tag is the fate of a message in a few words.
func tag(m inbox.Inbound) kit.TagView {
	switch m.Fate {
	case inbox.Held:
		return heldTag(m)
	case inbox.Quarantined:
		return kit.TagView{Text: i18n.T("Could not be handled"), Tone: "bad", Icon: "bug"}
	case inbox.Pending:
		return kit.TagView{Text: i18n.T("Not handled yet"), Tone: "soon", Icon: "hourglass"}
	case inbox.NewCase:
		return kit.TagView{Text: i18n.T("New case"), Tone: "acc", Icon: "file-plus"}
	case inbox.Attached:
		return kit.TagView{Text: i18n.T("Added to a case"), Tone: "ok", Icon: "arrow-merge"}
	case inbox.Duplicate:
		return kit.TagView{Text: i18n.T("Duplicate"), Tone: "line", Icon: "copy"}
	case inbox.AutoReply:
		return kit.TagView{Text: i18n.T("Automatic mail"), Tone: "line", Icon: "robot"}
	case inbox.Bounce:
		return kit.TagView{Text: i18n.T("Bounce"), Tone: "line", Icon: "mail-x"}
	case inbox.Ignored:
		return kit.TagView{Text: i18n.T("Ignored"), Tone: "line", Icon: "ban"}
	}
	return kit.TagView{Text: string(m.Fate)}
}

func heldTag(m inbox.Inbound) kit.TagView {
	words := i18n.T("Held")
	switch m.FateReason {
	case mailroom.ReasonUnverified:
		words = i18n.T("Unverified sender")
	case mailroom.ReasonPassedOn, mailroom.ReasonUnnamed:
		words = i18n.T("Passed on by a group")
	case mailroom.ReasonOversize:
		words = i18n.F("Too large, {size}", "size", size(m.Size))
	case mailroom.ReasonUnproven:
		words = i18n.T("Mailbox not proven")
	case mailroom.ReasonNoSender:
		words = i18n.T("No sender")
	}
	return kit.TagView{Text: words, Tone: "soon", Icon: "hand-stop"}
}

// age is how long something has waited, short enough for a list.
func age(since time.Duration) string {
	switch {
	case since < time.Minute:
		return i18n.T("now")
	case since < time.Hour:
		return i18n.F("{int} min", "int", int(since/time.Minute))
	case since < 10*time.Hour:
		return fmt.Sprintf("%d:%02d h", int(since/time.Hour), int(since%time.Hour/time.Minute))
	case since < 48*time.Hour:
		return fmt.Sprintf("%d h", int(since/time.Hour))
	}
	return fmt.Sprintf("%d d", int(since/(24*time.Hour)))
}

// size is a length in the unit people think in.
func size(bytes int64) string {
	switch {
	case bytes < 1_000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return i18n.F("{bytes} KB", "bytes", (bytes+500)/1_000)
	}
	return i18n.F("{bytes}.{bytes_2} MB", "bytes", bytes/1_000_000, "bytes_2", bytes%1_000_000/100_000)
}

func outgoingTag(state inbox.OutgoingState) kit.TagView {
	switch state {
	case inbox.Queued:
		return kit.TagView{Text: i18n.T("Queued"), Tone: "line", Icon: "hourglass"}
	case inbox.Sending:
		return kit.TagView{Text: i18n.T("Sending"), Tone: "acc", Icon: "mail-fast"}
	case inbox.Sent:
		return kit.TagView{Text: i18n.T("Sent"), Tone: "ok", Icon: "mail-check"}
	case inbox.Bounced:
		return kit.TagView{Text: i18n.T("Bounced"), Tone: "soon", Icon: "mail-x"}
	case inbox.Failed:
		return kit.TagView{Text: i18n.T("Failed"), Tone: "bad", Icon: "mail-off"}
	case inbox.Unknown:
		return kit.TagView{Text: i18n.T("Sent or not?"), Tone: "due", Icon: "mail-question"}
	case inbox.Stopped:
		return kit.TagView{Text: i18n.T("Stopped"), Tone: "due", Icon: "hand-stop"}
	case inbox.Cancelled:
		return kit.TagView{Text: i18n.T("Taken back"), Tone: "line", Icon: "arrow-back-up"}
	}
	return kit.TagView{Text: string(state)}
}
