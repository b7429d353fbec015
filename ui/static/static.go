// Package static holds everything a browser loads besides pages: our styles and modules, and the vendored
// ones with their licences. It is embedded in the binary and served under a fingerprint, so browsers keep
// it for a year and never ask twice.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed assets
var embedded embed.FS

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

const fingerprintLength = 12

// packed marks the large files of others: they are kept compressed in the binary, which is how nearly every browser wants them.
const packed = ".gz"

// asset is one file with what its answers need; the form that it is not kept in is made at its first request.
type asset struct {
	body        func() []byte
	contentType string
	tag         string
	zipped      func() []byte
}

// bundle is every asset by name and the fingerprint of all of them together. One fingerprint for all keeps
// relative references between files (fonts in styles, imports in modules) true.
type bundle struct {
	assets      map[string]*asset
	fingerprint string
}

// load reads the embedded files once; what it returns never changes afterwards.
var load = sync.OnceValue(readBundle)

func readBundle() *bundle {
	b := &bundle{assets: map[string]*asset{}}
	whole := sha256.New()
	// Reading embedded files cannot fail; WalkDir goes in lexical order, so the fingerprint is stable.
	_ = fs.WalkDir(embedded, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		short := strings.TrimPrefix(name, "assets/")
		sum := sha256.Sum256(body)
		whole.Write([]byte(short))
		whole.Write(sum[:])
		b.assets[strings.TrimSuffix(short, packed)] = newAsset(short, body, sum[:])
		return nil
	})
	b.fingerprint = hex.EncodeToString(whole.Sum(nil))[:fingerprintLength]
	return b
}

func newAsset(name string, body, sum []byte) *asset {
	a := &asset{contentType: contentType(name), tag: hex.EncodeToString(sum)[:fingerprintLength]}
	if plain, ok := strings.CutSuffix(name, packed); ok {
		a.contentType = contentType(plain)
		a.zipped = func() []byte { return body }
		a.body = sync.OnceValue(func() []byte { return expand(body) })
		return a
	}
	a.body = func() []byte { return body }
	a.zipped = sync.OnceValue(func() []byte { return compress(name, body) })
	return a
}

// contentType is fixed here, because the machine's own table of types differs between systems.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	default:
		return "text/plain; charset=utf-8"
	}
}

// URL is the address of an asset such as "css/kit.css", with the fingerprint in it. A name that does not
// exist gives an address that answers 404; a test over all callers keeps that from happening.
func URL(name string) string {
	b := load()
	if _, ok := b.assets[name]; !ok {
		return Prefix + "missing/" + name
	}
	return Prefix + b.fingerprint + "/" + name
}

// Has tells whether an asset of that name exists.
func Has(name string) bool {
	_, ok := load().assets[name]
	return ok
}
