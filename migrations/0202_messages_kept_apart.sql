-- +goose Up
-- What was filed with a case without letting its sender take part changes nothing there, as a machine's message does not: older versions go by
-- machine alone, which is therefore set too.
alter table case_messages add column apart boolean not null default false;
alter table case_messages add constraint case_messages_apart check (machine or not apart) not valid;
comment on column case_messages.apart is 'a person wrote it, who takes no part in the case; machine is set too, so that it is answered, quoted and shown to nobody outside';

-- +goose Down
alter table case_messages drop column apart;
