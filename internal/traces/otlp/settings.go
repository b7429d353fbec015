package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// settings are what the standard variables say.
type settings struct {
	headers map[string]string
	timeout time.Duration
	gzip    bool
	tls     *tls.Config // nil: as always
}

// variables reads those of traces, and those of all signals where traces have none of their own.
type variables struct {
	env    func(string) string
	unread func(name string, err error)
}

func (v variables) get(name string) (full, value string) {
	for _, prefix := range []string{"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"} {
		if value := strings.TrimSpace(v.env(prefix + name)); value != "" {
			return prefix + name, value
		}
	}
	return "", ""
}

func read(env func(string) string, unread func(name string, err error)) settings {
	v := variables{env, unread}
	s := settings{headers: v.headers(), timeout: 10 * time.Second, tls: v.tls()}
	if name, text := v.get("TIMEOUT"); text != "" {
		if ms, err := strconv.ParseUint(text, 10, 31); err == nil && ms > 0 {
			s.timeout = time.Duration(ms) * time.Millisecond
		} else {
			unread(name, errors.New("no number of milliseconds"))
		}
	}
	switch name, text := v.get("COMPRESSION"); text {
	case "gzip":
		s.gzip = true
	case "", "none":
	default:
		unread(name, errors.New("neither gzip nor none"))
	}
	return s
}

// headers have the form a=b,c=d with values as in a URL. What is not of it may be part of a secret, so it is not repeated.
func (v variables) headers() map[string]string {
	headers := map[string]string{}
	name, text := v.get("HEADERS")
	if text == "" {
		return headers
	}
	for i, pair := range strings.Split(text, ",") {
		key, escaped, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(escaped))
		key = textproto.TrimString(key)
		if err != nil || !strings.Contains(pair, "=") || !httpguts.ValidHeaderFieldName(key) || !httpguts.ValidHeaderFieldValue(value) {
			v.unread(name, fmt.Errorf("number %d is not of the form name=value", i+1))
			continue
		}
		headers[key] = value
	}
	return headers
}

func (v variables) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if name, file := v.get("CERTIFICATE"); file != "" {
		pem, err := os.ReadFile(file)
		c.RootCAs = x509.NewCertPool()
		if err == nil && !c.RootCAs.AppendCertsFromPEM(pem) {
			err = errors.New("holds no certificate")
		}
		if err != nil {
			c.RootCAs = nil
			v.unread(name, err)
		}
	}
	name, file := v.get("CLIENT_CERTIFICATE")
	if _, key := v.get("CLIENT_KEY"); file != "" && key != "" {
		pair, err := tls.LoadX509KeyPair(file, key)
		if err != nil {
			v.unread(name, err)
		} else {
			c.Certificates = []tls.Certificate{pair}
		}
	}
	if c.RootCAs == nil && c.Certificates == nil {
		return nil
	}
	return c
}
