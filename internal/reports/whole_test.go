package reports_test

import (
	"errors"
	"strconv"
	"testing"

	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// pagesOf is a list of so many rows, page by page; it is asked for no more than a page at once.
func pagesOf(t *testing.T, n int) func(after string, limit int) (reports.AgingPage[int], error) {
	t.Helper()
	return func(after string, limit int) (reports.AgingPage[int], error) {
		from, _ := strconv.Atoi(after)
		if limit < 1 || limit > reports.RowsAtMost {
			t.Errorf("a page of %d rows", limit)
		}
		var page reports.AgingPage[int]
		for i := from; i < min(n, from+limit); i++ {
			page.Rows = append(page.Rows, i)
		}
		if from+limit < n {
			page.Next = strconv.Itoa(from + limit)
		}
		return page, nil
	}
}

// A file holds the whole list, or says that it goes on.
func TestWholeLists(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 10_000: 10_000, 10_001: 10_001, 25_000: 25_000, 50_000: 50_000, 50_001: 50_000} {
		whole, err := reports.ReadWhole(pagesOf(t, n))
		if err != nil || len(whole.Rows) != want || whole.More != (n > want) || want > 0 && whole.Rows[want-1] != want-1 {
			t.Errorf("%d rows of %d, more %v: %v", len(whole.Rows), n, whole.More, err)
		}
		if ended := whole.Ended(sheet.Table{}); len(ended.Rows) != map[bool]int{true: 1}[n > want] {
			t.Errorf("%d of %d: %d last rows", want, n, len(ended.Rows))
		}
	}
	away := errors.New("away")
	if _, err := reports.ReadWhole(func(string, int) (reports.AgingPage[int], error) { return reports.AgingPage[int]{}, away }); !errors.Is(err, away) {
		t.Errorf("%v", err)
	}
}
