-- +goose Up
-- What cases are found by: the words of everything written, in any script, and views that people keep.

-- Words are cut in one place for what is kept and for what is sought, so that both are cut alike whatever the locale:
-- accents and widths are levelled, punctuation parts, and of Chinese and Japanese, which part nothing, each two neighbouring
-- characters are a word. What is kept has the single characters too.
-- +goose StatementBegin
create function search_lexemes(said text, sought boolean) returns text[] language plpgsql immutable parallel safe as $$
declare
    plain text := left(said, 50000);
    han   text := '[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]+';
    words text[] := '{}';
begin
    if octet_length(plain) <> length(plain) then
        plain := normalize(regexp_replace(normalize(plain, nfkd), '[\u0300-\u036f]', '', 'g'), nfkc);
        plain := translate(plain, U&'\3001\3002\300C\300D\300E\300F\3010\3011\30FB\2010\2011\2012\2013\2014\2018\2019\201A\201C\201D\201E\00AB\00BB\00B7\00BF\00A1\20AC\00A3',
            repeat(' ', 27));
        if plain ~ han then
            words := array(select substr(run[1], n, 2) from regexp_matches(plain, han, 'g') run,
                generate_series(1, greatest(length(run[1]) - 1, 1)) n);
            if not sought then
                words := words || array(select c from regexp_matches(plain, han, 'g') run, regexp_split_to_table(run[1], '') c);
            end if;
            plain := regexp_replace(plain, han, ' ', 'g');
        end if;
    end if;
    plain := lower(translate(plain, E'\t\n\r\f\013!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~', repeat(' ', 37)));
    return array(select distinct w from unnest(words || string_to_array(plain, ' ')) w where w <> '' and length(w) <= 64);
end
$$;
-- +goose StatementEnd

create function search_words(said text) returns tsvector language sql immutable parallel safe
    return array_to_tsvector(search_lexemes(said, false));

-- What is sought must all be there; the last word, which may still be being typed, may be the beginning of one, and of one or two
-- letters beside others it is not asked for.
-- +goose StatementBegin
create function search_query(said text) returns tsquery language plpgsql immutable parallel safe as $$
declare
    lexemes text[] := search_lexemes(said, true);
    ending  text := lower(substring(said from '[A-Za-z]{3,}$'));
    begun   text := lower(substring(said from '[^A-Za-z0-9]([A-Za-z]{1,2})$'));
begin
    if begun is not null and cardinality(lexemes) > 1 then
        lexemes := array_remove(lexemes, begun);
    end if;
    return (select coalesce(string_agg('''' || w || case when w = ending then ''':*' else '''' end, ' & '), '')
        from unnest(lexemes) w)::tsquery;
end
$$;
-- +goose StatementEnd

-- Derived from cases and case_messages by triggers alone, in a table of its own so that a conversation is read without it. Our own
-- letters are left out: they say the same in every case.
create table case_words (
    source  bigint primary key,
    case_id bigint not null,
    words   tsvector not null
);
comment on column case_words.source is 'the message, or less than zero: the subject of that case';
create index case_words_case on case_words (case_id);
create index case_words_words on case_words using gin (words) with (gin_pending_list_limit = 256);
alter table case_words alter column words set statistics 1000;

-- +goose StatementBegin
create function keep_case_words() returns trigger language plpgsql as $$
begin
    insert into case_words (source, case_id, words) select -c.id, c.id, search_words(c.subject) from new_rows c where c.subject <> ''
        on conflict (source) do update set words = excluded.words;
    return null;
end
$$;
create function keep_subject_words() returns trigger language plpgsql as $$
begin
    insert into case_words (source, case_id, words) values (-new.id, new.id, search_words(new.subject))
        on conflict (source) do update set words = excluded.words;
    return null;
end
$$;
create function keep_message_words() returns trigger language plpgsql as $$
begin
    insert into case_words (source, case_id, words)
        select m.id, m.case_id, search_words(concat_ws(' ', m.subject, m.author_name, m.author_address, m.body))
        from new_rows m where m.kind <> 'letter';
    return null;
end
$$;
create function move_message_words() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from case_words where source = old.id;
    else
        update case_words set case_id = new.case_id where source = new.id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger keep_words after insert on cases referencing new table as new_rows for each statement execute function keep_case_words();
create trigger keep_subject_words after update of subject on cases for each row when (new.subject is distinct from old.subject)
    execute function keep_subject_words();
create trigger keep_words after insert on case_messages referencing new table as new_rows for each statement execute function keep_message_words();
create trigger move_words after update of case_id on case_messages for each row when (new.case_id is distinct from old.case_id)
    execute function move_message_words();
create trigger drop_words after delete on case_messages for each row execute function move_message_words();

insert into case_words (source, case_id, words) select -id, id, search_words(subject) from cases where subject <> '';
insert into case_words (source, case_id, words)
    select id, case_id, search_words(concat_ws(' ', subject, author_name, author_address, body)) from case_messages where kind <> 'letter';

create index case_participants_address on case_participants (address);
create index dispute_lines_contested on dispute_lines (contested);
create index cases_breached on cases (next_due_at, id) where breached and status in ('new','open','waiting');
create index cases_free on cases (next_due_at, id) where assignee_id is null and status in ('new','open','waiting');
create index cases_unknown on cases (next_due_at, id) where customer_id is null and status in ('new','open','waiting');

-- Parts of names are found by their trigrams where the server has them; without, they are read through.
-- +goose StatementBegin
do $$
begin
    if exists (select 1 from pg_available_extensions where name = 'pg_trgm') then
        create extension if not exists pg_trgm;
        create index customers_name_parts on customers using gin (name gin_trgm_ops);
    end if;
end
$$;
-- +goose StatementEnd

create table queue_views (
    id         bigint generated by default as identity primary key,
    owner_id   bigint not null references users,
    name       text not null check (name <> '' and length(name) <= 60),
    shared     boolean not null,
    within     text not null,
    query      text not null,
    sort       text not null default '',
    created_at timestamptz not null,
    version    integer not null default 1
);
comment on column queue_views.within is 'the standing view that it narrows; empty for every case';
comment on column queue_views.query is 'as typed; read anew, for whoever looks, each time';
create unique index queue_views_own on queue_views (owner_id, lower(name));
create index queue_views_shared on queue_views (lower(name)) where shared;

call grant_to_application();
