// Package table reads the rows of CSV and XLSX files as people and programs really write them: whatever the separator,
// charset or line end, one row at a time, within bounds. It is pure, and knows nothing of what the cells mean.
package table
