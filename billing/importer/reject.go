package importer

import (
	"encoding/json"

	"makegood/internal/errs"
)

// Rejection is a row, or an object of a JSON file, that became no record. Row is counted as a spreadsheet program does
// (objects: by place), Column is the source's own name of the column at fault ("" when it is the row as a whole), Got is
// what stood there and Expected what would have been taken. Ref is the document the row belongs to, where it names one.
// Left says that the row was understood and rightly left out, such as a draft: it is no fault of the file.
type Rejection struct {
	Row      int         `json:"row"`
	Column   string      `json:"column,omitempty"`
	Field    Field       `json:"field,omitempty"`
	Key      string      `json:"key"`
	Params   errs.Params `json:"params,omitempty"`
	Got      string      `json:"got,omitempty"`
	Expected string      `json:"expected,omitempty"`
	Ref      string      `json:"ref,omitempty"`
	Left     bool        `json:"left,omitempty"`
	// Raw is the source itself as JSON: the cells by the names of their columns, or the object.
	Raw json.RawMessage `json:"raw,omitempty"`
}

// Sink takes what is read, in the order of the file. An error from it ends the reading.
type Sink struct {
	Record func(Record) error
	Reject func(Rejection) error
}

// Summary counts what a file held. Rows are those that are not empty, header and title lines left out.
type Summary struct {
	Rows     int
	Records  int
	Rejected int
	Left     int
	Headers  []string // of a table, in its order
}

// maxGot is how much of a cell a rejection repeats.
const maxGot = 200

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= maxGot {
		return s
	}
	return string(runes[:maxGot-1]) + "…"
}
