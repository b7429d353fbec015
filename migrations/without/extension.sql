-- +goose Up
-- Stands in for a step that needs an extension which the server does not have.
select 1;
