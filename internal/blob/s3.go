package blob

import (
	"context"
	"crypto/md5" //nolint:gosec // against mishaps on the way, not against people; servers expect it of some buckets
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// bucket keeps files in a bucket of S3.
type bucket struct {
	client       *http.Client
	credentials  *credentials.Credentials
	endpoint     *url.URL // nil: Amazon's, which depends on the region
	name, prefix string
	region       string // as configured; "" to go by what the server says
	told         atomic.Pointer[string]
}

func openBucket(u *url.URL) (Outside, error) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil { // or a half-read endpoint would make it Amazon's
		return nil, errors.New("MAKEGOOD_BLOB_URL: what follows the ? cannot be read; write ?endpoint=https://objects.example.com&region=eu-central-1")
	}
	endpoint, err := endpointOf(q.Get("endpoint"))
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.User != nil {
		return nil, errors.New("MAKEGOOD_BLOB_URL names no bucket, or holds credentials; write s3://bucket/prefix, and the credentials into the environment")
	}
	return &bucket{
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 16,
				IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // what is signed is for one address
		},
		credentials: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
		}),
		endpoint: endpoint, region: q.Get("region"), name: u.Host, prefix: strings.Trim(u.Path, "/"),
	}, nil
}

func endpointOf(address string) (*url.URL, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // Amazon's own
	}
	e, err := url.Parse(address)
	if err != nil || e.Host == "" || e.User != nil || e.Scheme != "https" && e.Scheme != "http" {
		return nil, errors.New("MAKEGOOD_BLOB_URL: endpoint is no address of the form https://objects.example.com")
	}
	if host := e.Hostname(); !s3utils.IsValidIP(host) && !s3utils.IsValidDomain(host) {
		return nil, errors.New("MAKEGOOD_BLOB_URL: endpoint names no host that can be one")
	}
	return &url.URL{Scheme: e.Scheme, Host: e.Host}, nil
}

func (b *bucket) object(key string) string { return path.Join(b.prefix, key[:2], key) }

// address is where an object is to be asked for in a region. Servers other than Amazon's seldom have a host name for each bucket, and
// no certificate is for one with a dot in it.
func (b *bucket) address(object, region string) *url.URL {
	at := url.URL{Scheme: "https", Host: "s3.dualstack." + region + ".amazonaws.com"}
	if strings.HasPrefix(region, "cn-") {
		at.Host += ".cn"
	}
	if b.endpoint != nil {
		at = *b.endpoint
	}
	at.Path = "/" + object
	if b.endpoint == nil && !strings.Contains(b.name, ".") {
		at.Host = b.name + "." + at.Host
	} else {
		at.Path = "/" + b.name + at.Path
	}
	at.RawPath = s3utils.EncodePath(at.Path) // as the signature has it
	return &at
}

// Put has the server check what arrived by its MD5, and by the SHA-256 that is signed with it.
func (b *bucket) Put(ctx context.Context, key string, content []byte) error {
	sum := md5.Sum(content) //nolint:gosec // see above
	_, err := b.ask(ctx, order{method: http.MethodPut, object: b.object(key), content: content, header: http.Header{
		"Content-Type": {"application/octet-stream"}, "Content-Md5": {base64.StdEncoding.EncodeToString(sum[:])},
	}})
	return away(err)
}

// Get reads a file; see folder.Get for the limit.
func (b *bucket) Get(ctx context.Context, key string, limit int64) ([]byte, error) {
	content, err := b.ask(ctx, order{method: http.MethodGet, object: b.object(key), limit: limit + 1})
	if refused, ok := errors.AsType[*refusedError](err); ok && refused.status == http.StatusNotFound && refused.Code == "NoSuchKey" {
		return nil, ErrLost
	}
	return content, away(err)
}

// Delete removes a file; S3 says nothing of one that is not there.
func (b *bucket) Delete(ctx context.Context, key string) error {
	_, err := b.ask(ctx, order{method: http.MethodDelete, object: b.object(key)})
	if refused, ok := errors.AsType[*refusedError](err); ok && refused.status == http.StatusNotFound && refused.Code == "NoSuchKey" {
		return nil
	}
	return away(err)
}
