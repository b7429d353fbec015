package outside_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"makegood/internal/outside"
)

func dot(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
		"192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::", "2002:c0a8:101::1", "3fff::1",
		"5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
	} {
		if outside.Public(netip.MustParseAddr(address)) {
			t.Errorf("%s counts as public", address)
		}
	}
	for _, address := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "::ffff:9.9.9.9", "2606:4700::1111", "2a00:1450:4001::1"} {
		if !outside.Public(netip.MustParseAddr(address)) {
			t.Errorf("%s does not count as public", address)
		}
	}
	if outside.Public(netip.Addr{}) {
		t.Error("no address counts as public")
	}
}

// site is a web server the guard may reach, beside one it may not.
type site struct {
	*httptest.Server
	inner *httptest.Server
	asked atomic.Int64 // requests that reached the inner one
	guard *outside.Guard
}

func open(t *testing.T, routes map[string]http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	s.inner = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked.Add(1)
		_, _ = w.Write(dot(t))
	}))
	t.Cleanup(s.inner.Close)
	mux := http.NewServeMux()
	for path, answer := range routes {
		mux.HandleFunc(path, answer)
	}
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.guard = outside.New(outside.Options{Also: []netip.AddrPort{netip.MustParseAddrPort(s.Listener.Addr().String())}})
	return s
}

func TestAPictureComesAlone(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]http.HandlerFunc{"/dot.svg": func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Cookie", "Referer", "Authorization", "X-Forwarded-For"} {
			if r.Header.Get(name) != "" {
				t.Errorf("tells its %s: %s", name, r.Header.Get(name))
			}
		}
		w.Header().Set("Content-Type", "image/svg+xml") // what it calls itself does not count
		_, _ = w.Write(dot(t))
	}})
	got, err := s.guard.Picture(t.Context(), s.URL+"/dot.svg")
	if err != nil || got.MediaType != "image/png" || !bytes.Equal(got.Content, dot(t)) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestOnlyPicturesComeBack(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]http.HandlerFunc{
		"/svg": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
		},
		"/html": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><script>1</script></html>"))
		},
		"/secret": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"key":"value"}`)) },
		"/large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(dot(t), make([]byte, outside.MaxPicture)...))
		},
		"/gone": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	})
	for path, want := range map[string]error{
		"/svg": outside.ErrNoPicture, "/html": outside.ErrNoPicture, "/secret": outside.ErrNoPicture, "/large": outside.ErrNoPicture, "/gone": outside.ErrUnreachable,
	} {
		if _, err := s.guard.Picture(t.Context(), s.URL+path); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNothingInsideIsReached(t *testing.T) {
	t.Parallel()
	var s *site
	s = open(t, map[string]http.HandlerFunc{
		"/away": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.inner.URL, http.StatusFound) },
		"/file": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		},
		"/user": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(s.URL, "://", "://a:b@", 1), http.StatusFound)
		},
		"/round": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) },
	})
	_, port, err := net.SplitHostPort(s.inner.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		s.inner.URL, s.URL + "/away", s.URL + "/file", s.URL + "/user",
		"http://localhost:" + port, "http://[::1]:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://[::127.0.0.1]:" + port,
		"http://[::ffff:7f00:1]:" + port, "http://[0:0:0:0:0:ffff:127.0.0.1]:" + port, "http://[fe80::1%25lo]:" + port, "http://0.0.0.0:" + port, "http://[::]:" + port,
		"http://[64:ff9b::7f00:1]:" + port, "http://[2002:7f00:1::]:" + port,
		"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://1.1.1.1:22/", "http://a:b@127.0.0.1:" + port,
		"ftp://127.0.0.1/x.png", "file:///etc/passwd", "gopher://127.0.0.1:" + port, "javascript:alert(1)", "//127.0.0.1", "", "http://", "%zz",
	} {
		if _, err := s.guard.Picture(t.Context(), address); !errors.Is(err, outside.ErrClosed) {
			t.Errorf("%s: %v", address, err)
		}
	}
	// Forms of an address that only some programs read as one: whatever they lead to, it is not inside.
	for _, address := range []string{"http://2130706433:" + port, "http://0x7f000001:" + port, "http://0177.0.0.1:" + port, "http://127.1:" + port, s.URL + "/round"} {
		if _, err := s.guard.Picture(t.Context(), address); err == nil {
			t.Errorf("%s is answered", address)
		}
	}
	if n := s.asked.Load(); n != 0 {
		t.Errorf("the server inside was asked %d times", n)
	}
}
