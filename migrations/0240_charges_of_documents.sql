-- +goose Up
-- A charge for the document as a whole, such as freight, is a line of its own in the books, so that it is taxed, disputed and
-- credited as any line is. On paper and in electronic documents it stands for the whole (EN 16931, BG-21).
alter table invoice_lines add column charge boolean not null default false;
comment on column invoice_lines.charge is 'for the document as a whole and no supply of its own';
