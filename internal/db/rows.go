package db

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// QueueList adds a read to a batch; the rows are in the list once the batch has been sent. See List.
func QueueList[T any](batch *pgx.Batch, into *[]T, query string, args ...any) {
	queue(batch, into, asStructs, query, args)
}

// QueueValues adds a read of one column to a batch; the values are in the list once the batch has been sent.
func QueueValues[T any](batch *pgx.Batch, into *[]T, query string, args ...any) {
	queue(batch, into, asValues, query, args)
}

func queue(batch *pgx.Batch, list any, as reading, query string, args []any) {
	batch.Queue(query, args...).Query(func(rows pgx.Rows) error { return appendRows(rows, list, as) })
}

// Table is where rows are inserted: its name, and columns with their types as "name type".
type Table struct {
	Name    string
	Columns []string
}

// QueueRows adds to a batch one statement that inserts all the rows, in their order. Each row has a value for each column. A
// column of a kind of array, "refs text[]", takes a []string.
func QueueRows(batch *pgx.Batch, into Table, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	u := into.Unnest(rows)
	batch.Queue("insert into "+into.Name+" ("+u.Names+") select "+u.Values+" from "+u.From, u.Args...)
}

// Unnested is rows as a part of one statement, whatever their number: From is their place after "from" or "join" under the
// name u, Values are their columns there, Names those of the table.
type Unnested struct {
	From, Names, Values string
	Args                []any
}

// Unnest gives rows to a statement. Each row has a value for each column of the table; the statement has no other arguments
// before them.
func (into Table) Unnest(rows [][]any) Unnested {
	names, places, values := make([]string, len(into.Columns)), make([]string, len(into.Columns)), make([]string, len(into.Columns))
	args := make([]any, len(into.Columns))
	for n, column := range into.Columns {
		name, kind, _ := strings.Cut(column, " ")
		names[n], values[n] = name, "u."+name
		list := make([]any, len(rows))
		for i, row := range rows {
			list[i] = row[n]
		}
		if element, isArray := strings.CutSuffix(kind, "[]"); isArray { // arrays of one length cannot be told apart in one array
			kind, values[n] = "jsonb", "array(select jsonb_array_elements_text(u."+name+"))::"+element+"[]"
			for i := range list {
				list[i] = orEmpty(list[i])
			}
		}
		places[n], args[n] = "$"+strconv.Itoa(n+1)+"::"+kind+"[]", list
	}
	head := strings.Join(names, ", ")
	return Unnested{From: "unnest(" + strings.Join(places, ", ") + ") u (" + head + ")", Names: head, Values: strings.Join(values, ", "), Args: args}
}

// orEmpty keeps an absent list from becoming null.
func orEmpty(list any) any {
	if texts, ok := list.([]string); ok && texts == nil {
		return []string{}
	}
	return list
}
