-- +goose Up
alter table root_causes add column version integer not null default 1;
create trigger code_stands before update of code or delete on root_causes for each row execute function code_stands();
