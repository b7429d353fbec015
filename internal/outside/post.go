package outside

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"makegood/internal/errs"
)

// keptAnswer is how much of an answer is kept, to show why something was refused.
const keptAnswer = 500

// Answer is what a server answered to a Post: its status and the beginning of what it said.
type Answer struct {
	Status int
	Said   string
}

// Post hands a body to an address of the public internet and waits for the answer, at most ten seconds. A redirect is an answer like any
// other and is not followed. ErrClosed tells that the address may not be reached, ErrUnreachable that nothing answered.
func (g *Guard) Post(ctx context.Context, address string, header http.Header, body string) (Answer, error) {
	if err := g.Check(address); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return Answer{}, errs.Wrap(err, ErrClosed.Kind, ErrClosed.Key)
	}
	request.Header = header.Clone()
	client := *g.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(request)
	if errors.Is(err, ErrClosed) {
		return Answer{}, ErrClosed
	}
	if err != nil {
		return Answer{}, errs.Wrap(err, ErrUnreachable.Kind, ErrUnreachable.Key)
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, keptAnswer)) // only to show: half of it is enough
	return Answer{Status: answer.StatusCode, Said: storable(string(said))}, nil
}

// storable is a text without what the database cannot keep: bytes that are no text, and NUL.
func storable(said string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(said, ""), "\x00", "")
}

// Check refuses what is no plain web address. Where it leads is seen when it is dialled.
func (g *Guard) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errs.Wrap(err, ErrClosed.Kind, ErrClosed.Key)
	}
	return g.check(u)
}
