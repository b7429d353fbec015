package kit

// english is the kit's own vocabulary, used where the catalogue has no sentence for the key.
func english(key string) string { //nolint:funlen // a list of words
	switch key {
	case "kit.unassigned":
		return "Unassigned"
	case "kit.on.here":
		return "{name}, here"
	case "kit.on.typing":
		return "{name}, typing"
	case "kit.on.looking":
		return "{name} is looking"
	case "kit.on.away":
		return "{name}, away"
	case "kit.more_people":
		return "{n} more"
	case "kit.internal_note":
		return "Internal note"
	case "kit.unfold":
		return "Show the whole message"
	case "kit.clock.breached":
		return "late"
	case "kit.clock.paused":
		return "paused"
	case "kit.clock.late":
		return "done, but late"
	case "kit.clock.of":
		return "{used} of {total}"
	case "kit.clock.due":
		return "due {when}"
	case "kit.invoice.contest":
		return "Contest"
	case "kit.invoice.contest_line":
		return "Contest line {line}"
	case "kit.invoice.contested_line":
		return "Contested net, line {line}"
	case "kit.invoice.line":
		return "Line"
	case "kit.invoice.net":
		return "Net {currency}"
	case "kit.invoice.contested":
		return "Contested net"
	case "kit.remove_filter":
		return "Remove filter {name}"
	case "kit.required":
		return "required"
	case "kit.close":
		return "Close"
	case "kit.undo":
		return "Undo"
	case "kit.clear":
		return "Clear choice (Esc)"
	default:
		return moreEnglish(key)
	}
}

func moreEnglish(key string) string {
	switch key {
	case "kit.chosen":
		return "{count} chosen"
	case "kit.loading":
		return "Loading"
	case "kit.live":
		return "Live"
	case "kit.live.behind":
		return "Catching up"
	case "kit.live.off":
		return "Connection lost"
	case "kit.palette.move":
		return "move"
	case "kit.palette.open":
		return "open"
	case "kit.palette.keys":
		return "all keys"
	case "kit.palette.none":
		return "Nothing found. Try a number, a name or an amount."
	case "kit.palette.results":
		return "Results"
	case "kit.composer.write":
		return "Write"
	case "kit.composer.reply":
		return "Reply"
	case "kit.composer.note":
		return "Note"
	case "kit.composer.send":
		return "Send"
	case "kit.composer.reply_hint":
		return "Write to the customer"
	case "kit.chain.done":
		return "done"
	case "kit.chain.now":
		return "waiting now"
	case "kit.chain.back":
		return "asked back"
	case "kit.chain.rejected":
		return "rejected"
	case "kit.chain.void":
		return "void"
	case "kit.chain.skip":
		return "not needed"
	default:
		return shellEnglish(key)
	}
}

// shellEnglish are the words of the page around the kit's pieces; layout says them with Word.
func shellEnglish(key string) string {
	switch key {
	case "layout.skip":
		return "Skip to content"
	case "layout.main_nav":
		return "Main"
	case "layout.notices":
		return "Notices"
	case "layout.notices_unread":
		return "Notices, {count} unread"
	case "layout.home":
		return "Makegood, home"
	case "layout.position":
		return "Position"
	case "layout.search":
		return "Search or jump to…"
	case "layout.palette":
		return "Command palette"
	case "layout.keys":
		return "Keys"
	case "layout.shortcuts":
		return "Keyboard shortcuts"
	case "layout.theme":
		return "Switch light or dark"
	case "layout.density":
		return "Comfortable or compact"
	case "layout.user_menu":
		return "{initials}: {name}"
	case "layout.sign_out":
		return "Sign out"
	case "layout.waiting":
		return "waiting"
	case "layout.confirm.title":
		return "Are you sure?"
	case "layout.confirm.yes":
		return "Yes, do it"
	case "layout.confirm.no":
		return "Cancel"
	case "layout.request":
		return "Request {id}"
	case "layout.error.network":
		return "No answer from the server. What you wrote is still here; try again."
	case "layout.error.server":
		return "That did not work. What you wrote is still here; try again."
	default:
		return navEnglish(key)
	}
}

func navEnglish(key string) string {
	switch key {
	case "nav.queue":
		return "Queue"
	case "nav.approvals":
		return "Approve"
	case "nav.board":
		return "Board"
	case "nav.books":
		return "Books"
	case "nav.reports":
		return "Reports"
	case "nav.intake":
		return "Intake"
	case "nav.notices":
		return "Notices"
	case "keys.new_case":
		return "New case"
	case "keys.next":
		return "Next row; the preview follows"
	case "keys.previous":
		return "Row before"
	case "keys.open":
		return "Open the row"
	case "keys.select":
		return "Choose the row for a bulk action"
	case "keys.back":
		return "One level back; nothing is lost"
	case "keys.reply":
		return "Reply"
	case "keys.note":
		return "Internal note"
	case "keys.assign":
		return "Assign"
	case "keys.claim":
		return "Claim, or take the next case"
	case "keys.resolve":
		return "Resolve"
	case "keys.waiting":
		return "Set to waiting"
	case "keys.propose":
		return "Propose credit"
	default:
		return keysEnglish(key)
	}
}

func keysEnglish(key string) string {
	switch key {
	case "keys.follow_up":
		return "Follow up later"
	case "keys.macro":
		return "Macro"
	case "keys.approve":
		return "Approve"
	case "keys.undo":
		return "Undo the last action"
	case "keys.search":
		return "Search this list"
	case "keys.sheet":
		return "This sheet"
	case "keys.palette":
		return "Find or do anything"
	case "keys.send":
		return "Send what you are writing"
	case "keys.group.rows":
		return "Lists"
	case "keys.group.case":
		return "Case"
	case "keys.group.everywhere":
		return "Everywhere"
	case "keys.group.go":
		return "Go to"
	default:
		return key
	}
}
