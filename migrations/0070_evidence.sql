-- +goose Up
-- What a request brought as evidence when it was submitted is decided on together with its content: each version has a seal
-- over both, which is what approvers sign and what is looked at again before it is posted. Evidence that comes later has none.

alter table credit_request_evidence add column case_attachment_id bigint references case_attachments;
comment on column credit_request_evidence.case_attachment_id is 'the file of the case it is';
call make_immutable(array['credit_request_evidence']);

create table credit_request_seals (
    credit_request_id bigint   not null references credit_requests,
    content_version   integer  not null,
    evidence_ids      bigint[] not null,
    evidence_hashes   bytea[]  not null check (cardinality(evidence_hashes) = cardinality(evidence_ids)),
    content_digest    bytea    not null check (octet_length(content_digest) = 32),
    evidence_digest   bytea    not null check (octet_length(evidence_digest) = 32),
    seal              bytea    not null check (seal = sha256(content_digest || evidence_digest)),
    primary key (credit_request_id, content_version)
);
comment on table credit_request_seals is 'a version without one was submitted before there were seals: its digest alone was signed';
comment on column credit_request_seals.evidence_hashes is 'of each piece: its kind, its words and the hash of what it stands for, as it was when it was submitted';
call make_immutable(array['credit_request_seals']);

call grant_to_application();
