-- +goose Up
-- A case that somebody wants to see again on a day: until then it is out of the working views.
alter table cases
    add column follow_up_at timestamptz,
    add column follow_up_note text not null default '',
    add column follow_up_due boolean not null default false;
comment on column cases.follow_up_at is 'when it comes back, or came back; null: nobody asked for it';
comment on column cases.follow_up_due is 'that moment has come, and the case is at the top until somebody deals with it';
