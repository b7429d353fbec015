-- +goose Up
alter table invoices validate constraint due_as_approved;
