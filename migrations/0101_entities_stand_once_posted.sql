-- +goose Up
-- What documents and entries rest on is not changed under them: an entity's code begins its numbers, its base currency is what
-- its books add up in, its country is whose law its documents follow, and its fiscal month says in which year a number is.
-- +goose StatementBegin
create function entity_stands_once_posted() returns trigger language plpgsql as $$
begin
    if (new.code, new.base_currency, new.country, new.fiscal_month) is distinct from (old.code, old.base_currency, old.country, old.fiscal_month)
            and (exists (select 1 from journal_entries where entity_id = old.id) or exists (select 1 from document_sequences where entity_id = old.id)) then
        raise exception 'something is posted in the books of %: code, base currency, country and fiscal month stand', old.code
            using errcode = 'integrity_constraint_violation', constraint = 'entity_stands_once_posted', table = 'legal_entities';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger entity_stands_once_posted before update of code, base_currency, country, fiscal_month on legal_entities
    for each row execute function entity_stands_once_posted();
