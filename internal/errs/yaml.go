package errs

import "regexp"

var goType = regexp.MustCompile(` (?:in|into) (?:type )?[\w.*\[\]]+\.[\w\[\]]+`)

// OfYAML is what a reader of YAML says is wrong, without the names of the program's own types.
func OfYAML(err error) string { return goType.ReplaceAllString(err.Error(), "") }
