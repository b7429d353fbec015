package reports

// Statement is the select of a fact's rows, for a test of its plan: $1 the beginning of the period, $2 its end, $3 now.
func (f Fact) Statement() string { return f.statement() }
