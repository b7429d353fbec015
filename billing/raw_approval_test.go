package billing_test

import (
	"slices"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Nobody writes an approval that nobody gave. Request 950 was asked for by 11 and approved by 12.
func TestRawSessionApprovesNothing(t *testing.T) {
	t.Parallel()
	const insert = `insert into adjustment_approvals (credit_request_id, digest, requester_id, decider_ids, own_limit, approved_at) `
	for name, c := range map[string]struct{ before, statement string }{
		"for a request that is not there":      {"", insert + `select 951, digest, 11, '{12}', false, now() from credit_requests where id = 950`},
		"in the name of somebody else":         {"", insert + `select 950, digest, 11, '{7}', false, now() from credit_requests where id = 950`},
		"in the name of one more":              {"", insert + `select 950, digest, 11, '{12,7}', false, now() from credit_requests where id = 950`},
		"of other content":                     {"", insert + `select 950, sha256('x'), 11, '{12}', false, now()`},
		"as if somebody else had asked for it": {"", insert + `select 950, digest, 7, '{12}', false, now() from credit_requests where id = 950`},
		"while a step is open": {
			`update credit_steps set state = 'open' where credit_request_id = 950`,
			insert + `select 950, digest, 11, '{12}', false, now() from credit_requests where id = 950`,
		},
		"for a step that nobody signed": {
			`insert into credit_steps (credit_request_id, content_version, position, level_name, rule_key, role, state)
				values (950, 1, 2, 'Director', 'authority.step.sufficient', 'director', 'approved')`,
			insert + `select 950, digest, 11, '{12}', false, now() from credit_requests where id = 950`,
		},
		"for a step that needs two": {
			`update credit_steps set needed = 2 where credit_request_id = 950`,
			insert + `select 950, digest, 11, '{12}', false, now() from credit_requests where id = 950`,
		},
		"without any step": {
			`update credit_steps set state = 'void' where credit_request_id = 950`,
			insert + `select 950, digest, 11, '{12}', false, now() from credit_requests where id = 950`,
		},
		"over a refusal": {
			`insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at)
				select 950, 1, step_id, 1, 'reject', digest, now() from credit_decisions where credit_request_id = 950`,
			insert + `select 950, digest, 11, '{12}', false, now() from credit_requests where id = 950`,
		},
		"as an own limit that the requester does not have": {
			`update credit_requests set own_limit = true where id = 950`,
			insert + `select 950, digest, 11, '{}', true, now() from credit_requests where id = 950`,
		},
		"above the own limit that the requester has": {
			`with l as (insert into authority_levels (rank, name) values (1, 'Agent') returning id),
				v as (insert into authority_level_versions (level_id, version, limits, valid_from) select id, 1, '[{"kind":"billing_error","max":"9","own":"0.99"}]', '2026-01-01' from l),
				h as (insert into authority_holders (level_id, user_id, valid_from) select id, 11, '2026-01-01' from l)
			update credit_requests set own_limit = true where id = 950`,
			insert + `select 950, digest, 11, '{}', true, '2026-05-12' from credit_requests where id = 950`,
		},
		"of an import that waits for a controller": {
			`with b as (insert into import_batches (entity_id, system, kind, filename, state, all_or_nothing, created_by, created_at)
				select id, 'stripe', 'credit_notes', 'x.csv', 'waiting', true, 11, now() from legal_entities returning id)
			insert into import_rows (id, batch_id, position, phase, rows, system, kind, external_id, state, digest)
				select 77, id, 1, 1, '{1}', 'stripe', 'credit_note', 'x', 'waiting', sha256('z') from b`,
			`insert into adjustment_approvals (import_row_id, digest, requester_id, decider_ids, approved_at) select id, digest, 11, '{12}', now() from import_rows where id = 77`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.do(func(tx *db.Tx) error { return dbtest.Decided(t.Context(), tx, 950, make([]byte, 32)) })
			s.do(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into users (id, email, name, created_at) values (1, 'one@nordlicht.example', 'One', now()); `+c.before)
				return err
			})
			if err := s.refused(c.statement); !db.Violates(err, "approval_is_decided") {
				t.Errorf("refused by %v", err)
			}
			s.sound()
		})
	}
}

// A pending request may change with its version, and so may what its row says it comes to; an own limit looks at its total.
func TestRawSessionPassesNothingAsSmall(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error { return dbtest.Decided(t.Context(), tx, 950, make([]byte, 32)) })
	dbtest.AsOwner(t, s.db, `with l as (insert into authority_levels (rank, name) values (1, 'Agent') returning id),
			v as (insert into authority_level_versions (level_id, version, limits, valid_from) select id, 1, '[{"kind":"billing_error","max":"9","own":"1"}]', '2026-01-01' from l)
		insert into authority_holders (level_id, user_id, valid_from) select id, 11, '2026-01-01' from l`,
		`update credit_requests set state = 'pending', approved_at = null, net = 1000000, total = 1000000, authority_amount = 1000000 where id = 950`)
	for _, currency := range []string{"EUR", "USD"} {
		s.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update credit_requests set content_version = content_version + 1, authority_amount = 0, authority_rate = 0.000001, currency = $1, own_limit = true where id = 950`,
				currency)
			return err
		})
		if err := s.refused(`insert into adjustment_approvals (credit_request_id, digest, requester_id, decider_ids, own_limit, approved_at)
				select 950, digest, 11, '{}', true, '2026-05-12' from credit_requests where id = 950`); !db.Violates(err, "approval_is_decided") {
			t.Errorf("%s: refused by %v", currency, err)
		}
	}
}

// Nor is what a rebill bills passed as the little that it gives back.
func TestRawSessionBillsNothingAsSmall(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error { return dbtest.Decided(t.Context(), tx, 950, make([]byte, 32)) })
	dbtest.AsOwner(t, s.db, `with l as (insert into authority_levels (rank, name) values (1, 'Agent') returning id),
			v as (insert into authority_level_versions (level_id, version, limits, valid_from) select id, 1, '[{"kind":"billing_error","max":"9","own":"5"}]', '2026-01-01' from l)
		insert into authority_holders (level_id, user_id, valid_from) select id, 11, '2026-01-01' from l`)
	for _, net := range []string{"1000000", "1"} {
		dbtest.AsOwner(t, s.db, `update credit_requests set own_limit = true, content = '{"Billed": {"Net": "`+net+`", "Tax": "0", "Rounding": "0"}}' where id = 950`)
		err := s.refused(`insert into adjustment_approvals (credit_request_id, digest, requester_id, decider_ids, own_limit, approved_at)
			select 950, digest, 11, '{}', true, '2026-05-12' from credit_requests where id = 950`)
		if refused := db.Violates(err, "approval_is_decided"); refused != (net != "1") || !refused && err != nil {
			t.Errorf("%s billed: %v", net, err)
		}
	}
}

func TestRawSessionLeavesAnImportAsItCame(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `with b as (insert into import_batches (entity_id, system, kind, filename, state, all_or_nothing, created_by, created_at)
				select id, 'erp', 'open_balances', 'x.csv', 'waiting', true, 11, now() from legal_entities returning id)
			insert into import_rows (id, batch_id, position, phase, rows, system, kind, external_id, state, content, content_hash)
				select 77, id, 1, 1, '{1}', 'erp', 'open_balances', 'x', 'waiting', '{"open_balance":{"open":"-5"}}', sha256('z') from b`)
		return err
	})
	for _, set := range []string{`content = '{"open_balance":{"open":"-1000000"}}'`, `content_hash = sha256('y')`, `external_id = 'y'`} {
		if err := s.refused(`update import_rows set ` + set); !db.Violates(err, "import_row_stands") {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// What was decided is taken: by who approved it, and within an own limit.
func TestAnApprovalIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error { return dbtest.Decided(t.Context(), tx, 950, make([]byte, 32)) })
	s.do(func(tx *db.Tx) error {
		_, err := s.billing.RecordApprovalTx(t.Context(), tx, billing.Approval{
			CreditRequestID: 950, Digest: make([]byte, 32), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
		})
		return err
	})
	s.do(func(tx *db.Tx) error {
		if err := dbtest.Decided(t.Context(), tx, 951, make([]byte, 32)); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `with l as (insert into authority_levels (rank, name) values (1, 'Agent') returning id),
				v as (insert into authority_level_versions (level_id, version, limits, valid_from) select id, 1, '[{"kind":"billing_error","max":"9","own":"1"}]', '2026-01-01' from l),
				h as (insert into authority_holders (level_id, user_id, valid_from) select id, 11, '2026-01-01' from l)
			update credit_requests set own_limit = true where id = 951`)
		return err
	})
	s.do(func(tx *db.Tx) error {
		_, err := s.billing.RecordApprovalTx(t.Context(), tx, billing.Approval{CreditRequestID: 951, Digest: make([]byte, 32), RequesterID: dbtest.Requester, OwnLimit: true})
		return err
	})
	s.sound()
	for want, statement := range map[string]string{
		"its deciders are not those who approved this content":      `update credit_decisions set user_id = 11 where credit_request_id = 950`,
		"it is not within what the requester may post of their own": `update credit_requests set authority_amount = 2 where id = 951`,
	} {
		dbtest.AsOwner(t, s.db, statement)
		faults, err := s.billing.Verify(t.Context())
		s.must(err)
		if !slices.ContainsFunc(faults, func(f billing.Fault) bool { return f.Check == "approval_is_decided" && f.Detail == want }) {
			t.Errorf("%s: found %v", statement, faults)
		}
	}
}
