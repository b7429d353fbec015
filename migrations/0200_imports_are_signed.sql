-- +goose Up
alter table import_batches add column signers bigint[] not null default '{}';
comment on column import_batches.signers is 'who signed its credits before the last, where the authority they take needs several signatures';

-- +goose Down
alter table import_batches drop column signers;
