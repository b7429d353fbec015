package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
)

// ReadReasonBook reads a book as YAML. What it does not know is refused, so that no slip of the pen is lost.
func ReadReasonBook(text []byte) (ReasonBook, error) {
	var b ReasonBook
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&b); err != nil && !errors.Is(err, io.EOF) {
		return b, errs.InvalidField("file", "reasons.bad_yaml", "problem", errs.OfYAML(err))
	}
	return b, nil
}

// WriteReasonBook is the book as YAML, as ReadReasonBook reads it.
func WriteReasonBook(b ReasonBook) ([]byte, error) {
	text, err := yaml.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write reasons: %w", err)
	}
	return text, nil
}
