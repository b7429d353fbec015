-- +goose Up
-- Each timer of a clock asks whether somebody took notice of its last rung.
create index notices_acknowledged on notices (case_id) where acknowledged_at is not null;
