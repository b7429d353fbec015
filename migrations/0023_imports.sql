-- +goose Up

-- Which credits of a batch already take back an invoice line, while they wait to be posted.
create index import_rows_credited on import_rows using gin (adjustment jsonb_path_ops) where state in ('waiting','approved');

-- +goose Down
drop index import_rows_credited;
