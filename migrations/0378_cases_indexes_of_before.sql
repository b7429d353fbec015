-- +goose Up
-- Replaced by those that are counted from; triage and unknown were the same twice.
drop index if exists cases_open, cases_free, cases_unknown, cases_triage, cases_waiting, cases_risk;
