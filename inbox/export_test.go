package inbox

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/db"
)

// OutgoingPlan is how the database would find the mails of a filter by a plan that it keeps whatever is asked for: what it makes of a
// statement that comes often.
func (s *Service) OutgoingPlan(ctx context.Context, f OutgoingFilter) (plan string, err error) {
	query, args := f.query()
	for n, arg := range args {
		text := fmt.Sprint(arg)
		if list, ok := arg.([]OutgoingState); ok {
			text = strings.ReplaceAll("{"+strings.Trim(fmt.Sprint(list), "[]")+"}", " ", ",")
		}
		args[n] = "'" + strings.NewReplacer("[", "{", "]", "}").Replace(text) + "'"
	}
	asked := "explain execute of_a_test"
	if len(args) > 0 {
		asked += "(" + strings.Trim(fmt.Sprint(args...), "[]") + ")"
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{"set local plan_cache_mode = force_generic_plan", "prepare of_a_test as " + query} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		lines, err := db.Values[string](ctx, tx, strings.ReplaceAll(asked, "' '", "', '"))
		plan = strings.Join(lines, "\n")
		if err == nil {
			_, err = tx.Exec(ctx, "deallocate of_a_test")
		}
		return err
	})
	return plan, err
}
