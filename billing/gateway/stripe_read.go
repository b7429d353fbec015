package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// readVersion is the last version of Stripe's API in which a charge names the invoice it pays.
	readVersion = "2025-02-24.acacia"
	atOnce      = 50
	linesAtOnce = 100
	maxPage     = 24 << 20
	// longestWait bounds what an account that is asked too often may have us wait.
	longestWait = time.Hour
	usualWait   = 5 * time.Second
)

// LimitedError says that an account was asked too often, and when to come again.
type LimitedError struct {
	After time.Duration
	cause error
}

// Error is what the account answered.
func (e *LimitedError) Error() string { return e.cause.Error() }

// Unwrap gives the refusal itself.
func (e *LimitedError) Unwrap() error { return e.cause }

// limited reads from an answer how long to wait: a number of seconds.
func limited(h http.Header, cause error) error {
	after := usualWait
	if seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After"))); err == nil && seconds >= 0 {
		after = time.Duration(seconds) * time.Second
	}
	return &LimitedError{After: min(max(after, time.Second), longestWait), cause: cause}
}

// Reader reads what an account has, page by page. It changes nothing there, so a key that may only read will do.
type Reader struct{ s *Stripe }

// NewReader makes a reader of an account. The client decides what may be dialled.
func NewReader(base, secret string, client *http.Client) *Reader {
	return &Reader{&Stripe{base: strings.TrimRight(base, "/"), secret: secret, version: readVersion, most: maxPage, client: client}}
}

// Resources are what is read of an account, what others need first.
func Resources() []string {
	return []string{"customers", "invoices", "charges", "refunds", "credit_notes"}
}

// PageQuery asks for a page of a resource: what was made from a moment on (zero is ever), after the object named ("" is the newest).
// A page that takes longer than Within ends with the object it is at, so that documents of very many lines come in smaller pages; 0 is
// however long.
type PageQuery struct {
	Resource string
	Since    time.Time
	After    string
	Within   time.Duration
}

// Page is a part of a list. Documents have all their lines.
type Page struct {
	Objects []json.RawMessage
	Last    string // to go on after
	More    bool
}

type wirePage struct {
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
}

// Page reads one page. A LimitedError says when to come again.
func (r *Reader) Page(ctx context.Context, q PageQuery) (Page, error) {
	enough := ctx
	if q.Within > 0 {
		var cancel context.CancelFunc
		enough, cancel = context.WithTimeout(ctx, q.Within)
		defer cancel()
	}
	query := url.Values{"limit": {strconv.Itoa(atOnce)}}
	if q.After != "" {
		query.Set("starting_after", q.After)
	}
	if !q.Since.IsZero() {
		query.Set("created[gte]", strconv.FormatInt(q.Since.Unix(), 10))
	}
	if q.Resource == "customers" {
		query.Add("expand[]", "data.tax_ids")
	}
	var got wirePage
	if err := r.s.call(ctx, call{method: http.MethodGet, path: "/v1/" + q.Resource, query: query}, &got); err != nil {
		return Page{}, err
	}
	page := Page{More: got.HasMore && len(got.Data) > 0}
	for i, object := range got.Data {
		id, whole, err := r.whole(ctx, q.Resource, object)
		if err != nil {
			return Page{}, err
		}
		page.Objects, page.Last = append(page.Objects, whole), id
		if enough.Err() != nil && i+1 < len(got.Data) {
			page.More = true
			break
		}
	}
	return page, nil
}

// whole gives an object with all its lines, of which a list shows the first ten.
func (r *Reader) whole(ctx context.Context, resource string, object json.RawMessage) (id string, whole json.RawMessage, err error) {
	var head struct {
		ID    string    `json:"id"`
		Lines *wirePage `json:"lines"`
	}
	if err := json.Unmarshal(object, &head); err != nil || head.ID == "" {
		return "", nil, call{method: http.MethodGet}.unanswered(fmt.Errorf("an object of %s without id: %w", resource, err))
	}
	if head.Lines == nil || !head.Lines.HasMore {
		return head.ID, object, nil
	}
	lines := head.Lines.Data
	for more := true; more; {
		query := url.Values{"limit": {strconv.Itoa(linesAtOnce)}, "starting_after": {lastID(lines)}}
		var next wirePage
		if err := r.s.call(ctx, call{method: http.MethodGet, path: "/v1/" + resource + "/" + url.PathEscape(head.ID) + "/lines", query: query}, &next); err != nil {
			return head.ID, nil, err
		}
		lines = append(lines, next.Data...)
		more = next.HasMore && len(next.Data) > 0
	}
	whole, err = withLines(object, lines)
	return head.ID, whole, err
}

func lastID(list []json.RawMessage) string {
	if len(list) == 0 {
		return ""
	}
	var last struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(list[len(list)-1], &last) // without an id the account refuses to go on
	return last.ID
}

// withLines puts all lines in an object; nothing else of it changes.
func withLines(object json.RawMessage, lines []json.RawMessage) (json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	list, err := json.Marshal(map[string]any{"object": "list", "has_more": false, "data": lines})
	if err != nil {
		return nil, fmt.Errorf("write lines: %w", err)
	}
	members["lines"] = list
	whole, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("write object: %w", err)
	}
	return whole, nil
}
