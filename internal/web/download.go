package web

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// Download hands over a file to be saved. A browser must never show it as a page of ours, so neither its name nor its type is
// trusted: it is an attachment whatever it is, nobody guesses what it is, and if it is opened all the same it may do nothing.
func Download(c echo.Context, name, mediaType string, content []byte) error {
	return c.Blob(http.StatusOK, saved(c, name, mediaType), content)
}

// StreamDownload is Download of a file that is still being written; what is written to it goes out at once.
func StreamDownload(c echo.Context, name, mediaType string) io.Writer {
	c.Response().Header().Set(echo.HeaderContentType, saved(c, name, mediaType))
	c.Response().WriteHeader(http.StatusOK)
	return c.Response()
}

// saved has the browser save what is answered, and gives the media type to answer with.
func saved(c echo.Context, name, mediaType string) string {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, disposition(safeName(name)))
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	kind, _, err := mime.ParseMediaType(mediaType)
	if err != nil || !strings.Contains(kind, "/") {
		kind = "application/octet-stream"
	}
	return kind
}

// Saved is the header by which a browser saves an answer under a name, and never shows it.
func Saved(name string) string { return disposition(safeName(name)) }

// disposition never lets a browser show the file, even where its name cannot be written.
func disposition(name string) string {
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}

// safeName keeps a file name from being a path, from ending the header, and from being read backwards.
func safeName(name string) string {
	safe := []rune{}
	for _, r := range strings.ToValidUTF8(name, "_") {
		if r < ' ' || r == '/' || r == '\\' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			r = '_'
		}
		safe = append(safe, r)
	}
	if len(safe) == 0 {
		return "attachment"
	}
	return string(safe[:min(len(safe), 120)])
}
