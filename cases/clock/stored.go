package clock

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Calendars and policies are stored as the JSON they are exported as.

// Value gives the JSON to store.
func (c Calendar) Value() (driver.Value, error) { return jsonValue(c) }

// Scan reads stored JSON.
func (c *Calendar) Scan(stored any) error { return scanJSON(stored, c) }

// Value gives the JSON to store.
func (p Policy) Value() (driver.Value, error) { return jsonValue(p) }

// Scan reads stored JSON.
func (p *Policy) Scan(stored any) error { return scanJSON(stored, p) }

func jsonValue(v any) (driver.Value, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write %T: %w", v, err)
	}
	return string(data), nil
}

func scanJSON(stored, into any) error {
	var data []byte
	switch s := stored.(type) {
	case []byte:
		data = s
	case string:
		data = []byte(s)
	default:
		return fmt.Errorf("read %T: stored as %T", into, stored)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %T: %w", into, err)
	}
	return nil
}
