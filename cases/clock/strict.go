package clock

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// A mistyped name in a calendar or policy would silently change deadlines, so unknown names are refused.

func strictJSON(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(into) //nolint:wrapcheck // the callers say what was read
}

// strictYAML goes through text because only a decoder of text can refuse unknown names.
func strictYAML(node *yaml.Node, into any) error {
	data, err := yaml.Marshal(node)
	if err != nil {
		return fmt.Errorf("write node: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	return dec.Decode(into) //nolint:wrapcheck // the callers say what was read
}
