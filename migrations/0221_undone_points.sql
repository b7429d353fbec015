-- +goose Up
alter table cases add column undone_points integer not null default 0;
comment on column cases.undone_points is 'required points of its checklist that nobody has ticked, kept by count_undone_points: a case with one is not resolved';
