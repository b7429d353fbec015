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

// InHaste has a job keep one page, and a page one document.
func (s *Service) InHaste() { s.readFor, s.pageFor = 1, 1 }
