package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
)

// Upload is a file that came with a form.
type Upload struct {
	Name, MediaType string
	Content         []byte
}

// Customers attach what they have, and do not know what is too much. Their forms are therefore read to the end, so that the answer can be
// the form with what they typed: a browser whose upload is broken off shows neither. What is too much is read past and kept nowhere.
const (
	maxForm   = 128 << 20 // how much is read
	maxFields = 1 << 20   // bytes of all texts together
	maxKept   = 24 << 20  // bytes of all files together
	maxParts  = 1000
	formKey   = "makegood.form"
)

// patient tells whether a request is a form that is read to the end.
func patient(c echo.Context) bool {
	return c.Request().Method == http.MethodPost && strings.HasPrefix(strings.ToLower(c.Request().Header.Get(echo.HeaderContentType)), "multipart/form-data") &&
		slices.Contains([]string{contactForm, "/portal/invoices/:number/dispute", "/portal/requests/:number/messages"}, c.Path())
}

// sentForm is what was kept of the files of a form.
type sentForm struct {
	files map[string][]Upload
	bytes map[string]int64 // of all files, those that were read past too
	left  int64            // room for more files
	long  bool             // more came than is kept
	err   error

	enter func() bool // whether there is room for one more form with files
	held  bool
	busy  bool // there was none: its files are read past
}

// readForm reads a form to its end. Its texts are found in the request, as if the standard library had read it.
func readForm(r *http.Request, enter func() bool) *sentForm {
	form := &sentForm{files: map[string][]Upload{}, bytes: map[string]int64{}, left: maxKept, enter: enter}
	fields := url.Values{}
	form.err = form.read(r, fields)
	var large *http.MaxBytesError
	form.long = form.long || errors.As(form.err, &large)
	all := r.URL.Query()
	for name, values := range fields {
		all[name] = append(slices.Clone(values), all[name]...)
	}
	r.PostForm, r.Form, r.MultipartForm = fields, all, &multipart.Form{Value: fields}
	return form
}

func (f *sentForm) read(r *http.Request, fields url.Values) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	room := int64(maxFields)
	var tooLong error
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return tooLong
		}
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			if err := f.keep(part); err != nil {
				return err
			}
			continue
		}
		text, more, err := readPart(part, room)
		if err != nil {
			return err
		}
		if room -= int64(len(text)); more > 0 {
			tooLong = errors.New("its texts are too long")
		}
		fields.Add(part.FormName(), string(text))
	}
	return errors.New("it has too many parts")
}

// readPart reads a part as far as there is room, and past the rest.
func readPart(part *multipart.Part, room int64) (content []byte, more int64, err error) {
	if content, err = io.ReadAll(io.LimitReader(part, room)); err == nil {
		more, err = io.Copy(io.Discard, part)
	}
	return content, more, err
}

// keep keeps a file while there is room, and reads past it otherwise.
func (f *sentForm) keep(part *multipart.Part) error {
	if !f.held && !f.busy {
		f.held = f.enter()
		if f.busy = !f.held; f.busy {
			f.left = 0
		}
	}
	content, more, err := readPart(part, f.left)
	if err != nil {
		return err
	}
	size := int64(len(content)) + more
	if f.left -= int64(len(content)); more > 0 {
		f.long, content = true, nil
	}
	if size > 0 {
		f.bytes[part.FormName()] += size
		f.files[part.FormName()] = append(f.files[part.FormName()], Upload{Name: part.FileName(), MediaType: part.Header.Get(echo.HeaderContentType), Content: content})
	}
	return nil
}

// SentFiles tells whether files came with a form, taken in or not: whoever is shown the form again has to choose them again.
func SentFiles(c echo.Context) bool {
	form, read := c.Get(formKey).(*sentForm)
	return read && (len(form.files) > 0 || form.long)
}

// Uploads gives the files of a form's field, those without content left out. More files or bytes together than allowed are refused, with
// the field's name; what was typed beside them is there all the same. It may be asked for on the routes of patient only.
func Uploads(c echo.Context, field string, maxFiles int, maxBytes int64) ([]Upload, error) {
	form, read := c.Get(formKey).(*sentForm)
	if !read {
		if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), "multipart/") {
			return nil, fmt.Errorf("files are not read on %s", c.Path())
		}
		return nil, nil
	}
	files := form.files[field]
	switch {
	case form.busy && len(files) > 0:
		return nil, errs.New(errs.TooMany, "error.busy_files")
	case len(files) > maxFiles:
		return nil, errs.InvalidField(field, "error.too_many_files", "limit", fmt.Sprint(maxFiles))
	case form.long || form.bytes[field] > maxBytes:
		return nil, errs.InvalidField(field, "error.files_too_large", "limit", fmt.Sprint(maxBytes/1_000_000))
	case form.err != nil:
		return nil, errs.Wrap(form.err, errs.TooLarge, "error.too_large")
	}
	return files, nil
}
