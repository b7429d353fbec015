-- +goose Up
-- What a legal entity asks its customers once a case is settled. An entity without a row asks nobody.
create table survey_rules (
    entity_id    bigint      primary key references legal_entities,
    active       boolean     not null,
    active_since timestamptz not null,
    wait_hours   integer     not null check (wait_hours between 1 and 720),
    answer_days  integer     not null check (answer_days between 1 and 90),
    quiet_days   integer     not null check (quiet_days between 0 and 365),
    version      integer     not null default 1
);
comment on column survey_rules.active_since is 'when it was last switched on: cases resolved before are not asked about';
comment on column survey_rules.wait_hours is 'how long a case stays resolved before its customer is asked';
comment on column survey_rules.answer_days is 'how long the link in the mail holds';
comment on column survey_rules.quiet_days is 'nobody is asked again within so many days, about whatever case';

-- The one question about a case, and its one answer. A case whose customer was left out has a row that says why, so that it is looked at once.
create table case_surveys (
    case_id             bigint      primary key references cases,
    entity_id           bigint      not null references legal_entities,
    agent_id            bigint      references users,
    resolved_at         timestamptz not null,
    settled_at          timestamptz not null,
    left_out            text        not null default '' check (left_out in ('', 'nobody', 'dead', 'asked_lately')),
    address             text        not null default '' check (address = lower(address)),
    name                text        not null default '',
    language            text        not null default '',
    outgoing_message_id bigint      references outgoing_messages,
    expires_at          timestamptz,
    score               integer     check (score between 1 and 5),
    comment             text        not null default '' check (length(comment) <= 2000),
    answered_at         timestamptz,
    changed_at          timestamptz,
    constraint survey_is_whole check ((left_out = '') = (expires_at is not null) and (left_out = '') = (outgoing_message_id is not null) and (left_out <> '' or address <> '')),
    constraint only_who_was_asked_answers check (score is null or left_out = ''),
    constraint answer_is_whole check ((score is null) = (answered_at is null) and (score is null) = (changed_at is null) and (score is not null or comment = '')),
    constraint answer_in_time check (changed_at between settled_at and expires_at and answered_at <= changed_at)
);
comment on column case_surveys.settled_at is 'when it was decided whether to ask: the mail was written then';
comment on column case_surveys.agent_id is 'who resolved the case, else whom it was with: the answer counts for them';
comment on column case_surveys.changed_at is 'the answer may be given anew until the link expires; each time is an event of the case';
create index case_surveys_settled on case_surveys (settled_at, case_id) where left_out = '';
create index case_surveys_answered on case_surveys (answered_at, case_id) where score is not null;
create index case_surveys_asked on case_surveys (address, settled_at desc) where left_out = '';

-- +goose StatementBegin
create function case_survey_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.score is not null and (new.score is null or new.answered_at <> old.answered_at)
        or (new.case_id, new.entity_id, new.agent_id, new.resolved_at, new.settled_at, new.left_out, new.address, new.name, new.language, new.outgoing_message_id, new.expires_at)
            is distinct from (old.case_id, old.entity_id, old.agent_id, old.resolved_at, old.settled_at, old.left_out, old.address, old.name, old.language,
                old.outgoing_message_id, old.expires_at) then
        raise exception 'a case is asked about once, and an answer is not taken away'
            using errcode = 'integrity_constraint_violation', constraint = 'case_survey_stands', table = 'case_surveys';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger case_survey_stands before update or delete on case_surveys for each row execute function case_survey_stands();

call grant_to_application();
