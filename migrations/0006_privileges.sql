-- +goose Up
-- The application signs in as a member of makegood_app: it reads and writes, but owns nothing, so it can neither drop
-- a trigger nor change, delete or truncate what is posted.
-- +goose StatementBegin
do $$
declare
    t record;
begin
    if not exists (select 1 from pg_roles where rolname = 'makegood_app') then
        create role makegood_app nologin;
    end if;
    execute 'grant usage on schema public to makegood_app';
    execute 'grant select, insert, update, delete on all tables in schema public to makegood_app';
    execute 'grant usage, select on all sequences in schema public to makegood_app';
    for t in select distinct tgrelid::regclass as name from pg_trigger where tgname = 'immutable_rows' loop
        execute format('revoke update, delete, truncate on %s from makegood_app', t.name);
    end loop;
    execute 'revoke insert, update, delete, truncate on audit_heads from makegood_app';
end
$$;
-- +goose StatementEnd
