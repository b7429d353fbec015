package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine says what the figures were measured on. Load is how many programs wanted to run in the last minute, before and
// after: more than the processors means that others worked too.
type Machine struct {
	CPUs       int     `json:"cpus"`
	PostgreSQL string  `json:"postgresql"`
	LoadBefore float64 `json:"load_before"`
	LoadAfter  float64 `json:"load_after"`
}

// NewMachine looks at the machine before a measurement.
func NewMachine() Machine { return Machine{CPUs: runtime.NumCPU(), LoadBefore: load()} }

// After completes what is known of the machine.
func (m Machine) After(postgres string) Machine {
	m.PostgreSQL, m.LoadAfter = postgres, load()
	return m
}

// load is the system's load average of a minute; 0 where it is not told.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	value, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return value
}
