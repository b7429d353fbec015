package board_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/ui/screentest"
)

// floor is a room with cases in every state that the board tells apart.
func floor(t *testing.T) *screentest.Room {
	t.Helper()
	r := open(t)
	now := r.Clock.Now()
	lead, agent := r.Actor(access.Supervisor), r.Actor(access.Agent)
	// One case in the hour, the quarter of an hour, today, tomorrow (within the hour by nothing), later, late, paused, and without a deadline.
	due := []time.Duration{50 * time.Minute, 10 * time.Minute, 5 * time.Hour, 20 * time.Hour, 100 * time.Hour, -time.Hour, 30 * time.Minute, 0}
	on := []cases.WaitingOn{"", "", cases.OnUpstream, cases.OnThirdParty, cases.OnBilling, cases.OnCustomer, cases.OnApprover, ""}
	for n, within := range due {
		c := r.Dispute(fmt.Sprintf("%d.00", 10+n))
		var err error
		if on[n] != "" {
			c, err = r.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: lead, ID: c.ID, Version: c.Version}, To: cases.StatusWaiting, WaitingOn: on[n]})
			r.Must(err)
		}
		if n%2 == 0 {
			c, err = r.Cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: lead, ID: c.ID, Version: c.Version}, AssigneeID: &agent.UserID})
			r.Must(err)
		}
		if n < 4 { // of each kind some are put off: their deadlines are not, and their money is not either
			_, err = r.Cases.FollowUp(t.Context(), cases.FollowUpInput{On: cases.On{By: lead, ID: c.ID, Version: c.Version}, At: now.Add(72 * time.Hour)})
			r.Must(err)
		}
		set := fmt.Sprintf(`update cases set next_due_at = '%s', breached = %t, clock_paused = %t where id = %d`, now.Add(within).Format(time.RFC3339), within < 0, n == 6, c.ID)
		if within == 0 {
			set = fmt.Sprintf(`update cases set next_due_at = null, breached = false, clock_paused = true where id = %d`, c.ID)
		}
		dbtest.AsOwner(t, r.DB, set)
	}
	done := r.Dispute("9.00")
	dbtest.AsOwner(t, r.DB, fmt.Sprintf(`update cases set status = 'resolved', resolved_at = opened_at, assignee_id = %d where id = %d`, agent.UserID, done.ID))
	return r
}

// behind lists the cases that the queue shows at an address of the board.
func behind(t *testing.T, r *screentest.Room, address string) []cases.QueueRow {
	t.Helper()
	u, err := url.Parse(html.UnescapeString(address))
	r.Must(err)
	view := cases.View(u.Query().Get("view"))
	if view == "every" {
		view = cases.ViewAll
	}
	page, err := r.Cases.Queue(t.Context(), cases.Filter{
		View: view, Query: u.Query().Get("q"), Sort: cases.Sort(u.Query().Get("sort")), Zone: time.UTC, Limit: 200,
	}, r.Actor(access.Supervisor))
	r.Must(err)
	return page.Rows
}

// Each figure of the board leads to the cases it counts, those that were put off as well.
func TestFiguresLeadToTheirCases(t *testing.T) {
	t.Parallel()
	r := floor(t)
	board := r.As(access.Supervisor).Get("/board").HTML
	for what, pattern := range map[string]string{
		"figures":    `class="mg-stat bd-t" href="(/\?[^"]*)"[^>]*>(?s:.*?)<span class="v[^"]*">\s*(\d+)\s*<`,
		"waiting on": `<li><i class="c\d"></i><a href="(/\?[^"]*)">[^<]*</a><b>(\d+)</b>`,
		"load":       `<b class="num[^"]*"><a href="(/\?[^"]*)"[^>]*>(\d+)</a></b>`,
	} {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(board, -1)
		if len(found) < 2 {
			t.Errorf("%s: %d found", what, len(found))
		}
		sum := 0
		for _, f := range found {
			rows := behind(t, r, f[1])
			if strconv.Itoa(len(rows)) != f[2] {
				t.Errorf("%s: the board counts %s, %s lists %d", what, f[2], html.UnescapeString(f[1]), len(rows))
			}
			sum += len(rows)
		}
		if sum == 0 {
			t.Errorf("%s: nothing was counted", what)
		}
	}
}

// The money of a band is that of the cases it leads to, and so is that in dispute altogether.
func TestMoneyLeadsToItsCases(t *testing.T) {
	t.Parallel()
	r := floor(t)
	page := r.As(access.Supervisor).Get("/board").HTML
	bands := regexp.MustCompile(`<li><a href="(/\?[^"]*)"><span>([^<]*)</span>(?s:.*?)<b>([^<]*)</b></a></li>`).FindAllStringSubmatch(page, -1)
	all := regexp.MustCompile(`class="mg-stat bd-t wide" href="(/\?[^"]*)"[^>]*>(?s:.*?)<span class="v[^"]*">([\d.,]+)`).FindStringSubmatch(page)
	if len(bands) != 6 || len(all) != 3 {
		t.Fatalf("%d bands, %q", len(bands), all)
	}
	for _, f := range append(bands, []string{"", all[1], "In dispute", all[2]}) {
		sum := decimal.Zero
		for _, row := range behind(t, r, f[1]) {
			sum = sum.Add(row.RiskBase)
		}
		said := decimal.RequireFromString(strings.ReplaceAll(f[3], ",", ""))
		if !sum.Equal(said) || sum.IsZero() {
			t.Errorf("%s: the board says %s, %s lists %s", f[2], said, html.UnescapeString(f[1]), sum)
		}
	}
}

// Who sees one legal entity sees the mail of that one counted, sent and bounced as well.
func TestMailIsThatOfTheReadersEntities(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	for n, state := range []string{"sent", "sent", "bounced"} {
		dbtest.AsOwner(t, r.DB, fmt.Sprintf(`insert into outgoing_messages (key, case_id, kind, automatic, message_id, from_address, to_address, subject, text_body, state, not_before, created_at)
			values ('seen:%[1]d', %[2]d, 'reply', false, 'seen-%[1]d', 'billing@ostwind.example', 'ada@lumen.example', 'Re', 'Re', '%[3]s', '%[4]s', '%[4]s')`,
			n, c.ID, state, r.Clock.Now().Format(time.RFC3339)))
	}
	has(t, r.As(access.Supervisor).HTMX().Get("/board/outgoing"), "Sent 2", "Bounced 1")
	dbtest.AsOwner(t, r.DB, `update users set entity_ids = array[4711] where 'supervisor' = any (roles)`)
	has(t, r.As(access.Supervisor).HTMX().Get("/board/outgoing"), "Sent 0", "Bounced 0")
}
