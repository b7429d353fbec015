-- +goose Up
-- The pages of a reading until it has become an import.
create table live_pages (
    reading_id bigint  not null references live_readings,
    place      integer not null,
    content    text    not null,
    primary key (reading_id, place)
);
call grant_to_application();
