-- +goose Up
-- Parts of names are found by their trigrams where the server has them, also where it got them after the step that first asked for them.
-- +goose StatementBegin
do $$
begin
    if exists (select 1 from pg_available_extensions where name = 'pg_trgm') then
        create extension if not exists pg_trgm;
    end if;
end
$$;
-- +goose StatementEnd
