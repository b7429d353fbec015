-- +goose Up
-- What a token may do holds for the work it begins, also once that goes on as a job: its scopes are kept with the run. None means
-- everything the owner may do.
alter table bulk_runs add scopes text[] not null default '{}';

-- Taking a case out of another asks for those that were joined to it before.
create index cases_merged_into on cases (merged_into) where merged_into is not null;
