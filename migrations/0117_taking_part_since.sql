-- +goose Up
-- Whoever is let into a case later sees what is said from then on, not what was said before.
alter table case_participants add column accepted_at timestamptz;
comment on column case_participants.accepted_at is 'since when somebody takes part who was let in later; null for whoever took part from the beginning, and before this was kept';
