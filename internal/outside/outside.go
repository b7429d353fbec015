// Package outside fetches what others name by an address: pictures in mails, the provider of single sign-on. It never reaches into the network it stands in:
// each address is looked at after it was resolved and before it is dialled, also after a redirect.
package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"makegood/internal/errs"
)

// What fetching is refused with.
var (
	// ErrClosed: the address is none of the public internet, or no web address.
	ErrClosed = errs.New(errs.Forbidden, "outside.closed")
	// ErrNoPicture: what is there is no picture of a kind that is shown, or too large.
	ErrNoPicture = errs.New(errs.NotFound, "outside.no_picture")
	// ErrUnreachable: nothing usable was answered in time.
	ErrUnreachable = errs.New(errs.NotFound, "outside.unreachable")
)

const (
	// MaxPicture is how large a picture may be.
	MaxPicture   = 5 << 20
	patience     = 10 * time.Second
	maxRedirects = 3
)

// Options of a Guard.
type Options struct {
	// Also are addresses that may be reached although they are not public, as address and port.
	Also []netip.AddrPort
}

// Guard is safe for concurrent use.
type Guard struct {
	client *http.Client
	also   []netip.AddrPort
}

// New makes a guard. It asks no proxy, keeps no cookies and says nothing of who asks.
func New(o Options) *Guard {
	g := &Guard{also: o.Also}
	dialer := &net.Dialer{Timeout: patience / 2, ControlContext: g.control}
	g.client = &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: patience / 2, ResponseHeaderTimeout: patience / 2,
			MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, DisableKeepAlives: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return ErrUnreachable
			}
			r.Header.Del("Referer")
			return g.check(r.URL)
		},
	}
	return g
}

// Client fetches what the operator has named by an address, such as the provider of single sign-on, under the same guard.
func (g *Guard) Client() *http.Client { return g.client }

// Patient is a client under the same guard for whoever answers with more than a page: it waits as long as told, and follows nobody
// elsewhere.
func (g *Guard) Patient(patience time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: patience / 2, ControlContext: g.control}
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: patience / 2, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return ErrUnreachable },
	}
}

// control sees each address as it is about to be dialled, whatever name led there.
func (g *Guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return ErrClosed
	}
	if slices.Contains(g.also, to) || Public(to.Addr()) && (to.Port() == 80 || to.Port() == 443) {
		return nil
	}
	return ErrClosed
}

// check refuses what is no plain web address.
func (g *Guard) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ErrClosed
	}
	return nil
}

// Picture is a picture from elsewhere.
type Picture struct {
	MediaType string // by its bytes
	Content   []byte
}

// Picture fetches a picture. ErrClosed, ErrNoPicture or ErrUnreachable tell why there is none.
func (g *Guard) Picture(ctx context.Context, address string) (Picture, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Picture{}, errs.Wrap(err, ErrClosed.Kind, ErrClosed.Key)
	}
	if err := g.check(u); err != nil {
		return Picture{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return Picture{}, errs.Wrap(err, ErrClosed.Kind, ErrClosed.Key)
	}
	request.Header.Set("Accept", "image/*")
	request.Header.Set("User-Agent", "Mozilla/5.0")
	answer, err := g.client.Do(request)
	if errors.Is(err, ErrClosed) {
		return Picture{}, ErrClosed
	}
	if err != nil {
		return Picture{}, errs.Wrap(err, ErrUnreachable.Kind, ErrUnreachable.Key)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return Picture{}, errs.Wrap(fmt.Errorf("status %d", answer.StatusCode), ErrUnreachable.Kind, ErrUnreachable.Key)
	}
	if answer.ContentLength > MaxPicture {
		return Picture{}, ErrNoPicture
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, MaxPicture+1))
	if err != nil {
		return Picture{}, errs.Wrap(err, ErrUnreachable.Kind, ErrUnreachable.Key)
	}
	return Shown(content)
}

// Shown gives bytes as a picture if a browser may show them: PNG, JPEG, GIF, WebP or AVIF by their content, whatever anybody calls
// them. SVG is a program and is none.
func Shown(content []byte) (Picture, error) {
	seen := mimetype.Detect(content)
	for _, kind := range []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/vnd.mozilla.apng"} {
		if seen.Is(kind) && len(content) <= MaxPicture {
			return Picture{MediaType: kind, Content: content}, nil
		}
	}
	return Picture{}, ErrNoPicture
}
