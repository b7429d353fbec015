-- +goose Up
-- What pending requests are to pay out of the cash that a customer has with us, so that no two are signed for the same money.
create table refund_reservations (
    credit_request_id bigint primary key,
    customer_id       bigint not null references customers,
    currency          char(3) not null,
    invoice_id        bigint references invoices,
    amount            numeric(20,4) not null check (amount > 0),
    state             text not null check (state in ('held','used','released')),
    reserved_at       timestamptz not null
);
comment on column refund_reservations.invoice_id is 'of a credit with a part paid out: the invoice whose cash that is';
create index refund_reservations_customer on refund_reservations (customer_id, currency) where state = 'held';
call grant_to_application();
