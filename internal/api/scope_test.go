package api_test

import (
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/dbtest"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// Pages of customers are full of those of one's own legal entities, and their cursors name no others.
func TestCustomersOfOnesOwnEntities(t *testing.T) {
	t.Parallel()
	c := open(t, access.Agent)
	dbtest.AsOwner(t, c.room.DB, `with e as (insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
			values ('SE', 'Sydwind AB', 'SEK', 'SE', 'billing@sydwind.example', 'Billing', 'Europe/Stockholm') returning id)
		insert into customers (id, family_id, account, name, kind, tier, country, language, currency, entity_id, created_at)
		select 900 + n, 900 + n, '0' || n, 'Of elsewhere', 'direct', 'silver', 'SE', 'en', 'SEK', e.id, now() from e, generate_series(10, 15) n
		union all select 999, 999, '1000015', 'Of elsewhere', 'direct', 'silver', 'SE', 'en', 'SEK', e.id, now() from e`)
	user, err := c.room.People.AddUser(t.Context(), people.NewUser{
		Email: "here@ostwind.example", Name: "Of here", Password: scenario.Password, Roles: []access.Role{access.Agent}, EntityIDs: []int64{int64(c.room.Company.Lumen.EntityID)}, By: access.SystemActor("test"),
	})
	c.room.Must(err)
	c.token, err = c.room.People.CreateToken(t.Context(), people.NewToken{UserID: user.ID, Name: "test", By: access.SystemActor("test")})
	c.room.Must(err)
	type page struct {
		Items      []api.Customer `json:"items"`
		NextCursor string         `json:"next_cursor"`
	}
	var first, second page
	c.read("/customers?limit=1", &first)
	if len(first.Items) != 1 || first.Items[0].Account != c.room.Company.Lumen.Account || first.NextCursor != c.room.Company.Lumen.Account {
		t.Fatalf("first %+v", first)
	}
	c.read("/customers?limit=1&cursor="+first.NextCursor, &second)
	if len(second.Items) != 1 || second.Items[0].Account != c.room.Company.Ferro.Account || second.NextCursor != "" {
		t.Errorf("second %+v", second)
	}
}
