package web

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
)

// Upload is a file that came with a form.
type Upload struct {
	Name, MediaType string
	Content         []byte
}

// Uploads reads the files of a form's field, those without content left out. More files or bytes together than allowed
// are refused, with the field's name, before they are read.
func Uploads(c echo.Context, field string, maxFiles int, maxBytes int64) ([]Upload, error) {
	form, err := c.MultipartForm()
	if err == http.ErrNotMultipart { //nolint:errorlint // the standard library gives it as it is
		return nil, nil
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.TooLarge, "error.too_large")
	}
	defer func() { _ = form.RemoveAll() }()
	var total int64
	var sent []*multipart.FileHeader
	for _, h := range form.File[field] {
		if h.Size > 0 {
			total += h.Size
			sent = append(sent, h)
		}
	}
	switch {
	case len(sent) > maxFiles:
		return nil, errs.InvalidField(field, "error.too_many_files", "limit", fmt.Sprint(maxFiles))
	case total > maxBytes:
		return nil, errs.InvalidField(field, "error.files_too_large", "limit", fmt.Sprint(maxBytes/1_000_000))
	}
	files := make([]Upload, 0, len(sent))
	for _, h := range sent {
		content, err := readUpload(h)
		if err != nil {
			return nil, err
		}
		files = append(files, Upload{Name: h.Filename, MediaType: h.Header.Get(echo.HeaderContentType), Content: content})
	}
	return files, nil
}

func readUpload(h *multipart.FileHeader) ([]byte, error) {
	opened, err := h.Open()
	if err != nil {
		return nil, fmt.Errorf("open uploaded file: %w", err)
	}
	defer func() { _ = opened.Close() }()
	content, err := io.ReadAll(opened)
	if err != nil {
		return nil, fmt.Errorf("read uploaded file: %w", err)
	}
	return content, nil
}
