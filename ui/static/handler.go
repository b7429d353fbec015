package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const (
	forever = "public, max-age=31536000, immutable"
	recheck = "no-cache"
)

// Handler serves Prefix. An address with the present fingerprint may be kept for ever; one with another
// fingerprint (a page sent by an older or newer copy of the program) gets the present file, to be asked
// for again next time.
func Handler() http.Handler {
	return http.HandlerFunc(serve)
}

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	b := load()
	fingerprint, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	found, ok := b.assets[name]
	if !ok || fingerprint == "missing" {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", recheck)
	if fingerprint == b.fingerprint {
		header.Set("Cache-Control", forever)
	}
	header.Set("Content-Type", found.contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Vary", "Accept-Encoding")
	body, tag := []byte(nil), `"`+found.tag+`"`
	if acceptsGzip(r) {
		body = found.zipped()
	}
	if body != nil {
		tag = `"` + found.tag + `-gz"`
		header.Set("Content-Encoding", "gzip")
	} else {
		body = found.body()
	}
	header.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader has gone away when this fails
	}
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" || coding == "*" {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// compress gives the gzip form, or nil when the file is compressed by its nature or gains nothing.
func compress(name string, body []byte) []byte {
	switch path.Ext(name) {
	case ".woff2", ".png":
		return nil
	}
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := zip.Write(body); err != nil || zip.Close() != nil || out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

// expand gives the plain form of a file that is kept compressed. The file is ours: a test reads each.
func expand(zipped []byte) []byte {
	plain, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil
	}
	body, err := io.ReadAll(plain)
	if err != nil {
		return nil
	}
	return body
}
