package blob

import (
	"errors"
	"net/url"
)

// Open makes the place that an address names: nothing for "" (all files stay in the database), a folder for
// file:///var/lib/makegood/files, and for s3://bucket/prefix a bucket of S3 or of a server that speaks like it
// (?endpoint=https://objects.example.com&region=eu-central-1). Credentials come from where S3 programs look for them:
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the shared file, or the machine's role. Somebody may write them into the address all the
// same, so no error quotes it.
func Open(address string) (Outside, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // no address is no place
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("MAKEGOOD_BLOB_URL is no address; write file:///var/lib/makegood/files or s3://bucket/prefix") // err quotes it
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" || u.Path == "" || u.Path == "/" {
			return nil, errors.New("MAKEGOOD_BLOB_URL names no folder; write file:///var/lib/makegood/files")
		}
		return openFolder(u.Path)
	case "s3":
		return openBucket(u)
	}
	return nil, errors.New("MAKEGOOD_BLOB_URL is neither file:///folder nor s3://bucket")
}
