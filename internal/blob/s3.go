package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps files in a bucket of S3.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

func openBucket(u *url.URL) (Outside, error) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil { // or a half-read endpoint would make it Amazon's
		return nil, errors.New("MAKEGOOD_BLOB_URL: what follows the ? cannot be read; write ?endpoint=https://objects.example.com&region=eu-central-1")
	}
	host, secure := "s3.amazonaws.com", true
	if endpoint := q.Get("endpoint"); endpoint != "" {
		e, err := url.Parse(endpoint)
		if err != nil || e.Host == "" || e.User != nil || e.Scheme != "https" && e.Scheme != "http" {
			return nil, errors.New("MAKEGOOD_BLOB_URL: endpoint is no address of the form https://objects.example.com")
		}
		host, secure = e.Host, e.Scheme == "https"
	}
	if u.Host == "" || u.User != nil {
		return nil, errors.New("MAKEGOOD_BLOB_URL names no bucket, or holds credentials; write s3://bucket/prefix, and the credentials into the environment")
	}
	client, err := minio.New(host, &minio.Options{
		Secure: secure, Region: q.Get("region"), MaxRetries: 3, BucketLookup: lookup(q.Get("endpoint")),
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
		}),
	})
	if err != nil {
		return nil, errors.New("MAKEGOOD_BLOB_URL: endpoint names no host that can be one")
	}
	return &bucket{client: client, name: u.Host, prefix: strings.Trim(u.Path, "/")}, nil
}

// lookup: servers other than Amazon's seldom have a host name for each bucket.
func lookup(endpoint string) minio.BucketLookupType {
	if endpoint == "" {
		return minio.BucketLookupAuto
	}
	return minio.BucketLookupPath
}

func (b *bucket) object(key string) string { return path.Join(b.prefix, key[:2], key) }

// Put has the server check what arrived by its MD5.
func (b *bucket) Put(ctx context.Context, key string, content []byte) error {
	_, err := b.client.PutObject(ctx, b.name, b.object(key), bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{
		ContentType: "application/octet-stream", SendContentMd5: true, DisableMultipart: true,
	})
	return away(err)
}

// Get reads a file; see folder.Get for the limit.
func (b *bucket) Get(ctx context.Context, key string, limit int64) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.name, b.object(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, away(err)
	}
	defer func() { _ = object.Close() }()
	content, err := io.ReadAll(io.LimitReader(object, limit+1))
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound && minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, ErrLost
	}
	return content, away(err)
}

// Delete removes a file; S3 says nothing of one that is not there.
func (b *bucket) Delete(ctx context.Context, key string) error {
	return away(b.client.RemoveObject(ctx, b.name, b.object(key), minio.RemoveObjectOptions{}))
}
