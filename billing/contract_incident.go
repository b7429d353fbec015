package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// NewIncident is an incident to record. Source and Reference are its natural key. A zero Until is not over yet.
type NewIncident struct {
	By        Actor
	EntityID  EntityID
	Source    string // where it is known from, such as a monitor's name
	Reference string // its name there
	Title     string
	Kind      commitment.IncidentKind
	From      time.Time
	Until     time.Time
	Cause     commitment.ExclusionKind // empty: our fault
	Services  []ContractServiceID
}

// RecordIncident records what went wrong. The same incident again gives the one there is; the same with an end ends one that
// was not over, and with more services adds them; anything else under its key is refused with ErrIncidentDiffers. What was
// worked out before stays as evidence; the next sheet sees what is known now.
func (s *Service) RecordIncident(ctx context.Context, in NewIncident) (Incident, error) {
	if err := access.Can(in.By, access.LogIncident, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Incident{}, err
	}
	var i Incident
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		i, err = recordIncidentTx(ctx, tx, in)
		return err
	})
	return i, err
}

func recordIncidentTx(ctx context.Context, tx *db.Tx, in NewIncident) (Incident, error) {
	in.Source, in.Reference, in.Title = strings.TrimSpace(in.Source), strings.TrimSpace(in.Reference), strings.TrimSpace(in.Title)
	in.From, in.Until = in.From.UTC().Truncate(time.Microsecond), in.Until.UTC().Truncate(time.Microsecond)
	in.Services = slices.Compact(slices.Sorted(slices.Values(in.Services)))
	if fields := checkIncident(in, tx.Now()); len(fields) > 0 {
		return Incident{}, errs.InvalidFields(fields...)
	}
	ours, err := db.Value[int](ctx, tx, `select count(*) from contract_services s join contracts c on c.id = s.contract_id
		where s.id = any ($1) and c.entity_id = $2`, in.Services, in.EntityID)
	if err != nil {
		return Incident{}, fmt.Errorf("look for services: %w", err)
	}
	if ours != len(in.Services) {
		return Incident{}, errs.InvalidField("services", ErrNoService.Key)
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('incident ' || $1 || ' ' || $2 || ' ' || $3, 0))`,
		id(in.EntityID), in.Source, in.Reference); err != nil {
		return Incident{}, fmt.Errorf("lock incident: %w", err)
	}
	earlier, err := db.List[Incident](ctx, tx, `select * from incidents where entity_id = $1 and source = $2 and reference = $3`,
		in.EntityID, in.Source, in.Reference)
	if err != nil {
		return Incident{}, fmt.Errorf("look for incident: %w", err)
	}
	if len(earlier) == 0 {
		return insertIncident(ctx, tx, in)
	}
	return amendIncident(ctx, tx, earlier[0], in)
}

func checkIncident(in NewIncident, now time.Time) []errs.Field {
	var fields []errs.Field
	wrong := func(bad bool, name, key string) {
		if bad {
			fields = append(fields, errs.Field{Name: name, Key: key})
		}
	}
	wrong(in.Source == "", "source", "error.required")
	wrong(in.Reference == "", "reference", "error.required")
	wrong(in.Title == "", "title", "error.required")
	wrong(len(in.Services) == 0, "services", "error.required")
	wrong(in.From.IsZero(), "from", "error.required")
	wrong(in.From.After(now), "from", "billing.in_the_future")
	wrong(!in.Until.IsZero() && !in.Until.After(in.From), "until", "commitment.ends_before_it_begins")
	wrong(in.Until.After(now), "until", "billing.in_the_future")
	wrong(!slices.Contains([]commitment.IncidentKind{commitment.Outage, commitment.LateDelivery, commitment.SlowResponse}, in.Kind), "kind", "commitment.unknown_rule")
	wrong(in.Cause != "" && !exclusionKind(in.Cause), "cause", "commitment.unknown_rule")
	return fields
}

func exclusionKind(k commitment.ExclusionKind) bool {
	return slices.Contains([]commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused, commitment.ForceMajeure, commitment.Dates}, k)
}

func insertIncident(ctx context.Context, tx *db.Tx, in NewIncident) (Incident, error) {
	i, err := db.One[Incident](ctx, tx, `insert into incidents (entity_id, source, reference, title, kind, from_at, until_at, cause, recorded_at, recorded_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning *`,
		in.EntityID, in.Source, in.Reference, in.Title, in.Kind, in.From, timeOrNil(in.Until), in.Cause, tx.Now(), in.By.UserID)
	if err != nil {
		return i, fmt.Errorf("record incident: %w", err)
	}
	if _, err := addServices(ctx, tx, i.ID, in.Services); err != nil {
		return i, err
	}
	return i, audit.RecordTx(ctx, tx, i.event(in.By, "incident.recorded", map[string]any{"services": in.Services}))
}

// amendIncident ends an incident that was not over and adds services; it refuses any other difference.
func amendIncident(ctx context.Context, tx *db.Tx, i Incident, in NewIncident) (Incident, error) {
	ends := i.UntilAt == nil && !in.Until.IsZero()
	same := i.Title == in.Title && i.Kind == in.Kind && i.Cause == in.Cause && i.FromAt.Equal(in.From) && (ends || timeOr(i.UntilAt).Equal(in.Until))
	if !same {
		return i, errs.New(ErrIncidentDiffers.Kind, ErrIncidentDiffers.Key, "reference", i.Reference)
	}
	added, err := addServices(ctx, tx, i.ID, in.Services)
	if err != nil {
		return i, err
	}
	if !ends && added == 0 {
		return i, nil
	}
	i, err = db.One[Incident](ctx, tx, `update incidents set until_at = coalesce(until_at, $2), version = version + 1 where id = $1 and version = $3 returning *`,
		i.ID, timeOrNil(in.Until), i.Version)
	if err != nil {
		return i, fmt.Errorf("end incident: %w", err)
	}
	return i, audit.RecordTx(ctx, tx, i.event(in.By, "incident.amended", map[string]any{"services": in.Services, "ended": ends}))
}

func addServices(ctx context.Context, tx *db.Tx, incident IncidentID, services []ContractServiceID) (int64, error) {
	added, err := tx.Exec(ctx, `insert into incident_services (incident_id, service_id) select $1, unnest($2::bigint[]) on conflict do nothing`, incident, services)
	if err != nil {
		return 0, fmt.Errorf("name services of incident: %w", err)
	}
	return added, nil
}

func (i Incident) event(by Actor, what string, more map[string]any) audit.Event {
	data := map[string]any{"incident_id": i.ID, "source": i.Source, "reference": i.Reference, "kind": i.Kind, "from": i.FromAt.Format(time.RFC3339)}
	if i.UntilAt != nil {
		data["until"] = i.UntilAt.UTC().Format(time.RFC3339)
	}
	if i.Cause != "" {
		data["cause"] = i.Cause
	}
	maps.Copy(data, more)
	return audit.Event{Stream: audit.Books(int64(i.EntityID)), By: by, What: what, Data: data}
}

// NewExclusion is a window in which a contract's time does not count, for one service or (zero) all.
type NewExclusion struct {
	By        Actor
	Contract  ContractID
	ServiceID ContractServiceID
	Kind      commitment.ExclusionKind
	From      time.Time
	Until     time.Time
	Reason    string
}

// RecordExclusion records a window of planned maintenance or of another exclusion. The same window again gives the one there is.
func (s *Service) RecordExclusion(ctx context.Context, in NewExclusion) (ContractExclusion, error) {
	var e ContractExclusion
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		c, err := db.One[Contract](ctx, tx, `select * from contracts where id = $1`, in.Contract)
		if c, err = found(c, err, ErrNoContract, "read contract"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.LogIncident, access.Object{EntityID: int64(c.EntityID)}); err != nil {
			return err
		}
		e, err = recordExclusionTx(ctx, tx, c, in)
		return err
	})
	return e, err
}

func recordExclusionTx(ctx context.Context, tx *db.Tx, c Contract, in NewExclusion) (ContractExclusion, error) {
	var service *ContractServiceID
	switch {
	case !exclusionKind(in.Kind):
		return ContractExclusion{}, errs.InvalidField("kind", "commitment.unknown_rule")
	case in.From.IsZero() || !in.Until.After(in.From):
		return ContractExclusion{}, errs.InvalidField("until", "commitment.ends_before_it_begins")
	case in.ServiceID != 0:
		service = &in.ServiceID
	}
	if service != nil {
		ours, err := db.Value[bool](ctx, tx, `select exists (select from contract_services where id = $1 and contract_id = $2)`, in.ServiceID, c.ID)
		if err != nil {
			return ContractExclusion{}, fmt.Errorf("look for service: %w", err)
		}
		if !ours {
			return ContractExclusion{}, errs.InvalidField("service", ErrNoService.Key)
		}
	}
	made, err := db.List[ContractExclusion](ctx, tx, `insert into contract_exclusions (contract_id, service_id, kind, from_at, until_at, reason, recorded_at, recorded_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning *`, c.ID, service, in.Kind, in.From, in.Until, in.Reason, tx.Now(), in.By.UserID)
	if err != nil {
		return ContractExclusion{}, fmt.Errorf("record exclusion: %w", err)
	}
	if len(made) == 0 {
		return db.One[ContractExclusion](ctx, tx, `select * from contract_exclusions where contract_id = $1 and coalesce(service_id, 0) = $2
			and kind = $3 and from_at = $4 and until_at = $5`, c.ID, in.ServiceID, in.Kind, in.From, in.Until)
	}
	return made[0], audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(c.EntityID)), By: in.By, What: "contract.exclusion_recorded", Data: map[string]any{
		"contract": c.Number, "service_id": in.ServiceID, "kind": in.Kind, "from": in.From.UTC().Format(time.RFC3339), "until": in.Until.UTC().Format(time.RFC3339),
	}})
}
