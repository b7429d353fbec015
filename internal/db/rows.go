package db

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// QueueList adds a read to a batch; the rows are in the list once the batch has been sent. See List.
func QueueList[T any](batch *pgx.Batch, into *[]T, query string, args ...any) {
	batch.Queue(query, args...).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
		*into = list
		return err
	})
}

// QueueValues adds a read of one column to a batch; the values are in the list once the batch has been sent.
func QueueValues[T any](batch *pgx.Batch, into *[]T, query string, args ...any) {
	batch.Queue(query, args...).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[T])
		*into = list
		return err
	})
}

// Table is where rows are inserted: its name, and columns with their types as "name type".
type Table struct {
	Name    string
	Columns []string
}

// QueueRows adds to a batch one statement that inserts all the rows, in their order. Each row has a value for each column.
func QueueRows(batch *pgx.Batch, into Table, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	var names, arrays strings.Builder
	args := make([]any, len(into.Columns))
	for n, column := range into.Columns {
		name, kind, _ := strings.Cut(column, " ")
		if n > 0 {
			names.WriteString(", ")
			arrays.WriteString(", ")
		}
		names.WriteString(name)
		arrays.WriteString("$" + strconv.Itoa(n+1) + "::" + kind + "[]")
		values := make([]any, len(rows))
		for i, row := range rows {
			values[i] = row[n]
		}
		args[n] = values
	}
	batch.Queue("insert into "+into.Name+" ("+names.String()+") select * from unnest("+arrays.String()+")", args...)
}
