package reading

import (
	"context"
	"strconv"
)

// GoOnNow works a reading as its job does.
func (s *Service) GoOnNow(ctx context.Context, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return err
	}
	return s.goOn(ctx, GoOn{Reading: ID(n)})
}
