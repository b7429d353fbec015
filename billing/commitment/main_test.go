package commitment_test

import (
	"testing"

	"makegood/internal/raced"
)

func TestMain(m *testing.M) { raced.Main(m) }
