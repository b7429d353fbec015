-- +goose Up
alter table case_messages validate constraint case_messages_apart;
