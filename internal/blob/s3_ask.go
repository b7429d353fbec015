package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/signer"
)

const (
	triesAtMost   = 3
	firstPause    = 200 * time.Millisecond
	refusalAtMost = 64 << 10
	usualRegion   = "us-east-1"
)

// order is one request to the bucket, which may be sent several times.
type order struct {
	method, object string
	header         http.Header
	content        []byte
	limit          int64 // how much of the answer is read
}

// refusedError is what the server said instead of doing it.
type refusedError struct {
	status  int
	Code    string
	Message string
	Region  string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("the bucket answered %d %s %q", e.status, e.Code, e.Message)
}

// ask sends an order until it is answered: again after failures that pass, with new credentials when they have run out, and once more to
// the region that the bucket says it is in.
func (b *bucket) ask(ctx context.Context, o order) ([]byte, error) {
	moved := false
	for try := 1; ; try++ {
		region := b.where()
		answer, err := b.once(ctx, o, region)
		if err == nil {
			return answer, nil
		}
		if refused, ok := errors.AsType[*refusedError](err); ok && !moved && b.region == "" && refused.Region != "" && refused.Region != region {
			b.told.Store(&refused.Region)
			moved = true
			continue
		}
		if try >= triesAtMost || !b.passes(ctx, err) || !pause(ctx, try) {
			return nil, err
		}
	}
}

func (b *bucket) where() string {
	if b.region != "" {
		return b.region
	}
	if told := b.told.Load(); told != nil {
		return *told
	}
	return usualRegion
}

func (b *bucket) once(ctx context.Context, o order, region string) ([]byte, error) {
	who, err := b.credentials.GetWithContext(&credentials.CredContext{Client: b.client, Context: ctx})
	if err != nil {
		return nil, fmt.Errorf("find credentials for the bucket: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, o.method, "", bytes.NewReader(o.content))
	if err != nil {
		return nil, fmt.Errorf("ask the bucket: %w", err)
	}
	r.URL = b.address(o.object, region)
	r.Host = r.URL.Host
	maps.Copy(r.Header, o.header)
	sum := sha256.Sum256(o.content)
	r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	answer, err := b.client.Do(signer.SignV4(*r, who.AccessKeyID, who.SecretAccessKey, who.SessionToken, region))
	if err != nil {
		return nil, fmt.Errorf("ask the bucket: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, refusal(answer)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, o.limit))
	if err != nil {
		return nil, fmt.Errorf("read from the bucket: %w", err)
	}
	return content, nil
}

// refusal reads why: in words where the server has some.
func refusal(answer *http.Response) error {
	refused := &refusedError{}
	said, err := io.ReadAll(io.LimitReader(answer.Body, refusalAtMost))
	if err == nil && xml.Unmarshal(said, refused) != nil {
		refused = &refusedError{Message: strings.ToValidUTF8(string(said[:min(len(said), 200)]), "")}
	}
	refused.status = answer.StatusCode
	if refused.Region == "" {
		refused.Region = answer.Header.Get("X-Amz-Bucket-Region")
	}
	if strings.ContainsFunc(refused.Region, func(r rune) bool {
		return r != '-' && r != '_' && (r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) {
		refused.Region = "" // it would become part of a host's name
	}
	return refused
}

// passes tells whether the same may succeed a moment later.
func (b *bucket) passes(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	refused, ok := errors.AsType[*refusedError](err)
	if !ok {
		_, stranger := errors.AsType[x509.UnknownAuthorityError](err)
		return !stranger
	}
	switch refused.Code {
	case "ExpiredToken", "ExpiredTokenException":
		b.credentials.Expire()
		return true
	case "RequestTimeout", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "InternalError", "SlowDown":
		return true
	}
	return slices.Contains([]int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, 499, 520, // the last two are those of proxies
	}, refused.status)
}

// pause waits a moment, longer each time, not always as long as others.
func pause(ctx context.Context, try int) bool {
	full := firstPause << (try - 1)
	timer := time.NewTimer(full/2 + rand.N(full/2)) //nolint:gosec // nobody gains by guessing it
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
