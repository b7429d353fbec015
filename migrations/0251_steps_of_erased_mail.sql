-- +goose Up
-- Of the steps of a mail that was erased the words go.
drop trigger immutable_rows on outgoing_steps;
create trigger immutable_rows before update or delete on outgoing_steps for each row execute function step_stands();
