package cases_test

import (
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// A note tells whom it names, and only those who may see the case.
func TestMentions(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	var kai, kaiToo, elsewhere access.Actor
	k.do(func(tx *db.Tx) error {
		kai, kaiToo = k.addUser(tx, "Kai Ohm", k.agent.TeamID, access.Agent), k.addUser(tx, "Kai Ohmsen", k.agent.TeamID, access.Agent)
		elsewhere = k.addUser(tx, "Ida Fern", k.agent.TeamID, access.Agent)
		return nil
	})
	dbtest.AsOwner(t, k.db, `update users set entity_ids = array[4711] where name = 'Ida Fern'`)
	told := func(who access.Actor) int {
		return value2(k, `select count(*) from notices where user_id = $1 and key = 'notice.mentioned'`, who.UserID)
	}
	for _, n := range []struct {
		text           string
		tom, kai, more int // notices so far: of Tom Adler, Kai Ohm, Kai Ohmsen
	}{
		{"Write to tom@brandung.example and to kai.", 0, 0, 0},
		{"@Tom, please look.", 1, 0, 0},
		{"@kai please", 1, 0, 0}, // which of them?
		{"(@KAI OHM) and again @Kai Ohm", 1, 1, 0},
		{"@Kai Ohmsen", 1, 1, 1},
		{"@Ida Fern @Tomcat @nobody", 1, 1, 1},
	} {
		_, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: k.agent, ID: c.ID}, Body: n.text})
		k.must(err)
		if told(k.second) != n.tom || told(kai) != n.kai || told(kaiToo) != n.more || told(elsewhere) != 0 || told(k.agent) != 0 {
			t.Errorf("%q: Tom %d, Kai Ohm %d, Kai Ohmsen %d, Ida %d", n.text, told(k.second), told(kai), told(kaiToo), told(elsewhere))
		}
	}
}
