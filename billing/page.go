package billing

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

func limitOf(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}

// cursor is a place in a list that runs from the newest day down: the day and id of the last row seen.
type cursor struct {
	day time.Time
	id  int64
}

func (c cursor) String() string {
	return c.day.Format(time.DateOnly) + "." + strconv.FormatInt(c.id, 10)
}

// readCursor takes a cursor apart; anything that is none starts from the top.
func readCursor(text string) (cursor, bool) {
	day, number, _ := strings.Cut(text, ".")
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return cursor{}, false
	}
	id, err := strconv.ParseInt(number, 10, 64)
	return cursor{on, id}, err == nil
}

// addAfter continues a list below a cursor.
func (c *conditions) addAfter(after, dayColumn, idColumn string) {
	if at, ok := readCursor(after); ok {
		c.args = append(c.args, at.day, at.id)
		c.parts = append(c.parts, fmt.Sprintf("(%s, %s) < ($%d, $%d)", dayColumn, idColumn, len(c.args)-1, len(c.args)))
	}
}

// pageOf cuts the one row too many, which only told that there is more.
func pageOf[T any](rows []T, limit int, place func(T) string) Page[T] {
	if len(rows) <= limit {
		return Page[T]{Rows: rows}
	}
	return Page[T]{Rows: rows[:limit], Next: place(rows[limit-1])}
}
