package inbox_test

import (
	"testing"

	"makegood/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
