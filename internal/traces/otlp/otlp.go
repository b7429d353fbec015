// Package otlp sends spans to a collector of OpenTelemetry by OTLP over HTTP, in binary Protobuf, which every collector takes. The
// public exporter would link gRPC and all generated messages for the one request that is made here.
package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	triesAtMost  = 5
	firstPause   = time.Second
	longestPause = 30 * time.Second
	answerAtMost = 64 << 10
)

// Exporter posts spans in batches. What the collector cannot take now is sent again a few times, as long as the context allows; what it
// refuses, or still cannot take then, is dropped and told as an error.
type Exporter struct {
	url, agent string
	settings   settings
	client     *http.Client
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

// New makes the exporter to the collector's whole URL, at. env tells the standard variables (headers, certificates, compression, time limit);
// one that cannot be read is left out and named to unread.
func New(at, agent string, env func(string) string, unread func(name string, err error)) *Exporter {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
	s := read(env, unread)
	if s.tls != nil {
		transport.TLSClientConfig = s.tls
	}
	return &Exporter{url: at, agent: agent, settings: s, client: &http.Client{Transport: transport, Timeout: s.timeout, CheckRedirect: stay}}
}

// stay has an answer that points elsewhere count as a refusal: spans and the keys sent with them are for the collector that was named.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// ExportSpans sends a batch.
func (e *Exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body, err := e.packed(request(spans))
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := e.post(ctx, body)
		later, ok := errors.AsType[*laterError](err)
		if !ok || try == triesAtMost || !wait(ctx, later.pause(try)) {
			return err
		}
	}
}

// Shutdown lets go of the connections.
func (e *Exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func (e *Exporter) packed(body []byte) ([]byte, error) {
	if !e.settings.gzip {
		return body, nil
	}
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	_, err := w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("compress spans: %w", err)
	}
	return small.Bytes(), nil
}

func (e *Exporter) post(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send spans: %w", err)
	}
	r.Header.Set("User-Agent", e.agent)
	for name, value := range e.settings.headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	if e.settings.gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := e.client.Do(r)
	if err != nil {
		if asked, ok := errors.AsType[*url.Error](err); ok {
			err = asked.Err // without the address, which may hold a key
		}
		err = fmt.Errorf("send spans: %w", err)
		if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() && ctx.Err() == nil {
			return &laterError{err: err}
		}
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(answer.Body, answerAtMost))
	if err != nil {
		return fmt.Errorf("read what the collector said: %w", err)
	}
	return judge(answer, said)
}

func judge(answer *http.Response, said []byte) error {
	binary := answer.Header.Get("Content-Type") == "application/x-protobuf"
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &laterError{err: refusal(answer.Status, said, binary), after: answer.Header.Get("Retry-After")}
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return refusal(answer.Status, said, binary)
	}
	if refused, why := refusedSpans(said); binary && (refused != 0 || why != "") {
		return fmt.Errorf("the collector refused %d of the spans: %q", refused, why)
	}
	return nil
}

// refusal has the beginning of what the collector said.
func refusal(status string, said []byte, binary bool) error {
	if binary {
		said = []byte(messageOf(said))
	}
	return fmt.Errorf("the collector answered %s: %q", status, said[:min(len(said), 300)])
}

// laterError is an answer after which the same may be sent again.
type laterError struct {
	err   error
	after string // Retry-After, when the collector said it
}

func (e *laterError) Error() string { return e.err.Error() }
func (e *laterError) Unwrap() error { return e.err }

// pause is as long as the collector asked for, or twice the one before; somewhat less, so that not everybody is back at once.
func (e *laterError) pause(try int) time.Duration {
	if seconds, err := strconv.ParseUint(e.after, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(e.after); err == nil {
		return time.Until(at)
	}
	full := firstPause << (try - 1)
	return full/2 + rand.N(full/2) //nolint:gosec // nobody gains by guessing it
}

// wait is false when the pause is too long for a batch to be kept, or longer than the context lasts.
func wait(ctx context.Context, pause time.Duration) bool {
	end, ends := ctx.Deadline()
	if pause > longestPause || ends && time.Until(end) < pause {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
