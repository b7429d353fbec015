-- +goose Up
-- What a company wants to know of its cases beside what every case has: a purchase order, a meter, the end of a contract.
create table case_fields (
    id       bigint   generated always as identity primary key,
    code     text     not null unique check (code ~ '^[a-z][a-z0-9_]{1,39}$' and code <> 'new'),
    name     text     not null check (btrim(name) <> ''),
    kind     text     not null check (kind in ('text', 'number', 'date', 'choice', 'yes_no')),
    choices  text[]   not null default '{}' check (cardinality(choices) <= 100),
    types    text[]   not null default '{}' check (types <@ array['inquiry', 'dispute', 'concession', 'cancellation', 'refund', 'remittance']),
    position integer  not null check (position between 0 and 10000),
    active   boolean  not null default true,
    version  integer  not null default 1,
    unique (id, kind),
    constraint choices_of_a_choice check ((kind = 'choice') = (cardinality(choices) > 0))
);
comment on column case_fields.types is 'of cases that are asked for it; empty: of every type';

-- What a case says, in the form of the field's kind; a choice and yes or no are kept as text.
create table case_field_values (
    case_id      bigint not null references cases,
    field_id     bigint not null,
    kind         text   not null,
    text_value   text   check (text_value <> '' and char_length(text_value) <= 500),
    number_value numeric(24, 6),
    date_value   date,
    primary key (case_id, field_id),
    foreign key (field_id, kind) references case_fields (id, kind),
    constraint value_of_its_kind check (case kind
        when 'number' then number_value is not null and text_value is null and date_value is null
        when 'date' then date_value is not null and text_value is null and number_value is null
        else text_value is not null and number_value is null and date_value is null end)
);
create index case_field_values_text on case_field_values (lower(text_value), field_id) where text_value is not null;
create index case_field_values_number on case_field_values (field_id, number_value) where number_value is not null;
create index case_field_values_date on case_field_values (field_id, date_value) where date_value is not null;
call grant_to_application();
