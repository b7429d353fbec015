package intake

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
)

// The tabs. Waiting are the held and the quarantined together.
const (
	tabWaiting     = ""
	tabHeld        = "held"
	tabQuarantined = "quarantined"
	tabRecent      = "recent"
	tabOutgoing    = "outgoing"
)

// pageSize is how many rows the list shows.
const pageSize = 50

// selection is which list is shown, from where on, and which of its rows is open.
type selection struct {
	tab   string
	fate  inbox.FateKind // narrows the recent ones
	after int64
	calm  bool // of mails of ours: those that need nobody, which stand below the others
	state inbox.OutgoingState
	id    int64
}

func selected(c echo.Context) selection {
	q := selection{tab: c.FormValue("tab"), fate: inbox.FateKind(c.FormValue("fate"))}
	switch q.tab {
	case tabHeld, tabQuarantined, tabRecent, tabOutgoing:
	default:
		q.tab = tabWaiting
	}
	q.state, q.calm = inbox.OutgoingState(c.FormValue("state")), c.QueryParam("calm") != ""
	q.after, _ = strconv.ParseInt(c.QueryParam("after"), 10, 64)
	q.id, _ = strconv.ParseInt(c.Param("id"), 10, 64)
	if q.id == 0 {
		q.id, _ = strconv.ParseInt(c.QueryParam("id"), 10, 64)
	}
	return q
}

// at is the address of a path with this list.
func (q selection) at(path string) string {
	values := url.Values{}
	if q.tab != tabWaiting {
		values.Set("tab", q.tab)
	}
	if q.fate != "" {
		values.Set("fate", string(q.fate))
	}
	if q.state != "" {
		values.Set("state", string(q.state))
	}
	if q.calm {
		values.Set("calm", "1")
	}
	if q.after != 0 {
		values.Set("after", strconv.FormatInt(q.after, 10))
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

func (q selection) fates() []inbox.FateKind {
	switch q.tab {
	case tabHeld:
		return []inbox.FateKind{inbox.Held}
	case tabQuarantined:
		return []inbox.FateKind{inbox.Quarantined}
	case tabWaiting:
		return []inbox.FateKind{inbox.Held, inbox.Quarantined}
	}
	if q.fate != "" {
		return []inbox.FateKind{q.fate}
	}
	return nil
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}
