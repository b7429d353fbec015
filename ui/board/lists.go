package board

import (
	"net/url"
	"strings"
	"time"

	"makegood/cases"
)

// A figure of the board leads to the list of exactly the cases it counts: all that are open, those that were put off as well. The views
// of the queue that are for work leave these out, so the board asks by terms.

// openCasesWhere is the address of the open cases that all terms hold of.
func openCasesWhere(sort cases.Sort, terms ...string) string {
	query := strings.Join(append([]string{"is:open"}, terms...), " ")
	return "/?" + url.Values{"view": {"every"}, "sort": {string(sort)}, "q": {query}}.Encode()
}

// dueWhere is the address of the open cases that have not missed a deadline and whose next one is in these bounds.
func dueWhere(terms ...string) string {
	return openCasesWhere(cases.SortDue, append([]string{"is:running", "-is:breached"}, terms...)...)
}

// bandHref is the address of the cases of a band of money by time to breach.
func (r reader) bandHref(band string) string {
	const disputed, notWithinTheHour = "risk:>0", "due:>60m"
	tomorrow := r.dayEnds().In(r.zone).Format(time.DateOnly)
	switch band {
	case "breached":
		return openCasesWhere(cases.SortDue, "is:breached", disputed)
	case "hour":
		return dueWhere("due:<60m", disputed)
	case "today":
		return dueWhere("due:<"+tomorrow, notWithinTheHour, disputed)
	case "tomorrow":
		return dueWhere("due:"+tomorrow, notWithinTheHour, disputed)
	case "later":
		return dueWhere("due:>"+tomorrow, disputed)
	}
	return openCasesWhere(cases.SortRisk, "-is:running", "-is:breached", disputed)
}
