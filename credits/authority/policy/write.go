package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
)

// Write writes a policy as YAML, in the order of its rules.
func Write(p Policy) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("write policy: %w", err)
	}
	return out.Bytes(), encoder.Close()
}

// Read reads what Write writes, and what a person wrote in the same words. It refuses a word it does not know, with the
// line, and a policy that cannot be compiled.
func Read(text []byte) (Policy, error) {
	var p Policy
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return p, errs.InvalidField("policy", "policy.bad_yaml", "problem", errs.OfYAML(err))
	}
	_, err := Compile(p)
	return p, err
}

func plainText(part any) (string, error) {
	text, err := yaml.Marshal(part)
	return string(text), err
}
