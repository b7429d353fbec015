package errs_test

import (
	"errors"
	"testing"

	"makegood/internal/errs"
)

func TestOfYAMLNamesNoTypes(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"yaml: unmarshal errors:\n  line 3: field foo not found in type cases.ReasonEntry": "yaml: unmarshal errors:\n  line 3: field foo not found",
		"yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into []policy.Rule": "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x`",
		"yaml: line 2: mapping values are not allowed in this context":                     "yaml: line 2: mapping values are not allowed in this context",
	} {
		if got := errs.OfYAML(errors.New(said)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
