-- +goose Up
-- A write-off gives back no tax that a credit gave back before.
create constraint trigger given_up_once after insert on write_off_lines deferrable initially deferred
    for each row execute function given_up_once();
