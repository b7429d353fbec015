package cases

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/internal/errs"
)

// cursor is where a page begins: after the row with this key and id.
type cursor struct {
	set    bool
	phase  duePhase
	at     time.Time
	amount string
	id     int64
}

// duePhase tells follow-ups that are due, cases with a deadline, and those without, in this order.
type duePhase string

const (
	dueFollowUp duePhase = "f"
	dueKnown    duePhase = "k"
	dueUnknown  duePhase = "u"
)

func (p duePhase) next() duePhase {
	if p == dueFollowUp {
		return dueKnown
	}
	return dueUnknown
}

func cursorAfter(last QueueRow, sort Sort) string {
	phase, key := dueKnown, ""
	switch sort {
	case SortDue:
		switch {
		case last.FollowUpDue && last.FollowUpAt != nil:
			phase, key = dueFollowUp, last.FollowUpAt.UTC().Format(time.RFC3339Nano)
		case last.NextDueAt == nil:
			phase = dueUnknown
		default:
			key = last.NextDueAt.UTC().Format(time.RFC3339Nano)
		}
	case SortRisk:
		key = last.RiskBase.String()
	case SortResolved:
		key = last.ResolvedAt.UTC().Format(time.RFC3339Nano)
	case SortAge, SortNewest:
		key = last.OpenedAt.UTC().Format(time.RFC3339Nano)
	}
	text := fmt.Sprintf("%s|%s|%s|%d", sort, phase, key, last.ID)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func readCursor(text string, sort Sort) (cursor, error) {
	c := cursor{phase: dueFollowUp}
	if text == "" {
		return c, nil
	}
	bad := errs.InvalidField("cursor", "case.bad_cursor")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), "|")
	if err != nil || len(parts) != 4 || parts[0] != string(sort) {
		return c, bad
	}
	c.set, c.phase = true, duePhase(parts[1])
	if c.id, err = strconv.ParseInt(parts[3], 10, 64); err != nil || !slices.Contains([]duePhase{dueFollowUp, dueKnown, dueUnknown}, c.phase) {
		return c, bad
	}
	if err := c.readKey(sort, parts[2]); err != nil {
		return c, bad
	}
	return c, nil
}

// readKey reads what the rows are sorted by: an amount as the column holds it, or a moment; cases without a deadline have none.
func (c *cursor) readKey(sort Sort, key string) (err error) {
	switch {
	case sort == SortRisk:
		if !cursorAmount.MatchString(key) {
			return strconv.ErrSyntax
		}
		c.amount = key
	case sort == SortDue && c.phase == dueUnknown:
	default:
		c.at, err = time.Parse(time.RFC3339Nano, key)
	}
	return err
}

var cursorAmount = regexp.MustCompile(`^-?\d{1,20}(\.\d{1,10})?$`)
