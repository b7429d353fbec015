-- +goose Up
-- A dispute asks for an amount to be kept from collection; what is kept of it is never more than what is open, of its line and of its
-- invoice. Where less is kept than was asked for, the hold says what became of the rest, so that a dispute adds up at any time:
-- wanted = amount (still in dispute) + paid + credited + written_off.
alter table holds
    drop constraint holds_amount_check,
    add constraint holds_amount_check check (amount >= 0) not valid,
    add column wanted numeric(20,4) not null default 0 check (wanted >= 0),
    add column paid numeric(20,4) not null default 0 check (paid >= 0),
    add column credited numeric(20,4) not null default 0 check (credited >= 0),
    add column written_off numeric(20,4) not null default 0 check (written_off >= 0),
    add column digits smallint not null default 2,
    add column changed_at timestamptz;
comment on column holds.wanted is 'what the dispute asks to keep from collection; 0 of holds that older versions placed means amount';
comment on column holds.paid is 'of wanted, what payments and other money settled since; what settles an invoice goes to its undisputed part first';
comment on column holds.digits is 'decimals of the currency''s minor unit';
comment on column holds.changed_at is 'when amount last followed what is open';

-- +goose StatementBegin
create or replace function hold_leaves_history() returns trigger language plpgsql as $$
declare
    before numeric := 0;
    after  numeric := case when new.released_at is null then new.amount else 0 end;
    moment timestamptz := coalesce(new.released_at, greatest(new.placed_at, new.changed_at));
begin
    if tg_op = 'UPDATE' then
        before := case when old.released_at is null then old.amount else 0 end;
        if old.invoice_id <> new.invoice_id then
            insert into hold_changes (hold_id, invoice_id, at, amount_before, amount) values (old.id, old.invoice_id, moment, before, 0);
            before := 0;
        end if;
    end if;
    if before <> after then
        insert into hold_changes (hold_id, invoice_id, at, amount_before, amount) values (new.id, new.invoice_id, moment, before, after);
    end if;
    return null;
end
$$;

-- Works the holds of invoices out anew from what the disputes ask for: the earliest first, none more than its line has left after
-- credits, all together no more than is open. Of what is settled, payments
-- count for the undisputed part first: what is missing was credited as far as there are credits that no ended dispute got, then
-- written off, and the rest is paid.
create function settle_holds(invoices bigint[], moment timestamptz) returns void language sql as $$
    with these as (select distinct t.invoice_id from unnest(invoices) as t(invoice_id)
    ), asked as (
        select h.id, h.invoice_id, h.invoice_line_id, case h.wanted when 0 then h.amount else h.wanted end as wanted, h.digits
        from these t join holds h on h.invoice_id = t.invoice_id and h.released_at is null
    ), capped as (
        select a.id, a.invoice_id, a.wanted, case when a.invoice_line_id is null then a.wanted
            else least(a.wanted, greatest(0, r.gross - coalesce(sum(a.wanted) over line, 0))) end as at_most
        from asked a
        left join lateral (select l.list - l.discount - b.credited
                + case when i.prices_include_tax or l.list = l.discount then 0
                    else round(l.tax_share * (l.list - l.discount - b.credited) / (l.list - l.discount), a.digits) end as gross
            from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id join invoices i on i.id = l.invoice_id
            where l.id = a.invoice_line_id) r on true
        window line as (partition by a.invoice_line_id order by a.id rows between unbounded preceding and 1 preceding)
    ), kept as (
        select c.id, c.invoice_id, c.wanted, c.at_most,
            greatest(0, least(c.at_most, o.open - coalesce(sum(c.at_most) over (partition by c.invoice_id order by c.id rows between unbounded preceding and 1 preceding), 0))) as keeps
        from capped c join open_items o on o.kind = 'invoice' and o.document_id = c.invoice_id
    ), short as (
        select k.*, k.wanted - k.keeps as missing, sum(k.wanted - k.keeps) over (partition by k.invoice_id order by k.id) as through,
            greatest(0, s.credits - e.credits) as credits, greatest(0, s.offs - e.offs) as offs
        from kept k
        cross join lateral (select coalesce(sum(a.amount) filter (where a.source_kind in ('credit_memo', 'reversal')), 0) as credits,
            coalesce(sum(a.amount) filter (where a.source_kind = 'write_off'), 0) as offs from allocations a where a.invoice_id = k.invoice_id) s
        cross join lateral (select coalesce(sum(x.credited), 0) as credits, coalesce(sum(x.written_off), 0) as offs
            from holds x where x.invoice_id = k.invoice_id and x.released_at is not null) e
    ), parts as (
        select s.id, s.invoice_id, s.wanted, s.keeps, s.missing,
            greatest(s.wanted - s.at_most, greatest(0, least(s.through, s.credits) - (s.through - s.missing))) as credited,
            greatest(0, least(s.through, s.credits + s.offs) - greatest(s.through - s.missing, s.credits)) as written_off
        from short s
    ), changed as (
        update holds h set amount = p.keeps, wanted = p.wanted, credited = p.credited, written_off = least(p.written_off, p.missing - p.credited),
            paid = p.missing - p.credited - least(p.written_off, p.missing - p.credited), changed_at = moment
        from parts p where h.id = p.id and (h.amount, h.wanted, h.credited, h.written_off, h.paid)
            is distinct from (p.keeps, p.wanted, p.credited, least(p.written_off, p.missing - p.credited), p.missing - p.credited - least(p.written_off, p.missing - p.credited))
    )
    update open_items o set held = k.held
        from (select t.invoice_id, coalesce(sum(p.keeps), 0) as held from these t left join parts p on p.invoice_id = t.invoice_id group by t.invoice_id) k
        where o.kind = 'invoice' and o.document_id = k.invoice_id and o.held <> k.held
$$;
-- +goose StatementEnd

-- Holds of before: what was asked for is what the dispute contests.
update holds h set wanted = greatest(d.contested, h.amount),
    digits = case when h.currency in ('JPY', 'KRW', 'CLP', 'VND', 'ISK', 'PYG', 'UGX', 'XAF', 'XOF', 'XPF') then 0
        when h.currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3 else 2 end
    from dispute_lines d where d.id = h.dispute_line_id;
-- +goose StatementBegin
do $$
begin
    perform settle_holds(array(select invoice_id from holds where released_at is null), now());
end
$$;
-- +goose StatementEnd
