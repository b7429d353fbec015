-- +goose Up
-- What customers read of a reason is written in their language, and a code means the same for ever: it stands on documents.
alter table reason_codes
    add column wordings jsonb not null default '{}' check (jsonb_typeof(wordings) = 'object'),
    add column version integer not null default 1;
comment on column reason_codes.wordings is 'what customers read, by language (de, zh-Hans, ja, pt); the name where a language is not there';

-- +goose StatementBegin
create function wording_of(reason reason_codes, said_in text) returns text language sql stable as $$
    select coalesce(reason.wordings ->> case
        when split_part(lower(said_in), '-', 1) <> 'zh' then split_part(lower(said_in), '-', 1)
        when lower(said_in) ~ '-(hant|tw|hk|mo)' then 'en' -- readers of traditional characters get English rather than simplified ones
        else 'zh-Hans' end, reason.name)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function code_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.code is distinct from old.code then
        raise exception 'a code is retired, never deleted or called otherwise'
            using errcode = 'integrity_constraint_violation', constraint = 'code_stands', table = tg_table_name;
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger code_stands before update of code or delete on reason_codes for each row execute function code_stands();

call grant_to_application();
