-- +goose Up
-- A level is held by a person, by whoever has a role, by whoever is in a team, or by whoever has a role within a team; in all or some
-- legal entities, for customers of all or some regions, and for what all or some teams ask for.
alter table authority_holders
    drop constraint authority_holders_pkey,
    alter column user_id drop not null,
    add column role text not null default '',
    add column team_id bigint references teams,
    add column regions text[] not null default '{}',
    add column team_ids bigint[] not null default '{}',
    add constraint holder_is_somebody check ((user_id is null) = (role <> '' or team_id is not null)) not valid;
comment on column authority_holders.role is 'whoever has it at the moment of a decision; with team_id whoever has it within that team';
comment on column authority_holders.regions is 'of the customer, or else its country; none named is all';
comment on column authority_holders.team_ids is 'of who asks; none named is all';
