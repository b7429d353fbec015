-- +goose Up
-- Which requests an assistant's token made, and an index for who signed for whom in a period.

alter table credit_requests add column by_assistant boolean not null default false;
comment on column credit_requests.by_assistant is 'drafted or proposed with a token of kind assistant; requests older than this column count as made by people';
create index credit_decisions_decided on credit_decisions (decided_at);
