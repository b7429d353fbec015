package blob_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"makegood/internal/blob"
)

// counter is a server of objects that believes nothing unsigned: it checks each request as Amazon describes it, version 4, for the
// region it is in. Before it obeys it gives the answers it was told to give.
type counter struct {
	t       *testing.T
	mu      sync.Mutex
	region  string
	answers []func(http.ResponseWriter)
	asked   []string
	objects map[string][]byte
}

const (
	keyID  = "KEYOFTHISTEST"
	secret = "secret-of-this-test"
	token  = "token+of/this=test"
)

func serve(t *testing.T, query string, answers ...func(http.ResponseWriter)) (*counter, blob.Outside) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", keyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_SESSION_TOKEN", token)
	c := &counter{t: t, region: "eu-central-1", answers: answers, objects: map[string][]byte{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	place, err := blob.Open("s3://files/a%20b/%C3%BC+~?" + query + "&endpoint=" + server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c, place
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	c.asked = append(c.asked, r.Method)
	if n := len(c.asked); n <= len(c.answers) && c.answers[n-1] != nil {
		c.answers[n-1](w)
		return
	}
	if !strings.Contains(r.Header.Get("Authorization"), "/"+c.region+"/") {
		refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "<Region>"+c.region+"</Region>")(w)
		return
	}
	if why := unsigned(r, content, c.region); why != "" {
		c.t.Error(why)
		refuse(http.StatusForbidden, "SignatureDoesNotMatch", "")(w)
		return
	}
	key := r.URL.Path
	kept, ok := c.objects[key]
	switch {
	case !strings.HasPrefix(key, "/files/a b/ü+~/"):
		c.t.Errorf("%s is no place of ours", key)
	case r.Method == http.MethodPut:
		sum := md5.Sum(content)
		if r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]) || r.ContentLength != int64(len(content)) {
			c.t.Errorf("%v", r.Header)
		}
		c.objects[key] = content
	case r.Method == http.MethodDelete:
		delete(c.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case !ok:
		refuse(http.StatusNotFound, "NoSuchKey", "")(w)
	default:
		_, _ = w.Write(kept)
	}
}

// unsigned says what is wrong with the signature of a request.
func unsigned(r *http.Request, content []byte, region string) string {
	hash := func(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	given := map[string]string{}
	for _, part := range strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ", ") {
		name, value, _ := strings.Cut(part, "=")
		given[name] = value
	}
	if r.Header.Get("X-Amz-Content-Sha256") != hash(content) || r.Header.Get("X-Amz-Security-Token") != token {
		return "another content or token is signed"
	}
	lines := []string{r.Method, strings.ReplaceAll(r.URL.EscapedPath(), "+", "%2B"), ""}
	for _, name := range strings.Split(given["SignedHeaders"], ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		if name == "content-length" {
			value = fmt.Sprint(r.ContentLength)
		}
		lines = append(lines, name+":"+strings.TrimSpace(value))
	}
	lines = append(lines, "", given["SignedHeaders"], hash(content))
	at := r.Header.Get("X-Amz-Date")
	scope := at[:8] + "/" + region + "/s3/aws4_request"
	key := mac(mac(mac(mac([]byte("AWS4"+secret), at[:8]), region), "s3"), "aws4_request")
	want := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+hash([]byte(strings.Join(lines, "\n")))))
	for _, must := range []string{"host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} {
		if !strings.Contains(";"+given["SignedHeaders"]+";", ";"+must+";") {
			return must + " is not signed"
		}
	}
	if given["Credential"] != keyID+"/"+scope || given["Signature"] != want {
		return "the signature is " + given["Signature"] + " and not " + want + " of\n" + strings.Join(lines, "\n")
	}
	return ""
}

func refuse(status int, code, more string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>`+code+`</Code><Message>because</Message>`+more+`</Error>`)
	}
}

var name = strings.Repeat("ab", 32)

// Every request is signed as the bucket will check it, whatever its prefix is called, and the region is learned from the bucket.
func TestRequestsAreSigned(t *testing.T) {
	for _, query := range []string{"region=eu-central-1", ""} {
		c, place := serve(t, query)
		for range 2 {
			if err := place.Put(t.Context(), name, large(7)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := place.Get(t.Context(), name, 1<<30); err != nil || !bytes.Equal(got, large(7)) {
			t.Errorf("%d bytes: %v", len(got), err)
		}
		if got, err := place.Get(t.Context(), name, 10); err != nil || len(got) != 11 {
			t.Errorf("%d bytes of 10: %v", len(got), err)
		}
		for range 2 {
			if err := place.Delete(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		if _, err := place.Get(t.Context(), name, 10); !errors.Is(err, blob.ErrLost) {
			t.Error(err)
		}
		once := map[string]int{"": 1}[query] // to learn the region
		if len(c.asked) != 7+once || len(c.objects) != 0 {
			t.Errorf("%v %d", c.asked, len(c.objects))
		}
	}
}

// What passes is tried again, three times in all; what does not is told at once. Only a bucket that says so has lost a file.
func TestFailuresOfABucket(t *testing.T) {
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	}
	page := func(w http.ResponseWriter) { http.Error(w, "<html>Not here</html>", http.StatusNotFound) }
	busy, denied := refuse(http.StatusServiceUnavailable, "SlowDown", ""), refuse(http.StatusForbidden, "AccessDenied", "")
	type answers = []func(http.ResponseWriter)
	for what, is := range map[string]struct {
		answers answers
		asked   int
		fails   error
	}{
		"busy for a moment":        {answers{busy, refuse(http.StatusInternalServerError, "InternalError", "")}, 3, nil},
		"cut off":                  {answers{cut}, 2, nil},
		"credentials that ran out": {answers{refuse(http.StatusBadRequest, "ExpiredToken", "")}, 2, nil},
		"busy for long":            {answers{busy, busy, busy, busy}, 3, blob.ErrAway},
		"denied":                   {answers{denied}, 1, blob.ErrAway},
		"no such bucket":           {answers{refuse(http.StatusNotFound, "NoSuchBucket", "")}, 1, blob.ErrAway},
		"a page of somebody else":  {answers{page}, 1, blob.ErrAway},
		"lost":                     {answers{refuse(http.StatusNotFound, "NoSuchKey", "")}, 1, blob.ErrLost},
		"another region, wrongly":  {answers{refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>")}, 1, blob.ErrAway},
	} {
		c, place := serve(t, "region=eu-central-1")
		if err := place.Put(t.Context(), name, large(7)); err != nil {
			t.Fatal(err)
		}
		c.asked, c.answers = nil, is.answers
		got, err := place.Get(t.Context(), name, 1<<30)
		if len(c.asked) != is.asked || !errors.Is(err, is.fails) || is.fails == nil && !bytes.Equal(got, large(7)) || is.fails != nil && got != nil {
			t.Errorf("%s: %v, %d bytes, %v", what, c.asked, len(got), err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Error(err)
		}
	}
	for _, answer := range []func(http.ResponseWriter){busy, refuse(http.StatusBadRequest, "ExpiredToken", "")} {
		c, place := serve(t, "region=eu-central-1", answer)
		if err := place.Put(t.Context(), name, large(8)); err != nil || len(c.asked) != 2 || len(c.objects) != 1 {
			t.Errorf("%v %v", c.asked, err)
		}
	}
}
