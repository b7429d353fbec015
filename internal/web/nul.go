package web

import (
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
)

// How much of a form is read, bytes of one without files, and bytes of files that are kept in
// memory, not on the disk.
const (
	maxText  = 10 << 20
	inMemory = maxFile // the program writes nothing to the disk, which may be read-only
)

// refuseNUL answers 400 to a path, a query or a form that holds a NUL. No text of ours can: the database keeps none, and pages write their
// own signs with it (i18n). Forms are read here as handlers read them, who find them read. Bodies of the API are JSON and come back on no page.
func refuseNUL(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if strings.ContainsRune(r.URL.Path, 0) || holdNUL(r.URL.Query()) {
			return noText()
		}
		if isForm(r) && !late(c) {
			legible(r)
			if err := readBody(c.Response(), r); err != nil {
				return err
			}
			if holdNUL(r.Form) || filesHoldNUL(r.MultipartForm) {
				return noText()
			}
		}
		return next(c)
	}
}

// legible leaves out of a query what cannot be read: a mailer may have mangled the link, and the form itself is whole.
func legible(r *http.Request) {
	if values, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		r.URL.RawQuery = values.Encode()
	}
}

func noText() error { return errs.Wrap(echo.ErrBadRequest, errs.Invalid, "error.no_text") }

// isForm tells what handlers read as a form.
func isForm(r *http.Request) bool {
	kind := strings.ToLower(r.Header.Get(echo.HeaderContentType))
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasPrefix(r.URL.Path, "/api/") &&
		(strings.HasPrefix(kind, echo.MIMEApplicationForm) || strings.HasPrefix(kind, echo.MIMEMultipartForm))
}

// readBody reads a form; it can be read only once, so whatever is wrong with it is said here.
func readBody(w http.ResponseWriter, r *http.Request) error {
	read := func() error { return r.ParseMultipartForm(inMemory) }
	if kind := r.Header.Get(echo.HeaderContentType); strings.HasPrefix(strings.ToLower(kind), echo.MIMEApplicationForm) {
		r.Body = http.MaxBytesReader(w, r.Body, maxText)
		read = r.ParseForm
	}
	err := read()
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large), errors.Is(err, multipart.ErrMessageTooLarge):
		return errs.Wrap(err, errs.TooLarge, "error.too_large")
	}
	return errs.Wrap(fmt.Errorf("%w: %w", echo.ErrBadRequest, err), errs.Invalid, "error.no_form")
}

func holdNUL(values url.Values) bool {
	for name, list := range values {
		if strings.ContainsRune(name, 0) || slices.ContainsFunc(list, func(v string) bool { return strings.ContainsRune(v, 0) }) {
			return true
		}
	}
	return false
}

func filesHoldNUL(form *multipart.Form) bool {
	if form == nil {
		return false
	}
	for name, list := range form.File {
		if strings.ContainsRune(name, 0) || slices.ContainsFunc(list, func(f *multipart.FileHeader) bool { return strings.ContainsRune(f.Filename, 0) }) {
			return true
		}
	}
	return false
}

func (f *sentForm) namesHoldNUL() bool {
	for name, list := range f.files {
		if strings.ContainsRune(name, 0) || slices.ContainsFunc(list, func(u Upload) bool { return strings.ContainsRune(u.Name, 0) }) {
			return true
		}
	}
	return false
}
