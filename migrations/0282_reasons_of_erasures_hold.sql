-- +goose Up
alter table erased_rows validate constraint erased_rows_kind_check;
